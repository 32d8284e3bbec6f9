/**
 * What the configuration files say that a cluster keeps in ConfigMaps, Secrets and values of charts: a Caddyfile or
 * Prometheus' configuration there is read as one in a file, for the pods that mount it. Of an object that no pod here is
 * seen to mount, each file is read by itself: most often a chart makes the pods.
 */
import { posix } from "node:path";
import type { RepositoryFile, Workload } from "../facts/subjects.ts";
import { type InputProblem, System } from "../facts/system.ts";
import { autheliaFormat } from "../formats/authelia/index.ts";
import type { ConfigFacts, ConfigFormat } from "../formats/config-format.ts";
import { configFormats } from "../formats/config-formats.ts";
import { dockerfileFormat } from "../formats/dockerfile/index.ts";
import { offsetsIn } from "../formats/yaml/scalar-offsets.ts";
import { type Place, placeAt, type Source } from "../lib/place.ts";
import type { ConfinedFiles, TextFile } from "../repository/files.ts";
import type { Cluster } from "./kubernetes/read/cluster.ts";
import { type ClusterFile, clusterFiles, type UnreadFile, unreadFiles } from "./kubernetes/read/cluster-files.ts";
import { ClusterNames } from "./kubernetes/read/cluster-names.ts";
import { asRelative, HeldFiles } from "./kubernetes/read/held-files.ts";
import { type AutheliaStart, autheliaStarts, readStarted } from "./link-authelia.ts";
import { imageOf, merged, saysSomething, wordsOf } from "./link-configurations.ts";
import { type StartedTraefik, startedTraefik, type TraefikPodStart, traefikPodStarts } from "./link-traefik-pods.ts";
import { isStartedFrom } from "./started-from.ts";
import { inFile } from "./text-in-file.ts";
import { noText } from "./unread-configuration.ts";
import { withPlaces } from "./with-places.ts";
import { environmentVariable } from "./workload-environment.ts";

const formats = configFormats.filter((format) => format !== dockerfileFormat);

/** Of an object that many workloads mount, no more of them are told of. */
const mostOwners = 5;

/** The system with what its files say. `textOf` gives the text of a file as places name it, where it can be had. */
export function linkClusterFiles(
  system: System,
  cluster: Cluster,
  textOf: (path: string) => string | undefined,
): System {
  const linked = withFiles(system, cluster, textOf);
  const problems = unreadFiles(cluster.context).flatMap(unreadProblem);
  return problems.length === 0 ? linked : merged(linked, [{ subjects: [], problems, sources: [] }]);
}

/** What is said of a key that holds no text: what nobody would take for configuration may well be none. */
function unreadProblem({ key, shown, failure, place, isMounted }: UnreadFile): readonly InputProblem[] {
  if (failure !== "no base64")
    return noText(failure, key, shown, isMounted ? "error" : "warning").map((problem) => ({ ...problem, place }));
  const message = `The API server does not take ${shown}: its value is no base64.`;
  const hint = "Write the file's bytes as base64 under `binaryData`, or its text under `data`.";
  return [{ severity: "error", message, hint, place }];
}

function withFiles(system: System, cluster: Cluster, textOf: (path: string) => string | undefined): System {
  const files = clusterFiles(cluster.context);
  // Most clusters keep no file of a known name: nothing is laid out for those.
  const starts = new Map(autheliaStarts(system).map((start) => [start.container.ref.name, start] as const));
  const traefiks = traefikPodStarts(system, cluster);
  const telling = new Set(
    files.filter(
      (file) => candidatesOf(file).length > 0 || isStartedWith(file, starts) || isStartedWith(file, traefiks),
    ),
  );
  if (telling.size === 0) return system;
  const names = new ClusterNames(system, cluster);
  const trees = rootsOf(files, telling, system).map(([container, root]) => {
    const told = { ...root, container, authelia: starts.get(container), traefik: traefiks.get(container) };
    return new FileTree(told, { system, names, textOf }).read();
  });
  const found = trees.flatMap(({ facts }) => facts).filter(saysSomething);
  const own = replaced(
    system,
    trees.flatMap(({ settings }) => settings ?? []),
  );
  return found.length === 0 ? own : merged(own, found);
}

/** What is told anew of a file in place of what was told of it. */
function replaced(system: System, files: readonly RepositoryFile[]): System {
  if (files.length === 0) return system;
  const byName = new Map(files.map((file) => [file.ref.name, file] as const));
  const { name, lens, platform, problems } = system;
  const subjects = system.subjects.map((subject) =>
    subject.kind === "repository-file" ? (byName.get(subject.ref.name) ?? subject) : subject,
  );
  return new System({ name, lens, platform, subjects, problems });
}

