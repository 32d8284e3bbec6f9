/**
 * Where a workflow with the repository's rights runs what it took out of the artifact of a pull request's run.
 *
 * Sources: securitylab.github.com/resources/github-actions-preventing-pwn-requests ("artifact poisoning"); the metadata of
 * actions/download-artifact (v4 to v6: `path` is the workspace where it is not given) and dawidd6/action-download-artifact.
 */
import type { ForeignCode, Trigger, WorkflowExtension } from "../../facts/workflow.ts";
import { simplify } from "../shell/command.ts";
import { lexShell, type ShellCommand, type ShellPipeline, type ShellScript, type ShellWord } from "../shell/lex.ts";
import { child } from "../tree.ts";
import { inWordsOfGithub } from "./expressions.ts";
import { guardOf } from "./guards.ts";
import { actionOf, type Job, type Step, text, type Workflow } from "./model.ts";
import { powersOf } from "./powers.ts";

const ofTheRun = /github\.event\.workflow_run\.id\b/i;

/** Artifacts of the run before that a later step of the job executes, or takes variables from. */
export function foreignArtifacts(
  workflow: Workflow,
  triggers: readonly Trigger[],
  host: WorkflowExtension["host"],
): readonly ForeignCode[] {
  const trigger = triggers.find(({ name }) => name === "workflow_run");
  if (trigger === undefined) return [];
  return workflow.jobs.flatMap((job) =>
    job.steps.flatMap((step, index): ForeignCode[] => {
      const folder = downloadedTo(step);
      if (folder === undefined) return [];
      const use = firstUse(job.steps.slice(index + 1), folder, job);
      const guard = guardOf(job, step);
      if (use === undefined || guard === "own") return [];
      return [
        {
          by: "artifact",
          what: "an artifact that somebody else's pull request may have made is unpacked",
          trigger: trigger.name,
          runs: use === "program",
          ...(use === "program" ? {} : { sets: use }),
          ...powersOf(workflow, job, host),
          guard: guard === "approval" ? guard : trigger.branches ? "branches" : "none",
          place: step.place,
        },
      ];
    }),
  );
}

