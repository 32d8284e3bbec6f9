/**
 * Workflows of GitHub Actions, Forgejo and Gitea, and the composite actions of the repository: one system for each
 * repository, so that a control sees what the other workflows do.
 */
import { System } from "../facts/system.ts";
import { type ReadWorkflow, readWorkflow } from "../formats/github-workflow/read.ts";
import { RingwallError } from "../lib/error.ts";
import type { Source } from "../lib/place.ts";
import type { Repository } from "../repository/repository.ts";
import type { Discovery, FoundProject, PlatformReader, ReadProject, ReadProjectOptions } from "./reader.ts";

export const workflowReader: PlatformReader = { name: "workflows", discover, read };

const inFolder = /^((?:.*\/)?)\.(?:github|forgejo|gitea)\/workflows\/[^/]+\.ya?ml$/;
/** Composite actions lie wherever their author likes; those below a `.github` belong to its repository. */
const action = /^(?:((?:.*\/)?)\.(?:github|forgejo|gitea)\/)?(?:.*\/)?action\.ya?ml$/;

function discover(repository: Repository): Discovery {
  const projects = new Map<string, string[]>();
  for (const path of repository.paths) {
    const root = rootOf(repository, path);
    if (root === undefined) continue;
    const files = projects.get(root);
    if (files === undefined) projects.set(root, [path]);
    else files.push(path);
  }
  return { projects: [...projects.values()].map((files) => ({ files })), problems: [] };
}

/** The repository that a path is a workflow or composite action of; undefined for what nobody would run. */
function rootOf(repository: Repository, path: string): string | undefined {
  if (!/\.ya?ml$/.test(path)) return undefined;
  const folder = inFolder.exec(path)?.[1];
  if (folder !== undefined) return isRepositoryRoot(repository, folder) ? folder : undefined;
  if (isWithinWorkflows(repository, path)) return "";
  const match = action.exec(path);
  if (match === null || (match[1] !== undefined && !isRepositoryRoot(repository, match[1]))) return undefined;
  const file = repository.files.glance(path);
  return file.ok && /^[ \t]*using:[ \t]*["']?composite/m.test(file.text) ? (match[1] ?? "") : undefined;
}

/** GitHub runs what lies at the root of a repository; below that it is somebody's example or copy. */
function isRepositoryRoot(repository: Repository, folder: string): boolean {
  if (folder === "") return true;
  const { files } = repository;
  // Without Git nothing says which of the folders is a repository.
  return (
    files.isFolder(`${folder}.git`) ||
    files.exists(`${folder}.git`) ||
    repository.gitStateOf(`${folder}x`) === undefined
  );
}

/** Where the folder of workflows itself, or one file of it, is what is checked. */
function isWithinWorkflows({ folder, paths, files }: Repository, path: string): boolean {
  const at = folder.replaceAll("\\", "/");
  if (/\/\.(?:github|forgejo|gitea)\/workflows$/.test(at)) return !path.includes("/");
  if (/\/\.(?:github|forgejo|gitea)$/.test(at)) return /^workflows\/[^/]+$/.test(path);
  if (paths.length !== 1) return false;
  const file = files.glance(path);
  return (
    file.ok &&
    /^["']?on["']?:/m.test(file.text) &&
    /^jobs:/m.test(file.text) &&
    /^\s+(?:runs-on|uses):/m.test(file.text)
  );
}

function read(
  repository: Repository,
  { files }: FoundProject,
  options: ReadProjectOptions,
): ReadProject | RingwallError {
  const name = options.name("workflows");
  const sources: Source[] = [];
  const found: ReadWorkflow[] = [];
  for (const path of files) {
    const file = repository.files.read(path);
    if (!file.ok) {
      if (files.length === 1) return new RingwallError(file.code, file.message);
      found.push({
        subjects: [],
        problems: [{ severity: "error", message: file.message, place: { kind: "object", locator: path } }],
      });
      continue;
    }
    sources.push(file.source);
    found.push(readWorkflow({ file, path, system: name, lens: "written", platform: "files" }));
  }
  const subjects = found.flatMap((each) => each.subjects);
  const problems = found.flatMap((each) => each.problems);
  return { system: new System({ name, lens: "written", platform: "files", subjects, problems }), sources };
}