/** Whether an Authelia or a Traefik that is told what to read sees it. */
function isStartedWith({ mounts }: ClusterFile, starts: ReadonlyMap<string, unknown>): boolean {
  return starts.size > 0 && mounts.some(({ container }) => starts.has(container.name));
}

/** The paths under which a file may be known: where it is mounted, and its key after the name of what holds it. */
function candidatesOf({ name, key, text, mounts }: ClusterFile): readonly ConfigFormat[] {
  const paths = [...mounts.map(({ path }) => path), `${name}/${key}`];
  return formats.filter((format) => paths.some((path) => format.mayBe(path) && format.recognises(path, text)));
}

/** The files that one container sees, or those of one object that no pod mounts, by their paths. */
interface Root {
  readonly owner: Workload | undefined;
  /** The name of the container. */
  readonly container?: string;
  readonly namespace: string;
  readonly files: ReadonlyMap<string, ClusterFile>;
  /** The Authelia that the container is, where it is told what to read. */
  readonly authelia?: AutheliaStart | undefined;
  /** The Traefik that the container is, where its arguments tell where its dynamic files lie. */
  readonly traefik?: TraefikPodStart | undefined;
}

/** What the files of one container say. */
interface TreeFacts {
  readonly facts: readonly ConfigFacts[];
  /** Told anew of a subject that the system has already. */
  readonly settings: RepositoryFile | undefined;
}

/** By the name of the container, or of the object. */
function rootsOf(
  files: readonly ClusterFile[],
  telling: ReadonlySet<ClusterFile>,
  system: System,
): readonly (readonly [name: string, root: Root])[] {
  const roots = new Map<string, { owner: Workload | undefined; namespace: string; files: Map<string, ClusterFile> }>();
  const put = (key: string, owner: Workload | undefined, path: string, file: ClusterFile): void => {
    const root = roots.get(key) ?? { owner, namespace: file.namespace, files: new Map<string, ClusterFile>() };
    roots.set(key, root);
    if (!root.files.has(path)) root.files.set(path, file);
  };
  for (const file of files) {
    if (file.mounts.length === 0)
      put(`${file.kind} ${file.namespace}/${file.name}`, undefined, `${file.name}/${file.key}`, file);
    const owners = new Set(file.mounts.map(({ workload }) => workload.name).slice(0, mostOwners));
    for (const { workload, container, path } of file.mounts) {
      const owner = system.workload(workload);
      if (owner !== undefined && owners.has(workload.name)) put(container.name, owner, path, file);
    }
  }
  return [...roots].filter(([, root]) => [...root.files.values()].some((file) => telling.has(file)));
}

interface Surroundings {
  readonly system: System;
  readonly names: ClusterNames;
  readonly textOf: (path: string) => string | undefined;
}

/** One file that was read. */
interface ReadFile {
  readonly inside: string;
  readonly file: ClusterFile;
  readonly source: Source;
  readonly format: ConfigFormat;
  readonly facts: ConfigFacts;
}

/** The files of one container as its program opens them: what one of them includes is looked for among the others. */
class FileTree {
  readonly #root: Root;
  readonly #around: Surroundings;
  readonly #files: ConfinedFiles;
  readonly #paths: readonly string[];
  /** Each text that was opened, with the file that it is. */
  readonly #opened = new Map<Source, ClusterFile>();

  constructor(root: Root, around: Surroundings) {
    this.#root = root;
    this.#around = around;
    this.#paths = [...root.files.keys()].map(asRelative);
    const byPath = new Map([...root.files].map(([path, file]) => [asRelative(path), file] as const));
    this.#files = new HeldFiles(byPath, (source, file) => this.#opened.set(source, file));
  }

