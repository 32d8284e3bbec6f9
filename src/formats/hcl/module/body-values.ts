import type { HclBlock, HclBody } from "../ast.ts";
import type { Evaluator } from "../evaluate/evaluator.ts";
import { roundsOf } from "../evaluate/for-expression.ts";
import { type Namespace, withNames } from "../evaluate/scope.ts";
import { type HclValue, list, type MapEntry, type MapValue, map } from "../value/value.ts";

/** Arguments of a resource or module that OpenTofu itself reads, and hands to no provider. */
const metaArguments = new Set(["count", "for_each", "provider", "providers", "depends_on"]);
const metaBlocks = new Set(["lifecycle", "provisioner", "connection", "timeouts"]);

/** The values of a body that belongs to a provider: arguments, and blocks as lists of maps under their type. */
export function bodyValues(body: HclBody, evaluator: Evaluator): MapValue {
  const entries = new Map<string, MapEntry>();
  for (const [name, { namePlace, value }] of body.attributes) {
    if (!metaArguments.has(name)) entries.set(name, { keyPlace: namePlace, value: evaluator.evaluate(value) });
  }
  const gathered = new Map<string, Gathered>();
  for (const block of body.blocks) if (!metaBlocks.has(block.type)) gatherBlock(block, evaluator, gathered);
  for (const [type, { items, incomplete, place }] of gathered) {
    const known = entries.get(type);
    const before = known?.value.kind === "list" ? known.value.items : [];
    entries.set(type, { keyPlace: known?.keyPlace ?? place, value: list([...before, ...items], place, incomplete) });
  }
  const dynamicJson = entries.has("dynamic") ? "dynamic blocks of the JSON syntax are not evaluated" : undefined;
  return map(entries, body.place, body.incomplete ?? dynamicJson);
}

/** A block by which the program itself acts on what it made. */
export interface StepValues {
  /** `remote-exec`, `local-exec`, `file` of a provisioner; `connection`. */
  readonly kind: string;
  readonly attributes: MapValue;
  readonly place: HclBlock["place"];
}

/** Provisioners and connections of a resource, those of a provisioner too. */
export function stepValues(body: HclBody, evaluator: Evaluator): readonly StepValues[] {
  return body.blocks.flatMap((block) => {
    const kind = block.type === "connection" ? block.type : block.labels[0]?.text;
    if ((block.type !== "connection" && block.type !== "provisioner") || kind === undefined) return [];
    const own: StepValues = { kind, attributes: bodyValues(block.body, evaluator), place: block.place };
    return [own, ...stepValues(block.body, evaluator)];
  });
}

interface Gathered {
  readonly items: HclValue[];
  readonly place: HclBlock["place"];
  incomplete: string | undefined;
}

function gatherBlock(block: HclBlock, evaluator: Evaluator, into: Map<string, Gathered>): void {
  const [label] = block.labels;
  if (block.type === "dynamic" && label !== undefined) {
    gatherDynamic(block, label.text, evaluator, gatheredAt(into, label.text, block));
    return;
  }
  gatheredAt(into, block.type, block).items.push(bodyValues(block.body, evaluator));
}

function gatheredAt(into: Map<string, Gathered>, type: string, block: HclBlock): Gathered {
  const known = into.get(type);
  if (known !== undefined) return known;
  const made: Gathered = { items: [], place: block.place, incomplete: undefined };
  into.set(type, made);
  return made;
}

/** `dynamic "device" { for_each = …, iterator = …, content { … } }` */
function gatherDynamic(block: HclBlock, type: string, evaluator: Evaluator, into: Gathered): void {
  const each = block.body.attributes.get("for_each");
  const content = block.body.blocks.find((inner) => inner.type === "content");
  if (each === undefined || content === undefined) {
    into.incomplete ??= `a dynamic block has no ${each === undefined ? "for_each" : "content"}`;
    return;
  }
  const collection = evaluator.evaluate(each.value);
  if (collection.kind !== "list" && collection.kind !== "map") {
    into.incomplete ??= collection.kind === "unknown" ? collection.why : "for_each is no collection";
    return;
  }
  into.incomplete ??= collection.incomplete;
  const iterator = block.body.attributes.get("iterator")?.value;
  const name = iterator?.kind === "variable" ? iterator.name : type;
  for (const { key, value } of roundsOf(collection)) {
    evaluator.budget.spend(1);
    const bound: Namespace = { kind: "namespace", get: (part) => (part === "key" ? key : value) };
    const inner = evaluator.within(withNames(evaluator.scope, new Map([[name, bound]])));
    into.items.push(bodyValues(content.body, inner));
  }
}
