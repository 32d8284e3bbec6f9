import { posix } from "node:path";
import type { MappingNode, TreeNode } from "../../../formats/tree.ts";
import type { ConfinedFiles } from "../../../repository/files.ts";
import { parseDotenv } from "./dotenv.ts";
import { linkedFile } from "./linked-file.ts";
import { textOf, valueAt } from "./nodes.ts";
import { joinPath } from "./paths.ts";
import { looksLikeCompose } from "./sniff.ts";
import { parseComposeText } from "./templated-text.ts";

/** The files that make one project, in the order in which they are merged. Relative to the root. */
export interface ProjectFiles {
  readonly folder: string;
  readonly files: readonly string[];
}

/** The names Compose looks for by itself, the first found first. Source: compose-go v2.9.1, `cli/options.go`. */
const mainNames = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const overrideNames = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];

/** YAML, or what a template engine makes it of: `docker-compose.yml.j2`. */
const yamlName = /\.ya?ml(?:\.(?:j2|jinja2?|gotmpl|tmpl|tpl))?$/i;

/** Where a `compose.yml` is the workflow that builds or tests with Compose. */
const workflowFolder = /(?:^|\/)\.(?:github|gitea|forgejo)\/workflows$/;

/**
 * The Compose projects among the files of a repository.
 *
 * - A folder with `compose.yaml`, `compose.yml`, `docker-compose.yml` or `docker-compose.yaml` is a project of the
 *   first of these and the first `*.override.*` beside it, as Compose takes them without `-f`; or of the files that
 *   `COMPOSE_FILE` names in the folder's `.env`.
 * - Any other YAML file that looks like Compose (`services:` with an image, a build or an `extends`) is a project of its
 *   own: `docker-compose.prod.yml`, `stack.yml`, a second main name. When it only changes services of the folder's main
 *   file (none of its own is complete) and its name begins with that file's, it is laid over the main files, as one
 *   would name both with `-f`. Where the main file leaves services without an image that such a file gives them, it is no
 *   project without that file. A file of any name whose services lean on services or networks that the main file declares,
 *   and it does not, is laid over the main files too.
 * - A file that another project includes or extends is part of that one and not listed again, unless it has a main name
 *   and is only extended.
 *
 * `paths` are relative to the root; the answer is sorted by its first files. Files that cannot be read and have a main
 * name are listed too, so that loading them says why. A `compose.yml` among workflows is none.
 */
export function discoverComposeProjects(files: ConfinedFiles, paths: readonly string[]): readonly ProjectFiles[] {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    if (!yamlName.test(path)) continue;
    const clean = posix.normalize(path);
    const folder = posix.dirname(clean);
    if (workflowFolder.test(folder)) continue;
    const names = folders.get(folder);
    if (names === undefined) folders.set(folder, [posix.basename(clean)]);
    else names.push(posix.basename(clean));
  }
  const known = new Map<string, Sketch | undefined>();
  const sketch = (path: string): Sketch | undefined => {
    if (!known.has(path)) known.set(path, sketchOf(files, path));
    return known.get(path);
  };
  const groups = [...folders].flatMap(([folder, names]) => groupsOf(folder, names, sketch, namedFiles(files, folder)));
  groups.sort((a, b) => ((a.files[0] ?? "") < (b.files[0] ?? "") ? -1 : 1));
  return withoutParts(groups, (path) => {
    if (!known.has(path) && !namesOthers(files, path)) known.set(path, undefined);
    return sketch(path);
  });
}

/** What a glance at a file tells. */
interface Sketch {
  /** Services with an image, a build or something they extend. */
  readonly complete: readonly string[];
  readonly partial: readonly string[];
  /** Its services and networks, and those that its services name and it does not declare: `service app`, `network inner`. */
  readonly declared: ReadonlySet<string>;
  readonly missing: readonly string[];
  readonly includes: readonly string[];
  readonly extends: readonly string[];
}

