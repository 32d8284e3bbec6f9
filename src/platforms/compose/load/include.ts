/**
 * `include`: the resources of other projects' files.
 *
 * Source: compose-go v2.9.1, `loader/include.go`.
 */
import { posix } from "node:path";
import type { MappingEntry, MappingNode, TreeNode } from "../../../formats/tree.ts";
import { beforeAssignment } from "../../../lib/before-assignment.ts";
import type { Place } from "../../../lib/place.ts";
import { type Environment, withDotenv } from "./environment.ts";
import { isRemote } from "./extends.ts";
import type { ModelContext } from "./model.ts";
import { mapping, textOf, withEntries, without } from "./nodes.ts";
import { joinPath } from "./paths.ts";
import { limits } from "./session.ts";

/** One element of `include`. */
interface Include {
  readonly paths: readonly { readonly text: string; readonly place: Place }[];
  readonly projectDirectory: string | undefined;
  readonly environmentFiles: readonly { readonly text: string; readonly place: Place }[];
  readonly place: Place;
}

const kinds = ["services", "volumes", "networks", "secrets", "configs", "models"];

/** A file's model with what it includes, and without `include`. `load` reads a project as the main one is read. */
export function applyInclude(
  root: MappingNode,
  context: ModelContext,
  load: (context: ModelContext) => MappingNode | undefined,
): MappingNode {
  const written = root.entries.get("include");
  if (written === undefined) return root;
  let model = without(root, "include");
  if (written.value.kind !== "sequence") {
    context.session.error(
      "`include` is a list of files.",
      written.value.place,
      "Write `include:` and `- other.yaml` below it.",
    );
    return incomplete(model, "its `include` could not be read");
  }
  for (const item of written.value.items) {
    const included = includeOf(item, context);
    const imported = typeof included === "string" ? included : follow(included, context, load);
    if (typeof imported === "string") model = incomplete(model, imported);
    else model = importResources(imported, model, context, item.place);
  }
  return model;
}

/** What an element says, or a clause that says why it cannot be followed. */
function includeOf(item: TreeNode, context: ModelContext): Include | string {
  const list = item.kind === "mapping" ? item.entries.get("path")?.value : item;
  const paths = textsOf(list);
  const doubt = doubtOf(item);
  if (doubt !== undefined) return doubt;
  if (paths.length === 0) {
    context.session.error("This element of `include` names no file.", item.place);
    return "an element of its `include` names no file";
  }
  const remote = paths.find(({ text }) => isRemote(text));
  if (remote !== undefined) {
    context.session.warn("This `include` names a project on another machine, which is not fetched.", remote.place);
    return "a project that it includes lies on another machine";
  }
  const directory = item.kind === "mapping" ? textOf(item.entries.get("project_directory")?.value) : undefined;
  const files = item.kind === "mapping" ? textsOf(item.entries.get("env_file")?.value) : [];
  return {
    paths,
    projectDirectory: directory === "" ? undefined : directory,
    environmentFiles: files,
    place: item.place,
  };
}

function follow(
  include: Include,
  context: ModelContext,
  load: (context: ModelContext) => MappingNode | undefined,
): MappingNode | string {
  const { session } = context;
  const paths = include.paths.map(({ text }) => joinPath(context.folder, text, session.home));
  const main = paths[0] ?? "";
  const before = context.trail.indexOf(posix.normalize(main));
  if (before !== -1 || context.trail.length >= limits.includeDepth) {
    session.error(
      before === -1
        ? "Too many files include one another in a row."
        : `These files include one another in a circle: ${[...context.trail.slice(before), posix.normalize(main)].join(" includes ")}.`,
      include.place,
    );
    return "what it includes leads in a circle";
  }
  const folder = projectFolder(include, main, context);
  const environment = environmentOf(include, folder, context);
  const failedBefore = session.failedFiles;
  const model = load({
    session,
    environment,
    folder,
    relativeFolder: relativeTo(context.folder, folder),
    files: paths.map((path, index) => ({ path, from: include.paths[index]?.place ?? include.place })),
    trail: [...context.trail, posix.normalize(main)],
  });
  if (model === undefined || session.failedFiles > failedBefore) {
    return model === undefined
      ? `${beforeAssignment(posix.normalize(main))}, which it includes, could not be read`
      : incomplete(model, "a file that it includes could not be read");
  }
  return model;
}