/** The folder that a step unpacks such an artifact into, "" for the workspace; undefined for any other step. */
function downloadedTo({ uses, with: inputs, run }: Step): string | undefined {
  const action = actionOf(uses);
  const given = (name: string) => inWordsOfGithub(text(child(inputs, name)) ?? "");
  if (/^actions\/download-artifact@/.test(action))
    return ofTheRun.test(given("run-id")) ? normalised(given("path")) : undefined;
  if (/^dawidd6\/action-download-artifact@/.test(action))
    return ofTheRun.test(given("run_id")) ? normalised(given("path")) : undefined;
  const script = inWordsOfGithub(text(run)?.slice(0, 20_000) ?? "");
  const command = /\bgh\s+run\s+download\b[^\n]{0,300}/.exec(script)?.[0];
  if (command === undefined || !ofTheRun.test(command)) return undefined;
  return normalised(/\s(?:-D|--dir)[\s=]+["']?([^\s"']{1,200})/.exec(command)?.[1] ?? "");
}

const workspace = /^(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?GITHUB_WORKSPACE\}?)(?=\/|$)/;
const temporary = /^(?:\$\{\{\s*runner\.temp\s*\}\}|\$\{?RUNNER_TEMP\}?)(?=\/|$)/;

/** A path as it is seen from the workspace; undefined for one that is not known. */
function normalised(path: string, from = ""): string | undefined {
  const named = path.trim().replace(temporary, "/@temp").replace(workspace, "/@workspace");
  if (/[$`*?~\\]/.test(named)) return undefined;
  const parts: string[] = [];
  for (const part of (named.startsWith("/") ? named : `/@workspace/${from}/${named}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const whole = parts.join("/");
  return whole === "@workspace" ? "" : whole.replace(/^@workspace\//, "");
}

type Use = "program" | "variables" | "outputs";

function firstUse(steps: readonly Step[], folder: string, job: Job): Use | undefined {
  const found = new Set<Use>();
  for (const step of steps) {
    // A checkout empties the workspace first.
    if (/(?:^|\/)checkout@/.test(actionOf(step.uses)) && isEmptied(step, folder)) break;
    const script = text(step.run);
    if (script === undefined || script.length > 50_000) continue;
    const where =
      text(child(step.node, "working-directory")) ??
      text(child(child(child(job.node, "defaults"), "run"), "working-directory")) ??
      "";
    for (const use of usesIn(lexShell(inWordsOfGithub(withPlainFolders(script))), folder, normalised(where) ?? ""))
      found.add(use);
  }
  return (["program", "variables", "outputs"] as const).find((use) => found.has(use));
}

function isEmptied({ with: inputs }: Step, folder: string): boolean {
  return !folder.startsWith("@temp") && child(inputs, "path") === undefined && text(child(inputs, "clean")) !== "false";
}

/** Expressions for the two folders as variables, so that a word stays one word; others as a text that is no path. */
function withPlainFolders(script: string): string {
  return script.replace(/\$\{\{([^}]{0,1000})\}\}/g, (_, inner: string) =>
    /^\s*runner\.temp\s*$/.test(inner)
      ? "$RUNNER_TEMP"
      : /^\s*github\.workspace\s*$/.test(inner)
        ? "$GITHUB_WORKSPACE"
        : "$X",
  );
}

const interpreters = /^(?:ba|da|z|k)?sh$|^(?:python[\d.]*|node|deno|bun|perl|ruby|php|pwsh|lua)$|^(?:source|\.)$/;

function usesIn(script: ShellScript, folder: string, start: string): readonly Use[] {
  const found: Use[] = [];
  let from: string | undefined = start;
  const isForeign = (word: ShellWord | undefined): boolean => {
    const path =
      word === undefined || from === undefined || /[=:]/.test(word.text) ? undefined : normalised(word.text, from);
    if (path === undefined || path === "") return false;
    return folder === "" ? !path.startsWith("@temp") && !word?.text.startsWith("/") : path.startsWith(`${folder}/`);
  };
  for (const pipeline of script) {
    for (const command of pipeline) {
      const { name, arguments: given } = simplify(command);
      if (name === "cd") from = from === undefined ? undefined : normalised(given[0]?.text ?? "$HOME", from);
      else if (runs(command, name, given, isForeign)) found.push("program");
      for (const { nested } of command.words)
        for (const inner of nested) if (from !== undefined) found.push(...usesIn(inner, folder, from));
    }
    const sets = setBy(pipeline);
    if (sets !== undefined && reads(pipeline, isForeign)) found.push(sets);
  }
  return found;
}

type IsForeign = (word: ShellWord | undefined) => boolean;

/** A program by its path, or a file that is given to an interpreter. */
function runs({ words }: ShellCommand, name: string, given: readonly ShellWord[], isForeign: IsForeign): boolean {
  const program = words[words.length - given.length - 1];
  if (program?.text.includes("/") && isForeign(program) && !/^\/(?!@)/.test(program.text)) return true;
  if (!interpreters.test(name)) return false;
  if (given.some(({ text: word }) => /^-\w*[ce]$/.test(word) || word === "-m")) return false;
  return isForeign(given.find(({ text: word }) => !word.startsWith("-")));
}

const handedOn = /(?:GITHUB|GITEA|FORGEJO)_(ENV|PATH|OUTPUT)\b/;

function setBy(pipeline: ShellPipeline): "variables" | "outputs" | undefined {
  const targets = pipeline.flatMap((command) => {
    const { name, arguments: given } = simplify(command);
    return [...command.writes, ...(name === "tee" ? given : [])];
  });
  const kind = targets.map(({ text: target }) => handedOn.exec(target)?.[1]).find((each) => each !== undefined);
  return kind === undefined ? undefined : kind === "OUTPUT" ? "outputs" : "variables";
}

/** What cuts or checks a text on the way may leave no line break of another's in it. */
const narrowing = /^(?:tr|cut|grep|wc|sha\d+sum|head|tail|jq|yq|sed|awk)$/;

function reads(pipeline: ShellPipeline, isForeign: IsForeign): boolean {
  const names = pipeline.map((command) => simplify(command).name);
  if (names.some((name) => narrowing.test(name))) return false;
  return pipeline.some((command) => {
    const { name, arguments: given } = simplify(command);
    if (/^(?:cat|tac)$/.test(name) && given.some(isForeign)) return true;
    return command.words.some(({ nested }) => nested.some((script) => script.some((inner) => reads(inner, isForeign))));
  });
}
