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
  return workflow.jobs.flatMap((job) => {
    let read: readonly StepUse[] | undefined;
    let powers: ReturnType<typeof powersOf> | undefined;
    return job.steps.flatMap((step, index): ForeignCode[] => {
      const folder = downloadedTo(step);
      if (folder === undefined) return [];
      read ??= job.steps.map((each) => useOf(each, job));
      const use = worstUse(read, index + 1, folder);
      const guard = guardOf(job, step);
      if (use === undefined || guard === "own") return [];
      powers ??= powersOf(workflow, job, host);
      return [
        {
          by: "artifact",
          what: "an artifact that somebody else's pull request may have made is unpacked",
          trigger: trigger.name,
          runs: use === "program",
          ...(use === "program" ? {} : { sets: use }),
          ...powers,
          guard: guard === "approval" ? guard : trigger.branches ? "branches" : "none",
          place: step.place,
        },
      ];
    });
  });
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

/** A file that a script runs or hands on, as it is seen from the workspace. */
interface UsedFile {
  readonly use: Use;
  readonly path: string;
  readonly isAbsolute: boolean;
}

/** What a step does with files, whichever artifact they are of: however many are unpacked, its script is read once. */
interface StepUse {
  /** A checkout empties the workspace first. */
  readonly empties: boolean;
  readonly files: readonly UsedFile[];
}

function useOf(step: Step, job: Job): StepUse {
  const empties = /(?:^|\/)checkout@/.test(actionOf(step.uses)) && isForWorkspace(step);
  return { empties, files: filesUsedBy(step, job) };
}

const byWeight: readonly Use[] = ["program", "variables", "outputs"];

/** The worst that is done from a step on with what lies in a folder. */
function worstUse(steps: readonly StepUse[], from: number, folder: string): Use | undefined {
  const below = `${folder}/`;
  const isOfIt = ({ path, isAbsolute }: UsedFile) =>
    folder === "" ? !path.startsWith("@temp") && !isAbsolute : path.startsWith(below);
  const found = new Set<Use>();
  for (let at = from; at < steps.length && !found.has("program"); at++) {
    const { empties, files = [] } = steps[at] ?? {};
    if (empties === true && !folder.startsWith("@temp")) break;
    for (const used of files) if (isOfIt(used)) found.add(used.use);
  }
  return byWeight.find((use) => found.has(use));
}

function filesUsedBy({ node, run }: Step, job: Job): readonly UsedFile[] {
  const script = text(run);
  if (script === undefined || script.length > 50_000) return [];
  const where =
    text(child(node, "working-directory")) ??
    text(child(child(child(job.node, "defaults"), "run"), "working-directory")) ??
    "";
  return usesIn(lexShell(inWordsOfGithub(withPlainFolders(script))), normalised(where) ?? "");
}

function isForWorkspace({ with: inputs }: Step): boolean {
  return child(inputs, "path") === undefined && text(child(inputs, "clean")) !== "false";
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

function usesIn(script: ShellScript, start: string): readonly UsedFile[] {
  const found: UsedFile[] = [];
  let from: string | undefined = start;
  const fileOf: FileOf = (word) => {
    const path =
      word === undefined || from === undefined || /[=:]/.test(word.text) ? undefined : normalised(word.text, from);
    return path === undefined || path === "" ? [] : [{ path, isAbsolute: word?.text.startsWith("/") === true }];
  };
  const add = (use: Use, files: readonly NamedFile[]) => {
    for (const file of files) found.push({ use, ...file });
  };
  for (const pipeline of script) {
    for (const command of pipeline) {
      const { name, arguments: given } = simplify(command);
      if (name === "cd") from = from === undefined ? undefined : normalised(given[0]?.text ?? "$HOME", from);
      else add("program", runBy(command, name, given, fileOf));
      for (const { nested } of command.words)
        for (const inner of nested) if (from !== undefined) for (const used of usesIn(inner, from)) found.push(used);
    }
    const sets = setBy(pipeline);
    if (sets !== undefined) add(sets, readBy(pipeline, fileOf));
  }
  return found;
}

type NamedFile = Omit<UsedFile, "use">;
/** The file that a word names; none for one that is not known. */
type FileOf = (word: ShellWord | undefined) => readonly NamedFile[];

/** A program by its path, or a file that is given to an interpreter. */
function runBy(
  { words }: ShellCommand,
  name: string,
  given: readonly ShellWord[],
  fileOf: FileOf,
): readonly NamedFile[] {
  const program = words[words.length - given.length - 1];
  const isPath = program?.text.includes("/") === true && !/^\/(?!@)/.test(program.text);
  const own = isPath ? fileOf(program) : [];
  if (!interpreters.test(name)) return own;
  if (given.some(({ text: word }) => /^-\w*[ce]$/.test(word) || word === "-m")) return own;
  return [...own, ...fileOf(given.find(({ text: word }) => !word.startsWith("-")))];
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

function readBy(pipeline: ShellPipeline, fileOf: FileOf): readonly NamedFile[] {
  const commands = pipeline.map((command) => ({ ...simplify(command), words: command.words }));
  if (commands.some(({ name }) => narrowing.test(name))) return [];
  return commands.flatMap(({ name, arguments: given, words }) => [
    ...(/^(?:cat|tac)$/.test(name) ? given.flatMap(fileOf) : []),
    ...words.flatMap(({ nested }) => nested.flatMap((script) => script.flatMap((inner) => readBy(inner, fileOf)))),
  ]);
}
