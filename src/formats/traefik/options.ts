/**
 * Traefik's options as a tree, whichever way they are written: YAML, TOML, labels, arguments, variables. Names of options
 * are compared without regard to case.
 */
import { type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { entriesOf, entry, option } from "../any-case.ts";
import type { MappingEntry, MappingNode, ScalarNode, TreeNode } from "../tree.ts";

export { entriesOf, entry, option };

/** The value of an option that may have others below it: `tls=true` beside `tls.certresolver=le`. */
export function scalarOf(node: TreeNode | undefined): ScalarNode | undefined {
  const own = node?.kind === "mapping" ? node.entries.get("")?.value : node;
  return own?.kind === "scalar" ? own : undefined;
}

/** A text as a fact; `unstated` where it is absent. What a Go template fills in is unknown. */
export function textFact(node: TreeNode | undefined, place: Place): Fact<string> {
  const scalar = scalarOf(node);
  if (node === undefined) return unstated(place);
  if (scalar === undefined) return unknown("it is not a text", node.place);
  const why = whyOpen(scalar);
  if (why !== undefined) return unknown(why, scalar.place);
  return scalar.value === null ? unstated(scalar.place) : stated(String(scalar.value), scalar.place);
}

/** A switch; words for truth are Go's, without regard to case. */
export function flagFact(node: TreeNode | undefined, place: Place): Fact<boolean> {
  const fact = textFact(node, place);
  if (fact.kind !== "stated") return fact.kind === "defaulted" ? unstated(place) : fact;
  const text = fact.value.trim().toLowerCase();
  if (/^(?:true|1|t|yes|on)$/.test(text)) return stated(true, fact.place);
  if (/^(?:false|0|f|no|off)$/.test(text)) return stated(false, fact.place);
  return unknown("it is neither true nor false", fact.place);
}

function whyOpen({ value, unresolved }: ScalarNode): string | undefined {
  if (unresolved !== undefined) return unresolved;
  return typeof value === "string" && value.includes("{{") ? "a Go template fills it in" : undefined;
}

export interface Listed {
  readonly items: readonly { readonly text: string; readonly place: Place }[];
  /** Why there may be more, or others. */
  readonly why?: string;
}

/** A list: a sequence, a text with commas, or numbered options (`[0]`, `[1]`). */
export function listOf(node: TreeNode | undefined): Listed {
  if (node === undefined) return { items: [] };
  const own = scalarOf(node);
  const inside = node.kind === "sequence" ? node.items : entriesOf(node).map(({ value }) => value);
  const items: { text: string; place: Place }[] = [];
  let why = node.kind === "scalar" ? undefined : node.incomplete;
  for (const member of own === undefined ? inside : [own, ...inside]) {
    const scalar = scalarOf(member);
    if (scalar === undefined || scalar.value === null) continue;
    const open = whyOpen(scalar);
    why ??= open;
    if (open !== undefined) continue;
    const texts = node.kind === "sequence" ? [String(scalar.value)] : String(scalar.value).split(",");
    for (const text of texts) if (text.trim() !== "") items.push({ text: text.trim(), place: scalar.place });
  }
  return why === undefined ? { items } : { items, why };
}

/** A list below a node, which may be missing where the node is not whole. */
export function listBelow(node: TreeNode, name: string): Listed {
  const list = option(node, name);
  if (list !== undefined || node.kind !== "mapping" || node.incomplete === undefined) return listOf(list);
  return { items: [], why: node.incomplete };
}

/** The members of a list of mappings, written as a sequence or numbered. */
export function membersOf(node: TreeNode | undefined): readonly TreeNode[] {
  if (node?.kind === "sequence") return node.items;
  return entriesOf(node).map(({ value }) => value);
}

interface OpenMapping extends MappingNode {
  readonly entries: Map<string, MappingEntry>;
}

/** A tree that grows by options as they come: `http.routers.web.rule`. */
export class OptionTree {
  readonly root: OpenMapping;

  constructor(place: Place) {
    this.root = { kind: "mapping", entries: new Map(), place };
  }

  set(path: readonly string[], value: string, place: Place, unresolved?: string): void {
    let at = this.root;
    for (const name of path) {
      const known = entry(at, name);
      if (known?.value.kind === "mapping") {
        at = known.value as OpenMapping;
        continue;
      }
      const made: OpenMapping = { kind: "mapping", entries: new Map(), place };
      at.entries.set(known?.key ?? name, { key: name, keyPlace: place, value: made });
      at = made;
    }
    const scalar: ScalarNode = { kind: "scalar", value, place, ...(unresolved === undefined ? {} : { unresolved }) };
    at.entries.set("", { key: "", keyPlace: place, value: scalar });
  }
}

const mostParts = 30;

/** `http.routers.web.tls.domains[0].main` in its parts. */
export function partsOf(name: string): readonly string[] {
  return name
    .replace(/\[(\d{1,4})\]/g, ".[$1]")
    .split(".", mostParts)
    .filter((part) => part !== "");
}
