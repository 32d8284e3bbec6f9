import { createHash } from "node:crypto";
import { DeclarationErrors, type RingwallError } from "../lib/error.ts";
import { describePlace } from "../lib/place.ts";
import { terminal } from "../report/escape.ts";
import type { Context } from "./command.ts";
import { version } from "./version.ts";

/** Tells an operational failure on stderr: place, sentence, details, hint; the mistakes of a declaration one below another. */
export function reportRingwallError(error: RingwallError, context: Context): void {
  const problems = error instanceof DeclarationErrors ? error.problems : [error];
  for (const problem of problems) {
    const where = problem.place === undefined ? "" : `${describePlace(problem.place)}: `;
    context.stderr.write(`ringwall: ${terminal(`${where}${problem.message}`)}\n`);
    for (const detail of problem.details) context.stderr.write(`  ${terminal(detail)}\n`);
    if (problem.hint !== undefined) context.stderr.write(`  ${terminal(problem.hint)}\n`);
  }
  debug(error, context);
}

/**
 * Tells a bug on stderr with an id that is the same for the same bug, and never with the error's own message, which
 * might hold what was being worked on. `RINGWALL_DEBUG=1` shows all of it.
 */
export function reportInternalError(error: unknown, context: Context): void {
  context.stderr.write(
    `ringwall: internal error ${internalErrorId(error)} in version ${version}. This is a bug of Ringwall, not of your files.\n` +
      `  Please report it with that number; RINGWALL_DEBUG=1 shows where it happened.\n`,
  );
  debug(error, context);
}

/** Eight hexadecimal digits made of the error's class and the function that threw. */
export function internalErrorId(error: unknown): string {
  const { name, frame } =
    error instanceof Error
      ? { name: error.name, frame: /^\s*at ([^\s(]+)/m.exec(error.stack ?? "")?.[1] ?? "" }
      : { name: typeof error, frame: "" };
  return createHash("sha256").update(`${version} ${name} ${frame}`).digest("hex").slice(0, 8);
}

function debug(error: unknown, context: Context): void {
  if (context.env.RINGWALL_DEBUG === undefined || context.env.RINGWALL_DEBUG === "") return;
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 5; depth++) {
    const text = at instanceof Error ? (at.stack ?? at.message) : String(at);
    for (const line of text.split("\n")) context.stderr.write(`  ${terminal(line)}\n`);
    at = at instanceof Error ? at.cause : undefined;
  }
}
