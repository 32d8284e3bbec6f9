/**
 * What one file of GitLab CI says, as a pipeline with the images that its jobs and their services run.
 */
import type { CommandRisk } from "../../facts/configuration/command-risk.ts";
import { complete, type FactList, incomplete, stated, unknown, unstated } from "../../facts/fact.ts";
import { parseImageReference } from "../../facts/image-reference.ts";
import { classifySecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { Image, Pipeline } from "../../facts/subjects.ts";
import type { PrivilegedUse, SecretUse, WorkflowExtension } from "../../facts/workflow.ts";
import { placeAt, wholeFile } from "../../lib/place.ts";
import type { ReadWorkflow, WorkflowInput } from "../github-workflow/read.ts";
import { risksOf } from "../shell/risks.ts";
import { child, type MappingNode, type ScalarNode, type TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { offsetsIn } from "../yaml/scalar-offsets.ts";
import { includesIn, localIncludes } from "./includes.ts";
import { injectionsIn } from "./injections.ts";
import { type GitlabJob, type GitlabPipeline, gitlabPipelineOf, members, text } from "./model.ts";

export interface ReadGitlabFile extends ReadWorkflow {
  /** Files of the repository that belong to the same pipeline; patterns among them. */
  readonly local: readonly string[];
}

export function readGitlabFile(input: WorkflowInput): ReadGitlabFile {
  const { file, path, system, lens, platform } = input;
  const { documents, problems } = parseYaml(file.source, file.text);
  const model = gitlabPipelineOf(documents);
  if (model === undefined) return { subjects: [], problems, local: [] };
  const broken = problems.some(({ severity }) => severity === "error")
    ? "a part of the file could not be read"
    : undefined;
  const pipeline: Pipeline = {
    kind: "pipeline",
    ref: { kind: "pipeline", system, name: path },
    lens,
    platform,
    place: wholeFile(file.source),
    file: file.source.path,
    workflow: extensionOf(model, input, model.doubt ?? broken),
  };
  const images = imagesIn(model, pipeline);
  return { subjects: [pipeline, ...images], problems, local: localIncludes(model.root) };
}

function extensionOf(model: GitlabPipeline, { file }: WorkflowInput, doubt: string | undefined): WorkflowExtension {
  const place = wholeFile(file.source);
  const whole = <T>(items: readonly T[]): FactList<T> =>
    doubt === undefined ? complete(items, place) : incomplete(items, doubt, place);
  // When it runs, with which rights and on which runners is set in GitLab itself.
  const includes = includesIn(model.root);
  const privileged = privilegedIn(model);
  const open = <T>(items: readonly T[], why: string | undefined): FactList<T> =>
    why === undefined || doubt !== undefined ? whole(items) : incomplete(items, why, place);
  const elsewhere = <T>(): FactList<T> => incomplete([], "it is set in GitLab itself", place);
  return {
    host: "gitlab",
    kind: "workflow",
    triggers: elsewhere(),
    startedBy: [],
    name: undefined,
    actions: open(includes.uses, includes.doubt),
    tokens: elsewhere(),
    sharedToken: unknown("it is set in GitLab itself", place),
    foreignCode: elsewhere(),
    injections: whole(injectionsIn(model, file.text)),
    secrets: whole(literals(model)),
    runners: elsewhere(),
    privileged: open(privileged.uses, privileged.doubt),
    commands: whole(model.jobs.flatMap((job) => commandsOf(job, file.text))),
    logCommands: whole([]),
    caches: whole([]),
    publishes: elsewhere(),
    buildsImages: elsewhere(),
    scans: whole([]),
  };
}

/** Values of variables in the looks of an issuer's tokens, or addresses with a password. */
function literals({ jobs, variables }: GitlabPipeline): readonly SecretUse[] {
  const own = jobs.flatMap(({ node }) => [
    child(node, "variables"),
    ...members(child(node, "services")).map((service) => child(service, "variables")),
  ]);
  const found = new Map<TreeNode, SecretUse>();
  for (const each of [variables, ...own]) {
    if (each?.kind !== "mapping") continue;
    for (const { key, value } of each.entries.values()) {
      const written = value.kind === "mapping" ? child(value, "value") : value;
      const content = new Sensitive(text(written) ?? "");
      if (written === undefined || classifySecret("", content) !== "literal-secret") continue;
      const what = `the secret of ${key} is written out`;
      found.set(written, { kind: "literal", name: key, what, value: content, place: written.place });
    }
  }
  return [...found.values()];
}

/**
 * A service that is an engine of its own runs only where the runner's containers are privileged.
 *
 * Source: docs.gitlab.com/ci/docker/using_docker_build, "Use Docker-in-Docker".
 */
function privilegedIn({ jobs }: GitlabPipeline): {
  readonly uses: readonly PrivilegedUse[];
  readonly doubt: string | undefined;
} {
  let doubt: string | undefined;
  const found = new Map<TreeNode, PrivilegedUse>();
  for (const { node } of jobs) {
    for (const service of members(child(node, "services"))) {
      const name = nameOf(service);
      const image = name === undefined ? "" : String(name.value);
      // A registry by a variable (`$CI_REGISTRY/docker:dind`) leaves the name as it is.
      if (image.slice(image.lastIndexOf("/") + 1).includes("$"))
        doubt ??= `the service \`${image}\` is named by a variable`;
      if (name === undefined || !/(?:^|\/)docker:(?:[\w.-]*-)?dind(?![\w.]|-rootless)|(?:^|\/)dind(?::|$)/.test(image))
        continue;
      found.set(name, { what: `the service ${image} runs an engine inside of the job`, place: name.place });
    }
  }
  return { uses: [...found.values()], doubt };
}

/** Scripts as the shell of a container reads them; a runner may have another one, and then few commands are known. */
function commandsOf({ scripts }: GitlabJob, file: string): readonly CommandRisk[] {
  return scripts.flatMap((script): readonly CommandRisk[] => {
    if (script.place.kind !== "file") return [];
    const { source } = script.place;
    const found = risksOf(String(script.value));
    if (found.length === 0) return [];
    const offsetOf = offsetsIn(file, script);
    return found.map(({ offset, ...risk }) => ({ ...risk, place: placeAt(source, offsetOf(offset)) }));
  });
}

/** The image of each job and of its services, each text once where an anchor puts it into several jobs. */
function imagesIn({ jobs }: GitlabPipeline, pipeline: Pipeline): readonly Image[] {
  const seen = new Set<TreeNode>();
  return jobs.flatMap(({ name, node }) =>
    named(node).flatMap(({ key, scalar }): Image[] => {
      if (seen.has(scalar)) return [];
      seen.add(scalar);
      return [imageOf(`${pipeline.ref.name}/${name}${key}`, scalar, pipeline)];
    }),
  );
}

function named(node: MappingNode): readonly { readonly key: string; readonly scalar: ScalarNode }[] {
  const image = nameOf(child(node, "image"));
  const services = members(child(node, "services")).flatMap((service) => nameOf(service) ?? []);
  return [
    ...(image === undefined ? [] : [{ key: "", scalar: image }]),
    ...services.map((scalar, index) => ({ key: `/services/${index}`, scalar })),
  ];
}

/** `image: x` and `image: {name: x}`, and the same of a service. */
function nameOf(node: TreeNode | undefined): ScalarNode | undefined {
  const name = node?.kind === "mapping" ? child(node, "name") : node;
  return name?.kind === "scalar" && typeof name.value === "string" && name.value !== "" ? name : undefined;
}

function imageOf(name: string, scalar: ScalarNode, pipeline: Pipeline): Image {
  const { place } = scalar;
  const written = String(scalar.value).trim();
  const reference = written.includes("$") ? undefined : parseImageReference(written);
  const why = written.includes("$") ? "the image is put together when the job runs" : "it names no image";
  return {
    kind: "image",
    ref: { kind: "image", system: pipeline.ref.system, name },
    lens: pipeline.lens,
    platform: pipeline.platform,
    place,
    usedBy: pipeline.ref,
    reference: reference === undefined ? unknown(why, place) : stated(reference, place),
    built: false,
    pullPolicy: unstated(place),
  };
}
