import type { BuildRisk, DockerfileConfiguration } from "../../facts/configuration/dockerfile.ts";
import { type Fact, knownValue, unstated } from "../../facts/fact.ts";
import { softwareOf } from "../../facts/knowledge/software.ts";
import type { AnySubject, Image, RepositoryFile } from "../../facts/subjects.ts";
import type { InputProblem } from "../../facts/system.ts";
import { type ConfigurationOwner, configurationFile } from "../../formats/configuration-file.ts";
import { fetchedImages } from "../../formats/dockerfile/index.ts";
import { type DockerfileText, type ReadDockerfile, readDockerfile, textOf } from "../../formats/dockerfile/read.ts";
import type { Stage } from "../../formats/dockerfile/stage.ts";
import type { BuildRequest } from "../../formats/dockerfile/stages.ts";
import { asText, type Fields } from "../../formats/fields.ts";
import type { TreeNode } from "../../formats/tree.ts";
import { offsetsIn } from "../../formats/yaml/scalar-offsets.ts";
import type { Place, Source } from "../../lib/place.ts";
import { placeAt } from "../../lib/place.ts";
import type { ConfinedFiles, TextFile } from "../../repository/files.ts";
import type { Repository } from "../../repository/repository.ts";
import { readBuildArguments } from "./read-extension.ts";

/** A Dockerfile with what every build of it risks, and the images that they fetch by their names. */
interface Told {
  readonly subject: RepositoryFile;
  readonly images: ReadonlyMap<string, Image>;
}

/**
 * The images that services build from Dockerfiles of the repository: what each gives its service by default, and the
 * Dockerfiles themselves as subjects, each once. Those outside the root, remote and missing ones give nothing.
 */
export class ServiceBuilds {
  readonly #repository: Repository;
  readonly #claimed: ReadonlySet<string>;
  readonly #told = new Map<string, Told>();
  readonly #problems: InputProblem[] = [];
  readonly #sources: Source[] = [];

  /** `claimed`: files that are subjects of an earlier project already. */
  constructor(repository: Repository, claimed: ReadonlySet<string>) {
    this.#repository = repository;
    this.#claimed = claimed;
  }

  /** What the Dockerfiles add to the project. */
  get subjects(): readonly AnySubject[] {
    return [...this.#told.values()].flatMap(({ subject, images }) => [subject, ...images.values()]);
  }

  get problems(): readonly InputProblem[] {
    return this.#problems;
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }

  /** The image that a service builds, as its last stage leaves it; undefined when it builds none that can be read. */
  imageOf(service: ServiceToBuild, fields: Fields): Stage | undefined {
    const build = fields.fields("build");
    if (fields.node("build") === undefined) return undefined;
    const context = contextOf(build, this.#repository.files);
    if (context === undefined) return undefined;
    const inline = build.node("dockerfile_inline");
    return inline === undefined
      ? this.#fromFile(service, build, context)
      : this.#inline(service, build, context, inline);
  }

  #fromFile(service: ServiceToBuild, build: Fields, context: string): Stage | undefined {
    const path = dockerfileOf(build, context, this.#repository.files);
    const file = path === undefined ? undefined : this.#found(path);
    if (file === undefined) return undefined;
    const read = this.#read(textOf(file), build, file.path, context);
    if (this.#claimed.has(file.path)) return read.stages.final;
    const isNew = this.#tell(file.path, read, () =>
      configurationFile({ file, path: file.path, ...service }, read.configuration),
    );
    if (isNew) this.#sources.push(file.source);
    return read.stages.final;
  }

  /** Without a name of its own, `Dockerfile`, and with Podman's name where there is none. */
  #found(path: string): TextFile | undefined {
    const { files } = this.#repository;
    const podman = path.replace(/(^|\/)Dockerfile$/, "$1Containerfile");
    const name = [path, podman].find((candidate) => files.exists(candidate));
    const file = name === undefined ? undefined : files.read(name);
    return file?.ok === true ? file : undefined;
  }

  /** One that is written in the Compose file, in which its places are told. */
  #inline(service: ServiceToBuild, build: Fields, context: string, node: TreeNode): Stage | undefined {
    if (node.kind !== "scalar" || node.unresolved !== undefined || typeof node.value !== "string") return undefined;
    const { place } = node;
    const path = place.kind === "file" ? this.#repository.pathOf(place.source.path) : undefined;
    const file = path === undefined ? undefined : this.#repository.files.read(path);
    const offsetOf = file?.ok === true ? offsetsIn(file.text, node) : undefined;
    const placeOf = (offset: number): Place =>
      place.kind === "file" && offsetOf !== undefined ? placeAt(place.source, offsetOf(offset)) : place;
    const read = this.#read({ text: node.value, placeOf }, build, undefined, context);
    if (path === undefined || file?.ok !== true || place.kind !== "file") return read.stages.final;
    // An anchor gives one text to several services. No path within a folder begins with a slash.
    this.#tell(`/${path}:${place.offset}`, read, () => {
      const own = configurationFile({ file, path, ...service }, read.configuration);
      const ref = { ...own.ref, name: `${path}/dockerfile_inline of ${service.owner?.ref.name ?? ""}` };
      return { ...own, ref, isPart: true };
    });
    return read.stages.final;
  }

  /** Whether it was told for the first time; of a further build what it has besides is added. */
  #tell(key: string, { configuration, stages, problems }: ReadDockerfile, make: () => RepositoryFile): boolean {
    const known = this.#told.get(key);
    const subject = known === undefined ? make() : withRisksOf(known.subject, configuration);
    const images = new Map(known?.images);
    for (const image of fetchedImages(subject, stages.fetched)) {
      if (!images.has(image.ref.name)) images.set(image.ref.name, image);
    }
    this.#told.set(key, { subject, images });
    if (known === undefined) this.#problems.push(...problems);
    return known === undefined;
  }

  #read(text: DockerfileText, build: Fields, dockerfile: string | undefined, context: string): ReadDockerfile {
    const { files, paths } = this.#repository;
    return readDockerfile(text, requestOf(build), { files, paths }, { dockerfile, context });
  }
}

