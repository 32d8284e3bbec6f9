import type { InputProblem } from "../../../facts/system.ts";
import type { ScalarNode, TreeNode } from "../../../formats/tree.ts";
import { describePlace, type Place, type Source } from "../../../lib/place.ts";
import type { ConfinedFiles } from "../../../repository/files.ts";
import type { ComposeFile } from "./read-file.ts";
import { withoutValues } from "./shown-text.ts";
import type { Doubt } from "./template.ts";

/** How much one project may pull in before reading stops with a sentence. */
export const limits = {
  /** Compose files of one project, included and extended ones counted. */
  files: 200,
  /** Files that include one another in a row. */
  includeDepth: 20,
  /** Services that extend one another in a row. */
  extendsDepth: 50,
  /** Published ports of one project, each of a range counted. */
  ports: 30_000,
} as const;

/** What one load of one project gathers: problems, files read, and what is not known of some scalars. */
export class Session {
  readonly files: ConfinedFiles;
  readonly composeFiles = new Map<string, Source>();
  /** Files that were parsed, by the path they were asked for by. */
  readonly parsed = new Map<string, ComposeFile>();
  readonly environmentFiles = new Map<string, Source>();
  /** The user's home folder, for `~`; undefined when it is not known. */
  readonly home: string | undefined;
  /** What relative paths are put behind. */
  readonly base: string;
  /** Variables of `.env` files whose values hang on others that are not set, with the reason. */
  readonly doubtfulVariables = new Map<string, string>();
  /** How many files that others name could not be read. */
  failedFiles = 0;
  /** Ports made of short forms so far. */
  ports = 0;
  readonly #problems = new Map<string, InputProblem>();
  readonly #bare = new WeakSet<ScalarNode>();
  readonly #doubts = new WeakMap<ScalarNode, readonly Doubt[]>();

  constructor(files: ConfinedFiles, options: { readonly base: string; readonly home: string | undefined }) {
    this.files = files;
    this.base = options.base;
    this.home = options.home;
  }

  /** Every problem once, in the order found. */
  get problems(): readonly InputProblem[] {
    return [...this.#problems.values()];
  }

  /** Whether the text itself was said to be a template. */
  get toldOfTemplate(): boolean {
    return this.problems.some(({ template }) => template === true);
  }

  /** Compose refuses the project for this. */
  error(message: string, place: Place, hint?: string): void {
    this.#add({ severity: "error", message, place, ...(hint === undefined ? {} : { hint }) });
  }

  /** Compose goes on, or cannot know. */
  warn(message: string, place: Place, hint?: string): void {
    this.#add({ severity: "warning", message, place, ...(hint === undefined ? {} : { hint }) });
  }

  /** Remembers which stretches of a scalar's text are not known. */
  doubt(node: ScalarNode, doubts: readonly Doubt[]): void {
    this.#doubts.set(node, doubts);
  }

  copyDoubts(from: ScalarNode, to: ScalarNode): void {
    const doubts = this.#doubts.get(from);
    if (doubts !== undefined) this.#doubts.set(to, doubts);
  }

  doubtsOf(node: TreeNode): readonly Doubt[] {
    return node.kind === "scalar" ? (this.#doubts.get(node) ?? []) : [];
  }

  /** Remembers that a null is a name alone in a list (`- PATH`), which Compose looks up earlier than `PATH:`. */
  markBare(node: ScalarNode): void {
    this.#bare.add(node);
  }

  isBare(node: TreeNode): boolean {
    return node.kind === "scalar" && this.#bare.has(node);
  }

  /** Takes over a problem that another reader found. */
  report(problem: InputProblem): void {
    this.#add(problem);
  }

  #add(problem: InputProblem): void {
    const message = withoutValues(problem.message);
    const key = `${message}\0${describePlace(problem.place)}`;
    if (!this.#problems.has(key)) this.#problems.set(key, { ...problem, message });
  }
}
