/**
 * Regular expressions out of other people's files, as Go writes them (RE2 syntax), matched in time that grows with the
 * text and never explodes: an automaton is walked, nothing is tried again.
 */

/** What must hold at a point between two characters. */
type Assertion = "start" | "end" | "line-start" | "line-end" | "word-edge" | "no-word-edge" | "nothing";

/** One step of the automaton. */
type Step =
  | { readonly kind: "char"; readonly matches: (code: number) => boolean; next: number }
  | { readonly kind: "split"; next: number; other: number }
  | { readonly kind: "assert"; readonly what: Assertion; next: number }
  | { readonly kind: "match" };

/** What is made of a part of an expression: its first step, and the ends that lead on to what follows. */
interface Part {
  readonly first: number;
  readonly ends: readonly ((next: number) => void)[];
}

/** Steps of one expression at most: repetitions are written out. */
const mostSteps = 4_000;
const deepest = 100;
/** What Go allows to repeat. */
const mostRepeats = 1_000;

/** A pattern that cannot be read, or is too large; `why` is a clause. */
class Unreadable extends Error {}

/** All steps that a text may have come to, and where each next character leads; made once and met again and again. */
interface State {
  readonly steps: ReadonlySet<number>;
  readonly matched: boolean;
  readonly matchedAtEnd: boolean;
  readonly after: Map<number, State>;
}

/** States that are kept of one pattern; a pattern that comes to more is walked without. */
const mostStates = 400;

export class LinearPattern {
  readonly #steps: readonly Step[];
  readonly #first: number;
  readonly #states = new Map<string, State>();
  /** False where what holds at a point depends on the characters around it. */
  readonly #kept: boolean;

  private constructor(steps: readonly Step[], first: number) {
    this.#steps = steps;
    this.#first = first;
    this.#kept = steps.every((step) => step.kind !== "assert" || ["start", "end", "nothing"].includes(step.what));
  }

  /** The pattern, or undefined for syntax that is not Go's or not read here (Unicode classes), and for one too large. */
  static parse(source: string): LinearPattern | undefined {
    try {
      const parser = new Parser(source);
      return new LinearPattern(parser.steps, parser.whole());
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      throw error;
    }
  }

  /** Whether the pattern matches anywhere in the text, as Go's `MatchString` says. */
  test(text: string): boolean {
    let state = this.#kept ? this.#state(new Set(), true) : undefined;
    for (let at = 0; state !== undefined && at < text.length; at++) {
      if (state.matched) return true;
      const code = text.charCodeAt(at);
      let next = state.after.get(code);
      if (next === undefined) {
        next = this.#state(this.#step(state.steps, code), false);
        if (next !== undefined) state.after.set(code, next);
      }
      state = next;
    }
    return state === undefined ? this.#walk(text) : state.matched || state.matchedAtEnd;
  }

  /** The same, without keeping anything. */
  #walk(text: string): boolean {
    let now = new Set<number>();
    for (let at = 0; ; at++) {
      const holds = (what: Assertion) => holdsAt(what, text, at);
      now = this.#closed(now.add(this.#first), holds);
      if (this.#isMatch(now)) return true;
      if (at >= text.length) return false;
      now = this.#step(now, text.charCodeAt(at));
    }
  }

  /** The state of having come to some steps, and of beginning anew; undefined when there are too many. */
  #state(reached: ReadonlySet<number>, isStart: boolean): State | undefined {
    const begun = new Set(reached);
    begun.add(this.#first);
    const steps = this.#closed(begun, (what) => what === "nothing" || (isStart && what === "start"));
    const key = `${isStart} ${[...steps].sort((a, b) => a - b).join()}`;
    const known = this.#states.get(key);
    if (known !== undefined || this.#states.size >= mostStates) return known;
    const atEnd = this.#closed(begun, (what) => what !== "start" || isStart);
    const state = { steps, matched: this.#isMatch(steps), matchedAtEnd: this.#isMatch(atEnd), after: new Map() };
    this.#states.set(key, state);
    return state;
  }

  #isMatch(steps: ReadonlySet<number>): boolean {
    for (const index of steps) if (this.#steps[index]?.kind === "match") return true;
    return false;
  }

  /** Where a character leads from some steps. */
  #step(steps: ReadonlySet<number>, code: number): Set<number> {
    const next = new Set<number>();
    for (const index of steps) {
      const step = this.#steps[index];
      if (step?.kind === "char" && step.matches(code)) next.add(step.next);
    }
    return next;
  }

  #closed(steps: ReadonlySet<number>, holds: (what: Assertion) => boolean): Set<number> {
    const all = new Set<number>();
    for (const index of steps) this.#enter(index, holds, all);
    return all;
  }

