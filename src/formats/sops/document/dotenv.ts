import { RingwallError } from "../../../lib/error.ts";
import type { Source } from "../../../lib/place.ts";
import { flatten, unflatten } from "./flatten.ts";
import { type Replacement, type SopsFormat, type SopsText, type Splice, spliced, syntaxError } from "./format.ts";
import type { Meta, MetaMap } from "./metadata.ts";
import { floatWithFraction } from "./scalar.ts";
import type { SopsComment, SopsEntry, SopsScalar } from "./tree.ts";

/** Lines `NAME=value`, as SOPS reads them: no quotes, and `\n` for a line break (`stores/dotenv/store.go`). */
export const dotenvFormat: SopsFormat = {
  read: (source, text) => read(source, text),
  set(source, text, path, value) {
    const [name, second] = path;
    if (typeof name !== "string" || second !== undefined || !/^[^\s=#][^\n=]*$/.test(name)) {
      throw new RingwallError("usage", "A path in a dotenv file is one name.");
    }
    const entry = linesOf(source, text).find((line) => line.kind === "entry" && line.key === name);
    const line = `${name}=${dotenvValue(value)}`;
    if (entry !== undefined) return spliced(text, [{ start: entry.start, end: entry.end, text: line }]);
    return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`;
  },
  unset(source, text, path) {
    const entry = linesOf(source, text).find((line) => line.kind === "entry" && line.key === path[0]);
    if (entry === undefined || path.length !== 1) return undefined;
    return spliced(text, [{ start: entry.start, end: Math.min(entry.end + 1, text.length), text: "" }]);
  },
};

interface Line {
  readonly kind: "entry" | "comment";
  readonly key: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

function linesOf(source: Source, text: string): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    const end = start + line.length;
    if (line.startsWith("#")) lines.push({ kind: "comment", key: "", value: line.slice(1), start, end });
    else if (line !== "" && line !== "\r") {
      const at = line.indexOf("=");
      if (at === -1) {
        throw syntaxError(
          source,
          start,
          "A line has no `=`.",
          "Write `NAME=value`; a comment has `#` in its first column.",
        );
      }
      lines.push({ kind: "entry", key: line.slice(0, at), value: line.slice(at + 1), start, end });
    }
    start = end + 1;
  }
  return lines;
}

function read(source: Source, text: string): SopsText {
  const lines = linesOf(source, text);
  const own = lines.filter(({ kind, key }) => kind === "entry" && key.startsWith("sops_"));
  const items = lines.filter((line) => !own.includes(line)).map(itemOf);
  const meta = unflatten(own.map(({ key, value }) => [key.slice(5), value.replaceAll("\\n", "\n")]));
  const [first] = own;
  return {
    source,
    text,
    branches: [{ kind: "branch", items }],
    metadata: first === undefined ? undefined : { meta: (meta ?? null) as Meta, offset: first.start },
    render: (replacements, metadata) => {
      const splices = [
        ...replacements.map(replaced),
        ...own.map(({ start, end }) => ({ start, end: Math.min(end + 1, text.length), text: "" })),
      ];
      const written = spliced(text, splices);
      return metadata === undefined ? written : withMetadata(written, metadata);
    },
  };
}

function itemOf({ kind, key, value, start, end }: Line): SopsEntry | SopsComment {
  if (kind === "comment") return { kind: "comment", text: value, start, end };
  const text = value.replaceAll("\\n", "\n");
  return {
    kind: "entry",
    key,
    start,
    value: { kind: "leaf", value: { type: "str", text }, start: end - value.length, end },
  };
}

function replaced({ of, by }: Replacement): Splice {
  const text = by.as === "cipher" ? by.text : dotenvValue(by.value);
  return { start: of.start, end: of.end, text: of.kind === "comment" ? `#${text}` : text };
}

function dotenvValue(value: SopsScalar): string {
  switch (value.type) {
    case "bool":
      return String(value.value);
    case "float":
      return floatWithFraction(value.text);
    case "bytes":
      throw new RingwallError("unsupported", "This value is no text, and a dotenv file holds texts alone.");
    default:
      return value.text.replaceAll("\n", "\\n");
  }
}

function withMetadata(text: string, metadata: MetaMap): string {
  const lines = flatten(metadata).map(([key, value]) => `sops_${key}=${value.replaceAll("\n", "\\n")}\n`);
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${lines.join("")}`;
}
