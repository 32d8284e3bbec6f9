import { RingwallError } from "../../../lib/error.ts";
import { placeAt, Source } from "../../../lib/place.ts";
import { binaryShell } from "./binary.ts";
import type { FoundMetadata, SopsText } from "./format.ts";
import { type SopsFormatName, sopsFormats } from "./formats.ts";
import { nodeAt, type SopsBranch } from "./tree.ts";

/** What is to be encrypted: a text of a format, or any bytes in the binary one. */
export function readContent(
  path: string,
  format: SopsFormatName,
  content: string | Uint8Array,
  indent: number | undefined,
): SopsText {
  return format === "binary" ? readBinary(path, content) : readText(path, format, textOf(path, content), indent);
}

function readText(path: string, format: SopsFormatName, text: string, indent: number | undefined): SopsText {
  const source = new Source(path, text);
  const parsed = sopsFormats[format].read(source, format === "json" && text.trim() === "" ? "{}\n" : text, indent);
  if (parsed.metadata !== undefined) throw alreadyEncrypted(parsed.source, parsed.metadata);
  return parsed;
}

function alreadyEncrypted(source: Source, found: FoundMetadata): RingwallError {
  return new RingwallError("conflict", "This file is encrypted already: it has an entry `sops`.", {
    hint: "Edit it instead; or rename the entry, if it is none of SOPS.",
    place: placeAt(source, found.offset),
  });
}

function readBinary(path: string, content: string | Uint8Array): SopsText {
  const parsed = sopsFormats.binary.read(new Source(path, binaryShell), binaryShell, undefined);
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  const replace = (branch: SopsBranch): SopsBranch => ({
    kind: "branch",
    items: branch.items.map((item) =>
      item.kind === "entry" && item.value.kind === "leaf"
        ? { ...item, value: { ...item.value, value: { type: "bytes", bytes } } }
        : item,
    ),
  });
  const render: SopsText["render"] = (replacements, metadata) =>
    parsed.render(replacements.length > 0 ? replacements : [emptyData(parsed)], metadata);
  return { ...parsed, branches: parsed.branches.map(replace), render };
}

/** Nothing is not encrypted. */
function emptyData(parsed: SopsText) {
  const node = nodeAt(parsed.branches[0], ["data"]);
  if (node?.kind !== "leaf") throw new Error("The shell of a binary file has its data.");
  return { of: node, by: { as: "plain", value: { type: "str", text: "" } } } as const;
}

function textOf(path: string, content: string | Uint8Array): string {
  if (typeof content === "string") return content;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw new RingwallError("not-text", `${path} is not valid UTF-8; save it as UTF-8 text, or encrypt it as binary.`);
  }
}
