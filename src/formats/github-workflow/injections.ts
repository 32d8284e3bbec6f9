/**
 * Texts of others that a workflow puts into a script before the shell reads it.
 */
import type { Injection, Trigger } from "../../facts/workflow.ts";
import { placeAt } from "../../lib/place.ts";
import { child, type ScalarNode, type TreeNode } from "../tree.ts";
import { offsetsIn } from "../yaml/scalar-offsets.ts";
import { type Author, environmentIn, expressionsIn, matrixNamesIn, untrustedIn } from "./expressions.ts";
import { guardOf } from "./guards.ts";
import { mayBePosixShell, rewriteOf } from "./injection-rewrite.ts";
import { actionOf, type Job, type Step, scalar, text, type Workflow } from "./model.ts";
import { variablesReadAgain } from "./read-again.ts";
import { privilegedByOutsiders, unprivilegedFromForks } from "./triggers.ts";

/** Inputs of actions that are a script. Source: each action's own metadata. */
const scriptInputs: readonly (readonly [action: RegExp, inputs: readonly string[]])[] = [
  [/^actions\/github-script@/, ["script"]],
  [/^azure\/(?:cli|powershell)@/, ["inlinescript"]],
  [/^appleboy\/ssh-action@/, ["script"]],
  [/^nick-fields\/retry@|^nick-invision\/retry@/, ["command"]],
  [/^addnab\/docker-run-action@/, ["run"]],
  [/^cypress-io\/github-action@/, ["command", "build", "start"]],
];

export function injectionsIn(workflow: Workflow, triggers: readonly Trigger[], file: string): readonly Injection[] {
  const shared = taintedNames(workflow.environment, new Map());
  return workflow.jobs.flatMap((job) => {
    const matrix = taintedMatrix(job);
    const ofJob = taintedNames(child(job.node, "env"), shared, matrix);
    return job.steps.flatMap((step) => {
      const tainted = taintedNames(child(step.node, "env"), ofJob, matrix);
      const around = { workflow, job, step, tainted, matrix, triggers, file };
      return [...scriptsOf(step).flatMap((script) => inScript(script, around)), ...readAgainIn(around)];
    });
  });
}

interface Surroundings {
  readonly workflow: Workflow;
  readonly job: Job;
  readonly step: Step;
  readonly tainted: ReadonlyMap<string, Untrusted>;
  readonly matrix: TaintedMatrix | undefined;
  readonly triggers: readonly Trigger[];
  readonly file: string;
}

function scriptsOf({ run, uses, with: inputs }: Step): readonly ScalarNode[] {
  if (run !== undefined) return [run];
  const action = actionOf(uses);
  const known = scriptInputs.find(([pattern]) => pattern.test(action))?.[1] ?? [];
  if (known.length === 0 || inputs?.kind !== "mapping") return [];
  return [...inputs.entries.values()].flatMap(({ key, value }) =>
    known.includes(key.toLowerCase()) ? (scalar(value) ?? []) : [],
  );
}

/** Variables whose value is a text of others: safe in the shell's own `$NAME`, and not as `${{ env.NAME }}`. */
function taintedNames(
  node: TreeNode | undefined,
  outer: ReadonlyMap<string, Untrusted>,
  matrix?: TaintedMatrix,
): ReadonlyMap<string, Untrusted> {
  if (node?.kind !== "mapping") return outer;
  const found = new Map(outer);
  for (const { key, value } of node.entries.values()) {
    const written = text(value);
    const untrusted = written === undefined ? undefined : (firstUntrusted(written) ?? fromMatrix(written, matrix));
    if (untrusted === undefined) found.delete(key);
    else found.set(key, untrusted);
  }
  return found;
}

/** A text of others: which, and who writes it. */
interface Untrusted {
  readonly context: string;
  readonly author: Author;
}

function firstUntrusted(written: string): Untrusted | undefined {
  for (const { text: inner } of expressionsIn(written)) {
    const [first] = untrustedIn(inner);
    if (first !== undefined) return first;
  }
  return undefined;
}

/** The values of a job's matrix that hold texts of others: those under their names, or all where the whole is one text. */
interface TaintedMatrix {
  readonly all: Untrusted | undefined;
  /** In small letters. */
  readonly names: ReadonlyMap<string, Untrusted>;
}

/**
 * A value of `strategy.matrix` is put into a script as it is, like any other; `fromJSON` makes the lists of a text.
 *
 * Source: docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax, `jobs.<job_id>.strategy.matrix`.
 */
