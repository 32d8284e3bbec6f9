import { createHash } from "node:crypto";
import { posix } from "node:path";
import { System } from "../../facts/system.ts";
import { toPlain } from "../../formats/tree.ts";
import { parseYaml } from "../../formats/yaml/parse.ts";
import { RingwallError } from "../../lib/error.ts";
import type { PlatformReader } from "../../platforms/reader.ts";
import type { Repository } from "../../repository/repository.ts";
import { isStackDeclaration } from "../../resolve/recognise.ts";

/** A `stack.yaml` that was seen, to be read once everything else is. */
export interface SeenStack {
  readonly repository: Repository;
  readonly path: string;
  /** The name of its system, which no other system has. */
  readonly name: string;
}

/**
 * Notices the stacks that Ringwall itself declares, and keeps them from being taken for Compose. It leaves an empty
 * system for each; what reads one (components, the resolution) is large and loaded only where there is one.
 */
export class DeclaredStacks implements PlatformReader {
  readonly name = "stack";
  readonly seen: SeenStack[] = [];

  discover(repository: Repository): ReturnType<PlatformReader["discover"]> {
    const stacks = repository.paths.filter(
      (path) => /^stack\.ya?ml$/.test(posix.basename(path)) && isStack(repository, path),
    );
    return {
      projects: stacks.map((path) => ({ files: [path] })),
      problems: [],
      owned: stacks.flatMap((path) => intactFiles(repository, posix.join(posix.dirname(path), "rendered/compose"))),
    };
  }

  read(...[repository, project, options]: Parameters<PlatformReader["read"]>): ReturnType<PlatformReader["read"]> {
    const path = project.files[0] ?? "";
    const file = repository.files.read(path);
    if (!file.ok) return new RingwallError("unreadable", file.message);
    const name = options.name(nameIn(file.text) ?? "stack");
    this.seen.push({ repository, path, name });
    return {
      system: new System({ name, lens: "declared", platform: "compose", subjects: [] }),
      sources: [file.source],
    };
  }

  /** Whether a system is the empty one of a stack. */
  stoodFor(system: System): boolean {
    return system.subjects.length === 0 && this.seen.some((stack) => stack.name === system.name);
  }
}

function isStack(repository: Repository, path: string): boolean {
  const file = repository.files.read(path);
  if (!file.ok) return false;
  const [root] = parseYaml(file.source, file.text).documents;
  return root !== undefined && isStackDeclaration(toPlain(root));
}

/**
 * The files of a rendered folder, when each is what its manifest says: they are judged with the stack, which must still
 * render to them. Where somebody changed one, none: then they are judged as they are written.
 */
function intactFiles(repository: Repository, folder: string): readonly string[] {
  const path = posix.join(folder, "ringwall-manifest.json");
  const manifest = repository.files.exists(path) ? repository.files.read(path) : undefined;
  const hashes = manifest?.ok === true ? hashesIn(manifest.text) : undefined;
  if (hashes === undefined) return [];
  const intact = hashes.every(([name, hash]) => {
    const file = repository.files.read(posix.join(folder, name));
    // What Git ignores is not there in a clone.
    return file.ok
      ? createHash("sha256").update(file.text).digest("hex") === hash
      : !repository.files.exists(posix.join(folder, name));
  });
  return intact ? [path, ...hashes.map(([name]) => posix.join(folder, name))] : [];
}

function hashesIn(text: string): (readonly [string, string])[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || !("files" in parsed)) return undefined;
    const { files } = parsed;
    if (typeof files !== "object" || files === null) return undefined;
    return Object.entries(files).map(([name, hash]) => [name, String(hash)] as const);
  } catch {
    return undefined;
  }
}

function nameIn(text: string): string | undefined {
  return /^name:[ \t]*["']?([a-z][a-z0-9-]*)/m.exec(text)?.[1];
}
