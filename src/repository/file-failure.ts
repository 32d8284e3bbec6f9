import { beforeAssignment } from "../lib/before-assignment.ts";
import type { ErrorCode } from "../lib/error.ts";
import { codeOf } from "../lib/system-error.ts";

export type FileFailureReason =
  | "outside"
  | "link"
  | "missing"
  | "not-regular"
  | "too-large"
  | "binary"
  | "not-utf8"
  | "unreadable";

/** Why a file was not read. `message` is a sentence that names the file as it was asked for. */
export interface FileFailure {
  readonly ok: false;
  readonly path: string;
  readonly reason: FileFailureReason;
  readonly code: ErrorCode;
  readonly message: string;
}

export function outside(path: string): FileFailure {
  return failure(path, "outside", "outside-root", `${path} lies outside the folder that is checked; it is not read.`);
}

export function tooLarge(path: string, cap: number): FileFailure {
  const limit = cap >= 1024 * 1024 ? `${cap / (1024 * 1024)} MiB` : `${cap} bytes`;
  return failure(path, "too-large", "too-large", `${path} is larger than ${limit}; it is not read.`);
}

export function openFailure(path: string, error: unknown): FileFailure {
  switch (errnoOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return failure(path, "missing", "not-found", `${path} is not there.`);
    case "ELOOP":
    case "EMLINK":
      return failure(path, "link", "outside-root", `${path} is a link; links are not followed.`);
    case "EISDIR":
      return failure(path, "not-regular", "invalid", `${path} is a folder, not a regular file.`);
    case "ENXIO":
      return failure(path, "not-regular", "invalid", `${path} is a socket or a device, not a regular file.`);
    case "EACCES":
    case "EPERM":
      return failure(path, "unreadable", "permission", `${path} cannot be read: this user has no permission.`);
    case "ENAMETOOLONG":
      return failure(path, "missing", "not-found", `${shortened(path)} is not there: the name is too long.`);
    default:
      return failure(path, "unreadable", "unreadable", `${path} cannot be read (${errnoOf(error)}).`);
  }
}

function shortened(path: string): string {
  const shown = beforeAssignment(path);
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}

function errnoOf(error: unknown): string {
  return codeOf(error) ?? "unknown error";
}

export function failure(path: string, reason: FileFailureReason, code: ErrorCode, message: string): FileFailure {
  return { ok: false, path, reason, code, message: message.replace(path, () => beforeAssignment(path)) };
}
