import { RingwallError } from "../../lib/error.ts";

/**
 * What PostgreSQL or the way to it refused, as a sentence; any other error as it is. `place` is the server's name without
 * the password. Codes: PostgreSQL documentation 18, appendix A.
 */
export function postgresFailure(place: string, error: unknown): unknown {
  if (error instanceof RingwallError || !(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  if (isConnectionFailure(code, error.message)) {
    return new RingwallError("network", `${place} cannot be reached${code === "" ? "" : ` (${code})`}.`, {
      hint: "See that it runs and that DATABASE_URL names the right host and port; nothing was changed.",
      cause: error,
    });
  }
  switch (code) {
    case "28000":
    case "28P01":
      return new RingwallError("permission", `${place} refuses the user or password that DATABASE_URL has.`, {
        cause: error,
      });
    case "3D000":
      return new RingwallError("not-found", `${place} has no database of that name.`, {
        hint: "Make it with `createdb`, or mend DATABASE_URL.",
        cause: error,
      });
    case "42501":
      return new RingwallError("permission", `${place} does not let this user make or change Ringwall's tables.`, {
        hint: "The user must own the database, or the schema `ringwall` in it.",
        cause: error,
      });
    case "25006":
      return new RingwallError("permission", `${place} is read-only: it may be a standby.`, {
        hint: "DATABASE_URL must name the primary.",
        cause: error,
      });
    case "53100":
      return new RingwallError("disk", `${place} cannot be written: its disk is full.`, { cause: error });
    case "53300":
      return new RingwallError("conflict", `${place} has no connection left.`, { cause: error });
    case "55P03":
    case "57014":
      return new RingwallError("conflict", `${place} is locked by another process, and stayed so.`, { cause: error });
    default:
      return error;
  }
}

const connectionCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
]);

/** Classes 08 (connection) and 57P (shut down, starting up) of SQLSTATE, and what the socket says. */
function isConnectionFailure(code: string, message: string): boolean {
  if (connectionCodes.has(code) || code.startsWith("08") || code.startsWith("57P")) return true;
  return code === "" && /^(Connection terminated|timeout exceeded when trying to connect)/.test(message);
}
