/**
 * What one workflow or composite action says, as a pipeline with the images that its jobs run in.
 */

import type { CommandRisk } from "../../facts/configuration/command-risk.ts";
import { complete, type FactList, incomplete, stated, unknown, unstated } from "../../facts/fact.ts";
import { parseImageReference } from "../../facts/image-reference.ts";
import type { Image, Lens, Pipeline, PlatformName } from "../../facts/subjects.ts";
import type { InputProblem } from "../../facts/system.ts";
import type { ActionUse, PrivilegedUse, Runner, WorkflowExtension } from "../../facts/workflow.ts";
import { type Place, placeAt, wholeFile } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { risksOf } from "../shell/risks.ts";
import { child } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { offsetsIn } from "../yaml/scalar-offsets.ts";
import { foreignArtifacts } from "./artifacts.ts";
import { foreignCode } from "./checkouts.ts";
import { injectionsIn } from "./injections.ts";
import { logCommandsIn } from "./log-commands.ts";
import { type Job, modelOf, type Step, scalar, text, type Workflow } from "./model.ts";
import { isSelfHosted, runnerLabels } from "./powers.ts";
import { cacheUse, imageBuild, publication, scanIn } from "./releases.ts";
import { secretUses } from "./secrets.ts";
import { jobTokens, sharedToken } from "./tokens.ts";
import { startedBy, triggersOf } from "./triggers.ts";
import { actionUse } from "./uses.ts";

export interface WorkflowInput {
  readonly file: TextFile;
  /** Within the root. */
  readonly path: string;
  readonly system: string;
  readonly lens: Lens;
  readonly platform: PlatformName;
}

export interface ReadWorkflow {
  /** The pipeline and its images; empty when the text is neither workflow nor composite action. */
  readonly subjects: readonly (Pipeline | Image)[];
  readonly problems: readonly InputProblem[];
}

export function readWorkflow(input: WorkflowInput): ReadWorkflow {
  const { file, path, system, lens, platform } = input;
  const { documents, problems } = parseYaml(file.source, file.text);
  const workflow = modelOf(documents[0]);
  if (workflow === undefined) return { subjects: [], problems };
  const broken =
    problems.find(({ severity }) => severity === "error") === undefined
      ? undefined
      : "a part of the file could not be read";
  const pipeline: Pipeline = {
    kind: "pipeline",
    ref: { kind: "pipeline", system, name: path },
    lens,
    platform,
    place: wholeFile(file.source),
    file: file.source.path,
    workflow: extensionOf(workflow, file, path, workflow.doubt ?? broken),
  };
  return { subjects: [pipeline, ...workflow.jobs.flatMap((job) => jobImage(job, pipeline))], problems };
}

function extensionOf(workflow: Workflow, file: TextFile, path: string, doubt: string | undefined): WorkflowExtension {
  const place = wholeFile(file.source);
  const whole = <T>(items: readonly T[]): FactList<T> =>
    doubt === undefined ? complete(items, place) : incomplete(items, doubt, place);
  const steps = workflow.jobs.flatMap((job) => job.steps);
  const triggers = triggersOf(workflow);
  const logCommands = logCommandsIn(workflow, file.text, place);
  const host = /(?:^|\/)\.(?:forgejo|gitea)\//.test(path) ? "forgejo" : "github";
  return {
    host,
    kind: workflow.kind,
    triggers: whole(triggers),
    startedBy: startedBy(workflow.root),
    name: workflow.name,
    actions: whole(actionsIn(workflow)),
    tokens: whole(workflow.kind === "workflow" ? jobTokens(workflow) : []),
    sharedToken: workflow.kind === "workflow" ? sharedToken(workflow) : unstated(place),
    foreignCode: whole([...foreignCode(workflow, triggers, host), ...foreignArtifacts(workflow, triggers, host)]),
    injections: whole(injectionsIn(workflow, triggers, file.text)),
    secrets: whole(secretUses(workflow, file.text)),
    runners: whole(workflow.jobs.flatMap(runnerOf)),
    privileged: whole(workflow.jobs.flatMap(privilegedIn)),
    commands: whole(steps.flatMap((step) => commandsOf(step, file.text))),
    logCommands: doubt === undefined ? logCommands : incomplete(logCommands.items, doubt, place),
    caches: whole(found(steps, cacheUse)),
    publishes: whole(found(steps, publication)),
    buildsImages: whole(found(steps, imageBuild)),
    scans: whole(found(steps, scanIn)),
  };
}

