/**
 * Whether a value of OpenTofu or Terraform is one setting's alone: what a local, a variable or another resource gives may
 * be taken in several places, and a change of it there would change them all.
 */
import type { Place, Source } from "../../lib/place.ts";
import type { HclBlock, HclBody, HclExpression, HclLiteral, HclText } from "./ast.ts";
import { parseHcl } from "./parse.ts";
import { parseHclJson } from "./parse-json.ts";

/** A file of one folder. */
export interface HclFile {
  /** Its name in the folder. */
  readonly name: string;
  readonly source: Source;
  /** Undefined for one that could not be read. */
  readonly text: string | undefined;
}

export interface HclPosition {
  readonly name: string;
  readonly offset: number;
}

/** Whether a file is one that a module consists of, or gives values to its variables. */
export const isModuleFile = /\.(?:tf|tofu)(?:\.json)?$/;
export const isValuesFile = /\.tfvars(?:\.json)?$/;

/**
 * Why a change at a position would change something else too, as a clause; undefined where it would not. `files`: all that
 * the folder has of the module, and the file with the value. `subject`: where that is declared which is to be changed;
 * `elsewhere` for another folder, undefined where no module declares it.
 */
export function whySharedIn(
  files: readonly HclFile[],
  at: HclPosition,
  subject: HclPosition | "elsewhere" | undefined,
): string | undefined {
  const read = files.map(({ name, source, text }) => ({ name, hcl: parsed(name, source, text) }));
  // What is used in a part that could not be read is not seen.
  const broken = read.find(({ hcl }) => hcl === undefined || hcl.problems.length > 0);
  if (broken !== undefined) return `not all of ${broken.name} could be read, which may use it too`;
  return new Sharing(
    new Map(read.flatMap(({ name, hcl }) => (hcl === undefined ? [] : [[name, hcl.body]]))),
    subject,
  ).why(at);
}

function parsed(name: string, source: Source, text: string | undefined): HclText | undefined {
  if (text === undefined) return undefined;
  return name.endsWith(".json") ? parseHclJson(source, text) : parseHcl(source, text);
}

/** Where something stands: in which of the blocks at the top, and in which of the arguments there. */
interface Site {
  readonly block: HclBlock | undefined;
  readonly argument: string | undefined;
  /** Whether what stands there may be taken several times: it counts the copies, or is put into each of them. */
  readonly repeats: boolean;
}

interface Use extends Site {
  /** `["local", "on"]`, `["incus_profile", "web", "config"]`. */
  readonly names: readonly string[];
}

const deepest = 10;

class Sharing {
  readonly #bodies: ReadonlyMap<string, HclBody>;
  readonly #own: HclBlock | "elsewhere" | undefined;
  #uses: readonly Use[] | undefined;

  constructor(bodies: ReadonlyMap<string, HclBody>, subject: HclPosition | "elsewhere" | undefined) {
    this.#bodies = bodies;
    const found = subject === undefined || subject === "elsewhere" ? undefined : this.#siteAt(subject)?.block;
    this.#own = subject === "elsewhere" ? subject : found?.type === "resource" ? found : undefined;
  }

  why({ name, offset }: HclPosition): string | undefined {
    const site = this.#siteAt({ name, offset });
    if (site === undefined) return "where it stands in the file is not known";
    if (!isValuesFile.test(name)) return this.#whyAt(site, 0);
    return site.argument === undefined ? undefined : this.#whyNamed(["var", site.argument], 0);
  }

  #whyAt({ block, argument, repeats }: Site, depth: number): string | undefined {
    if (repeats) return "it decides over several things there";
    const labels = block?.labels.map(({ text }) => text) ?? [];
    switch (block?.type) {
      case "locals":
        return this.#whyNamed(["local", argument ?? ""], depth);
      case "variable":
        return this.#whyNamed(["var", ...labels], depth);
      case "resource":
        if (this.#own !== undefined && block !== this.#own)
          return this.#belongsToOwn(block)
            ? undefined
            : `it is \`${labels.join(".")}\` that says so, which others may use too`;
        return argument !== undefined && this.#takenFrom(labels, argument)
          ? `\`${[...labels, argument].join(".")}\` is used elsewhere too`
          : undefined;
      case "module":
      case "output":
        return `it is handed on by the ${block.type} \`${labels.join(".")}\``;
      default:
        return undefined;
    }
  }

  /** A name that is used once is followed to where it is. */
  #whyNamed(names: readonly string[], depth: number): string | undefined {
    const shown = names.join(".");
    const uses = this.#all.filter(
      (use) => use.block?.type !== "variable" && names.every((each, i) => use.names[i] === each),
    );
    const [first] = uses;
    if (first === undefined || depth > deepest) return `where \`${shown}\` is used is not known`;
    if (uses.length > 1) return `\`${shown}\` is used elsewhere too`;
    return this.#whyAt(first, depth + 1);
  }

  /** Whether something takes an argument of a resource, or all of the resource. */
  #takenFrom(labels: readonly string[], argument: string): boolean {
    return this.#all.some(({ names, argument: where }) => {
      if (where === "depends_on" || !labels.every((each, i) => names[i] === each)) return false;
      const taken = names[labels.length];
      return taken === undefined || taken === argument;
    });
  }

  /** Whether nothing but the subject takes another resource, by its address or by its name. */
  #belongsToOwn(block: HclBlock): boolean {
    const name = block.body.attributes.get("name")?.value;
    // Every instance has the profile `default`, also without naming it.
    if (name?.kind !== "literal" || name.value === "default") return false;
    const labels = block.labels.map(({ text }) => text);
    const takes = (use: Use) => labels.every((each, i) => use.names[i] === each);
    return (
      this.#all.every((use) => use.block === this.#own || use.argument === "depends_on" || !takes(use)) &&
      this.#blocks.every((each) => each === this.#own || each === block || !hasText(each.body, name.value))
    );
  }

  get #blocks(): readonly HclBlock[] {
    return [...this.#bodies.values()].flatMap(({ blocks }) => blocks);
  }

  get #all(): readonly Use[] {
    this.#uses ??= [...this.#bodies.values()].flatMap((body) => [
      ...body.blocks.flatMap((block) => usesInBody(block.body, block, undefined)),
      ...usesInBody({ ...body, blocks: [] }, undefined, undefined),
    ]);
    return this.#uses;
  }

  #siteAt({ name, offset }: HclPosition): Site | undefined {
    const body = this.#bodies.get(name);
    if (body === undefined) return undefined;
    const top = lastBefore(body, offset);
    if (top === undefined) return undefined;
    if (!("labels" in top)) return { block: undefined, argument: top.name, repeats: isRepeated(top.value, offset) };
    return { block: top, ...within(top.body, offset) };
  }
}

