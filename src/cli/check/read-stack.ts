import { posix } from "node:path";
import { components } from "../../components/registry.ts";
import type { DeclaredException, ResolvedStack } from "../../contracts/resolved.ts";
import { System } from "../../facts/system.ts";
import { RingwallError } from "../../lib/error.ts";
import { contentHash, type Manifest, manifestName, parseManifest } from "../../operations/render/manifest.ts";
import { renderStack } from "../../operations/render/render-stack.ts";
import { composeFacts } from "../../platforms/compose/facts.ts";
import { composeResources } from "../../platforms/compose/resources.ts";
import type { Repository } from "../../repository/repository.ts";
import { loadText } from "../../resolve/load.ts";
import { lockFileName, parseLock } from "../../resolve/lock.ts";
import { resolveStack } from "../../resolve/resolve.ts";
import type { SeenStack } from "./declared-stacks.ts";

/** A declared stack as it is judged, and the risks that it accepts. */
export interface ReadStack {
  readonly system: System;
  readonly exceptions: readonly DeclaredException[];
}

/**
 * What a `stack.yaml` resolves to, as facts under the lens `declared`. A folder that was rendered from it must be what it
 * renders to now, or a problem says so. Throws `DeclarationErrors` with every mistake. A `stack.ts` is never executed.
 */
export function readStack({ repository, path, name }: SeenStack): ReadStack {
  const shownAs = repository.nameOf(path);
  const folder = posix.dirname(path);
  const file = { path: posix.join(repository.folder, path), folder: posix.join(repository.folder, folder), shownAs };
  const loaded = loadText(file, textOf(repository, path), components);
  const lockPath = posix.join(folder, lockFileName);
  const lock = repository.files.exists(lockPath)
    ? parseLock(textOf(repository, lockPath), repository.nameOf(lockPath))
    : undefined;
  const resolved = resolveStack(loaded, components, lock === undefined ? {} : { lock });
  const stack = { ...resolved, name };
  const facts = composeFacts(composeResources(stack), stack);
  const problem = driftOf(repository, posix.join(folder, "rendered/compose"), resolved);
  return {
    system:
      problem === undefined
        ? facts
        : new System({
            name,
            lens: facts.lens,
            platform: facts.platform,
            subjects: facts.subjects,
            problems: [problem],
          }),
    exceptions: stack.exceptions.map((exception) => ({ ...exception, system: name })),
  };
}

function textOf(repository: Repository, path: string): string {
  const file = repository.files.read(path);
  if (!file.ok) throw new RingwallError("unreadable", file.message);
  return file.text;
}

/** What differs between a rendered folder and what the stack renders to now; undefined where nothing does, or nothing was rendered. */
function driftOf(repository: Repository, folder: string, stack: ResolvedStack): System["problems"][number] | undefined {
  const manifest = manifestIn(repository, folder);
  if (manifest === undefined) return undefined;
  const wanted = new Map(
    renderStack(stack)
      .filter((file) => file.ignoredByGit !== true)
      .map((file) => [file.path, contentHash(file.content)]),
  );
  const differing = [...wanted].flatMap(([path, hash]) => {
    const file = repository.files.read(posix.join(folder, path));
    return file.ok && contentHash(file.text) === hash ? [] : [path];
  });
  const left = [...manifest.files.keys()].filter(
    (path) => !wanted.has(path) && repository.files.exists(posix.join(folder, path)) && path !== ".env",
  );
  const all = [...differing, ...left];
  if (all.length === 0) return undefined;
  return {
    severity: "error",
    message: `${repository.nameOf(folder)} is not what the stack renders to: ${all.slice(0, 3).join(", ")}${all.length > 3 ? ` and ${all.length - 3} more` : ""}.`,
    hint: "Run `ringwall render` and commit what it writes; what somebody changed there by hand belongs into the stack.",
    place: { kind: "object", locator: repository.nameOf(posix.join(folder, all[0] ?? "")) },
  };
}

function manifestIn(repository: Repository, folder: string): Manifest | undefined {
  const path = posix.join(folder, manifestName);
  const file = repository.files.exists(path) ? repository.files.read(path) : undefined;
  return file?.ok === true ? parseManifest(file.text, repository.nameOf(path)) : undefined;
}
