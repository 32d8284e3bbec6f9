/**
 * Whether a runner takes `::set-env` and `::add-path` from what steps write to the log, which it does only when told to.
 *
 * Source: github.com/actions/runner, `ActionCommandManager` (`bool.TryParse` of the variable in the environment of the
 * workflow, job and step); github.blog/changelog, 2020-10-01, "Deprecating set-env and add-path commands".
 */
import { complete, incomplete } from "../../facts/fact.ts";
import type { WorkflowExtension } from "../../facts/workflow.ts";
import { type Place, placeAt } from "../../lib/place.ts";
import { child, type TreeNode } from "../tree.ts";
import { offsetsIn } from "../yaml/scalar-offsets.ts";
import { type Step, text, type Workflow } from "./model.ts";

const variable = "ACTIONS_ALLOW_UNSECURE_COMMANDS";
/** A script that sets it for the steps behind. */
const setsIt = /ACTIONS_ALLOW_UNSECURE_COMMANDS=["']?true\b/i;

/** The places that switch it on; incomplete where an expression gives the value. */
export function logCommandsIn(workflow: Workflow, file: string, place: Place): WorkflowExtension["logCommands"] {
  if (!file.includes(variable)) return complete([], place);
  const steps = workflow.jobs.flatMap((job) => job.steps);
  const environments = [
    workflow.environment,
    ...workflow.jobs.map(({ node }) => child(node, "env")),
    ...steps.map(({ node }) => child(node, "env")),
  ];
  const values = environments.flatMap((node) => child(node, variable) ?? []);
  const on = values
    .filter((value) => text(value)?.trim().toLowerCase() === "true")
    .map((value) => ({ by: "environment", place: value.place }) as const);
  const items = [...on, ...steps.flatMap((step) => setIn(step, file))];
  const why = doubtOf([...environments, ...values]);
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

function setIn({ run }: Step, file: string): WorkflowExtension["logCommands"]["items"] {
  const match = setsIt.exec(text(run) ?? "");
  if (match === null || run?.place.kind !== "file") return [];
  return [{ by: "script", place: placeAt(run.place.source, offsetsIn(file, run)(match.index)) }];
}

/** An environment may be one expression, and so may a value. */
function doubtOf(nodes: readonly (TreeNode | undefined)[]): string | undefined {
  for (const node of nodes) {
    if (node?.kind === "mapping" && node.incomplete !== undefined) return node.incomplete;
    if (text(node)?.includes("${{") === true) return "an expression gives the value when the job runs";
  }
  return undefined;
}
