import type { Fact } from "../../facts/fact.ts";
import type { AnySubject, Lens, NetworkMode, Ref, SubjectKind } from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";
import { asText, Fields } from "../../formats/fields.ts";
import { linkTraefik } from "../link-traefik.ts";
import type { ComposeProject } from "./project.ts";
import type { ServiceBuilds } from "./read-build.ts";
import { readCaddyLabels } from "./read-caddy-labels.ts";
import { readContainer } from "./read-container.ts";
import type { ProjectContext, ServiceContext } from "./read-context.ts";
import { readDormancy } from "./read-dormancy.ts";
import { readImage } from "./read-image.ts";
import { readListeners } from "./read-listener.ts";
import { readMounts } from "./read-mount.ts";
import { readAttachments, readNetworkMode, readNetworks } from "./read-network.ts";
import { withoutSecretFolder } from "./read-secret-folder.ts";
import { readSecrets } from "./read-secrets.ts";
import { readSwarm } from "./read-swarm.ts";
import { readVirtualHosts } from "./read-virtual-hosts.ts";
import { readWorkload } from "./read-workload.ts";
import { workloadRef } from "./refs.ts";

export interface ReadComposeOptions {
  /** Default `written`. */
  readonly lens?: Lens;
  /** The system's name, where the project's own is not enough to tell it from another's. */
  readonly systemName?: string;
  /**
   * The path, as places name it, of a file that the project names (as the loader wrote it) when it lies in the folder
   * that is checked, else undefined. Without this, what depends on it is unknown.
   */
  readonly findFile?: (path: string) => string | undefined;
  /** The text of such a file, where it lies in the folder; without this, nothing is said of how good a secret in it is. */
  readonly readFile?: (path: string) => string | undefined;
  /** Subjects that belong to the system without standing in its files, such as `.env` files. */
  readonly more?: readonly AnySubject[];
  /** Reads the Dockerfiles that services build from; without it what an image brings is not known. */
  readonly builds?: ServiceBuilds;
  /** True where the caller goes on to read what services mount, and Traefik's labels with it. */
  readonly linkedLater?: boolean;
}

/**
 * The facts of one Compose project. Docker's own defaults are filled in for what is dangerous, protections that nobody
 * wrote are unstated, and whatever the loader could not resolve is unknown.
 */
export function readComposeProject(project: ComposeProject, options: ReadComposeOptions = {}): System {
  const root = Fields.of(project.root, project.root.place, "the file");
  const context: ProjectContext = {
    system: options.systemName ?? project.name,
    lens: options.lens ?? "written",
    root,
    services: root.fields("services"),
    composeFiles: new Set(project.files.map((source) => source.path)),
    folder: project.folder,
    findFile: options.findFile,
    readFile: options.readFile,
    swarm: readSwarm(root, project.version),
    dormant: readDormancy(root.fields("services"), project.profiles),
  };
  const own = readSubjects(context, options.builds);
  const routed = options.linkedLater === true ? [] : labelRoutes(context, own);
  return new System({
    name: context.system,
    lens: context.lens,
    platform: "compose",
    subjects: withDistinctRefs([...own, ...routed, ...(options.builds?.subjects ?? []), ...(options.more ?? [])]),
    problems: [...project.problems, ...(options.builds?.problems ?? [])],
  });
}

function readSubjects(project: ProjectContext, builds: ServiceBuilds | undefined): readonly AnySubject[] {
  const modes = readNetworkModes(project);
  const services = project.services.entries.filter((entry) => !isProvided(entry.value));
  const attachments = new Map(services.map(({ key }) => [key, readAttachments(project, key, modes)] as const));
  const used = new Set([...attachments.values()].flatMap((list) => list.items.map((item) => item.network.name)));
  const subjects = services.flatMap((entry): readonly AnySubject[] => {
    const networkMode = modes.get(entry.key);
    const attached = attachments.get(entry.key);
    if (networkMode === undefined || attached === undefined) return [];
    const fields = Fields.of(entry.value, entry.keyPlace, entry.key, project.services.hidden);
    const { system, lens } = project;
    const owner = { ref: workloadRef(system, entry.key) };
    const built = builds?.imageOf({ system, lens, platform: "compose", owner }, fields);
    const context: ServiceContext = {
      ...project,
      service: entry.key,
      fields,
      place: entry.keyPlace,
      networkMode,
      built,
    };
    const image = readImage(context);
    const container = readContainer(context);
    const workload = readWorkload(context, attached);
    const delivered = withoutSecretFolder(context, readMounts(context), workload);
    return [
      workload,
      container,
      image,
      ...readListeners(context, image),
      ...delivered.mounts,
      ...delivered.secrets,
      ...readSecrets(context, container, workload.compose?.buildArguments ?? [], workload.compose?.hooks ?? []),
    ];
  });
  const own = [...readNetworks(project, used), ...subjects];
  return [...own, ...readCaddyLabels(project, own), ...readVirtualHosts(project, own)];
}

/** What Traefik's labels and arguments say, without the files that it reads: what depends on those is unknown. */
function labelRoutes({ system, lens }: ProjectContext, subjects: readonly AnySubject[]): readonly AnySubject[] {
  return linkTraefik(new System({ name: system, lens, platform: "compose", subjects }), undefined).subjects;
}

/** A service with a `provider` is run by a program of the host and has no container. */
function isProvided(node: ServiceNode): boolean {
  return node.kind === "mapping" && node.entries.has("provider");
}
type ServiceNode = Parameters<typeof Fields.of>[0] & object;

function readNetworkModes(project: ProjectContext): ReadonlyMap<string, Fact<NetworkMode>> {
  const containerNames = new Map<string, string>();
  const services = project.services.entries.map((entry) => {
    const fields = Fields.of(entry.value, entry.keyPlace, entry.key, project.services.hidden);
    const name = fields.node("container_name");
    if (name?.kind === "scalar" && name.unresolved === undefined) containerNames.set(asText(name) ?? "", entry.key);
    return [entry.key, fields] as const;
  });
  return new Map(services.map(([key, fields]) => [key, readNetworkMode(project, fields, containerNames)]));
}

/** Two subjects of one name (a port published twice, two mounts that cannot be told) get `#2`, `#3`, … */
function withDistinctRefs(subjects: readonly AnySubject[]): readonly AnySubject[] {
  // All of them are of one system, so kind and name tell them apart.
  const seen = new Map<SubjectKind, Map<string, number>>();
  return subjects.map((subject) => {
    const { kind, name } = subject.ref;
    const counts = seen.get(kind) ?? new Map<string, number>();
    const count = (counts.get(name) ?? 0) + 1;
    if (counts.size === 0) seen.set(kind, counts);
    counts.set(name, count);
    return count === 1 ? subject : renamed(subject, `${name}#${count}`);
  });
}

function renamed<S extends AnySubject>(subject: S, name: string): S {
  const ref: Ref = { ...subject.ref, name };
  return { ...subject, ref };
}
