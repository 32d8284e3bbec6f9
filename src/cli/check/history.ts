/** `check --history`: the secrets in every version of every file. */
import { realpathSync, statSync } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { complete, incomplete, unstated } from "../../facts/fact.ts";
import type { SecretInHistory } from "../../facts/secrets-in-files.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { type InputProblem, System } from "../../facts/system.ts";
import { RingwallError } from "../../lib/error.ts";
import type { Place } from "../../lib/place.ts";
import { streamProgram } from "../../lib/stream-program.ts";
import { counted, someOf } from "../../report/layout.ts";
import { enclosingGitRoot } from "../../repository/git-view.ts";
import { gitFolder } from "../../repository/history/git-folder.ts";
import { defaultHistoryLimits, type SearchedHistory, searchHistory } from "../../repository/history/search.ts";
import type { Context } from "../command.ts";
import type { Progress } from "./progress.ts";

/** What stands in the history of a path that is checked. */
export interface PastSystem {
  readonly path: string;
  readonly system: System;
  /** What was left out, as sentences. */
  readonly unchecked: readonly string[];
}

/**
 * A system for each Git repository that the paths lie in, with what stands in its history. What cannot be searched is a
 * problem of its system.
 */
export async function historySystems(
  paths: readonly string[],
  context: Context,
  progress: Progress,
): Promise<readonly PastSystem[]> {
  const systems: PastSystem[] = [];
  const none = { unchecked: [] };
  const seen = new Set<string>();
  for (const path of paths) {
    const folder = folderOf(resolve(context.cwd, path));
    const root = folder === undefined ? undefined : enclosingGitRoot(folder);
    if (folder === undefined || root === undefined) {
      const why = `${path} lies in no Git repository, so that it has no history to search.`;
      systems.push({ ...none, path, system: failed(path, why) });
      continue;
    }
    const below = relative(root.root, folder).split(sep).join("/");
    if (seen.has(`${root.root}\0${below}`)) continue;
    seen.add(`${root.root}\0${below}`);
    systems.push({ ...none, path, ...(await searched(root.root, below, path, context, progress)) });
  }
  return systems;
}

function folderOf(full: string): string | undefined {
  try {
    const real = realpathSync(full);
    return statSync(real).isDirectory() ? real : dirname(real);
  } catch {
    return undefined;
  }
}

async function searched(
  root: string,
  below: string,
  path: string,
  context: Context,
  progress: Progress,
): Promise<Pick<PastSystem, "system"> & Partial<PastSystem>> {
  const git = gitFolder(root);
  if ("why" in git) return { system: failed(path, `The history of ${path} is not searched: ${git.why}.`, git.hint) };
  try {
    const found = await searchHistory({
      git,
      below,
      programs: { start: streamProgram, path: context.env.PATH ?? "" },
      limits: defaultHistoryLimits,
      clock: () => context.clock(),
      onProgress: (versions) => progress.update(() => `${versions} versions of files searched`),
    });
    const name = below === "" ? basename(root) : `${basename(root)}/${below}`;
    const unchecked = [...cutOff(name, git.shallow), ...leftOut(name, found.tooLarge)];
    return { system: systemOf(name, found), unchecked };
  } catch (error) {
    if (!(error instanceof RingwallError)) throw error;
    return { system: failed(path, `The history of ${path} is not searched. ${error.message}`, error.hint) };
  }
}

/** What a shallow clone does not have. */
function cutOff(name: string, shallow: readonly string[]): readonly string[] {
  if (shallow.length === 0) return [];
  const commits = someOf(
    shallow.map((commit) => commit.slice(0, 10)),
    3,
  );
  return [
    `Of the history of ${name} not searched: what is older than ${commits}, for the clone is shallow; \`git fetch --unshallow\` brings it.`,
  ];
}

/** What nobody looked into, by size. */
function leftOut(name: string, tooLarge: readonly string[]): readonly string[] {
  if (tooLarge.length === 0) return [];
  const paths = [...new Set(tooLarge)];
  const limit = `${defaultHistoryLimits.bytes / 1024 ** 2} MiB`;
  return [
    `Of the history of ${name} not searched: ${counted(tooLarge.length, "version")} over ${limit} (${someOf(paths, 5)}).`,
  ];
}

function systemOf(name: string, { secrets, incomplete: why }: SearchedHistory): System {
  const place: Place = { kind: "object", locator: `the history of ${name}` };
  const items: SecretInHistory[] = secrets.map((secret) => ({
    ...secret,
    place: { kind: "object", locator: `${secret.commit}:${secret.path}:${secret.line}` },
  }));
  const file: RepositoryFile = {
    kind: "repository-file",
    ref: { kind: "repository-file", system: "history", name },
    lens: "written",
    platform: "files",
    place,
    path: name,
    role: "other",
    mode: unstated(place),
    ignored: unstated(place),
    tracked: unstated(place),
    secretNames: complete([], place),
    secretsInHistory: why === undefined ? complete(items, place) : incomplete(items, why, place),
  };
  return new System({ name: "history", lens: "written", platform: "files", subjects: [file] });
}

function failed(path: string, message: string, hint?: string): System {
  const problem: InputProblem = {
    severity: "error",
    message,
    place: { kind: "object", locator: path },
    ...(hint === undefined ? {} : { hint }),
  };
  return new System({ name: "history", lens: "written", platform: "files", subjects: [], problems: [problem] });
}
