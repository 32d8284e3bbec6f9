import type { Operation, Step } from "../../contracts/operation.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import { findUnfinished, Journal, operationId, type Unfinished } from "../../state/journal.ts";
import { OperationLock } from "../../state/operation-lock.ts";
import { runOperation } from "../run.ts";
import type { Deployment } from "./deployment.ts";

/** What the steps of a journalled operation are made with. */
export interface OperationTools {
  /** Stands in the names of what the operation makes for a moment, so that leftovers can be found. */
  readonly id: string;
  /** Runs programs, and journals each, since it may outlive this process. */
  readonly run: RunProgram;
  /** The operation that was interrupted before this one, when one was. */
  readonly takesUp: Unfinished | undefined;
}

/** Longest wait for a program that a killed operation has left running. */
const leftoverTimeout = 120_000;

/**
 * Runs an operation on a stack under its lock, journalled. An operation that a crash interrupted is taken up: what it
 * left running is waited for, and the steps, each of which finishes what was begun, run again.
 * `steps` is asked when the lock is held; when it gives none, nothing is journalled.
 */
export async function withJournal(
  name: string,
  deployment: Deployment,
  steps: (tools: OperationTools) => Promise<readonly Step[]>,
): Promise<void> {
  const { state, stack, surroundings } = deployment;
  await state.prepare();
  const lock = await OperationLock.take(state.lock, name, surroundings.processes, surroundings.now());
  try {
    const takesUp = await findUnfinished(state.journals);
    if (takesUp !== undefined) await awaitLeftovers(takesUp, deployment);
    const id = operationId(name, surroundings.now(), surroundings.random(3));
    const journalled = journalledPrograms(deployment);
    const operation: Operation = { name, stack: stack.name, steps: await steps({ id, run: journalled.run, takesUp }) };
    if (operation.steps.length === 0) return;
    const journal = await Journal.begin(state.journals, begunRecord(id, operation, takesUp), surroundings.now);
    journalled.into(journal);
    try {
      await runOperation(operation, {
        journal,
        tell: (event) => {
          if (event.kind === "step-started") journalled.step(event.step);
          surroundings.tell(event);
        },
        clock: surroundings.clock,
        before: () => lock.assertHeld(),
        ...(surroundings.signal === undefined ? {} : { signal: surroundings.signal }),
      });
    } finally {
      await journal.close();
    }
  } finally {
    await lock.release();
  }
}

function begunRecord(id: string, operation: Operation, takesUp: Unfinished | undefined) {
  return {
    id,
    operation: operation.name,
    stack: operation.stack,
    steps: operation.steps.map((step) => step.id),
    ...(takesUp === undefined ? {} : { takesUp: takesUp.begun.id }),
  };
}

/** Programs whose start is written to the journal before anything else is done with them. */
function journalledPrograms({ surroundings: { run, processes } }: Deployment) {
  let journal: Journal | undefined;
  let step = "";
  const note = async (pid: number) => {
    const started = (await processes.started(pid)) ?? null;
    await journal?.append({ kind: "program", step, pid, started });
  };
  const journalled: RunProgram = async (command, args, options = {}) => {
    let noted: Promise<void> = Promise.resolve();
    const result = await run(command, args, {
      ...options,
      onStart: (pid) => {
        noted = note(pid);
        // The failure is thrown below; until then it must not count as unheard.
        noted.catch(() => undefined);
        options.onStart?.(pid);
      },
    });
    await noted;
    return result;
  };
  return {
    run: journalled,
    into: (opened: Journal) => {
      journal = opened;
    },
    step: (id: string) => {
      step = id;
    },
  };
}

/** A killed operation's `docker compose` may still be at work, and two at once would stumble over one another. */
async function awaitLeftovers(unfinished: Unfinished, { surroundings }: Deployment): Promise<void> {
  const { begun, during, programs } = unfinished;
  const where = during === undefined ? "between two steps" : `in the step "${during}"`;
  const tell = (text: string) => surroundings.tell({ kind: "step-progress", step: "take-up", text });
  tell(`"${begun.operation}" of ${begun.at} was interrupted ${where}; it is taken up`);
  const deadline = surroundings.clock() + leftoverTimeout;
  for (const { pid, started } of programs) {
    for (let told = false; (await isSame(pid, started, surroundings.processes)) && surroundings.clock() < deadline; ) {
      if (!told) tell(`waiting for its docker compose (process ${pid}) to end`);
      told = true;
      await surroundings.sleep(500);
    }
  }
}

async function isSame(
  pid: number,
  started: string | null,
  processes: Deployment["surroundings"]["processes"],
): Promise<boolean> {
  const now = await processes.started(pid);
  return now !== undefined && started !== null && now === started;
}
