import { isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { DeclaredException } from "../contracts/resolved.ts";
import { RingwallError } from "../lib/error.ts";
import { type Place, placeAt, type Source } from "../lib/place.ts";
import { didYouMean } from "../lib/suggest.ts";

/** The names under which the file is looked for, in the folder that is checked. */
export const exceptionFileNames = ["ringwall.exceptions.yaml", ".ringwall-exceptions.yaml"] as const;

const fields = ["control", "subject", "reason", "owner", "until"] as const;
type Field = (typeof fields)[number];

/** What a file of exceptions holds, and what in it cannot be used. */
export interface ExceptionFile {
  readonly exceptions: readonly DeclaredException[];
  readonly problems: readonly RingwallError[];
}

/**
 * Reads a file of exceptions: a list, or a mapping with the list under `exceptions`, of entries with `control`,
 * `reason`, `owner`, and where wanted `subject` and `until`. Missing texts come back empty and are judged later by
 * `governance.exception-valid`; what has the wrong shape is a problem and waives nothing.
 */
export function parseExceptions(text: string, source: Source): ExceptionFile {
  const document = parseDocument(text, { uniqueKeys: true, logLevel: "silent" });
  const broken = document.errors[0];
  if (broken !== undefined) {
    return { exceptions: [], problems: [problem(`It is no valid YAML: ${broken.code}.`, source, broken.pos[0])] };
  }
  const top = document.contents;
  if (top === null) return { exceptions: [], problems: [] };
  const list = isMap(top) ? top.get("exceptions", true) : top;
  if (!isSeq(list)) {
    return { exceptions: [], problems: [problem("A list of exceptions is expected.", source, startOf(top))] };
  }
  const exceptions: DeclaredException[] = [];
  const problems: RingwallError[] = [];
  for (const item of list.items) readEntry(item, source, exceptions, problems);
  return { exceptions, problems };
}

function readEntry(item: unknown, source: Source, exceptions: DeclaredException[], problems: RingwallError[]): void {
  if (!isMap(item)) {
    const at = isScalar(item) || isSeq(item) ? startOf(item) : 0;
    problems.push(problem("An exception is a mapping with control, reason and owner.", source, at));
    return;
  }
  const before = problems.length;
  const texts = new Map<Field, string>();
  for (const pair of item.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : "";
    const at = isScalar(pair.key) ? startOf(pair.key) : startOf(item);
    const field = fields.find((name) => name === key);
    if (field === undefined) {
      problems.push(problem(`An exception has no field "${key}".${didYouMean(key, fields)}`, source, at));
    } else if (!isScalar(pair.value) || typeof pair.value.value === "object") {
      problems.push(problem(`The field "${key}" of an exception is a text.`, source, at));
    } else texts.set(field, String(pair.value.value).trim());
  }
  if (problems.length > before) return;
  exceptions.push({
    control: texts.get("control") ?? "",
    subject: texts.get("subject"),
    reason: texts.get("reason") ?? "",
    owner: texts.get("owner") ?? "",
    until: texts.get("until"),
    place: placeOf(item, source),
  });
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function placeOf(node: Node, source: Source): Place {
  return placeAt(source, startOf(node));
}

function problem(message: string, source: Source, offset: number): RingwallError {
  return new RingwallError("invalid", message, {
    place: placeAt(source, offset),
    hint: "Write each as `- control: ID`, with `reason:`, `owner:`, and where wanted `subject:` and `until: YYYY-MM-DD`.",
  });
}
