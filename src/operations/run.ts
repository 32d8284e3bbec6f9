import type { Operation, OperationEvent, Step } from "../contracts/operation.ts";
import { RingwallError } from "../lib/error.ts";
import type { Journal } from "../state/journal.ts";

export interface RunOptions {
  readonly journal: Journal;
  readonly tell: (event: OperationEvent) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  /** Checked between two steps; an operation is never cut off in a step that does not itself obey it. */
  readonly signal?: AbortSignal;
  /** Steps that an interrupted run of the same operation has completed and that need not run again. */
  readonly done?: ReadonlySet<string>;
  /** Asked before each step; throws to stop the operation. */
  readonly before?: () => Promise<void>;
}

/**
 * Runs the steps of an operation in order. Each is journalled before it runs and after it has ended, so that a crash
 * between any two, or within one, is found by the next operation. When a step fails, what earlier steps can take back is
 * taken back, the latest first, and the failure is thrown.
 */
export async function runOperation(operation: Operation, options: RunOptions): Promise<void> {
  const { journal, tell } = options;
  const ran: Step[] = [];
  for (const step of operation.steps) {
    if (options.done?.has(step.id) === true) {
      tell({ kind: "step-skipped", step: step.id, why: "it was completed before the interruption" });
      continue;
    }
    try {
      await runStep(step, options);
      ran.push(step);
    } catch (error) {
      const message = messageOf(error);
      await journal.append({ kind: "step-failed", step: step.id, message });
      tell({ kind: "step-failed", step: step.id, message });
      await takeBack([...ran, step], options);
      await journal.end("failed");
      throw error;
    }
  }
  await journal.end("done");
}

async function runStep(step: Step, { journal, tell, clock, signal, before }: RunOptions): Promise<void> {
  if (signal?.aborted === true) {
    throw new RingwallError("interrupted", `Interrupted before "${step.title}".`, {
      hint: "Run the command again to take it up.",
    });
  }
  await before?.();
  await journal.append({ kind: "step-started", step: step.id });
  tell({ kind: "step-started", step: step.id, title: step.title });
  const start = clock();
  await step.run((text) => tell({ kind: "step-progress", step: step.id, text }));
  await journal.append({ kind: "step-done", step: step.id });
  tell({ kind: "step-done", step: step.id, milliseconds: clock() - start });
}

async function takeBack(steps: readonly Step[], { journal, tell }: RunOptions): Promise<void> {
  for (const step of steps.toReversed()) {
    if (step.undo === undefined) continue;
    try {
      await step.undo();
    } catch (error) {
      const message = `It could not be taken back: ${messageOf(error)}`;
      await journal.append({ kind: "step-failed", step: step.id, message });
      tell({ kind: "step-failed", step: step.id, message });
    }
  }
}

/** What an error may say in a journal: its own sentence when it is one of ours, nothing foreign otherwise. */
function messageOf(error: unknown): string {
  return error instanceof RingwallError ? error.describe() : "An internal error.";
}