/** Only a text with a top-level `services` or `include` is parsed. */
function sketchOf(files: ConfinedFiles, path: string): Sketch | undefined {
  const file = looksLikeCompose(files, path) ? files.glance(path) : undefined;
  if (file?.ok !== true) return undefined;
  const root = parseComposeText(file).documents.find((document) => document.kind === "mapping");
  if (root?.kind !== "mapping") return undefined;
  const folder = posix.dirname(path);
  const services = servicesOf(root);
  const names = (complete: boolean): string[] =>
    services.filter(([, each]) => isComplete(each) === complete).map(([name]) => name);
  return {
    complete: names(true),
    partial: names(false),
    ...namesIn(root, services),
    includes: includedFiles(root).map((text) => posix.normalize(joinPath(folder, text, undefined))),
    extends: services.flatMap(([, each]) => extendedFile(each, folder)),
  };
}

/** Whether a text may name other Compose files, escapes in its keys considered; most do not, and need not be parsed. */
function namesOthers(files: ConfinedFiles, path: string): boolean {
  const file = files.glance(path);
  return file.ok && /include|extends|\\[xu]/i.test(file.text);
}

function servicesOf(root: MappingNode): (readonly [string, MappingNode])[] {
  const services = valueAt(root, "services");
  if (services?.kind !== "mapping") return [];
  return [...services.entries.values()].flatMap(({ key, value }) =>
    value.kind === "mapping" ? [[key, value] as const] : [],
  );
}

function namesIn(
  root: MappingNode,
  services: readonly (readonly [string, MappingNode])[],
): Pick<Sketch, "declared" | "missing"> {
  const declared = new Set([
    ...services.map(([name]) => `service ${name}`),
    ...["default", ...keysOf(valueAt(root, "networks"))].map((name) => `network ${name}`),
  ]);
  const named = services.flatMap(([, each]) => [
    ...keysOf(valueAt(each, "depends_on")).map((name) => `service ${name}`),
    ...keysOf(valueAt(each, "networks")).map((name) => `network ${name}`),
  ]);
  return { declared, missing: named.filter((name) => !declared.has(name)) };
}

/** The names in a mapping or a list. */
function keysOf(node: TreeNode | undefined): readonly string[] {
  if (node?.kind === "mapping") return [...node.entries.keys()];
  return node?.kind === "sequence" ? node.items.flatMap((item) => textOf(item) ?? []) : [];
}

function isComplete(service: MappingNode): boolean {
  return ["image", "build", "extends", "provider"].some((key) => service.entries.has(key));
}

function includedFiles(root: MappingNode): string[] {
  const include = valueAt(root, "include");
  const items: readonly TreeNode[] = include?.kind === "sequence" ? include.items : [];
  return items.flatMap((item) => {
    const paths = item.kind === "mapping" ? valueAt(item, "path") : item;
    const list = paths?.kind === "sequence" ? paths.items : [paths];
    return list.flatMap((each) => textOf(each) ?? []);
  });
}

function extendedFile(service: MappingNode, folder: string): string[] {
  const file = textOf(valueAt(service, "extends", "file"));
  return file === undefined ? [] : [posix.normalize(joinPath(folder, file, undefined))];
}

/** The files that `COMPOSE_FILE` of a folder's `.env` names, when it does and they are below the root. */
function namedFiles(files: ConfinedFiles, folder: string): readonly string[] {
  const path = linkedFile(files, posix.normalize(posix.join(folder, ".env")));
  const file = files.exists(path) ? files.glance(path) : undefined;
  if (file?.ok !== true || !file.text.includes("COMPOSE_FILE")) return [];
  const variables = new Map(
    parseDotenv(file.source, file.text, () => undefined).variables.map(({ name, value }) => [name, value]),
  );
  const named = variables.get("COMPOSE_FILE") ?? "";
  if (named === "") return [];
  const paths = named
    .split(variables.get("COMPOSE_PATH_SEPARATOR") || ":")
    .map((text) => posix.normalize(joinPath(folder, text, undefined)));
  return paths.every((each) => files.exists(each)) ? paths : [];
}

