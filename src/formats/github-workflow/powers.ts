/**
 * What the code that a job runs could take or do. Whoever runs code on a runner has its token, every secret that a step of
 * the job is given, and the machine itself.
 *
 * Source: docs.github.com/en/actions/reference/security/secure-use, "Potential impact of a compromised runner".
 */
import { knownValue } from "../../facts/fact.ts";
import type { ForeignCode, WorkflowExtension } from "../../facts/workflow.ts";
import { listed } from "../../lib/listed.ts";
import { child, type TreeNode } from "../tree.ts";
import { type Job, names, type Workflow } from "./model.ts";
import { jobTokens } from "./tokens.ts";

/** Names that are told; the others are counted. */
const namesShown = 3;

export function powersOf(
  workflow: Workflow,
  job: Job,
  host: WorkflowExtension["host"],
): Pick<ForeignCode, "powers" | "tokenUnstated"> {
  const token = jobTokens(workflow).find(({ job: name }) => name === job.name)?.permissions;
  const permissions = token === undefined ? undefined : knownValue(token);
  const forgejo = host === "forgejo";
  return {
    powers: [
      ...secretsIn(workflow, job),
      ...(forgejo ? ["a token that writes to the repository"] : tokenPower(permissions?.writes)),
      ...(isSelfHosted(runnerLabels(job.node)) || forgejo ? ["a runner of your own"] : []),
    ],
    tokenUnstated: !forgejo && token?.kind !== "stated",
  };
}

function tokenPower(writes: "everything" | readonly string[] | undefined): readonly string[] {
  if (writes === undefined || writes.length === 0) return [];
  return [writes === "everything" ? "a token that writes everything" : `a token that writes ${listed([...writes])}`];
}

/** Secrets that a step of the job is given, and those of the whole workflow. The token itself is judged by its rights. */
function secretsIn({ environment }: Workflow, { node }: Job): readonly string[] {
  const found = new Set<string>();
  for (const each of [environment, node]) if (each !== undefined) collect(each, found);
  if (found.has("*")) return ["every secret"];
  const all = [...found];
  if (all.length === 0) return [];
  const shown = all.length > namesShown ? [...all.slice(0, namesShown), `${all.length - namesShown} more`] : all;
  return [`the ${all.length === 1 ? "secret" : "secrets"} ${listed(shown)}`];
}

function collect(node: TreeNode, found: Set<string>): void {
  if (node.kind === "sequence") for (const item of node.items) collect(item, found);
  if (node.kind === "mapping") for (const { value } of node.entries.values()) collect(value, found);
  if (node.kind !== "scalar" || typeof node.value !== "string" || !node.value.includes("secrets")) return;
  const text = node.value.slice(0, 20_000);
  if (/tojson\s*\(\s*secrets\s*\)|\bsecrets\[/i.test(text)) found.add("*");
  for (const [, name = ""] of text.matchAll(/\bsecrets\.(\w{1,100})/g))
    if (!/^(?:GITHUB|GITEA|FORGEJO)_TOKEN$/i.test(name)) found.add(name);
}

/** The labels of `runs-on`, which is a text, a list, or a mapping that has them. */
export function runnerLabels(job: TreeNode): readonly string[] {
  const runsOn = child(job, "runs-on");
  return runsOn?.kind === "mapping" ? names(child(runsOn, "labels")) : names(runsOn);
}

export function isSelfHosted(labels: readonly string[]): boolean {
  return labels.some((label) => label.toLowerCase() === "self-hosted");
}
