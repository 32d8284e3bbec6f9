import { posix } from "node:path";
import { type Fact, type FactList, unstated } from "../../facts/fact.ts";
import type { InputProblem } from "../../facts/system.ts";
import { type Source, wholeFile } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { asFarAsRead } from "../as-far-as-read.ts";
import { type ConfigInput, nameOf } from "../config-format.ts";
import { asText, Fields, textItem } from "../fields.ts";
import { parseIni } from "../ini/parse.ts";
import { parseJson } from "../json/parse.ts";
import { includedFiles } from "../proxy/included-files.ts";
import { hasBlocks, withMarks } from "../template/blank.ts";
import { parseToml } from "../toml/parse.ts";
import type { TreeNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { type Form, formOf } from "./form.ts";
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
  /** How it speaks to its server. */
  readonly transport: Fields;
  readonly problems: readonly InputProblem[];
  /** The files that it includes. */
  readonly sources: readonly Source[];
}

export function readClient(input: ConfigInput): Client {
  const main = treeOf(input.file, nameOf(input));
  const { fields } = main;
  const { read, problems } = includedBy(fields, input);
  return {
    server: fields.fact("serverAddr", asText, "a text", unstated),
    proxies: [main, ...read].flatMap(
      (each) => each.fields.list("proxies", (node) => ({ value: Fields.of(node, node.place, "a proxy") })).items,
    ),
    started: fields.list("start", text),
    webServer: fields.fields("webServer"),
    transport: fields.fields("transport"),
    problems: [...main.problems, ...problems, ...read.flatMap((each) => each.problems)],
    sources: read.map(({ source }) => source),
  };
}

const text = textItem((value) => ({ value }));

/** What stands in one file. */
export interface Tree {
  readonly form: Form;
  readonly fields: Fields;
  readonly source: Source;
  readonly problems: readonly InputProblem[];
}

/** Source: frp 0.65, `pkg/config/load.go` (`LoadAdditionalClientConfigs`: the folder of a pattern has to be there). */
function includedBy(
  fields: Fields,
  input: ConfigInput,
): { readonly read: readonly Tree[]; readonly problems: readonly InputProblem[] } {
  if (fields.node("includes") === undefined) return { read: [], problems: [] };
  const folder = posix.dirname(input.inside ?? input.path);
  const patterns = fields.list("includes", text);
  const found = patterns.items.map((pattern) => includedFiles(pattern, folder === "." ? "" : folder, input));
  const unseen = [
    ...(patterns.complete ? [] : [patterns.why]),
    ...found.flatMap((each) => ("files" in each ? (each.missing ?? []) : each.why)),
  ];
  return {
    read: found.flatMap((each) => ("files" in each ? each.files.map(({ file }) => treeOf(file, file.path)) : [])),
    problems: unseen.map(
      (why): InputProblem => ({
        severity: "warning",
        message: `Not all that ${input.file.source.path} includes is seen, for ${why}; where that leads is not judged.`,
        hint: "Check the folder that holds the included files too, or name them as they lie there.",
        place: patterns.place,
      }),
    ),
  };
}

/**
 * frp fills a file in as a Go template first, from its environment. One that is no text of its form before that, or whose
 * blocks decide what stands there, is not read; in others what is filled in is not known.
 */
export function treeOf(
  file: TextFile,
  path: string,
  { program, unseen, legacy } = { program: "frpc", unseen: "where it leads", legacy: fromLegacy },
): Tree {
  const { source, text: written } = file;
  const place = wholeFile(source);
  const form = formOf(path, written);
  const { root, problems } = parsed(file, form, legacy);
  const [first] = problems;
  const isFilledIn = written.includes("{{");
  if (isFilledIn && (first !== undefined || hasBlocks(written))) {
    const message = `${source.path} is a Go template that ${program} fills in; ${unseen} is not seen.`;
    const hint = "Put quotes around what is filled in where that is a text; numbers must stand there as they are.";
    const fields = Fields.of(undefined, place, "the file", `the file is a Go template that ${program} fills in`);
    return { form, fields, source, problems: [{ severity: "warning", message, hint, place }] };
  }
  const tree = root === undefined || !isFilledIn ? root : withMarks(root, written);
  return { form, fields: Fields.of(asFarAsRead(tree, problems, place), place, "the file"), source, problems };
}

function parsed(
  { source, text: written }: TextFile,
  form: Form,
  legacy: typeof fromLegacy,
): { root: TreeNode | undefined; problems: readonly InputProblem[] } {
  if (form === "ini") return { root: legacy(parseIni(source, written)), problems: [] };
  if (form === "json") return parseJson(source, written);
  if (form === "toml") return parseToml(source, written);
  const { documents, problems } = parseYaml(source, written);
  return { root: documents[0], problems };
}