/** The folder, relative to the root, that the included files' relative paths start from. */
function projectFolder(include: Include, main: string, context: ModelContext): string {
  if (include.projectDirectory === undefined) return posix.dirname(main);
  const folder = joinPath(context.folder, include.projectDirectory, context.session.home);
  // Compose takes the parent of what is no folder.
  return context.session.files.isFolder(folder) ? folder : posix.dirname(folder);
}

function environmentOf(include: Include, folder: string, context: ModelContext): Environment {
  const { session } = context;
  if (include.environmentFiles.length === 0) {
    const path = joinPath(folder, ".env", undefined);
    return session.files.exists(path)
      ? withDotenv(context.environment, [path], session, () => include.place)
      : context.environment;
  }
  const files = include.environmentFiles.map(({ text, place }) => ({
    path: joinPath(context.folder, text, session.home),
    place,
  }));
  const places = new Map(files.map(({ path, place }) => [path, place]));
  return withDotenv(
    context.environment,
    files.map(({ path }) => path),
    session,
    (path) => places.get(path) ?? include.place,
  );
}

function relativeTo(from: string, to: string): string {
  const relative = posix.relative(posix.join("/", from), posix.join("/", to));
  return relative === "" ? "." : relative;
}

function importResources(source: MappingNode, target: MappingNode, context: ModelContext, place: Place): MappingNode {
  let model = source.incomplete === undefined ? target : incomplete(target, source.incomplete);
  for (const kind of kinds) {
    const from = source.entries.get(kind);
    if (from?.value.kind !== "mapping") continue;
    const known = model.entries.get(kind);
    const base =
      known?.value.kind === "mapping" ? known.value : mapping(new Map<string, MappingEntry>(), from.value.place);
    const entries = new Map(base.entries);
    for (const [name, each] of from.value.entries) {
      const conflict = entries.get(name);
      if (conflict === undefined) entries.set(name, each);
      else if (!sameData(conflict.value, each.value)) reportConflict(kind, name, conflict, context, place);
    }
    model = withEntries(model, { ...(known ?? from), value: { ...base, entries } });
  }
  return model;
}

function reportConflict(kind: string, name: string, own: MappingEntry, context: ModelContext, place: Place): void {
  context.session.error(
    `\`${kind}.${name}\` is declared here and, differently, in what this project includes.`,
    own.keyPlace.kind === "file" ? own.keyPlace : place,
    "Rename one of them, or change the included one in a file listed after it under `path:`.",
  );
}

function sameData(a: TreeNode, b: TreeNode): boolean {
  if (a.kind === "scalar" && b.kind === "scalar") return Object.is(a.value, b.value);
  if (a.kind === "sequence" && b.kind === "sequence") {
    return a.items.length === b.items.length && a.items.every((item, index) => sameItem(item, b.items[index]));
  }
  if (a.kind !== "mapping" || b.kind !== "mapping" || a.entries.size !== b.entries.size) return false;
  return [...a.entries].every(([key, each]) => sameItem(each.value, b.entries.get(key)?.value));
}

function sameItem(a: TreeNode, b: TreeNode | undefined): boolean {
  return b !== undefined && sameData(a, b);
}

function textsOf(node: TreeNode | undefined): { readonly text: string; readonly place: Place }[] {
  const items = node === undefined ? [] : node.kind === "sequence" ? node.items : [node];
  return items.flatMap((item) => {
    const text = textOf(item);
    return text === undefined || text === "" ? [] : [{ text, place: item.place }];
  });
}

function doubtOf(node: TreeNode): string | undefined {
  switch (node.kind) {
    case "scalar":
      return node.unresolved;
    case "sequence":
      return node.items.map(doubtOf).find((why) => why !== undefined);
    case "mapping":
      return [...node.entries.values()].map((each) => doubtOf(each.value)).find((why) => why !== undefined);
  }
}

function incomplete(model: MappingNode, why: string): MappingNode {
  return { ...model, incomplete: model.incomplete ?? why };
}
