import { posix } from "node:path";
import { knownValue } from "../../facts/fact.ts";
import type { InputProblem } from "../../facts/system.ts";
import { type Source, wholeFile } from "../../lib/place.ts";
import { pathIndexOf } from "../../repository/path-index.ts";
import { type ConfigFacts, type ConfigFormat, type ConfigInput, nameOf } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { includedFiles, locateFolder, type Opener } from "../proxy/included-files.ts";
import { isDynamic, isStatic, readTraefikFile } from "./files.ts";
import { option, textFact } from "./options.ts";
import { type DynamicSource, type Provider, Registry } from "./registry.ts";
import { traefikRoutes } from "./routes.ts";
import { traefikSettings } from "./settings.ts";
import { readStatic, type TraefikStatic, unseenStatic } from "./static.ts";
import { routeLeadsOf, routeSubjectsOf } from "./subjects.ts";

const names = /traefik[^/]*\.(?:ya?ml|toml)$|(?:^|\/)traefik\/(?:[^/]+\/)*[^/]+\.(?:ya?ml|toml)$/i;
const dynamicNames =
  /(?:^|\/)(?:dynamic|middlewares?|routers?|services|rules|tls|dynamic[-_.]conf[^/]*|file[-_.]provider[^/]*)(?:[-_.][^/]*)?\.(?:ya?ml|toml)$|(?:^|\/)(?:dynamic|rules)\/[^/]+\.(?:ya?ml|toml)$/i;

/** Source: Traefik 3.5 documentation, "Configuration Discovery". */
const readBy = { software: ["traefik"], named: /traefik/i, places: /^\/etc\/traefik\/|^\/traefik\.(?:ya?ml|toml)$/ };

/** `traefik.yml` and `traefik.toml`, with the dynamic files that they name. */
export const traefikStaticFormat: ConfigFormat = {
  name: "Traefik",
  mayBe: (path) => names.test(path),
  recognises: (path, text) => /\.(?:ya?ml|toml)$/i.test(path) && isStatic(text) && !/^apiVersion:/m.test(text),
  leadsOn: true,
  readBy,
  read: (input) => {
    const file = readTraefikFile(input.file, nameOf(input));
    const place = wholeFile(input.file.source);
    const settings = file.root === undefined ? unseenStatic(file.why ?? "", place) : readStatic(file.root);
    const dynamic = dynamicFiles(settings, input);
    return factsOf(settings, dynamic, input, [...file.problems, ...dynamic.problems]);
  },
};

/** One file of the file provider, where the configuration that names it is not seen. */
export const traefikDynamicFormat: ConfigFormat = {
  name: "Traefik dynamic configuration",
  mayBe: (path) => names.test(path) || dynamicNames.test(path),
  recognises: (path, text) =>
    /\.(?:ya?ml|toml)$/i.test(path) && isDynamic(text) && !/^(?:apiVersion|services):/m.test(text),
  leadsOn: true,
  readBy,
  readsOthers: () => false,
  read: (input) => {
    const file = readTraefikFile(input.file, nameOf(input));
    const why = "Traefik's own configuration, which names this file, is not seen";
    const settings = unseenStatic(why, wholeFile(input.file.source));
    const sources: readonly DynamicSource[] = file.root === undefined ? [] : [{ provider: "file", root: file.root }];
    const dynamic: DynamicFiles = { sources, read: [], problems: [], unseen: file.why ?? "it may be in another file" };
    return factsOf(settings, dynamic, input, file.problems);
  },
};

export interface DynamicFiles {
  readonly sources: readonly DynamicSource[];
  /** The files that were read. */
  readonly read: readonly Source[];
  readonly problems: readonly InputProblem[];
  /** Why the file provider may define more, as a clause. */
  readonly unseen: string | undefined;
}

