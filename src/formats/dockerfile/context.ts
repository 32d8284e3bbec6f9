/**
 * The folder that a build gets, as far as its files are in the repository.
 */

import { classifySecret } from "../../facts/secret-like.ts";
import { assignmentsIn } from "../../repository/assignments.ts";
import { candidateOf, privateKeyIn } from "../../repository/file-roles.ts";
import type { ConfinedFiles } from "../../repository/files.ts";
import { pathIndexOf } from "../../repository/path-index.ts";
import { type Ignores, ignoreFileOf, ignoresOf, join } from "./ignore.ts";

/** What of a build's context is known. */
export interface BuildContext {
  /** Within the root; undefined when it cannot be told which folder the builder is given. */
  readonly folder: string | undefined;
  /** Whether `.dockerignore` keeps a path of the context out. */
  readonly ignores: Ignores;
  /** The file that does, there or not. */
  readonly ignoreFile: string | undefined;
  /** The files below a folder of the context that hold secrets, `.dockerignore` not yet taken into account. */
  secretsBelow(path: string): readonly string[];
  /** Whether a file of the context is there and holds a secret; undefined when it is not there. */
  holdsSecret(path: string): boolean | undefined;
  /** Whether the context has a Git folder. */
  readonly hasHistory: boolean;
}

export interface ContextFiles {
  readonly files: ConfinedFiles;
  readonly paths: readonly string[];
}

export function contextAt(
  { files, paths }: ContextFiles,
  folder: string | undefined,
  dockerfile: string | undefined,
): BuildContext {
  if (folder === undefined) return nothing;
  return {
    folder,
    ignores: lazily(() => ignoresOf(files, folder, dockerfile)),
    get ignoreFile() {
      return ignoreFileOf(files, folder, dockerfile);
    },
    secretsBelow: (path) => {
      return pathIndexOf(secretFiles(paths))
        .below(join(folder, path))
        .filter((candidate) => holdsSecret(files, candidate) === true)
        .map((candidate) => (folder === "" ? candidate : candidate.slice(folder.length + 1)));
    },
    holdsSecret: (path) => holdsSecret(files, join(folder, path)),
    get hasHistory() {
      return files.isFolder(join(folder, ".git"));
    },
  };
}

const nothing: BuildContext = {
  folder: undefined,
  ignores: () => false,
  ignoreFile: undefined,
  secretsBelow: () => [],
  holdsSecret: () => undefined,
  hasHistory: false,
};

function lazily(make: () => Ignores): Ignores {
  let made: Ignores | undefined;
  return (path) => {
    made ??= make();
    return made(path);
  };
}

/** Files whose names say that they may hold secrets, of all that a repository has. */
const candidates = new WeakMap<readonly string[], readonly string[]>();

function secretFiles(paths: readonly string[]): readonly string[] {
  const known = candidates.get(paths);
  if (known !== undefined) return known;
  const found = paths.filter((path) => mayHoldSecret(path));
  candidates.set(paths, found);
  return found;
}

const credentials = /^(?:\.npmrc|\.pypirc|\.yarnrc\.yml)$/;

/** Whether a file's name says that it may hold secrets. */
export function mayHoldSecret(path: string): boolean {
  const role = candidateOf(path)?.role;
  if (role === "environment" || role === "private-key" || role === "secret" || role === "state") return true;
  return credentials.test(path.slice(path.lastIndexOf("/") + 1));
}

/** Whether its text bears it out; undefined when it is not there. What cannot be read is taken for what its name says. */
function holdsSecret(files: ConfinedFiles, path: string): boolean | undefined {
  if (!files.exists(path)) return undefined;
  const file = files.read(path);
  if (!file.ok) return file.code === "permission";
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (credentials.test(name))
    return /_(?:authToken|auth|password)\s*=\s*[^\s$]|^\s*password\s*[:=]\s*\S/m.test(file.text);
  const candidate = candidateOf(path);
  if (candidate?.role === "private-key") return candidate.confirm?.(file.text) ?? true;
  if (candidate?.role === "state") return true;
  return (
    privateKeyIn(file.text) === "plain" ||
    assignmentsIn(file.text).some((assigned) => classifySecret(assigned.name, assigned.value) === "literal-secret") ||
    (candidate?.role === "secret" && !/\.tfvars/.test(name))
  );
}
