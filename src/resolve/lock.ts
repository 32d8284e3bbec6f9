/**
 * `stack.lock`: what was decided once and must not change by itself. Written by `ringwall pin`, kept in Git.
 *
 *     {
 *       "version": 1,
 *       "images":   { "docker.io/library/caddy:2.11.4": "sha256:…" },
 *       "zones":    { "production": "10.201.16.0/20" },
 *       "networks": { "api--db": "10.201.16.8/29" }
 *     }
 *
 * JSON, keys sorted, so that a diff shows what changed and nothing else.
 */
import { z } from "zod";
import { RingwallError } from "../lib/error.ts";
import { placeAt, Source } from "../lib/place.ts";

export const lockFileName = "stack.lock";

const lockSchema = z.strictObject({
  version: z.literal(1),
  images: z.record(z.string(), z.string().regex(/^sha256:[a-f0-9]{64}$/)).default({}),
  zones: z.record(z.string(), z.string()).default({}),
  networks: z.record(z.string(), z.string()).default({}),
});

export interface StackLock {
  /** Digests by `repository:tag`, registry included. */
  readonly images: Readonly<Record<string, string>>;
  /** CIDRs of zones that declare none. */
  readonly zones: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, string>>;
}

const takeAgain = "Take it from Git again, or remove it and run `ringwall pin`.";

/** Reads a lock. Throws a `RingwallError` for what is no lock; `shownAs` names the file in it. */
export function parseLock(text: string, shownAs: string): StackLock {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const place = placeAt(new Source(shownAs, text), syntaxErrorAt(error, text));
    throw new RingwallError("syntax", "This is not JSON.", { place, hint: takeAgain, cause: error });
  }
  const read = lockSchema.safeParse(data);
  if (!read.success) {
    const issue = read.error.issues[0];
    const at = issue === undefined || issue.path.length === 0 ? "" : ` at \`${issue.path.join(".")}\``;
    throw new RingwallError("invalid", `${shownAs} is no lock of this version: ${issue?.message ?? ""}${at}.`, {
      hint: takeAgain,
    });
  }
  const { images, zones, networks } = read.data;
  return { images, zones, networks };
}

/** The offset that V8 names in its sentence; the end of the text where it names none, for then the text is cut off. */
function syntaxErrorAt(error: unknown, text: string): number {
  const named = error instanceof SyntaxError ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return named === undefined ? text.length : Number(named);
}

/** The lock as text: keys sorted, two spaces, a newline at the end; equal locks give equal bytes. */
export function formatLock(lock: StackLock): string {
  const sorted = { version: 1, images: sort(lock.images), zones: sort(lock.zones), networks: sort(lock.networks) };
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

function sort(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
