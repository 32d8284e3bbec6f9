/**
 * How a script could read a text of others from its environment, where the shell takes it for a text and no more.
 *
 * Source: docs.github.com, "Script injections", section "Using an intermediate environment variable".
 */
import type { InjectionRewrite } from "../../facts/workflow.ts";
import { child, type ScalarNode, type TreeNode } from "../tree.ts";
import { inWordsOfGithub } from "./expressions.ts";
import { type Job, type Step, text, type Workflow } from "./model.ts";

export interface InScript {
  readonly workflow: Workflow;
  readonly job: Job;
  readonly step: Step;
  readonly script: ScalarNode;
  /** Where `${{` stands in the script. */
  readonly offset: number;
  /** `github.event.issue.title`, or `env.TITLE`. */
  readonly context: string;
}

/**
 * The same without the expression in the script. Undefined where the script is not the shell's, or it is not certain that
 * the shell reads the variable there, once, as a text.
 */
export function rewriteOf({ workflow, job, step, script, offset, context }: InScript): InjectionRewrite | undefined {
  const written = String(script.value);
  const expression = /^\$\{\{[^\n{}]*\}\}/.exec(written.slice(offset, offset + 500))?.[0];
  if (script !== step.run || expression === undefined || !isPosixShell(workflow, job, step)) return undefined;
  if (written.length > longest || readAgain.test(written)) return undefined;
  const state = quotesAt(written, offset);
  if (state === undefined) return undefined;
  const own = /^env\.(\w+)$/.exec(context)?.[1];
  if (expression.slice(3, -2).trim() !== context) return undefined;
  const name = own ?? nameFor(context);
  if (name === undefined || (own === undefined && isTaken(name, written, workflow, job, step))) return undefined;
  return {
    expression,
    reading: state === "double" ? `\${${name}}` : `"\${${name}}"`,
    variable: own === undefined ? { name, value: `\${{ ${context} }}` } : undefined,
    step: step.node.place,
  };
}

const longest = 20_000;
/**
 * What takes a text for a program once more: shells that are given one, here-documents, arithmetic, and Bash's own escapes;
 * and the files and lines by which a step sets variables of the next ones, where a line break in the text is one more.
 */
const readAgain = new RegExp(
  [
    /\b(?:eval|ssh|su|xargs|parallel|trap|awk|sed|jq|envsubst|docker|kubectl|source)\b/,
    /(?:^|[\s|;&(])\.[ \t]/,
    /(?:^|[\s|;&(/])(?:ba|da|z|k|a|c)?sh(?=[\s;|&)"']|$)/,
    /\b(?:python[\d.]*|node|perl|ruby|php)\s+-\w/,
    /\|&?\s*(?:\w+=\S*\s+|sudo\s+|env\s+)*(?:\S{0,99}\/)?(?:python[\d.]*|node|perl|ruby|php|psql|mysql|mariadb|sqlite3|bc|at|batch|crontab)\b/,
    /\b(?:GITHUB|GITEA|FORGEJO)_(?:ENV|PATH|OUTPUT|STATE)\b|::(?:set-env|add-path|set-output|save-state)\b/,
    /<<|\(\(|`|\$'|\$"/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "m",
);

/** Runners of GitHub's own have Bash unless they are Windows; others are not known. */
function isPosixShell(workflow: Workflow, job: Job, step: Step): boolean {
  const shell = [child(step.node, "shell"), shellIn(job.node), shellIn(workflow.root)].find(
    (node) => node !== undefined,
  );
  if (shell !== undefined) return /^(?:bash|sh)$/.test(text(shell) ?? "");
  return /^(?:ubuntu|macos)-[\w.-]+$/.test(text(child(job.node, "runs-on")) ?? "");
}

/** The same as far as nothing says otherwise: runners that are not known mostly run Linux. */
export function mayBePosixShell(workflow: Workflow, job: Job, step: Step): boolean {
  const shell = [child(step.node, "shell"), shellIn(job.node), shellIn(workflow.root)].find(
    (node) => node !== undefined,
  );
  if (shell !== undefined) return /^(?:bash|sh)\b/.test(text(shell) ?? "");
  return !/windows/i.test(text(child(job.node, "runs-on")) ?? "");
}

function shellIn(node: TreeNode): TreeNode | undefined {
  return child(child(child(node, "defaults"), "run"), "shell");
}

/** `github.event.issue.title` as `ISSUE_TITLE`; names that begin with `GITHUB_` are the runner's own. */
function nameFor(context: string): string | undefined {
  const known = inWordsOfGithub(context);
  if (!/^github(?:\.\w+)+$/.test(known)) return undefined;
  return known
    .replace(/^github\.(?:event\.)?/, "")
    .replaceAll(".", "_")
    .toUpperCase();
}

/** Whether something of that name is there, in the environment or the script's own. */
function isTaken(name: string, script: string, workflow: Workflow, job: Job, step: Step): boolean {
  const environments = [workflow.environment, child(job.node, "env"), child(step.node, "env")];
  return environments.some((node) => child(node, name) !== undefined) || new RegExp(`\\b${name}\\b`).test(script);
}

/** In which quotes of the shell an offset lies; undefined in single ones, comments, and where a command begins. */
function quotesAt(script: string, offset: number): "none" | "double" | undefined {
  let quote: "none" | "double" | "single" = "none";
  for (let at = 0; at < offset; at++) {
    const rest = script.slice(at, at + 500);
    const expression = /^\$\{\{[^\n{}]*\}\}/.exec(rest)?.[0];
    if (expression !== undefined) {
      at += expression.length - 1;
      continue;
    }
    const char = script[at];
    if (quote === "single") {
      if (char === "'") quote = "none";
    } else if (char === "\\") at += 1;
    else if (char === '"') quote = quote === "double" ? "none" : "double";
    else if (quote === "double" && rest.startsWith("$(")) return undefined;
    else if (quote === "none" && char === "'") quote = "single";
    else if (quote === "none" && char === "#" && /^$|[\s;|&(]$/.test(script.slice(Math.max(0, at - 1), at))) {
      const end = script.indexOf("\n", at);
      if (end === -1 || end >= offset) return undefined;
      at = end;
    }
  }
  if (quote === "single") return undefined;
  const before = script.slice(Math.max(0, offset - 200), offset);
  return quote === "none" && /(?:^|[\n;|&({!]|\b(?:then|do|else|if|while|until|exec|sudo|env))[ \t]*$/.test(before)
    ? undefined
    : quote;
}
