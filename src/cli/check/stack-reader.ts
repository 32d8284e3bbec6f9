import { posix } from "node:path";
import { components } from "../../components/registry.ts";
import type { DeclaredException } from "../../contracts/resolved.ts";
import { System } from "../../facts/system.ts";
import { toPlain } from "../../formats/tree.ts";
import { RingwallError } from "../../lib/error.ts";
import { Source } from "../../lib/place.ts";
import { contentHash, manifestName, parseManifest } from "../../operations/render/manifest.ts";
import { composeFacts } from "../../platforms/compose/facts.ts";
import { composeResources } from "../../platforms/compose/resources.ts";
import type { PlatformReader, ReadProject } from "../../platforms/reader.ts";
import { readRepositoryFile } from "../../repository/read-repository-files.ts";
import type { Repository } from "../../repository/repository.ts";
import { type LoadedStack, loadText } from "../../resolve/load.ts";
import { lockFileName, parseLock } from "../../resolve/lock.ts";
import { parseDeclarationText } from "../../resolve/parse-document.ts";
import { isStackDeclaration } from "../../resolve/recognise.ts";
import { resolveStack } from "../../resolve/resolve.ts";

/**
 * Stacks that Ringwall itself declares (`stack.yaml`), judged as what they resolve to. A folder that was rendered from
 * the stack and that nobody changed since is accounted for with it; a changed one is left to be judged as it is written.
 * `except` gets the risks that a stack accepts. A `stack.ts` is never executed here.
 */
export function stackReader(except: (exceptions: readonly DeclaredException[]) => void): PlatformReader {
  return {
    name: "stack",
    discover(repository) {
      const stacks = repository.paths.filter(
        (path) => /^stack\.ya?ml$/.test(posix.basename(path)) && isStack(repository, path),
      );
      return {
        projects: stacks.map((path) => ({ files: [path] })),
        problems: [],
        owned: stacks.flatMap((path) => renderedFiles(repository, posix.join(posix.dirname(path), "rendered/compose"))),
      };
    },
    read(repository, project, { name, profile }) {
      const path = project.files[0] ?? "";
      const read = () => readStack(repository, path, name, except);
      try {
        return profile === undefined ? read() : profile.time("facts", read);
      } catch (error) {
        if (error instanceof RingwallError) return error;
        throw error;
      }
    },
  };
}

function isStack(repository: Repository, path: string): boolean {
  const file = repository.files.read(path);
  return file.ok && isStackDeclaration(toPlain(parseDeclarationText(file.text, file.source).tree));
}

function readStack(
  repository: Repository,
  path: string,
  name: (own: string) => string,
  except: (exceptions: readonly DeclaredException[]) => void,
): ReadProject {
  const text = textOf(repository, path);
  const shownAs = repository.nameOf(path);
  const folder = posix.dirname(path);
  const loaded: LoadedStack = loadText(
    { path: posix.join(repository.folder, path), folder: posix.join(repository.folder, folder), shownAs },
    text,
    components,
  );
  const lockPath = posix.join(folder, lockFileName);
  const lock = repository.files.exists(lockPath)
    ? parseLock(textOf(repository, lockPath), repository.nameOf(lockPath))
    : undefined;
  const resolved = resolveStack(loaded, components, lock === undefined ? {} : { lock });
  const stack = { ...resolved, name: name(resolved.name) };
  except(stack.exceptions.map((exception) => ({ ...exception, system: stack.name })));
  const facts = composeFacts(composeResources(stack), stack);
  const file = readRepositoryFile(repository, path, "other", { system: stack.name });
  return {
    system: file === undefined ? facts : new System({ ...facts, subjects: [...facts.subjects, file] }),
    sources: [new Source(shownAs, text)],
  };
}

function textOf(repository: Repository, path: string): string {
  const file = repository.files.read(path);
  if (!file.ok) throw new RingwallError("unreadable", file.message);
  return file.text;
}

/** The files of a rendered folder, when each is what its manifest says; none otherwise. */
function renderedFiles(repository: Repository, folder: string): readonly string[] {
  const manifestPath = posix.join(folder, manifestName);
  const manifest = repository.files.exists(manifestPath) ? repository.files.read(manifestPath) : undefined;
  if (manifest?.ok !== true) return [];
  try {
    const { files } = parseManifest(manifest.text, repository.nameOf(manifestPath));
    const intact = [...files].every(([path, hash]) => {
      const full = posix.join(folder, path);
      if (!repository.files.exists(full)) return true;
      const file = repository.files.read(full);
      return file.ok && contentHash(file.text) === hash;
    });
    return intact ? [manifestPath, ...[...files.keys()].map((path) => posix.join(folder, path))] : [];
  } catch (error) {
    if (error instanceof RingwallError) return [];
    throw error;
  }
}