function taintedMatrix(job: Job): TaintedMatrix | undefined {
  const node = child(child(job.node, "strategy"), "matrix");
  if (node === undefined) return undefined;
  const whole = text(node);
  if (whole !== undefined) {
    const all = firstUntrusted(whole);
    return all && { all, names: new Map() };
  }
  if (node.kind !== "mapping") return undefined;
  const found = new Map<string, Untrusted>();
  for (const { key, value } of node.entries.values()) {
    if (key === "exclude") continue;
    // The entries of `include` name values of their own.
    const parts = key === "include" && value.kind === "sequence" ? value.items.flatMap(namedParts) : [{ key, value }];
    for (const part of parts) {
      const untrusted = textsIn(part.value)
        .map(firstUntrusted)
        .find((each) => each !== undefined);
      if (untrusted !== undefined) found.set(part.key.toLowerCase(), untrusted);
    }
  }
  // `include` may be one text that makes values of any name.
  const all = found.get("include");
  return found.size === 0 ? undefined : { all, names: found };
}

function namedParts(item: TreeNode): readonly { readonly key: string; readonly value: TreeNode }[] {
  return item.kind === "mapping" ? [...item.entries.values()] : [{ key: "include", value: item }];
}

function textsIn(node: TreeNode, depth = 0): readonly string[] {
  if (node.kind === "scalar") return text(node)?.includes("${{") === true ? [text(node) ?? ""] : [];
  if (depth > 4) return [];
  const inner = node.kind === "sequence" ? node.items : [...node.entries.values()].map(({ value }) => value);
  return inner.flatMap((each) => textsIn(each, depth + 1));
}

/** The matrix's value that an expression puts in. */
function matrixIn(expression: string, matrix: TaintedMatrix | undefined): readonly Untrusted[] {
  if (matrix === undefined) return [];
  return matrixNamesIn(expression).flatMap((name) => {
    const known = matrix.names.get(name) ?? matrix.all;
    return known === undefined ? [] : [{ context: `matrix.${name}`, author: known.author }];
  });
}

function fromMatrix(written: string, matrix: TaintedMatrix | undefined): Untrusted | undefined {
  return expressionsIn(written).flatMap(({ text: inner }) => matrixIn(inner, matrix))[0];
}

function inScript(script: ScalarNode, around: Surroundings): readonly Injection[] {
  const written = String(script.value);
  if (!written.includes("${{") || script.place.kind !== "file") return [];
  const { source } = script.place;
  const offsetOf = offsetsIn(around.file, script);
  const guard = guardOf(around.job, around.step);
  if (guard === "own") return [];
  return expressionsIn(written).flatMap(({ text: inner, offset }) => {
    const direct = untrustedIn(inner);
    const byName = environmentIn(inner).flatMap((name) => {
      const known = around.tainted.get(name);
      return known === undefined ? [] : [{ context: `env.${name}`, author: known.author }];
    });
    return [...direct, ...byName, ...matrixIn(inner, around.matrix)].flatMap(({ context, author }): Injection[] => {
      const by = writerOf(author, around.triggers);
      if (by === undefined) return [];
      const rewrite = rewriteOf({ ...around, script, offset, context });
      const place = placeAt(source, offsetOf(offset));
      return [{ context, by, guarded: guard === "approval", ...(rewrite === undefined ? {} : { rewrite }), place }];
    });
  });
}

/** Variables with a text of others that the shell puts into what is then read as a program or as variables. */
function readAgainIn({ workflow, job, step, tainted, triggers, file }: Surroundings): readonly Injection[] {
  const { run } = step;
  if (run === undefined || tainted.size === 0 || run.place.kind !== "file") return [];
  const guard = guardOf(job, step);
  if (guard === "own" || !mayBePosixShell(workflow, job, step)) return [];
  const { source } = run.place;
  const offsetOf = offsetsIn(file, run);
  return variablesReadAgain(String(run.value), tainted).flatMap(({ name, as, offset }): Injection[] => {
    const by = writerOf(tainted.get(name)?.author ?? "visitor", triggers);
    if (by === undefined) return [];
    const place = placeAt(source, offsetOf(offset));
    return [{ context: `$${name}`, by, guarded: guard === "approval", readAgainAs: as, place }];
  });
}

/** Who can write it, by the events that fill the context; a composite action may be called by any. */
function writerOf(author: Author, triggers: readonly Trigger[]): Injection["by"] | undefined {
  if (triggers.length === 0) return "anybody";
  const events = triggers.map(({ name }) => name);
  if (author === "commit") return events.includes("push") ? "contributor" : undefined;
  const privileged = events.some((name) => privilegedByOutsiders.has(name));
  if (author === "visitor") return privileged ? "anybody" : undefined;
  if (events.some((name) => name === "pull_request_target" || name === "workflow_run" || name === "issue_comment"))
    return "anybody";
  return events.some((name) => unprivilegedFromForks.has(name)) ? "fork" : undefined;
}
