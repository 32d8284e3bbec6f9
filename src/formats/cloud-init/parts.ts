/**
 * The parts that a text for cloud-init is made of: most are one `#cloud-config` or one script; a message of MIME and a
 * `#cloud-config-archive` hold several, and an `#include` names where more is fetched.
 *
 * Sources: cloudinit.readthedocs.io, "User data formats"; cloudinit/user_data.py (MIME is told by `mime-version:` within
 * the first 4096 characters, a part without a type of its own by how it begins) and cloudinit/handlers/__init__.py (blanks
 * before the first line do not count, nor does its case).
 */
import { type Place, placeAt, Source } from "../../lib/place.ts";
import type { Locate } from "../relocate.ts";
import { child } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { isBoothook, isCloudConfig, isShellScript, itemsOf, textOf } from "./document.ts";

export interface StartPart {
  readonly kind: "config" | "script";
  readonly text: string;
  readonly source: Source;
  /** Where a place of the part stands in the text around it. */
  readonly locate: Locate;
}

export interface StartParts {
  readonly parts: readonly StartPart[];
  /** Addresses whose content is run as if it stood here. */
  readonly included: readonly { readonly address: string; readonly place: Place }[];
  /** A clause: why there may be more than these. */
  readonly doubt: string | undefined;
}

const isArchive = /^\s{0,99}#cloud-config-archive\b/i;
const isInclude = /^\s{0,99}#include(?:-once)?\b/i;
const isHandler = /^\s{0,99}#part-handler\b/i;
const ofMime = /^mime-version:/im;

/** Whether a text is of several parts, or of what is fetched elsewhere. */
export function isOfParts(text: string): boolean {
  return isArchive.test(text) || isInclude.test(text) || isHandler.test(text) || isMime(text);
}

function isMime(text: string): boolean {
  return /^\s{0,99}(?:[\w-]{1,40}:|From )/.test(text) && ofMime.test(text.slice(0, 4096));
}

/** Parts of one text; more are left in doubt. */
const mostParts = 100;

const nothing: StartParts = { parts: [], included: [], doubt: undefined };
const nested: StartParts = { ...nothing, doubt: "parts within parts are not read" };

export function startParts(source: Source, text: string): StartParts {
  return isMime(text) ? inMessage(source, text) : ofOne({ text, source, locate: (place) => place });
}

type Placed = Omit<StartPart, "kind">;

function ofOne(placed: Placed, declared = ""): StartParts {
  const { text } = placed;
  if (isArchive.test(text)) return inArchive(placed);
  if (isInclude.test(text) || declared === "text/x-include-url" || declared === "text/x-include-once-url")
    return { parts: [], included: addressesIn(placed), doubt: "what it includes lies elsewhere" };
  if (isHandler.test(text) || declared === "text/part-handler")
    return { ...nothing, doubt: "a handler of parts in Python is not read" };
  if (isCloudConfig.test(text) || declared === "text/cloud-config") return only({ kind: "config", ...placed });
  const isScript = isShellScript.test(text) || isBoothook.test(text);
  return isScript ? only({ kind: "script", ...placed }) : nothing;
}

function only(part: StartPart): StartParts {
  return { ...nothing, parts: [part] };
}

function together(found: readonly StartParts[]): StartParts {
  return {
    parts: found.flatMap(({ parts }) => parts),
    included: found.flatMap(({ included }) => included),
    doubt: found.find(({ doubt }) => doubt !== undefined)?.doubt,
  };
}

