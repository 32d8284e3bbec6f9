import { posix } from "node:path";
import { type Fact, type FactList, unstated } from "../../facts/fact.ts";
import type { InputProblem } from "../../facts/system.ts";
import { type Source, wholeFile } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import type { ConfigInput } from "../config-format.ts";
import { asText, Fields, textItem } from "../fields.ts";
import { parseIni } from "../ini/parse.ts";
import { parseJson } from "../json/parse.ts";
import { includedFiles } from "../proxy/included-files.ts";
import { parseToml } from "../toml/parse.ts";
import type { TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { fromLegacy } from "./legacy.ts";

/** What a client is told, in whichever of frp's forms. */
export interface Client {
  /** The server that it hands its services to. */
  readonly server: Fact<string>;
  /** Every proxy, those of included files too. */
  readonly proxies: readonly Fields[];
  /** The names of those that are started; all where none is named. */
  readonly started: FactList<string>;
  readonly webServer: Fields;
  readonly problems: readonly InputProblem[];
  /** The files that it includes. */
  readonly sources: readonly Source[];
}

export function readClient(input: ConfigInput): Client {
  const { root, problems } = treeOf(input.file, input.path);
  const fields = Fields.of(root, wholeFile(input.file.source), "the file");
  const folder = posix.dirname(input.inside ?? input.path);
  const patterns = fields.list(
    "includes",
    textItem((text) => ({ value: text })),
  );
  const included = patterns.items.flatMap((pattern) => {
    const found = includedFiles(pattern, folder === "." ? "" : folder, input);
    return "files" in found ? found.files.map(({ file }) => ({ file, ...treeOf(file, file.path) })) : [];
  });
  const all = [fields, ...included.map(({ file, root: tree }) => Fields.of(tree, wholeFile(file.source), "the file"))];
  return {
    server: fields.fact("serverAddr", asText, "a text", unstated),
    proxies: all.flatMap(
      (each) => each.list("proxies", (node) => ({ value: Fields.of(node, node.place, "a proxy") })).items,
    ),
    started: fields.list(
      "start",
      textItem((text) => ({ value: text })),
    ),
    webServer: fields.fields("webServer"),
    problems: [...problems, ...included.flatMap((each) => each.problems)],
    sources: included.map(({ file }) => file.source),
  };
}

/** frp fills a file in as a Go template first, from its environment; one that is no text of its form before that is not read. */
function treeOf(file: TextFile, path: string): { root: TreeNode | undefined; problems: readonly InputProblem[] } {
  const { source, text } = file;
  const found = parsed(file, path);
  if (!text.includes("{{") || found.problems.length === 0) return found;
  const message = `${source.path} is a Go template that frpc fills in; where it leads is not seen.`;
  const hint = "Put quotes around what is filled in where that is a text; numbers must stand there as they are.";
  return { root: undefined, problems: [{ severity: "warning", message, hint, place: wholeFile(source) }] };
}

function parsed({ source, text }: TextFile, path: string): ReturnType<typeof treeOf> {
  if (/\.ini$/i.test(path)) return { root: fromLegacy(parseIni(source, text)), problems: [] };
  if (/\.json$/i.test(path)) return parseJson(source, text);
  if (/\.toml$/i.test(path)) return parseToml(source, text);
  const { documents, problems } = parseYaml(source, text);
  return { root: documents[0], problems };
}
