import { join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import type { ResolvedStack } from "../contracts/resolved.ts";
import { RingwallError } from "../lib/error.ts";
import { readTextFile } from "../lib/read-text-file.ts";
import { image } from "../stack/scalars.ts";
import { type LoadedStack, type LoadOptions, loadStack } from "./load.ts";
import { lockFileName, parseLock, type StackLock } from "./lock.ts";
import { resolveStack } from "./resolve.ts";

export interface OpenOptions extends LoadOptions {
  /** A file of local images in place of upstream ones, relative to `cwd`. */
  readonly images?: string;
}

/** A stack as commands work with it: read, resolved, with what was decided before. */
export interface OpenedStack {
  readonly loaded: LoadedStack;
  readonly stack: ResolvedStack;
  readonly lock: StackLock | undefined;
  /** Absolute, whether the file is there or not. */
  readonly lockPath: string;
}

/** Loads and resolves a stack with its `stack.lock`. Throws what either throws. */
export async function openStack(named: string | undefined, options: OpenOptions): Promise<OpenedStack> {
  const loaded = await loadStack(named, options);
  const lockPath = join(loaded.file.folder, lockFileName);
  const text = await readTextFile(lockPath, lockFileName, largest);
  const lock = text === undefined ? undefined : parseLock(text, lockFileName);
  const standIns =
    options.images === undefined ? undefined : await readStandIns(resolve(options.cwd, options.images), options.images);
  const stack = resolveStack(loaded, options.components, {
    ...(lock === undefined ? {} : { lock }),
    ...(standIns === undefined ? {} : { standIns }),
  });
  return { loaded, stack, lock, lockPath };
}

/** Neither a lock nor a file of images comes near this. */
const largest = 4 * 1024 * 1024;

const standInsSchema = z.union([z.strictObject({ images: z.record(z.string(), image) }), z.record(z.string(), image)]);

/** `{ images: { UPSTREAM: LOCAL } }`, or the inner mapping alone, as YAML or JSON. */
async function readStandIns(path: string, shownAs: string): Promise<Record<string, string>> {
  const text = await readTextFile(path, shownAs, largest);
  if (text === undefined) throw new RingwallError("not-found", `The file of images ${shownAs} is not there.`);
  const document = parseDocument(text, { prettyErrors: false });
  const read = standInsSchema.safeParse(document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 }));
  if (!read.success) {
    throw new RingwallError("invalid", `${shownAs} is no file of images.`, {
      hint: "Expected `images:` with lines such as `docker.io/library/caddy: my/caddy:2.11.4`.",
    });
  }
  const { data } = read;
  return typeof data.images === "object"
    ? data.images
    : Object.fromEntries(
        Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      );
}
