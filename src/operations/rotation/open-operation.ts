import type { Journal } from "../../state/journal.ts";
import { type SecretProgress, secretOfStep } from "./progress.ts";

type Appended = Parameters<Journal["append"]>[0];

/** One rotation's journal while this process works on it. */
export class OpenOperation {
  readonly id: string;
  /** The old value is ended at once, whatever the declaration says of an overlap. */
  readonly emergency: boolean;
  /** Whether an earlier process began it. */
  readonly resumed: boolean;
  readonly progress: Map<string, SecretProgress>;
  readonly #journal: Journal;
  readonly #assertHeld: () => Promise<void>;

  constructor(
    journal: Journal,
    options: {
      readonly emergency: boolean;
      readonly resumed: boolean;
      readonly progress: Map<string, SecretProgress>;
      readonly assertHeld: () => Promise<void>;
    },
  ) {
    this.id = journal.id;
    this.emergency = options.emergency;
    this.resumed = options.resumed;
    this.progress = options.progress;
    this.#journal = journal;
    this.#assertHeld = options.assertHeld;
  }

  /** Writes to the journal; what it says counts from when it is on the disk. */
  async log(record: Appended): Promise<void> {
    await this.#journal.append(record);
    if ("step" in record) this.progress.get(secretOfStep(record.step))?.apply(record);
  }

  /** Throws `conflict` when somebody has taken the stack's operation lock away. */
  assertHeld(): Promise<void> {
    return this.#assertHeld();
  }

  /** Ends the journal when every secret that began is settled; else leaves it open, to be taken up. */
  async close(): Promise<void> {
    const begun = [...this.progress.values()].filter((progress) => progress.begun);
    if (begun.some(({ settled }) => settled === undefined)) return this.#journal.close();
    await this.#journal.end(begun.some(({ settled }) => settled === "undone") ? "failed" : "done");
  }

  /** Lets go of the journal without a word. */
  release(): Promise<void> {
    return this.#journal.close();
  }
}