type Item = HclBlock | (HclBody["attributes"] extends ReadonlyMap<string, infer A> ? A : never);

/** What begins last before an offset: it is in that. */
function lastBefore(body: HclBody, offset: number): Item | undefined {
  const items: readonly Item[] = [...body.attributes.values(), ...body.blocks];
  return items
    .filter((item) => startOf(item) <= offset)
    .reduce<Item | undefined>(
      (last, item) => (last === undefined || startOf(item) > startOf(last) ? item : last),
      undefined,
    );
}

function startOf(item: Item): number {
  return offsetOf("labels" in item ? item.place : item.namePlace);
}

function offsetOf(place: Place): number {
  return place.kind === "file" ? place.offset : 0;
}

/** The outermost argument within a block; none where the block itself begins. */
function within(body: HclBody, offset: number, outer?: string): Omit<Site, "block"> {
  const item = lastBefore(body, offset);
  if (item === undefined) return { argument: outer, repeats: false };
  if ("labels" in item) return within(item.body, offset, outer ?? item.type);
  return {
    argument: outer ?? item.name,
    repeats: isRepeating(item.name) || isRepeated(item.value, offset),
  };
}

function isRepeating(argument: string): boolean {
  return argument === "for_each" || argument === "count";
}

/** Functions whose every value goes to one place in what they give. */
const takesApart = /^(?:core::)?(?:merge|tomap|tostring|tobool|tonumber|try|coalesce|lookup|jsonencode|yamlencode)$/;

/** Whether what stands at an offset of an expression may come to stand in several places of what it gives. */
function isRepeated(expression: HclExpression, offset: number): boolean {
  const { place } = expression;
  const inside = place.kind !== "file" || (place.offset <= offset && offset < (place.end ?? Number.POSITIVE_INFINITY));
  if (!inside) return false;
  return multiplies(expression) || childrenOf(expression).some((child) => isRepeated(child, offset));
}

function multiplies(expression: HclExpression): boolean {
  if (expression.kind === "for" || expression.kind === "splat") return true;
  return expression.kind === "call" && !takesApart.test(expression.name);
}

function usesInBody(body: HclBody, block: HclBlock | undefined, outer: string | undefined): readonly Use[] {
  return [
    ...[...body.attributes.values()].flatMap(({ name, value }) => {
      const site: Site = { block, argument: outer ?? name, repeats: isRepeating(name) };
      return usesIn(value, name === "depends_on" ? { ...site, argument: name } : site);
    }),
    ...body.blocks.flatMap((inner) => usesInBody(inner.body, block, outer ?? inner.type)),
  ];
}

function usesIn(expression: HclExpression, site: Site): readonly Use[] {
  const names = namesOf(expression);
  if (names !== undefined) return [{ ...site, names }, ...keysOf(expression).flatMap((key) => usesIn(key, site))];
  const inner = multiplies(expression) ? { ...site, repeats: true } : site;
  return childrenOf(expression).flatMap((child) => usesIn(child, inner));
}

/** `a.b["c"].d` as its names, keys left out; undefined for what is no such thing. */
function namesOf(expression: HclExpression): readonly string[] | undefined {
  switch (expression.kind) {
    case "variable":
      return [expression.name];
    case "member": {
      const on = namesOf(expression.on);
      return on === undefined ? undefined : [...on, expression.name];
    }
    case "index":
      return namesOf(expression.on);
    case "splat":
      return namesOf(expression.on);
    default:
      return undefined;
  }
}

function keysOf(expression: HclExpression): readonly HclExpression[] {
  if (expression.kind === "member" || expression.kind === "splat") return keysOf(expression.on);
  return expression.kind === "index" ? [...keysOf(expression.on), expression.key] : [];
}

/** Whether a literal of a body is this text. */
function hasText(body: HclBody, value: HclLiteral["value"]): boolean {
  const isIn = (expression: HclExpression): boolean =>
    expression.kind === "literal" ? expression.value === value : childrenOf(expression).some(isIn);
  return (
    [...body.attributes.values()].some((each) => isIn(each.value)) ||
    body.blocks.some((inner) => hasText(inner.body, value))
  );
}

/** The expressions that one is made of, whatever it is. */
function childrenOf(expression: HclExpression): readonly HclExpression[] {
  return Object.values(expression).flatMap(expressionsIn);
}

function expressionsIn(value: unknown): readonly HclExpression[] {
  if (Array.isArray(value)) return value.flatMap(expressionsIn);
  if (typeof value !== "object" || value === null || "source" in value) return [];
  return isExpression(value) ? [value] : Object.values(value).flatMap(expressionsIn);
}

function isExpression(value: object): value is HclExpression {
  return "kind" in value && "place" in value;
}
