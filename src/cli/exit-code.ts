import type { ErrorCode } from "../lib/error.ts";
import type { ExitCode } from "./command.ts";

const codes: Record<ErrorCode, ExitCode> = {
  usage: 2,
  "not-found": 2,
  unreadable: 2,
  "outside-root": 2,
  "too-large": 2,
  "not-text": 2,
  syntax: 2,
  invalid: 2,
  conflict: 3,
  "secret-missing": 3,
  "engine-missing": 3,
  "engine-too-old": 3,
  "engine-failed": 3,
  network: 3,
  permission: 3,
  disk: 3,
  unsupported: 3,
  interrupted: 130,
};

/** How a command ends that failed in this way. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return codes[code];
}
