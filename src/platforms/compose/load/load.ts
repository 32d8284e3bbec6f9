import { posix } from "node:path";
import type { MappingNode } from "../../../formats/tree.ts";
import { RingwallError } from "../../../lib/error.ts";
import { type ConfinedFiles, normalise as normalisePath } from "../../../repository/files.ts";
import type { ComposeProject } from "../project.ts";
import { checkConsistency } from "./consistency.ts";
import { decodeModel } from "./decode.ts";
import { normalise } from "./defaults.ts";
import { type Environment, lookupIn, resolveServiceFiles, withDotenv } from "./environment.ts";
import { loadModel, servicesOf } from "./model.ts";
import { mapping, textOf, valueAt, withEntries } from "./nodes.ts";
import { joinPath, resolvePaths } from "./paths.ts";
import { readActiveProfiles } from "./profiles.ts";
import { readComposeFile } from "./read-file.ts";
import { Session } from "./session.ts";
import { substitute } from "./template.ts";

export interface LoadOptions {
  /** The project's name, as `--project-name` gives it; else `name:` or the folder's name. */
  readonly name?: string;
  /** Variables beside those of `.env`. Ringwall's own environment is never among them unless the caller puts it there. */
  readonly environment?: ReadonlyMap<string, string>;
  /** The folder of the project, relative to the root; else the first file's. */
  readonly folder?: string;
  /**
   * What the root is called in the paths of the model. Relative paths become `./…` from the checked folder by default;
   * a declaration that is to run gives the real folder.
   */
  readonly base?: string;
  /** The user's home folder, for paths that begin with `~`; they stay as they are without. */
  readonly home?: string;
}

/**
 * Loads a Compose project as `docker compose config` sees it, without running anything and without opening a file
 * outside the root. `composeFiles` are relative to the root, in the order in which they are merged.
 *
 * Returns a project even when files are faulty: what could not be read is in `problems`, and nodes say that they are
 * incomplete or unresolved. Returns a RingwallError when not one of the files could be used.
 */
export function loadComposeProject(
  files: ConfinedFiles,
  composeFiles: readonly string[],
  options: LoadOptions = {},
): ComposeProject | RingwallError {
  const base = options.base ?? ".";
  const session = new Session(files, { base, home: options.home });
  const first = composeFiles[0] ?? "";
  const folder = normalisePath(options.folder ?? posix.dirname(first)) ?? ".";
  const dotenv = joinPath(folder, ".env", undefined);
  const given: Environment = options.environment ?? new Map();
  const environment = files.exists(dotenv)
    ? withDotenv(given, [dotenv], session, () => ({ kind: "nowhere", why: "the file was not read" }))
    : given;
  const name = projectName(files, composeFiles, folder, options, environment, session);
  const named: Environment = new Map([...environment, ["COMPOSE_PROJECT_NAME", name]]);
  const model = loadModel({
    session,
    environment: named,
    folder,
    relativeFolder: ".",
    files: composeFiles.map((path) => ({ path, from: undefined })),
    trail: [],
  });
  if (model === undefined) return failure(session, first);
  const root = settle(model, name, named, { folder: joinPath(base, folder, undefined), session });
  checkConsistency(root, session);
  const main = session.composeFiles.get(normalisePath(first) ?? first);
  if (servicesOf(root) === undefined && main === undefined) return failure(session, first);
  const version = writtenIn(composeFiles, "version", session);
  return {
    name,
    root,
    ...(version !== undefined && { version }),
    folder,
    files: [...session.composeFiles.values()],
    environmentFiles: [...session.environmentFiles.values()],
    profiles: readActiveProfiles(named, folder, session),
    problems: session.problems,
  };
}

/** Names, paths, types and files of variables: what is done once, on the whole model. */
function settle(
  model: MappingNode,
  name: string,
  environment: Environment,
  at: { readonly folder: string; readonly session: Session },
): MappingNode {
  const normal = normalise(model, name, lookupIn(environment));
  const placed = resolvePaths(normal, { folder: at.folder, home: at.session.home });
  const decoded = decodeModel(placed, at.session);
  const whole = decoded.kind === "mapping" ? decoded : mapping(new Map(), model.place);
  const resolved = resolveServiceFiles(whole, environment, at.session);
  const known = resolved.entries.get("name");
  const value = { kind: "scalar", value: name, place: known?.value.place ?? model.place } as const;
  return withEntries(
    resolved,
    known === undefined ? { key: "name", keyPlace: model.place, value, implied: true } : { ...known, value },
  );
}

/** The letters of a name that Compose keeps. Source: compose-go v2.9.1, `NormalizeProjectName`. */
export function normaliseProjectName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}

function projectName(
  files: ConfinedFiles,
  composeFiles: readonly string[],
  folder: string,
  options: LoadOptions,
  environment: Environment,
  session: Session,
): string {
  if (options.name !== undefined) return options.name;
  const set = environment.get("COMPOSE_PROJECT_NAME");
  if (set !== undefined && set !== "") return set;
  const written = writtenIn(composeFiles, "name", session) ?? "";
  const name = normaliseProjectName(substitute(written, lookupIn(environment)).text);
  const ownFolder = folder === "" || folder === "." ? files.name : posix.basename(folder);
  return name === "" ? normaliseProjectName(ownFolder) : name;
}

/** A text at the root, as the last of the files has it that has one. */
function writtenIn(composeFiles: readonly string[], key: "name" | "version", session: Session): string | undefined {
  let written: string | undefined;
  for (const path of composeFiles) {
    for (const { root } of readComposeFile(path, session, undefined)?.documents ?? []) {
      written = textOf(valueAt(root, key)) ?? written;
    }
  }
  return written;
}

function failure(session: Session, first: string): RingwallError {
  const problem = session.problems.find((each) => each.severity === "error");
  const message = problem?.message ?? `${first} is empty; expected a mapping with \`services:\`.`;
  const options = {
    ...(problem?.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem === undefined ? {} : { place: problem.place }),
    template: problem?.template === true,
  };
  return new RingwallError("invalid", message, options);
}
