import { posix } from "node:path";
import { boolean, failing, type HclValue, list, text, unknown } from "../value/value.ts";
import { encoded } from "./base64.ts";
import {
  type Arguments,
  type FunctionSurroundings,
  type HclFunction,
  type HclFunctions,
  total,
  withoutPartial,
} from "./define.ts";
import { hashFunctions } from "./hashes.ts";

/** The text of a file as a value; one that is not there is a mistake of the configuration, another is out of sight. */
function read(given: Arguments, { files, budget }: FunctionSurroundings): HclValue {
  const file = files.read(given.text(0));
  if ("why" in file) return file.missing ? failing(file.why, given.place) : unknown(file.why, given.place);
  budget.spendOnText(file.text.length);
  return { ...text(file.text, given.place), file: file.source };
}

const templatefile: HclFunction = (given, place, surroundings) => {
  const [path, names] = given;
  if (path === undefined || names === undefined) return failing("it wants a path and a map", place);
  if (path.kind === "unknown") return withoutPartial(path, place);
  if (path.kind !== "text") return failing("a path is wanted", place);
  const file = surroundings.files.read(path.value);
  if ("why" in file) return file.missing ? failing(file.why, place) : unknown(file.why, place);
  surroundings.budget.spendOnText(file.text.length);
  if (names.kind === "unknown") return { kind: "unknown", why: names.why, place };
  if (names.kind !== "map") return failing("a map is wanted", place);
  const bound = new Map([...names.entries].map(([name, entry]) => [name, entry.value]));
  return surroundings.template(file.text, file.source, bound, place);
};

function fileset(given: Arguments, { files }: FunctionSurroundings): HclValue {
  const below = files.below(given.text(0));
  if ("why" in below) return unknown(below.why, given.place);
  const pattern = globPattern(given.text(1));
  given.budget.spend(below.length);
  if (pattern === undefined) return unknown("the pattern is not evaluated here", given.place);
  const found = below.filter((path) => pattern.test(path)).sort();
  const items = found.map((path) => text(path, given.place));
  return { ...list(items, given.place), set: true };
}

/** `*`, `**`, `?` and `{a,b}` as a regular expression; undefined for a pattern with more in it. */
function globPattern(glob: string): RegExp | undefined {
  if (!/^[\w.\-/ *?{},]*$/.test(glob) || glob.length > 200 || (glob.match(/\*+/g)?.length ?? 0) > 4) return undefined;
  const source = glob
    .replaceAll(/[.\-/ ]/g, String.raw`\$&`)
    .replaceAll(/\{([^{}]*)\}/g, (_, inner: string) => `(?:${inner.replaceAll(",", "|")})`)
    .replaceAll(/\*\*(?:\\\/)?|\*|\?/g, (found) =>
      found === "*" ? "[^/]*" : found === "?" ? "[^/]" : found.endsWith("/") ? "(?:.*/)?" : ".*",
    );
  return /[{},]/.test(source) ? undefined : new RegExp(`^${source}$`);
}

function hashed(name: string): HclFunction {
  return (given, place, surroundings) => {
    const [path] = given;
    const contents = total({ takes: ["text"] }, read)(path === undefined ? [] : [path], place, surroundings);
    return hashFunctions[name]?.([contents], place, surroundings) ?? failing("there is no such function", place);
  };
}

function ofPath(make: (path: string) => string): HclFunction {
  return total({ takes: ["text"] }, (given) => text(make(given.text(0)), given.place));
}

export const fileFunctions: HclFunctions = {
  basename: ofPath((path) => posix.basename(path) || (path.startsWith("/") ? "/" : ".")),
  dirname: ofPath((path) => posix.dirname(path)),
  file: total({ takes: ["text"] }, read),
  fileexists: total({ takes: ["text"] }, (given, { files }) => {
    const file = files.read(given.text(0));
    if ("why" in file && !file.missing) return unknown(file.why, given.place);
    return boolean(!("why" in file), given.place);
  }),
  filebase64: (given, place, surroundings) => encoded(total({ takes: ["text"] }, read)(given, place, surroundings)),
  filemd5: hashed("md5"),
  filesha1: hashed("sha1"),
  filesha256: hashed("sha256"),
  filesha512: hashed("sha512"),
  filebase64sha256: hashed("base64sha256"),
  filebase64sha512: hashed("base64sha512"),
  fileset: total({ takes: ["text", "text"] }, fileset),
  templatefile,
};