/** Another folder holds other files, and other arguments give other values: what is a risk there alone is one as well. */
function withRisksOf(subject: RepositoryFile, { risks }: DockerfileConfiguration): RepositoryFile {
  const { configuration } = subject;
  if (configuration?.software !== "dockerfile") return subject;
  const keyOf = ({ kind, name }: BuildRisk) => `${kind} ${name}`;
  const known = new Set(configuration.risks.items.map(keyOf));
  const items = [...configuration.risks.items, ...risks.items.filter((risk) => !known.has(keyOf(risk)))];
  const rest = configuration.risks.complete ? risks : configuration.risks;
  return { ...subject, configuration: { ...configuration, risks: { ...rest, items } } };
}

/** How the Dockerfile of a service is named as a subject. */
export type ServiceToBuild = Pick<ConfigurationOwner, "system" | "lens" | "platform" | "owner">;

/** The folder that the builder is given, within the root; undefined for what lies elsewhere. */
function contextOf(build: Fields, files: ConfinedFiles): string | undefined {
  const context = build.fact("context", asText, "a folder", unstated);
  const path = context.kind === "stated" ? context.value : context.kind === "unstated" ? "." : undefined;
  if (path === undefined || path.includes("://") || /^(?:service:|git@)/.test(path)) return undefined;
  return files.within(path);
}

function dockerfileOf(build: Fields, context: string, files: ConfinedFiles): string | undefined {
  const name = build.fact("dockerfile", asText, "a file", unstated);
  if (name.kind === "unknown") return undefined;
  const file = knownValue(name) ?? "Dockerfile";
  return files.within(file.startsWith("/") ? file : `${context === "" ? "." : context}/${file}`);
}

function requestOf(build: Fields): BuildRequest {
  const target = build.fact("target", asText, "a stage", unstated);
  const given = readBuildArguments(build).map(({ name, value }) => [name, asVariable(value)] as const);
  const contexts = build.list("additional_contexts", (_, key) => (key === undefined ? "nothing" : { value: key }));
  return {
    target: target.kind === "unknown" ? "?" : knownValue(target),
    arguments: new Map(given),
    contexts: new Set(contexts.items),
  };
}

function asVariable(value: Fact<{ reveal(): string }>) {
  if (value.kind === "unknown") return { why: value.why };
  return value.kind === "unstated" ? undefined : { text: value.value.reveal() };
}

/** Web servers that are a proxy in one stack and serve a site's files in another say nothing of what stands on them. */
const webServers = new Set(["nginx", "apache"]);

/** The repository of the base image, where it tells what the image built on it is. */
export function baseThatTells(stage: Stage | undefined): string | undefined {
  const base = stage === undefined ? undefined : knownValue(stage.base);
  const software = base === undefined ? undefined : softwareOf(base.repository);
  return software === undefined || webServers.has(software.name) ? undefined : base?.repository;
}
