/**
 * Texts of others that a script reads a second time. GitLab hands them over as variables, which the shell takes for text:
 * `echo $CI_COMMIT_MESSAGE` is safe, and `eval "…$CI_COMMIT_MESSAGE"` runs what the author of the commit wrote.
 *
 * Source: docs.gitlab.com/ci/variables/predefined_variables (GitLab 18).
 */
import type { Injection } from "../../facts/workflow.ts";
import { placeAt } from "../../lib/place.ts";
import { pipelinesOf } from "../shell/command.ts";
import { lexShell } from "../shell/lex.ts";
import { wordsReadAgain } from "../shell/read-again.ts";
import type { TreeNode } from "../tree.ts";
import { offsetsIn } from "../yaml/scalar-offsets.ts";
import { type GitlabJob, type GitlabPipeline, text } from "./model.ts";

/**
 * Who writes a variable. A merge request's pipeline has no protected variables and runs the author's own version of this
 * file, so that its texts add little to what its author can do; a commit's message comes along to the main branch.
 */
const authors: readonly (readonly [variable: RegExp, by: Injection["by"]])[] = [
  [/^CI_COMMIT_(?:MESSAGE|TITLE|DESCRIPTION|AUTHOR|TAG_MESSAGE)$/, "contributor"],
  [/^CI_(?:MERGE_REQUEST|EXTERNAL_PULL_REQUEST)_(?:TITLE|DESCRIPTION|SOURCE_BRANCH_NAME)$/, "fork"],
  [/^CI_COMMIT_(?:BRANCH|REF_NAME|TAG)$/, "fork"],
];

export function injectionsIn({ jobs, variables }: GitlabPipeline, file: string): readonly Injection[] {
  const shared = namesOf(variables, new Map());
  const found = new Map<string, Injection>();
  for (const job of jobs) {
    const own = namesOf(job.node.entries.get("variables")?.value, shared);
    for (const injection of inJob(job, own, file)) {
      const { place } = injection;
      found.set(`${injection.context} ${place.kind === "file" ? place.offset : ""}`, injection);
    }
  }
  return [...found.values()];
}

/** Variables of the file that only pass such a text on. */
function namesOf(
  node: TreeNode | undefined,
  outer: ReadonlyMap<string, Injection["by"]>,
): ReadonlyMap<string, Injection["by"]> {
  if (node?.kind !== "mapping") return outer;
  const all = new Map(outer);
  for (const { key, value } of node.entries.values()) {
    const written = text(value.kind === "mapping" ? value.entries.get("value")?.value : value);
    const by = variablesIn(written ?? "").flatMap((name) => authorOf(name, outer) ?? [])[0];
    if (by === undefined) all.delete(key);
    else all.set(key, by);
  }
  return all;
}

function authorOf(name: string, own: ReadonlyMap<string, Injection["by"]>): Injection["by"] | undefined {
  return own.get(name) ?? authors.find(([pattern]) => pattern.test(name))?.[1];
}

function variablesIn(script: string): readonly string[] {
  return [...script.slice(0, 20_000).matchAll(/\$\{?([A-Za-z_]\w{0,100})/g)].map(([, name]) => name ?? "");
}

function inJob({ scripts }: GitlabJob, own: ReadonlyMap<string, Injection["by"]>, file: string): readonly Injection[] {
  return scripts.flatMap((script): readonly Injection[] => {
    const content = String(script.value);
    if (script.place.kind !== "file" || !/eval|ssh|-[a-z]*[cer]\b|\|/.test(content)) return [];
    const { source } = script.place;
    const offsetOf = offsetsIn(file, script);
    return [...pipelinesOf(lexShell(content))].flatMap((pipeline) =>
      wordsReadAgain(pipeline).flatMap((word) =>
        variablesIn(word.expands ? word.text : "").flatMap((name): Injection[] => {
          const by = authorOf(name, own);
          const place = placeAt(source, offsetOf(word.offset));
          return by === undefined ? [] : [{ context: `$${name}`, by, guarded: false, place }];
        }),
      ),
    );
  });
}
