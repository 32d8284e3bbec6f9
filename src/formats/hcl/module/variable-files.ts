import { posix } from "node:path";
import type { InputProblem } from "../../../facts/system.ts";
import type { Source } from "../../../lib/place.ts";
import type { ConfinedFiles } from "../../../repository/files.ts";
import { Evaluator } from "../evaluate/evaluator.ts";
import { namesOnly } from "../evaluate/scope.ts";
import type { FunctionSurroundings } from "../functions/define.ts";
import { parseHcl } from "../parse.ts";
import { parseHclJson } from "../parse-json.ts";
import type { HclValue } from "../value/value.ts";

export interface GivenVariables {
  readonly values: ReadonlyMap<string, HclValue>;
  /** Why a value may be missing, and a variable's default not count: a file, or part of one, that could not be read. */
  readonly incomplete: string | undefined;
  /** The files that were read, within the root, in their order. */
  readonly files: readonly string[];
  readonly problems: readonly InputProblem[];
  readonly sources: readonly Source[];
}

/**
 * The values that the root module's variables are given by the files which are read unasked: `terraform.tfvars`,
 * `terraform.tfvars.json`, then `*.auto.tfvars` and `*.auto.tfvars.json` by name; the last one counts. Environment
 * variables and files that are named on a command line are never seen.
 */
export function givenVariables(
  files: ConfinedFiles,
  folder: string,
  names: readonly string[],
  surroundings: FunctionSurroundings,
): GivenVariables {
  const values = new Map<string, HclValue>();
  const problems: InputProblem[] = [];
  const sources: Source[] = [];
  const read: string[] = [];
  let incomplete: string | undefined;
  for (const name of inOrder(names)) {
    const path = posix.join(folder, name);
    const file = files.read(path);
    if (!file.ok) {
      problems.push({ severity: "error", message: file.message, place: { kind: "object", locator: path } });
      incomplete ??= `${path} cannot be read`;
      continue;
    }
    read.push(path);
    sources.push(file.source);
    const parsed = name.endsWith(".json") ? parseHclJson(file.source, file.text) : parseHcl(file.source, file.text);
    problems.push(...parsed.problems);
    if (parsed.body.incomplete !== undefined) incomplete ??= `part of ${file.source.path} could not be read`;
    const evaluator = new Evaluator(namesOnly(new Map()), surroundings);
    for (const [key, attribute] of parsed.body.attributes) values.set(key, evaluator.evaluate(attribute.value));
  }
  return { values, incomplete, files: read, problems, sources };
}

function inOrder(names: readonly string[]): readonly string[] {
  const all = new Set(names);
  const fixed = ["terraform.tfvars", "terraform.tfvars.json"].filter((name) => all.has(name));
  return [...fixed, ...names.filter((name) => /\.auto\.tfvars(?:\.json)?$/.test(name)).sort()];
}
