import type { NginxDirective } from "./include.ts";

/** A block with those around it: what is not said in it may be said there. */
export class Level {
  readonly directives: readonly NginxDirective[];
  readonly outer: Level | undefined;
  /** Why more may be said here: an include that is not seen. A clause. */
  readonly unseen: string | undefined;
  readonly #byName: ReadonlyMap<string, readonly NginxDirective[]>;
  /** What was looked for once: a block around a thousand others is asked the same by each of them. */
  #lists: Map<string, readonly NginxDirective[]> | undefined;
  #byArgument: Map<string, ReadonlyMap<string, NginxDirective>> | undefined;

  constructor(directives: readonly NginxDirective[], outer?: Level, unseen?: string) {
    this.directives = directives;
    this.outer = outer;
    this.unseen = unseen ?? directives.find((directive) => directive.unseen !== undefined)?.unseen;
    this.#byName = Map.groupBy(directives, ({ name }) => name);
  }

  /** Its own directives of a name. */
  own(name: string): readonly NginxDirective[] {
    return this.#byName.get(name) ?? [];
  }

  /** Its own directives of several names, in the order that they are written in. */
  ownOf(...names: readonly string[]): readonly NginxDirective[] {
    const said = names.filter((name) => this.#byName.has(name));
    const [first, second] = said;
    if (first === undefined || second === undefined) return first === undefined ? [] : this.own(first);
    this.#lists ??= new Map();
    const key = said.join(" ");
    const list = this.#lists.get(key) ?? this.directives.filter(({ name }) => said.includes(name));
    this.#lists.set(key, list);
    return list;
  }

  /** The first of its own directives of which the name is like that. */
  firstLike(pattern: RegExp): NginxDirective | undefined {
    return this.ownOf(...[...this.#byName.keys()].filter((name) => pattern.test(name)))[0];
  }

  /** The first of its own directives of a name that begins with some argument: `upstream app`. */
  ownWith(name: string, argument: string): NginxDirective | undefined {
    this.#byArgument ??= new Map();
    const known = this.#byArgument.get(name) ?? firstByArgument(this.own(name));
    this.#byArgument.set(name, known);
    return known.get(argument);
  }

  /** The directive of a name that counts: of the innermost block that has one, the last. */
  last(name: string): NginxDirective | undefined {
    return this.own(name).at(-1) ?? this.outer?.last(name);
  }

  /** All directives of these names in the innermost block that has any: lists are inherited whole or not at all. */
  list(...names: readonly string[]): readonly NginxDirective[] {
    const own = this.ownOf(...names);
    return own.length > 0 ? own : (this.outer?.list(...names) ?? []);
  }

  /** Why a directive of these names may be said all the same, where none is; undefined where one is, or all is seen. */
  doubt(...names: readonly string[]): string | undefined {
    if (this.unseen !== undefined) return this.unseen;
    if (names.some((name) => this.#byName.has(name))) return undefined;
    return this.outer?.doubt(...names);
  }

  /** The same for a directive that may stand once in a block: where it stands, nothing else counts. */
  doubtOfOne(name: string): string | undefined {
    return this.own(name).length > 0 ? undefined : (this.unseen ?? this.outer?.doubtOfOne(name));
  }

  /** From the innermost to the outermost. */
  *chain(): Generator<Level> {
    for (let level: Level | undefined = this; level !== undefined; level = level.outer) yield level;
  }
}

function firstByArgument(directives: readonly NginxDirective[]): ReadonlyMap<string, NginxDirective> {
  const first = new Map<string, NginxDirective>();
  for (const directive of directives) {
    const [argument] = directive.args;
    if (argument !== undefined && !first.has(argument.text)) first.set(argument.text, directive);
  }
  return first;
}
