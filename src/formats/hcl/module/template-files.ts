import { posix } from "node:path";
import { Source } from "../../../lib/place.ts";
import { type ConfinedFiles, normalise } from "../../../repository/files.ts";
import { pathIndexOf } from "../../../repository/path-index.ts";
import { Cursor, Fault } from "../cursor.ts";
import { Evaluator } from "../evaluate/evaluator.ts";
import { namesOnly } from "../evaluate/scope.ts";
import type { FunctionSurroundings, TemplateFiles } from "../functions/define.ts";
import { parseExpression } from "../parse-expression.ts";
import { parseWholeTemplate } from "../parse-template.ts";
import type { Budget } from "../value/budget.ts";
import { failing } from "../value/value.ts";

/** What `file`, `templatefile` and their like see: files of the repository, named from the root module's folder. */
export function functionSurroundings(
  files: ConfinedFiles,
  paths: readonly string[],
  folder: string,
  budget: Budget,
): FunctionSurroundings {
  const surroundings: FunctionSurroundings = {
    budget,
    files: templateFiles(files, paths, folder),
    template: (text, source, names, place) => {
      const parsed = parsedTemplate(text, source);
      if (typeof parsed === "string") return failing(parsed, place);
      const made = new Evaluator(namesOnly(names), surroundings).evaluate({ ...parsed, place });
      return source === undefined ? made : { ...made, file: source };
    },
  };
  return surroundings;
}

/** For a text that is no file. */
const emptySource = new Source("", "");

function parsedTemplate(text: string, source: Source | undefined) {
  const own = source === undefined ? { kind: "nowhere" as const, why: "a text that was put together" } : undefined;
  const cursor = new Cursor(source ?? emptySource, text, own);
  try {
    return parseWholeTemplate(cursor, parseExpression);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return `the template ${source?.path ?? ""} cannot be read: ${error.message}`;
  }
}

function templateFiles(files: ConfinedFiles, paths: readonly string[], folder: string): TemplateFiles {
  return {
    read(path) {
      const within = path.startsWith("/") ? undefined : normalise(posix.join(folder, path));
      if (within === undefined) return { why: "the file lies outside the folder that is checked", missing: false };
      const file = files.read(within);
      if (file.ok) return { text: file.text, source: file.source };
      return { why: file.message.replace(/\.$/, ""), missing: file.reason === "missing" };
    },
    below(path) {
      const within = path.startsWith("/") ? undefined : normalise(posix.join(folder, path));
      if (within === undefined) return { why: "the folder lies outside the one that is checked" };
      const prefix = within === "" ? "" : `${within}/`;
      return pathIndexOf(paths)
        .below(within)
        .map((each) => each.slice(prefix.length));
    },
  };
}
