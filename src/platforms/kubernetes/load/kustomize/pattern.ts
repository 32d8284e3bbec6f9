/**
 * The regular expressions that a kustomization may hold, of the syntax of Go's `regexp` (RE2), as far as names of objects
 * and images need it. Matching takes at most the pattern's length times the text's, whatever a hostile file says; that is
 * why JavaScript's own are not used.
 */

type Test = (character: string) => boolean;

/** One step of the program that a pattern is made into; numbers are indices into it. */
type Step =
  | { readonly kind: "character"; readonly test: Test }
  | { readonly kind: "fork"; readonly to: readonly number[] }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "match" };

const mostSteps = 5000;
const mostRepeats = 1000;

class Unsupported extends Error {}

/** Expressions of which every character means itself: most names and kinds. */
const plain = /^[\w/-]*$/;

export class Pattern {
  readonly #steps: readonly Step[];
  readonly #literal: string | undefined;

  private constructor(steps: readonly Step[], literal?: string) {
    this.#steps = steps;
    this.#literal = literal;
  }

  /** Undefined for what is no such expression, or is one that is not supported here. */
  static parse(text: string): Pattern | undefined {
    if (plain.test(text)) return new Pattern([], text);
    try {
      return new Pattern(new Compiler(text).program());
    } catch (error) {
      if (error instanceof Unsupported) return undefined;
      throw error;
    }
  }

  /** Whether the text as a whole matches. */
  matches(text: string): boolean {
    if (this.#literal !== undefined) return text === this.#literal;
    const characters = [...text];
    let states = this.#reach([0], 0, characters.length);
    for (const [at, character] of characters.entries()) {
      const next = [...states].flatMap((state) => {
        const step = this.#steps[state];
        return step?.kind === "character" && step.test(character) ? [state + 1] : [];
      });
      if (next.length === 0) return false;
      states = this.#reach(next, at + 1, characters.length);
    }
    return [...states].some((state) => this.#steps[state]?.kind === "match");
  }

  /** The steps that are reached without a further character. */
  #reach(from: readonly number[], at: number, length: number): Set<number> {
    const seen = new Set<number>();
    const waiting = [...from];
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      if (seen.has(state)) continue;
      seen.add(state);
      const step = this.#steps[state];
      if (step?.kind === "fork") waiting.push(...step.to);
      else if (step?.kind === "start" && at === 0) waiting.push(state + 1);
      else if (step?.kind === "end" && at === length) waiting.push(state + 1);
    }
    return seen;
  }
}

/** Steps with targets relative to their own place, so that they can be put anywhere. */
type Part = readonly Step[];

class Compiler {
  readonly #text: readonly string[];
  #at = 0;
  #fold = false;

  constructor(text: string) {
    this.#text = [...text];
  }

