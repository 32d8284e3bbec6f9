/**
 * GitLab CI: `.gitlab-ci.yml` at the root of a repository, with the files of it that are included from there.
 */
import { posix } from "node:path";
import type { AnySubject } from "../facts/subjects.ts";
import { type InputProblem, System } from "../facts/system.ts";
import { localIncludes } from "../formats/gitlab-ci/includes.ts";
import { gitlabPipelineOf } from "../formats/gitlab-ci/model.ts";
import { readGitlabFile } from "../formats/gitlab-ci/read.ts";
import { parseYaml } from "../formats/yaml/parse.ts";
import { RingwallError } from "../lib/error.ts";
import { folderOf } from "../lib/folder-of.ts";
import type { Source } from "../lib/place.ts";
import { normalise } from "../repository/files.ts";
import { pathIndexOf } from "../repository/path-index.ts";
import type { Repository } from "../repository/repository.ts";
import type { Discovery, FoundProject, PlatformReader, ReadProject, ReadProjectOptions } from "./reader.ts";

export const gitlabReader: PlatformReader = { name: "gitlab-ci", discover, read };

const main = /^((?:.*\/)?)\.gitlab-ci\.ya?ml$/;
/** Files that one pipeline includes at most: GitLab's own limit. Source: docs.gitlab.com/ci/yaml, `include`. */
const mostIncluded = 150;

function discover(repository: Repository): Discovery {
  const projects = repository.paths.flatMap((path): readonly FoundProject[] => {
    const folder = main.exec(path)?.[1];
    if (folder === undefined || !isRepositoryRoot(repository, folder)) return [];
    return [{ files: [path, ...includedBy(path, folder, repository)] }];
  });
  return { projects, problems: [] };
}

/** GitLab runs what lies at the root of a repository; below that it is somebody's example or copy. */
function isRepositoryRoot(repository: Repository, folder: string): boolean {
  return folder === "" || repository.files.isFolder(`${folder}.git`) || repository.files.exists(`${folder}.git`);
}

/** The files of the repository that are included, and what those include. */
function includedBy(path: string, folder: string, repository: Repository): readonly string[] {
  const found = new Set<string>();
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined && found.size < mostIncluded; next = waiting.pop()) {
    const file = repository.files.glance(next);
    if (!file.ok || !/^include:/m.test(file.text)) continue;
    const root = gitlabPipelineOf(parseYaml(file.source, file.text).documents)?.root;
    for (const wanted of root === undefined ? [] : localIncludes(root)) {
      for (const each of matching(wanted, folder, repository)) {
        if (each === path || found.has(each)) continue;
        found.add(each);
        waiting.push(each);
      }
    }
  }
  return [...found];
}

function matching(wanted: string, folder: string, repository: Repository): readonly string[] {
  const path = normalise(posix.join(folder, wanted));
  if (path === undefined || !/\.ya?ml$/.test(path)) return [];
  if (!path.includes("*")) return repository.files.exists(path) ? [path] : [];
  const head = path.slice(0, path.indexOf("*"));
  const below = folderOf(head);
  const candidates = below === "" ? repository.paths : pathIndexOf(repository.paths).below(below);
  return candidates.filter((each) => matches(each.split("/"), path.split("/"))).slice(0, mostIncluded);
}

/** `*` stands for any characters of one part, `**` for any parts. */
function matches(parts: readonly string[], pattern: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return parts.length === 0;
  if (first === "**") {
    // Only the last `**` need be tried at every place; nobody writes two.
    return parts.some((_, index) =>
      matches(
        parts.slice(index),
        rest.filter((part) => part !== "**"),
      ),
    );
  }
  const [part, ...others] = parts;
  return part !== undefined && matchesPart(part, first) && matches(others, rest);
}

function matchesPart(part: string, pattern: string): boolean {
  const pieces = pattern.split("*");
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    const found = index === 0 ? (part.startsWith(piece) ? 0 : -1) : part.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return pieces.at(-1) === "" || part.endsWith(pieces.at(-1) ?? "");
}

function read(
  repository: Repository,
  { files }: FoundProject,
  options: ReadProjectOptions,
): ReadProject | RingwallError {
  const name = options.name("gitlab-ci");
  const sources: Source[] = [];
  const problems: InputProblem[] = [];
  const subjects: AnySubject[] = [];
  for (const path of files) {
    const file = repository.files.read(path);
    if (!file.ok) {
      if (files.length === 1) return new RingwallError(file.code, file.message);
      problems.push({ severity: "error", message: file.message, place: { kind: "object", locator: path } });
      continue;
    }
    sources.push(file.source);
    const found = readGitlabFile({ file, path, system: name, lens: "written", platform: "files" });
    problems.push(...found.problems);
    subjects.push(...found.subjects);
  }
  return { system: new System({ name, lens: "written", platform: "files", subjects, problems }), sources };
}