  read(): TreeFacts {
    const read = [...this.#root.files].flatMap(([inside, file]) => this.#readFile(inside, file) ?? []);
    const authelia = this.#startedAuthelia();
    const traefik = this.#startedTraefik();
    const dynamic = new Set(traefik?.read.map((source) => this.#opened.get(source)));
    const others = this.#used(read).filter(
      ({ format, file }) => (authelia === undefined || format !== autheliaFormat) && !dynamic.has(file),
    );
    const facts = others.map((each) => this.#placed(each.facts, each.file, each.inside));
    const started = [authelia, traefik && { ...traefik, sources: [] }].filter((each) => each !== undefined);
    return { facts: [...facts, ...started], settings: traefik?.settings };
  }

  /** What the dynamic files of a Traefik define, as the entry points of its arguments serve it. */
  #startedTraefik(): StartedTraefik | undefined {
    const { traefik, files, owner, namespace } = this.#root;
    if (traefik === undefined || owner === undefined) return undefined;
    const { system, names } = this.#around;
    const opener = { files: this.#files, paths: this.#paths, locate: asRelative };
    const started = startedTraefik(traefik, { opener, held: files }, owner, {
      system,
      find: (host) => names.find(host, namespace, owner),
      resolve: (host, port) => names.resolve(host, port, namespace, owner),
    });
    if (started === undefined) return undefined;
    const { subjects, settings, problems } = started;
    return { ...started, ...withPlaces({ subjects, settings, problems }, this.#placeOf()) };
  }

  /** The one configuration that all files come to with which an Authelia is started. */
  #startedAuthelia(): ConfigFacts | undefined {
    const { authelia, files } = this.#root;
    if (authelia === undefined) return undefined;
    const paths = [...files.keys()];
    const open = (path: string) => {
      const file = files.has(path) ? this.#files.read(asRelative(path)) : undefined;
      return file?.ok === true ? file : undefined;
    };
    const found = readStarted(authelia, { paths, open }, this.#around.system, "files");
    const main = paths.find((path) => asRelative(path) === found?.main);
    const file = main === undefined ? undefined : files.get(main);
    return found === undefined || main === undefined || file === undefined
      ? undefined
      : this.#placed(found, file, main);
  }

  #readFile(inside: string, file: ClusterFile): ReadFile | undefined {
    const named = `${file.name}/${file.key}`;
    const path = [inside, named].find((each) => formatAt(each, file.text) !== undefined);
    const format = path === undefined ? undefined : formatAt(path, file.text);
    const text = this.#files.read(asRelative(inside));
    if (format === undefined || path === undefined || !text.ok) return undefined;
    return { inside, file, source: text.source, format, facts: this.#facts(format, text, path, inside) };
  }

  #facts(format: ConfigFormat, file: TextFile, path: string, inside: string): ConfigFacts {
    const { owner, container, namespace } = this.#root;
    const { system, names } = this.#around;
    return format.read({
      file,
      path: asRelative(path),
      ...(owner === undefined ? {} : { inside }),
      files: this.#files,
      paths: this.#paths,
      system: system.name,
      lens: system.lens,
      // What it says is the program's own, and is mended there: no Gateway has a part in it.
      platform: "files",
      owner,
      locate: (wanted) => asRelative(posix.join(wanted.startsWith("/") ? "" : posix.dirname(inside), wanted)),
      find: (host) => names.find(host, namespace, owner),
      resolve: (host, port) => names.resolve(host, port, namespace, owner),
      ...(owner === undefined
        ? {}
        : {
            environment: (name: string) => environmentVariable(name, owner, system, container),
            ...imageOf(owner, system),
            ...wordsOf(owner, system),
          }),
    });
  }

  /** Not what others include, nor what lies beside the file that the program starts from. */
  #used(read: readonly ReadFile[]): readonly ReadFile[] {
    const included = new Set(
      read.flatMap(({ format, facts, source }) =>
        format.leadsOn === true ? facts.sources.filter((other) => other !== source) : [],
      ),
    );
    const { owner } = this.#root;
    const isStart = ({ inside, format }: ReadFile) =>
      owner !== undefined && isStartedFrom(inside, format, owner, this.#around.system);
    const started = new Set(read.filter(isStart).map(({ format }) => format));
    return read.filter((each) => !included.has(each.source) && (!started.has(each.format) || isStart(each)));
  }

  /** Where places in held texts stand in the files that hold those. */
  #placeOf(): (place: Place) => Place {
    const offsets = new Map<Source, (offset: number) => Place>();
    return (place) => {
      const held = place.kind === "file" ? this.#opened.get(place.source) : undefined;
      if (place.kind !== "file" || held === undefined) return place;
      const known = offsets.get(place.source) ?? placesIn(held, this.#around.textOf);
      offsets.set(place.source, known);
      return known(place.offset);
    };
  }

  #placed(facts: ConfigFacts, file: ClusterFile, inside: string): ConfigFacts {
    const { place } = file.node;
    const path = place.kind === "file" ? place.source.path : file.name;
    return { ...inFile(facts, `${path}: ${inside}`, this.#placeOf()), sources: [] };
  }
}

function formatAt(path: string, text: string): ConfigFormat | undefined {
  return formats.find((format) => format.mayBe(path) && format.recognises(path, text));
}

/** Where an offset in a held text stands in the file that holds it. */
function placesIn({ node, isEncoded }: ClusterFile, textOf: Surroundings["textOf"]): (offset: number) => Place {
  const { place } = node;
  if (isEncoded === true) return () => place;
  const text = place.kind === "file" ? textOf(place.source.path) : undefined;
  if (place.kind !== "file" || text === undefined) return () => place;
  const offsetOf = offsetsIn(text, node);
  return (offset) => placeAt(place.source, offsetOf(offset));
}
