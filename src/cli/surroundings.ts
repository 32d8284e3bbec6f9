import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { childPrograms } from "../lib/child-program.ts";
import type { DeploymentSurroundings } from "../operations/deploy/deployment.ts";
import { machineProcesses } from "../state/operation-lock.ts";
import type { Context } from "./command.ts";

type Tell = DeploymentSurroundings["tell"];

/** What an operation takes from this machine. No signal ends it early: it changes nothing that must be left in order. */
export function machineSurroundings(context: Context, tell: Tell): Omit<DeploymentSurroundings, "signal"> {
  return {
    run: childPrograms(context.env),
    processes: machineProcesses,
    now: () => context.now(),
    clock: () => context.clock(),
    random: (bytes) => randomBytes(bytes),
    sleep: (milliseconds) => sleep(milliseconds),
    tell,
  };
}

/** The same for an operation that changes the host: a signal stops it at its next step, asked for only when it looks. */
export function stoppableSurroundings(context: Context, tell: Tell): DeploymentSurroundings {
  return {
    ...machineSurroundings(context, tell),
    get signal() {
      return context.signal;
    },
  };
}
