import { RingwallError } from "../../lib/error.ts";

/** SQLite's primary result codes (sqlite.org/rescode.html); the extended ones carry them in their low byte. */
const codes = { busy: 5, locked: 6, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 } as const;

/** SQLite's primary result code of an error that `node:sqlite` threw; undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

/** Whether another connection holds what is needed, so that the same may succeed a moment later. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === codes.busy || code === codes.locked;
}

/** What SQLite refused, as a sentence; any other error as it is. */
export function sqliteFailure(path: string, error: unknown): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  switch (code) {
    case codes.full:
      return new RingwallError("disk", `${path} cannot be written: the disk is full.`, {
        hint: "What was there before is untouched; free some space and run the command again.",
        cause: error,
      });
    case codes.readonly:
      return new RingwallError("permission", `${path} cannot be written: it is read-only for this user.`, {
        hint: "An operation that root ran may have left it to root: run this command as root too.",
        cause: error,
      });
    case codes.cantopen:
      return new RingwallError("permission", `${path} cannot be opened.`, {
        hint: "Its folder must exist, and this user must be able to read and write there.",
        cause: error,
      });
    case codes.busy:
    case codes.locked:
      return new RingwallError("conflict", `${path} is locked by another process, and stayed so.`, {
        hint: "See what else works on this stack, then run the command again.",
        cause: error,
      });
    case codes.corrupt:
    case codes.notadb:
      return new RingwallError("invalid", `${path} is damaged, or no database of Ringwall.`, {
        hint: "Bring it back from a backup, or move it away to begin anew; the ledger and the secrets lie beside it and stay.",
        cause: error,
      });
    case codes.ioerr:
      // A full disk ends here too, where SQLite cannot make the file that its connections share.
      return new RingwallError("disk", `${path} cannot be read or written: the disk is full or gives an error.`, {
        hint: "See how much is free (`df`) and what the system says of the disk; what was there before is untouched.",
        cause: error,
      });
    default:
      return error;
  }
}