function found<T>(steps: readonly Step[], look: (step: Step) => T | undefined): readonly T[] {
  return steps.flatMap((step) => look(step) ?? []);
}

/** Every action, reusable workflow and image that is called by a name, each name once. */
function actionsIn({ jobs }: Workflow): readonly ActionUse[] {
  const uses = jobs.flatMap((job) => [
    ...(job.uses === undefined ? [] : [actionUse(job.uses, "workflow")]),
    ...job.steps.map((step) => (step.uses === undefined ? undefined : actionUse(step.uses, "action"))),
  ]);
  const distinct = new Map<string, ActionUse>();
  for (const use of uses) if (use !== undefined && !distinct.has(use.text)) distinct.set(use.text, use);
  return [...distinct.values()];
}

function runnerOf({ name, node }: Job): readonly Runner[] {
  const runsOn = child(node, "runs-on");
  if (runsOn === undefined) return [];
  const labels = runnerLabels(node);
  return [{ job: name, labels, selfHosted: isSelfHosted(labels), place: runsOn.place }];
}

/** `--privileged` among the options of a job's container or of its services. */
function privilegedIn({ node }: Job): readonly PrivilegedUse[] {
  const services = child(node, "services");
  const containers = [
    child(node, "container"),
    ...(services?.kind === "mapping" ? [...services.entries.values()].map(({ value }) => value) : []),
  ];
  return containers.flatMap((container): PrivilegedUse[] => {
    const options = child(container, "options");
    if (options === undefined || !/(?:^|\s)--privileged(?:=true)?(?:\s|$)/.test(text(options) ?? "")) return [];
    return [{ what: "`options` gives the container `--privileged`", place: options.place }];
  });
}

/** Scripts of other shells than POSIX ones are not read. */
function commandsOf({ run, node }: Step, file: string): readonly CommandRisk[] {
  const shell = text(child(node, "shell")) ?? "bash";
  if (run?.place.kind !== "file" || !/^(?:ba|da|z)?sh\b/.test(shell)) return [];
  const { source } = run.place;
  const offsetOf = offsetsIn(file, run);
  return risksOf(withoutExpressions(String(run.value))).map(({ offset, ...risk }) => ({
    ...risk,
    place: placeAt(source, offsetOf(offset)),
  }));
}

/** Expressions as variables of the same length, for that is what the shell does not know either. */
function withoutExpressions(script: string): string {
  if (!script.includes("${{")) return script;
  return script.replace(/\$\{\{[^}]{0,1000}\}\}/g, (expression) => `$${"X".repeat(expression.length - 1)}`);
}

/** The image of `container:`, which a job's steps run in, with its secrets. */
function jobImage({ name, node }: Job, pipeline: Pipeline): readonly Image[] {
  const container = child(node, "container");
  const image = scalar(container?.kind === "mapping" ? child(container, "image") : container);
  if (image === undefined) return [];
  const written = String(image.value).trim();
  return [
    {
      kind: "image",
      ref: { kind: "image", system: pipeline.ref.system, name: `${pipeline.ref.name}/${name}` },
      lens: pipeline.lens,
      platform: pipeline.platform,
      place: image.place,
      usedBy: pipeline.ref,
      reference: imageReference(written, image.place),
      built: false,
      pullPolicy: unstated(image.place),
    },
  ];
}

function imageReference(written: string, place: Place): Image["reference"] {
  if (written.includes("${{")) return unknown("the image is put together when the job runs", place);
  const reference = parseImageReference(written.replace(/^docker:\/\//, ""));
  return reference === undefined ? unknown("`container` names no image", place) : stated(reference, place);
}