  /** Adds a step and all that can be reached from it without reading a character. */
  #enter(index: number, holds: (what: Assertion) => boolean, into: Set<number>): void {
    const waiting = [index];
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      if (into.has(one)) continue;
      into.add(one);
      const step = this.#steps[one];
      if (step?.kind === "split") waiting.push(step.other, step.next);
      else if (step?.kind === "assert" && holds(step.what)) waiting.push(step.next);
    }
  }
}

function holdsAt(what: Assertion, text: string, at: number): boolean {
  switch (what) {
    case "nothing":
      return true;
    case "start":
      return at === 0;
    case "end":
      return at === text.length;
    case "line-start":
      return at === 0 || text.charCodeAt(at - 1) === 10;
    case "line-end":
      return at === text.length || text.charCodeAt(at) === 10;
    case "word-edge":
      return atWordEdge(text, at);
    case "no-word-edge":
      return !atWordEdge(text, at);
  }
}

const isWord = (code: number) =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
const isDigit = (code: number) => code >= 48 && code <= 57;
const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13 && code !== 11);

const classes: Readonly<Record<string, (code: number) => boolean>> = {
  d: isDigit,
  D: (code) => !isDigit(code),
  w: isWord,
  W: (code) => !isWord(code),
  s: isSpace,
  S: (code) => !isSpace(code),
};
const posixClasses: ReadonlyMap<string, (code: number) => boolean> = new Map(
  Object.entries({
    alnum: (code) => isWord(code) && code !== 95,
    alpha: (code) => isWord(code) && code !== 95 && !isDigit(code),
    digit: isDigit,
    lower: (code) => code >= 97 && code <= 122,
    upper: (code) => code >= 65 && code <= 90,
    space: (code) => code === 32 || (code >= 9 && code <= 13),
    word: isWord,
    xdigit: (code) => isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102),
  }),
);
const controls: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, f: 12, v: 11, a: 7 };

interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly lines: boolean;
}

class Parser {
  readonly steps: Step[] = [];
  readonly #source: string;
  #at = 0;
  #depth = 0;
  #flags: Flags = { ignoreCase: false, dotAll: false, lines: false };

  constructor(source: string) {
    this.#source = source;
  }

  /** The index of the first step. */
  whole(): number {
    const part = this.#alternatives();
    if (this.#at < this.#source.length) throw new Unreadable();
    connect(part, this.#add({ kind: "match" }));
    return part.first;
  }

  #alternatives(): Part {
    if (++this.#depth > deepest) throw new Unreadable();
    const flags = this.#flags;
    let part = this.#sequence();
    while (this.#take("|")) {
      const other = this.#sequence();
      const split = this.#add({ kind: "split", next: part.first, other: other.first });
      part = { first: split, ends: [...part.ends, ...other.ends] };
    }
    this.#flags = flags;
    this.#depth -= 1;
    return part;
  }

  #sequence(): Part {
    let part: Part | undefined;
    while (this.#at < this.#source.length && !/[|)]/.test(this.#peek())) {
      const next = this.#repeated();
      if (part !== undefined) connect(part, next.first);
      part = { first: part?.first ?? next.first, ends: next.ends };
    }
    return part ?? this.#empty();
  }

  #repeated(): Part {
    const begin = this.#at;
    let part = this.#atom();
    const end = this.#at;
    for (let bounds = this.#bounds(); bounds !== undefined; bounds = this.#bounds()) {
      const after = this.#at;
      part = this.#repeat(part, bounds, () => this.#again(begin, end));
      this.#at = after;
      this.#take("?");
    }
    return part;
  }

