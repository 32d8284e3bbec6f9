import { describePlace, type Place } from "./place.ts";

/** What went wrong, for programs; texts are for people and may change. */
export type ErrorCode =
  | "usage"
  | "not-found"
  | "unreadable"
  | "outside-root"
  | "too-large"
  | "not-text"
  | "syntax"
  | "invalid"
  | "conflict"
  | "secret-missing"
  | "engine-missing"
  | "engine-too-old"
  | "engine-failed"
  | "network"
  | "permission"
  | "disk"
  | "interrupted"
  | "unsupported";

/**
 * An operational failure that a person can act on: a sentence of what and where, and a hint of what to do.
 * Bugs are not RingwallErrors; they are thrown as they come and end the command with code 4.
 */
export class RingwallError extends Error {
  override readonly name = "RingwallError";
  readonly code: ErrorCode;
  /** What the person can do about it, a sentence. */
  readonly hint: string | undefined;
  readonly place: Place | undefined;
  /** What the message sums up, a sentence each: shown on lines of their own below it. */
  readonly details: readonly string[];
  /** Whether the text is a template that another program fills in first, and nothing in it is wrong. */
  readonly template: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; place?: Place; details?: readonly string[]; template?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.place = options.place;
    this.details = options.details ?? [];
    this.template = options.template ?? false;
  }

  /** The whole error as a person reads it: place, message, details, hint. Not yet escaped for any output. */
  describe(): string {
    const where = this.place === undefined ? "" : `${describePlace(this.place)}: `;
    return [`${where}${this.message}`, ...this.details, ...(this.hint === undefined ? [] : [this.hint])].join(" ");
  }
}

/** Several mistakes found in one declaration, reported together. Never empty. */
export class DeclarationErrors extends RingwallError {
  readonly problems: readonly RingwallError[];

  constructor(problems: readonly RingwallError[]) {
    super("invalid", `${problems.length} ${problems.length === 1 ? "mistake" : "mistakes"} in the declaration.`);
    this.problems = problems;
  }

  override describe(): string {
    return this.problems.map((problem) => problem.describe()).join("\n");
  }
}