  program(): readonly Step[] {
    const part = this.#alternatives();
    if (this.#at < this.#text.length) throw new Unsupported();
    return [...part, { kind: "match" } as const].map((step, index) =>
      step.kind === "fork" ? { ...step, to: step.to.map((to) => to + index) } : step,
    );
  }

  #alternatives(): Part {
    const branches = [this.#sequence()];
    while (this.#take("|")) branches.push(this.#sequence());
    let part: Part = branches.pop() ?? [];
    for (const branch of branches.reverse()) {
      part = [fork(1, branch.length + 2), ...branch, fork(part.length + 1), ...part];
    }
    return part;
  }

  #sequence(): Part {
    const steps: Step[] = [];
    while (this.#at < this.#text.length && this.#text[this.#at] !== "|" && this.#text[this.#at] !== ")") {
      steps.push(...this.#repeated());
      if (steps.length > mostSteps) throw new Unsupported();
    }
    return steps;
  }

  #repeated(): Part {
    let part = this.#atom();
    for (;;) {
      const range = this.#range();
      if (range === undefined) return part;
      this.#take("?");
      part = repeat(part, range[0], range[1]);
    }
  }

  /** `*`, `+`, `?` or `{2,5}` as the least and most times. */
  #range(): readonly [number, number] | undefined {
    if (this.#take("*")) return [0, Number.POSITIVE_INFINITY];
    if (this.#take("+")) return [1, Number.POSITIVE_INFINITY];
    if (this.#take("?")) return [0, 1];
    const rest = this.#text.slice(this.#at, this.#at + 12).join("");
    const match = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(rest);
    if (match === null) return undefined;
    this.#at += match[0].length;
    const least = Number(match[1]);
    const most = match[3] !== "" ? Number(match[3]) : match[2] === "" ? least : Number.POSITIVE_INFINITY;
    if (least > mostRepeats || (most !== Number.POSITIVE_INFINITY && most > mostRepeats)) throw new Unsupported();
    return [least, most];
  }

  #atom(): Part {
    const character = this.#next();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return [this.#character(this.#set())];
      case ".":
        return [this.#character((each) => each !== "\n")];
      case "^":
        return [{ kind: "start" }];
      case "$":
        return [{ kind: "end" }];
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        throw new Unsupported();
      default:
        return [this.#character((each) => each === character)];
    }
  }

  #group(): Part {
    const before = this.#fold;
    if (this.#take("?")) {
      const flags = /^(?:P?<\w{1,40}>|i:|:|i\))/.exec(this.#text.slice(this.#at, this.#at + 44).join(""));
      if (flags === null) throw new Unsupported();
      this.#at += flags[0].length;
      if (flags[0].startsWith("i")) this.#fold = true;
      if (flags[0] === "i)") return [];
    }
    const part = this.#alternatives();
    if (!this.#take(")")) throw new Unsupported();
    this.#fold = before;
    return part;
  }

  #escape(): Part {
    const character = this.#next();
    if (character === "A") return [{ kind: "start" }];
    if (character === "z") return [{ kind: "end" }];
    return [this.#character(classOf(character) ?? literal(character))];
  }

  #set(): Test {
    const negated = this.#take("^");
    const tests: Test[] = [];
    for (let first = true; first || this.#text[this.#at] !== "]"; first = false) {
      const low = this.#member();
      const isRange = this.#text[this.#at] === "-" && this.#text[this.#at + 1] !== "]";
      if (typeof low === "function" || !isRange) {
        tests.push(typeof low === "function" ? low : (each) => each === low);
        continue;
      }
      this.#at += 1;
      const high = this.#member();
      if (typeof high === "function") throw new Unsupported();
      tests.push((each) => each >= low && each <= high);
    }
    this.#at += 1;
    return (each) => tests.some((test) => test(each)) !== negated;
  }

  /** One character of a set, or a class in it. */
  #member(): string | Test {
    const character = this.#next();
    if (character === "[" && this.#text[this.#at] === ":") {
      const match = /^:(\^?)(\w{1,10}):\]/.exec(this.#text.slice(this.#at, this.#at + 16).join(""));
      const named = match === null ? undefined : namedClasses.get(match[2] ?? "");
      if (match === null || named === undefined) throw new Unsupported();
      this.#at += match[0].length;
      return (each) => named.test(each) !== (match[1] === "^");
    }
    if (character !== "\\") return character;
    const escaped = this.#next();
    return classOf(escaped) ?? escaped;
  }

  #character(test: Test): Step {
    if (!this.#fold) return { kind: "character", test };
    return { kind: "character", test: (each) => test(each.toLowerCase()) || test(each.toUpperCase()) };
  }

  #next(): string {
    const character = this.#text[this.#at];
    if (character === undefined) throw new Unsupported();
    this.#at += 1;
    return character;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }
}

function fork(...to: readonly number[]): Step {
  return { kind: "fork", to };
}

function repeat(part: Part, least: number, most: number): Part {
  const required = Array.from({ length: least }, () => part).flat();
  const more =
    most === Number.POSITIVE_INFINITY
      ? [fork(1, part.length + 2), ...part, fork(-part.length - 1)]
      : Array.from({ length: Math.max(0, most - least) }, () => [fork(1, part.length + 1), ...part]).flat();
  if (required.length + more.length > mostSteps) throw new Unsupported();
  return [...required, ...more];
}

const classes = new Map<string, RegExp>([
  ["d", /[0-9]/],
  ["D", /[^0-9]/],
  ["w", /[0-9A-Za-z_]/],
  ["W", /[^0-9A-Za-z_]/],
  ["s", /[\t\n\f\r ]/],
  ["S", /[^\t\n\f\r ]/],
]);
const namedClasses = new Map<string, RegExp>([
  ["alnum", /[0-9A-Za-z]/],
  ["alpha", /[A-Za-z]/],
  ["digit", /[0-9]/],
  ["lower", /[a-z]/],
  ["upper", /[A-Z]/],
  ["word", /[0-9A-Za-z_]/],
  ["xdigit", /[0-9A-Fa-f]/],
]);

function classOf(character: string): Test | undefined {
  const found = classes.get(character);
  return found === undefined ? undefined : (each) => found.test(each);
}

/** A backslash makes punctuation mean itself; before a letter it means something that is not supported. */
function literal(character: string): Test {
  if (/[A-Za-z0-9]/.test(character)) throw new Unsupported();
  return (each) => each === character;
}
