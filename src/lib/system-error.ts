/** Whether the operating system refused something, and not a mistake of ours. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}

/** What the system calls it, such as `EACCES`; undefined for any other error. */
export function codeOf(error: unknown): string | undefined {
  return isSystemError(error) ? String(error.code) : undefined;
}

/** Whether what was asked for is not there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}