  /** Reads the same piece of the expression once more, for a repetition that is written out. */
  #again(begin: number, end: number): Part {
    this.#at = begin;
    const part = this.#atom();
    // Two quantifiers behind one another: the first is part of what the second repeats, and few write that.
    if (this.#at !== end) throw new Unreadable();
    return part;
  }

  #repeat(part: Part, { least, most }: { least: number; most: number | undefined }, again: () => Part): Part {
    if (least === 0 && most === undefined) return this.#loop(part);
    if (least === 0 && most === 0) return this.#empty();
    let whole: Part | undefined;
    const then = (next: Part) => {
      if (whole !== undefined) connect(whole, next.first);
      whole = { first: whole?.first ?? next.first, ends: next.ends };
    };
    let used = false;
    const copy = () => {
      if (used) return again();
      used = true;
      return part;
    };
    for (let count = 0; count < least; count++) then(copy());
    if (most === undefined) then(this.#loop(again()));
    else for (let count = least; count < most; count++) then(this.#optional(copy()));
    return whole ?? this.#empty();
  }

  #loop(part: Part): Part {
    const split: Step = { kind: "split", next: part.first, other: -1 };
    const index = this.#add(split);
    connect(part, index);
    return { first: index, ends: [(next) => (split.other = next)] };
  }

  #optional(part: Part): Part {
    const split: Step = { kind: "split", next: part.first, other: -1 };
    return { first: this.#add(split), ends: [...part.ends, (next) => (split.other = next)] };
  }

  #bounds(): { least: number; most: number | undefined } | undefined {
    if (this.#take("*")) return { least: 0, most: undefined };
    if (this.#take("+")) return { least: 1, most: undefined };
    if (this.#take("?")) return { least: 0, most: 1 };
    const counted = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#source.slice(this.#at, this.#at + 12));
    if (counted === null) return undefined;
    this.#at += counted[0].length;
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : counted[3] === "" ? undefined : Number(counted[3]);
    if (least > mostRepeats || (most ?? 0) > mostRepeats || (most ?? least) < least) throw new Unreadable();
    return { least, most };
  }

  #atom(): Part {
    const char = this.#next();
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return this.#char(this.#class());
      case ".": {
        const { dotAll } = this.#flags;
        return this.#char((code) => dotAll || code !== 10);
      }
      case "^":
        return this.#assert(this.#flags.lines ? "line-start" : "start");
      case "$":
        return this.#assert(this.#flags.lines ? "line-end" : "end");
      case "\\":
        return this.#escaped();
      case "*":
      case "+":
      case "?":
      case ")":
        throw new Unreadable();
      default:
        return this.#char(this.#literal(char.charCodeAt(0)));
    }
  }

  #group(): Part {
    const outer = this.#flags;
    const named = /^\?P?<\w+>/.exec(this.#source.slice(this.#at, this.#at + 100))?.[0];
    if (named !== undefined) this.#at += named.length;
    else if (this.#take("?")) {
      const written = /^([ims]*)(?:-([ims]*))?([:)])/.exec(this.#source.slice(this.#at, this.#at + 12));
      if (written === null) throw new Unreadable();
      this.#at += written[0].length;
      const flag = (name: string, before: boolean) =>
        written[2]?.includes(name) ? false : written[1]?.includes(name) ? true : before;
      this.#flags = {
        ignoreCase: flag("i", outer.ignoreCase),
        dotAll: flag("s", outer.dotAll),
        lines: flag("m", outer.lines),
      };
      // `(?i)` holds until the end of the group around it.
      if (written[3] === ")") return this.#empty();
    }
    const part = this.#alternatives();
    if (!this.#take(")")) throw new Unreadable();
    this.#flags = outer;
    return part;
  }