function groupsOf(
  folder: string,
  names: readonly string[],
  sketch: (path: string) => Sketch | undefined,
  named: readonly string[],
): ProjectFiles[] {
  const at = (name: string): string => (folder === "." ? name : `${folder}/${name}`);
  const main = mainNames.find((name) => names.includes(name));
  const override = main === undefined ? undefined : overrideNames.find((name) => names.includes(name));
  const found = [main, override].flatMap((name) => (name === undefined ? [] : [at(name)]));
  const mainFiles = named.length > 0 ? named : found;
  const groups: ProjectFiles[] = [];
  let completes = false;
  for (const name of names) {
    if (mainFiles.includes(at(name)) || (named.length === 0 && name === override)) continue;
    const glance = sketch(at(name));
    if (glance === undefined) continue;
    const base = main === undefined ? undefined : sketch(at(main));
    if (main !== undefined && base !== undefined && name !== main && isOverlay(name, glance, main, base)) {
      groups.push({ folder, files: [at(main), at(name)] });
      completes ||= isCompletedBy(base, glance);
    } else if (glance.complete.length > 0 || glance.includes.length > 0) groups.push({ folder, files: [at(name)] });
  }
  // What no file makes whole by itself, and one beside it does, is not started without that one.
  if (mainFiles.length === 1 && completes) return groups;
  return mainFiles.length === 0 ? groups : [{ folder, files: mainFiles }, ...groups];
}

/** Whether services that a main file leaves without an image have one in another file. */
function isCompletedBy(base: Sketch, overlay: Sketch): boolean {
  return base.partial.length > 0 && base.partial.every((service) => overlay.complete.includes(service));
}

/** Whether a file only changes what another one declares, or adds to it what cannot be without it. */
function isOverlay(name: string, overlay: Sketch, main: string, base: Sketch): boolean {
  if (mainNames.includes(name)) return false;
  if (overlay.missing.length > 0 && overlay.missing.every((each) => base.declared.has(each))) return true;
  const stem = main.replace(/\.ya?ml$/, "");
  if (!name.startsWith(`${stem}.`) && !name.startsWith(`${stem}-`)) return false;
  if (isCompletedBy(base, overlay)) return true;
  return overlay.partial.length > 0 && overlay.partial.every((service) => base.complete.includes(service));
}

/** The groups without those that others include or extend; of groups that only lead to one another, the first stays. */
function withoutParts(groups: readonly ProjectFiles[], sketch: (path: string) => Sketch | undefined): ProjectFiles[] {
  const byFile = new Map(
    groups.map((group) => [group.files.length === 1 || isMain(group) ? (group.files[0] ?? "") : "", group]),
  );
  const partsOf = (group: ProjectFiles): ProjectFiles[] =>
    group.files.flatMap((file) => {
      const found = sketch(file);
      const extended = (found?.extends ?? []).filter((path) => !mainNames.includes(posix.basename(path)));
      return [...(found?.includes ?? []), ...extended].flatMap((path) => byFile.get(path) ?? []);
    });
  const parts = new Set(groups.flatMap((group) => partsOf(group).filter((part) => part !== group)));
  const kept = new Set(groups.filter((group) => !parts.has(group)));
  const reached = new Set<ProjectFiles>();
  const reach = (group: ProjectFiles): void => {
    if (reached.has(group)) return;
    reached.add(group);
    for (const part of partsOf(group)) reach(part);
  };
  for (const group of kept) reach(group);
  for (const group of groups) {
    if (reached.has(group)) continue;
    kept.add(group);
    reach(group);
  }
  return groups.filter((group) => kept.has(group));
}

function isMain(group: ProjectFiles): boolean {
  return mainNames.includes(posix.basename(group.files[0] ?? ""));
}
