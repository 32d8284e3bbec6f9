import type { CommandModule } from "./command.ts";

export interface RegisteredCommand {
  readonly name: string;
  /** One line of `ringwall --help`. */
  readonly summary: string;
  /** Left out of `ringwall --help`. */
  readonly hidden?: boolean;
  /** Loads the command's file, and with it only what that command needs. */
  load(): Promise<CommandModule>;
}

/** Every command, in the order of `ringwall --help`. */
export const commands: readonly RegisteredCommand[] = [
  {
    name: "check",
    summary: "judge what the files of a folder or repository set up, whatever their formats",
    load: () => import("./commands/check.ts"),
  },
  {
    name: "explain",
    summary: "what one control asks, why, and how to mend it",
    load: () => import("./commands/explain.ts"),
  },
  { name: "controls", summary: "list the controls", load: () => import("./commands/controls.ts") },
  {
    name: "render",
    summary: "write the files of a stack for its platform",
    load: () => import("./commands/render.ts"),
  },
  {
    name: "plan",
    summary: "what bringing the stack up would change, what holds then, what is in the way",
    load: () => import("./commands/plan.ts"),
  },
  { name: "up", summary: "bring the stack up, or take an interrupted one up", load: () => import("./commands/up.ts") },
  { name: "down", summary: "take the stack down; its volumes stay", load: () => import("./commands/down.ts") },
  {
    name: "probe",
    summary: "measure the running stack, and judge what was measured",
    load: () => import("./commands/probe.ts"),
  },
  {
    name: "status",
    summary: "services, health, resource use, open ports, recent failures",
    load: () => import("./commands/status.ts"),
  },
  {
    name: "logs",
    summary: "what services wrote, without the stack's secrets",
    load: () => import("./commands/logs.ts"),
  },
  { name: "exec", summary: "run a program inside a service", load: () => import("./commands/exec.ts") },
  {
    name: "doctor",
    summary: "what works on this machine, and what to do where it does not",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "secrets",
    summary: "list, make, bring and read the stack's secrets",
    load: () => import("./commands/secrets.ts"),
  },
  {
    name: "rotate",
    summary: "replace secrets, prove the old ones dead, and see when each is due",
    load: () => import("./commands/rotate.ts"),
  },
  {
    name: "ledger",
    summary: "what was done by whom, proven: list, verify, export, witnesses",
    load: () => import("./commands/ledger.ts"),
  },
  { name: "pin", summary: "resolve image tags to digests in stack.lock", load: () => import("./commands/pin.ts") },
  {
    name: "demo",
    summary: "the main job on the quickstart of a clone",
    hidden: true,
    load: () => import("./commands/demo.ts"),
  },
];
