import { codeOf } from "./system-error.ts";

/** Whether a process of this number runs on this machine, whoever's it is. The number may be another program's by now. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