function factsOf(
  settings: TraefikStatic,
  dynamic: DynamicFiles,
  input: ConfigInput,
  problems: readonly InputProblem[],
): ConfigFacts {
  const registry = new Registry(dynamic.sources, unseenBy(dynamic));
  const routes = traefikRoutes({ settings, registry, edge: input.owner, portOf: () => undefined });
  const own = traefikSettings(settings, registry, input.owner === undefined ? routes : []);
  return {
    subjects: [...routeSubjectsOf(routes, { ...input, edge: input.owner?.ref }), configurationFile(input, own)],
    problems,
    sources: dynamic.read,
    leads: () => routeLeadsOf(routes, input.owner?.ref),
  };
}

export function unseenBy({ unseen }: DynamicFiles): ReadonlyMap<Provider, string> {
  return unseen === undefined ? new Map() : new Map([["file", unseen]]);
}

/** The files that the file provider reads: one, or those of a folder and of the folders in it. */
export function dynamicFiles(settings: TraefikStatic, input: Opener): DynamicFiles {
  const { root, why } = settings;
  if (root === undefined) return { sources: [], read: [], problems: [], unseen: why };
  const provider = option(root, "providers", "file");
  if (provider === undefined) return { sources: [], read: [], problems: [], unseen: undefined };
  const written = ["directory", "filename"].map((name) => textFact(option(provider, name), provider.place));
  const open = written.find((fact) => fact.kind === "unknown");
  const [directory, filename] = written.map((fact) => (fact === undefined ? undefined : knownValue(fact)));
  if (directory !== undefined) return filesIn(directory, input);
  if (filename !== undefined) return filesNamed(filename, input);
  return { sources: [], read: [], problems: [], unseen: open?.kind === "unknown" ? open.why : undefined };
}

function filesNamed(name: string, input: Opener): DynamicFiles {
  for (const wanted of spellings(name)) {
    const found = includedFiles(wanted, "", input);
    if ("files" in found && found.files.length > 0) {
      const paths = found.files.map(({ file }) => file.path);
      return readAll(paths, input, found.missing, name);
    }
  }
  return { sources: [], read: [], problems: [], unseen: `\`${name}\` is not in this folder` };
}

function filesIn(directory: string, input: Opener): DynamicFiles {
  for (const wanted of spellings(directory)) {
    const folder = locateFolder(wanted, input);
    const below = folder === undefined || folder === "" ? [] : pathIndexOf(input.paths).below(folder);
    const paths = below.filter((path) => /\.(?:ya?ml|toml)$/i.test(path));
    const [link] = input.files.othersIn(folder ?? "").filter((path) => /\.(?:ya?ml|toml)$/i.test(path));
    const unseen = link === undefined ? undefined : `\`${link}\` is a link, and links are not followed`;
    if (paths.length > 0) return readAll([...paths].sort(), input, unseen);
  }
  return { sources: [], read: [], problems: [], unseen: `\`${directory}\` is not in this folder` };
}

/** A path as Traefik sees it, and as it may lie beside the file that names it. */
function spellings(path: string): readonly string[] {
  if (!path.startsWith("/")) return [path];
  const parts = posix
    .normalize(path)
    .split("/")
    .filter((part) => part !== "");
  return [path, ...[2, 1].filter((count) => parts.length >= count).map((count) => parts.slice(-count).join("/"))];
}

const mostFiles = 200;

/** `name`: what Traefik knows the one file under, where it is no other one's. */
function readAll(paths: readonly string[], input: Opener, missing: string | undefined, name?: string): DynamicFiles {
  const sources: DynamicSource[] = [];
  const read: Source[] = [];
  const problems: InputProblem[] = [];
  let unseen = paths.length > mostFiles ? "there are too many files" : missing;
  for (const path of paths.slice(0, mostFiles)) {
    const file = input.files.read(path);
    if (!file.ok) {
      unseen ??= `\`${path}\` cannot be read`;
      continue;
    }
    const parsed = readTraefikFile(file, name);
    read.push(file.source);
    problems.push(...parsed.problems);
    unseen ??= parsed.why;
    if (parsed.root !== undefined) sources.push({ provider: "file", root: parsed.root });
  }
  return { sources, read, problems, unseen };
}
