import { Source } from "../../../lib/place.ts";
import type { TreeNode } from "../../tree.ts";
import { parseYaml } from "../../yaml/parse.ts";
import { asText } from "../value/convert.ts";
import { failing, type HclValue, list, type MapEntry, madeOf, map, text } from "../value/value.ts";
import { encoded, zipped } from "./base64.ts";
import { parseCsv } from "./csv.ts";
import { type Arguments, type HclFunction, type HclFunctions, total } from "./define.ts";
import { encodeJson } from "./json.ts";
import { encodeYaml } from "./yaml.ts";

/** An encoding of any value, of which as much is told as is known. */
function encoding(encode: typeof encodeJson): HclFunction {
  return ([value], place, { budget }) => {
    if (value === undefined) return failing("it wants one argument", place);
    const written = encode(value, budget);
    const made: HclValue = typeof written === "string" ? text(written, place) : { ...written, place };
    return madeOf(made, sourcesOf(value));
  };
}

/** An encoding of a text, of which as much is told as is known. */
function ofText(encode: (value: HclValue) => HclValue): HclFunction {
  return (given, place, { budget }) => {
    const [value] = given;
    if (value === undefined || given.length > 1) return failing("it wants one argument", place);
    const written = asText(value);
    if (written.kind === "null") return failing("a function is given null", place);
    if (written.kind === "text") budget.spendOnText(written.value.length);
    const made = encode(written);
    return madeOf({ ...made, place }, [value]);
  };
}

/** Everything in a value that is sensitive or bears names. */
function sourcesOf(value: HclValue): readonly HclValue[] {
  if (value.kind === "list") return [value, ...value.items.flatMap(sourcesOf)];
  if (value.kind === "map") return [value, ...[...value.entries.values()].flatMap((entry) => sourcesOf(entry.value))];
  return [value];
}

function decodeBase64(given: Arguments): HclValue {
  const written = given.text(0);
  given.budget.spendOnText(written.length);
  if (!/^[A-Za-z0-9+/\r\n]*=*[\r\n]*$/.test(written)) return failing("the text is no Base64", given.place);
  const decoded = Buffer.from(written, "base64").toString("utf8");
  return decoded.includes("\uFFFD")
    ? failing("the decoded bytes are no text", given.place)
    : text(decoded, given.place);
}

function decodeJson(given: Arguments): HclValue {
  given.budget.spendOnText(given.text(0).length);
  try {
    return fromPlain(JSON.parse(given.text(0)), given, 0);
  } catch {
    return failing("the text is no JSON", given.place);
  }
}

function fromPlain(value: unknown, given: Arguments, depth: number): HclValue {
  const { place, budget } = given;
  budget.spend(1);
  if (depth > 100) return failing("it nests too deep", place);
  if (typeof value === "string") return text(value, place);
  if (typeof value === "number") return { kind: "number", value, place };
  if (typeof value === "boolean") return { kind: "boolean", value, place };
  if (Array.isArray(value)) {
    return list(
      value.map((item) => fromPlain(item, given, depth + 1)),
      place,
    );
  }
  if (typeof value !== "object" || value === null) return { kind: "null", place };
  const entries = Object.entries(value).map(([key, inner]): [string, MapEntry] => [
    key,
    { keyPlace: place, value: fromPlain(inner, given, depth + 1) },
  ]);
  return map(new Map(entries), place);
}

function decodeYaml(given: Arguments): HclValue {
  const written = given.text(0);
  given.budget.spendOnText(written.length);
  const { documents, problems } = parseYaml(new Source("", written), written);
  const [only] = documents;
  if (problems.length > 0 || documents.length > 1) return failing("the text is no YAML of one document", given.place);
  return only === undefined ? { kind: "null", place: given.place } : fromTree(only, given);
}

function fromTree(node: TreeNode, given: Arguments): HclValue {
  const { place } = given;
  given.budget.spend(1);
  if (node.kind === "sequence") {
    return list(
      node.items.map((item) => fromTree(item, given)),
      place,
    );
  }
  if (node.kind === "scalar") return fromPlain(node.value, given, 0);
  const entries = [...node.entries].map(([key, entry]): [string, MapEntry] => [
    key,
    { keyPlace: place, value: fromTree(entry.value, given) },
  ]);
  return map(new Map(entries), place);
}

function decodeCsv(given: Arguments): HclValue {
  given.budget.spendOnText(given.text(0).length);
  const rows = parseCsv(given.text(0));
  const [header, ...others] = rows;
  if (header === undefined) return failing("the text has no header", given.place);
  const items = others.map((row) =>
    map(
      new Map(
        header.map((name, at): [string, MapEntry] => [
          name,
          { keyPlace: given.place, value: text(row[at] ?? "", given.place) },
        ]),
      ),
      given.place,
    ),
  );
  return list(items, given.place);
}

/** Everything but letters, digits and `-_.~` as `%XX`, a space as `+`: Go's QueryEscape. */
function urlEncoded(written: string): string {
  return encodeURIComponent(written.toWellFormed())
    .replaceAll("%20", "+")
    .replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

export const encodingFunctions: HclFunctions = {
  base64decode: total({ takes: ["text"] }, decodeBase64),
  base64encode: ofText(encoded),
  base64gzip: ofText(zipped),
  csvdecode: total({ takes: ["text"] }, decodeCsv),
  jsondecode: total({ takes: ["text"] }, decodeJson),
  jsonencode: encoding(encodeJson),
  urlencode: total({ takes: ["text"] }, (given) => text(urlEncoded(given.text(0)), given.place)),
  yamldecode: total({ takes: ["text"] }, decodeYaml),
  yamlencode: encoding(encodeYaml),
};
