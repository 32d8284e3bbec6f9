import { createHash } from "node:crypto";
import { z } from "zod";
import { RingwallError } from "../../lib/error.ts";
import { jsonOf } from "../../lib/json.ts";

/** The file in a rendered folder that says which files Ringwall wrote there. Committed with them; holds no time. */
export const manifestName = "ringwall-manifest.json";

/** What Ringwall wrote into a rendered folder: paths relative to it, and the SHA-256 of their content. */
export interface Manifest {
  readonly files: ReadonlyMap<string, string>;
  /** The content before, while a write is under way: after a crash the old or the new one is there. */
  readonly replacing: ReadonlyMap<string, string>;
}

export const emptyManifest: Manifest = { files: new Map(), replacing: new Map() };

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const path = z.string().refine(isInside, "a path that leads out of the folder");
const schema = z.strictObject({
  about: z.string().optional(),
  version: z.literal(1),
  files: z.record(path, hash),
  replacing: z.record(path, hash).optional(),
});

/** Reads a manifest's text; one that Ringwall cannot have written is refused, for by it files are removed. */
export function parseManifest(text: string, where: string): Manifest {
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success) {
    throw new RingwallError("conflict", `${where} is not a manifest that Ringwall wrote.`, {
      hint: "Restore it from Git, or run with --force to write the folder anew; files that are no longer rendered then stay.",
    });
  }
  const { files, replacing } = parsed.data;
  return { files: new Map(Object.entries(files)), replacing: new Map(Object.entries(replacing ?? {})) };
}

/** The manifest's text, the same for the same content. */
export function writeManifest(manifest: Manifest): string {
  const sorted = (map: ReadonlyMap<string, string>) =>
    Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
  const content = {
    about: "Written by Ringwall: the files that it wrote here, with the SHA-256 of each. Commit it with them.",
    version: 1,
    files: sorted(manifest.files),
    ...(manifest.replacing.size === 0 ? {} : { replacing: sorted(manifest.replacing) }),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** The SHA-256 of a text or of bytes, in hexadecimal digits. */
export function contentHash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Whether a path is relative and stays inside its folder. */
export function isInside(relative: string): boolean {
  return (
    relative !== "" &&
    !/[\\\u0000]/.test(relative) &&
    relative.split("/").every((part) => !["", ".", ".."].includes(part))
  );
}
