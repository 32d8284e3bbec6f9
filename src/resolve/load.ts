import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import type { Component } from "../contracts/component.ts";
import type { ConfigFile } from "../contracts/resolved.ts";
import { toPlain } from "../formats/tree.ts";
import { DeclarationErrors, RingwallError } from "../lib/error.ts";
import { Source } from "../lib/place.ts";
import { migrate } from "../stack/migrations.ts";
import { currentVersion, type Declaration } from "../stack/schema.ts";
import { buildModel } from "./build-model.ts";
import { readConfigFiles } from "./config-files.ts";
import { findStack, type Runner, readStackText, refuseWritableByOthers, type StackFile } from "./find-stack.ts";
import { imagesOf } from "./images.ts";
import type { Unread } from "./model.ts";
import { networksOf } from "./networks.ts";
import { parseDeclarationText } from "./parse-document.ts";
import { type Places, placesOfProgram, placesOfTree } from "./places.ts";
import { inOrder, Problems } from "./problems.ts";
import { readDeclaration, type SchemaResult } from "./schema-problems.ts";

/** A declaration that is right in itself, with the files that it names. */
export interface LoadedStack {
  readonly file: StackFile;
  readonly declaration: Declaration;
  readonly places: Places;
  /** What services name under `config`, by service. */
  readonly config: ReadonlyMap<string, readonly ConfigFile[]>;
  /** What migrations changed, for the person whose file it is. */
  readonly migrated: readonly string[];
}

export interface LoadOptions {
  readonly components: readonly Component[];
  /** The absolute folder that a relative name, and the search upwards, start from. */
  readonly cwd: string;
  readonly runner: Runner;
}

/**
 * Reads a stack: a folder with `stack.yaml`, a named file, or the nearest one above. A `stack.ts` is executed, and
 * only when it is named itself. Throws `DeclarationErrors` with every mistake there is, in the order of the file.
 */
export async function loadStack(named: string | undefined, options: LoadOptions): Promise<LoadedStack> {
  const file = await findStack(named, options.cwd);
  await refuseWritableByOthers(file, options.runner);
  return /\.[cm]?[jt]s$/.test(file.path)
    ? loadProgram(file, options.components)
    : loadText(file, await readStackText(file), options.components);
}

/** The same for a text that is at hand; its file need not exist, but its folder does where `config` names files. */
export function loadText(file: StackFile, text: string, components: readonly Component[]): LoadedStack {
  const source = new Source(file.shownAs, text);
  const { tree, problems, broken } = parseDeclarationText(text, source);
  if (broken) throw new DeclarationErrors(inOrder(problems));
  const places = placesOfTree(tree);
  if (tree.kind !== "mapping") {
    if (problems.length > 0) throw new DeclarationErrors(inOrder(problems));
    const empty = tree.kind === "scalar" && tree.value === null;
    throw new DeclarationErrors([
      new RingwallError(
        "invalid",
        empty ? "The declaration is empty." : "A declaration is a mapping of keys to values.",
        {
          place: tree.place,
          hint: "docs/stack.md shows a stack of three lines.",
        },
      ),
    ]);
  }
  return loadPlain(file, toPlain(tree), places, components, problems);
}

async function loadProgram(file: StackFile, components: readonly Component[]): Promise<LoadedStack> {
  let loaded: unknown;
  const hook = provideDefineStack();
  try {
    loaded = await import(pathToFileURL(file.path).href);
  } catch (error) {
    throw new RingwallError("invalid", `${file.shownAs} failed while it ran: ${saidBy(error)}`, { cause: error });
  } finally {
    hook.deregister();
  }
  const stack = isRecord(loaded) ? (loaded.stack ?? loaded.default) : undefined;
  if (!isRecord(stack)) {
    throw new RingwallError("invalid", `${file.shownAs} exports no stack.`, {
      hint: "Write `export const stack = defineStack({ … })`.",
    });
  }
  return loadPlain(file, stack, placesOfProgram(file.shownAs), components, []);
}

/** Its first line; what JSON cannot read stands in the engine's own sentence, which is left off: it may be a secret. */
function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return "what it throws is no error";
  const [line = ""] = error.message.split("\n");
  return error instanceof SyntaxError ? line.replace(/,? (?:\.\.\.)?".*$/, "") : line;
}

/** `import { defineStack } from "ringwall"` works beside any stack, whether or not the package is installed there. */
function provideDefineStack() {
  const url = "data:text/javascript,export const defineStack = (stack) => stack;";
  return registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "ringwall" ? { url, format: "module", shortCircuit: true } : next(specifier, context),
  });
}

function loadPlain(
  file: StackFile,
  plain: unknown,
  places: Places,
  components: readonly Component[],
  before: readonly RingwallError[],
): LoadedStack {
  const written = isRecord(plain) ? plain : {};
  const migrated = migrateWithPlace(written, places);
  const read = readDeclaration(migrated.declaration, places);
  const problems = new Problems(read.places);
  const config = read.declaration === undefined ? new Map() : readConfigFiles(read.declaration, file.folder, problems);
  if (read.declaration !== undefined) {
    const unread = unreadOf(migrated.declaration, read);
    const model = buildModel(read.declaration, components, read.places, problems, unread);
    imagesOf(model, {}, undefined, problems);
    networksOf(model, undefined, problems);
  }
  const all = [...before, ...read.problems, ...problems.found];
  if (all.length > 0 || read.declaration === undefined) throw new DeclarationErrors(inOrder(all));
  return { file, declaration: read.declaration, places, config, migrated: migrated.applied };
}

function migrateWithPlace(written: Readonly<Record<string, unknown>>, places: Places): ReturnType<typeof migrate> {
  try {
    return migrate(written, currentVersion);
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new DeclarationErrors([
      new RingwallError(error.code, error.message, { place: places.value(["version"]), ...hint }),
    ]);
  }
}

function unreadOf(written: Readonly<Record<string, unknown>>, read: SchemaResult): Unread {
  const missing = (key: "services" | "zones" | "secrets"): Set<string> => {
    const all = written[key];
    const kept = read.declaration?.[key] ?? {};
    return new Set(isRecord(all) ? Object.keys(all).filter((name) => !Object.hasOwn(kept, name)) : []);
  };
  return {
    services: missing("services"),
    zones: missing("zones"),
    secrets: missing("secrets"),
    touches: (path) => read.wrong.some((wrong) => path.every((part, index) => wrong[index] === part)),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