function addressesIn({ text, source, locate }: Placed): StartParts["included"] {
  return [...text.matchAll(/^[ \t]*(https?:\/\/[^\s#]{1,500})/gim)].map(({ 1: address = "", index }) => ({
    address,
    place: locate(placeAt(source, index)),
  }));
}

/** A list of texts, or of mappings with `content` and perhaps `type`. */
function inArchive({ text, source, locate }: Placed): StartParts {
  const { documents, problems } = parseYaml(source, text);
  const items = itemsOf(documents[0]);
  const found = items.slice(0, mostParts).map((item): StartParts => {
    const content = item.kind === "scalar" ? item : child(item, "content");
    if (content?.kind !== "scalar" || typeof content.value !== "string") return nothing;
    const place = locate(content.place);
    const part = { text: content.value, source: new Source(source.path, content.value), locate: () => place };
    return isArchive.test(content.value) ? nested : ofOne(part, textOf(child(item, "type")));
  });
  const broken = problems.some(({ severity }) => severity === "error") ? "the archive is no YAML" : undefined;
  const whole = together(found);
  return { ...whole, doubt: whole.doubt ?? broken ?? tooMany(items.length) };
}

function tooMany(count: number): string | undefined {
  return count > mostParts ? `it has more than ${mostParts} parts` : undefined;
}

/** A message of MIME: its parts stand between lines of its boundary, each behind headers and an empty line. */
function inMessage(source: Source, text: string): StartParts {
  const head = headersOf(text, 0);
  const boundary = /\bboundary=(?:"([^"\n]{1,200})"|([^\s;"]{1,200}))/i.exec(head.values.get("content-type") ?? "");
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return ofPart({ source, text, from: 0, to: text.length });
  const lines = marksIn(text, `--${mark}`);
  const found = lines
    .slice(0, mostParts)
    .map(({ end, isLast }, at) =>
      isLast ? nothing : ofPart({ source, text, from: end, to: lines[at + 1]?.start ?? text.length }),
    );
  const whole = together(found);
  return { ...whole, doubt: whole.doubt ?? tooMany(lines.length) };
}

/** Lines that are a boundary and nothing else, up to the last one (`--mark--`). */
function marksIn(text: string, mark: string) {
  const found: { readonly start: number; readonly end: number; readonly isLast: boolean }[] = [];
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline + 1;
    const rest = text.slice(at + mark.length, Math.min(end, at + mark.length + 20)).trim();
    if ((at > 0 && text[at - 1] !== "\n") || (rest !== "" && rest !== "--")) continue;
    found.push({ start: at, end, isLast: rest === "--" });
    if (rest === "--") break;
  }
  return found;
}

function ofPart({ source, text, from, to }: { source: Source; text: string; from: number; to: number }): StartParts {
  const { values, end } = headersOf(text.slice(from, to), from);
  const [declared = ""] = (values.get("content-type") ?? "").toLowerCase().split(";");
  if (declared.trim().startsWith("multipart/")) return nested;
  const encoding = (values.get("content-transfer-encoding") ?? "").trim().toLowerCase();
  const written = text.slice(end, to);
  if (encoding === "base64") return ofOne(decoded(written, source, end), declared.trim());
  const own = new Source(source.path, written);
  const locate: Locate = (place) =>
    place.kind === "file" && place.source === own
      ? placeAt(source, end + place.offset, place.end === undefined ? undefined : end + place.end)
      : place;
  return ofOne({ text: written, source: own, locate }, declared.trim());
}

function decoded(written: string, source: Source, offset: number): Placed {
  const text = Buffer.from(written, "base64").toString("utf8");
  const place = placeAt(source, offset);
  return { text, source: new Source(source.path, text), locate: () => place };
}

/** The headers that a text begins with, lines that continue one joined to it, and the offset behind the empty line. */
function headersOf(text: string, base: number): { readonly values: ReadonlyMap<string, string>; readonly end: number } {
  const values = new Map<string, string>();
  let at = 0;
  let name: string | undefined;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const next = newline === -1 ? text.length : newline + 1;
    const line = text.slice(at, next).replace(/\r?\n$/, "");
    const header = /^([\w-]{1,60}):[ \t]{0,20}(.{0,1000})$/.exec(line);
    const continued = name !== undefined && /^[ \t]/.test(line);
    if (line.trim() === "" && (values.size > 0 || base > 0)) return { values, end: base + next };
    if (header === null && !continued && line.trim() !== "") return { values, end: base + at };
    if (continued && name !== undefined) values.set(name, `${values.get(name) ?? ""} ${line.trim()}`);
    else if (header !== null) {
      name = (header[1] ?? "").toLowerCase();
      values.set(name, header[2] ?? "");
    }
    at = next;
  }
  return { values, end: base + text.length };
}