  #escaped(): Part {
    const char = this.#next();
    const known = classes[char];
    if (known !== undefined) return this.#char(known);
    if (char === "A") return this.#assert("start");
    if (char === "z") return this.#assert("end");
    if (char === "b") return this.#assert("word-edge");
    if (char === "B") return this.#assert("no-word-edge");
    return this.#char(this.#literal(this.#codeOf(char)));
  }

  #codeOf(char: string): number {
    const control = controls[char];
    if (control !== undefined) return control;
    const hex = char === "x" ? /^[0-9a-fA-F]{2}/.exec(this.#source.slice(this.#at, this.#at + 2))?.[0] : undefined;
    if (hex !== undefined) {
      this.#at += 2;
      return Number.parseInt(hex, 16);
    }
    // Letters and digits that are no escape of Go's are an error there.
    if (char === "" || /[A-Za-z0-9]/.test(char)) throw new Unreadable();
    return char.charCodeAt(0);
  }

  #class(): (code: number) => boolean {
    const negated = this.#take("^");
    const members: ((code: number) => boolean)[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) members.push(this.#member());
    this.#next();
    return (code) => members.some((member) => member(code)) !== negated;
  }

  #member(): (code: number) => boolean {
    const posix = /^\[:(\^?)(\w+):\]/.exec(this.#source.slice(this.#at, this.#at + 16));
    if (posix !== null) {
      const known = posixClasses.get(posix[2] ?? "");
      if (known === undefined) throw new Unreadable();
      this.#at += posix[0].length;
      return posix[1] === "^" ? (code) => !known(code) : known;
    }
    const from = this.#classChar();
    if (typeof from === "function") return from;
    if (this.#peek() !== "-" || this.#source.charAt(this.#at + 1) === "]") return this.#literal(from);
    this.#next();
    const to = this.#classChar();
    if (typeof to === "function" || to < from) throw new Unreadable();
    if (!this.#flags.ignoreCase) return (code) => code >= from && code <= to;
    return (code) => foldings(code).some((each) => each >= from && each <= to);
  }

  #classChar(): number | ((code: number) => boolean) {
    const char = this.#next();
    if (char !== "\\") return char.charCodeAt(0);
    const escaped = this.#next();
    return classes[escaped] ?? this.#codeOf(escaped);
  }

  #literal(wanted: number): (code: number) => boolean {
    if (!this.#flags.ignoreCase) return (code) => code === wanted;
    return (code) => foldings(code).includes(wanted);
  }

  #char(matches: (code: number) => boolean): Part {
    const step: Step = { kind: "char", matches, next: -1 };
    return { first: this.#add(step), ends: [(next) => (step.next = next)] };
  }

  #assert(what: Assertion): Part {
    const step: Step = { kind: "assert", what, next: -1 };
    return { first: this.#add(step), ends: [(next) => (step.next = next)] };
  }

  #empty(): Part {
    return this.#assert("nothing");
  }

  #add(step: Step): number {
    if (this.steps.length >= mostSteps) throw new Unreadable();
    return this.steps.push(step) - 1;
  }

  #peek(): string {
    if (this.#at >= this.#source.length) throw new Unreadable();
    return this.#source.charAt(this.#at);
  }

  #next(): string {
    const char = this.#peek();
    this.#at += 1;
    return char;
  }

  #take(char: string): boolean {
    if (this.#source.charAt(this.#at) !== char) return false;
    this.#at += 1;
    return true;
  }
}

function connect(part: Part, next: number): void {
  for (const end of part.ends) end(next);
}

function atWordEdge(text: string, at: number): boolean {
  const before = at > 0 && isWord(text.charCodeAt(at - 1));
  const after = at < text.length && isWord(text.charCodeAt(at));
  return before !== after;
}

function foldings(code: number): readonly number[] {
  const char = String.fromCharCode(code);
  return [code, char.toLowerCase().charCodeAt(0), char.toUpperCase().charCodeAt(0)];
}
