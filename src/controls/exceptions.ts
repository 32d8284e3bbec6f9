import { isMap, isScalar, isSeq, type Node, parseDocument, type YAMLError } from "yaml";
import type { DeclaredException } from "../contracts/resolved.ts";
import { sentence as yamlSentence } from "../formats/yaml/complete.ts";
import { RingwallError } from "../lib/error.ts";
import { type Place, placeAt, type Source } from "../lib/place.ts";
import { didYouMean } from "../lib/suggest.ts";

/** The names under which the file is looked for, in the folder that is checked. */
export const exceptionFileNames = ["ringwall.exceptions.yaml", ".ringwall-exceptions.yaml"] as const;

const fields = ["control", "subject", "reason", "owner", "until"] as const;
const optional: ReadonlySet<Field> = new Set(["subject", "until", "owner"]);
type Field = (typeof fields)[number];

/** What a file of exceptions holds, and what in it cannot be used. */
export interface ExceptionFile {
  readonly exceptions: readonly DeclaredException[];
  readonly problems: readonly RingwallError[];
}

/**
 * Reads a file of exceptions: a list, or a mapping with the list under `exceptions`, of entries with `control`,
 * `reason`, and where wanted `subject`, `owner` and `until`. Missing texts come back empty and are judged later by
 * `governance.exception-valid`; what has the wrong shape is a problem and waives nothing.
 */
export function parseExceptions(text: string, source: Source): ExceptionFile {
  const document = parseDocument(text, { uniqueKeys: true, logLevel: "silent" });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const [message, hint] = sentenceOf(broken, text);
    return { exceptions: [], problems: [problem(message, source, broken.pos[0], hint)] };
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

function sentenceOf(broken: YAMLError, text: string): readonly [message: string, hint?: string] {
  if (broken.code !== "DUPLICATE_KEY") return yamlSentence(broken, text);
  const key = (text.slice(broken.pos[0]).split(/[:\n]/, 1)[0] ?? "").trim().slice(0, 80);
  return [
    `The key "${key}" stands twice in one mapping.`,
    "Keep one; a further exception begins with `- ` of its own.",
  ];
}

function readEntry(item: unknown, source: Source, exceptions: DeclaredException[], problems: RingwallError[]): void {
  if (!isMap(item)) {
    const at = isScalar(item) || isSeq(item) ? startOf(item) : 0;
    problems.push(problem("An exception is a mapping with `control` and `reason`.", source, at));
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
    } else if (pair.value !== null && !isScalar(pair.value)) {
      problems.push(problem(`The field "${key}" of an exception is a text, and no list or mapping.`, source, at));
    } else if (pair.value === null || pair.value.value === null) {
      const hint = optional.has(field) ? "Write a value, or leave the field out." : "Write a value.";
      problems.push(problem(`The field "${key}" of this exception is empty.`, source, at, hint));
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

function problem(message: string, source: Source, offset: number, hint?: string): RingwallError {
  return new RingwallError("invalid", message, {
    place: placeAt(source, offset),
    hint:
      hint ??
      "Write each as `- control: ID` with `reason:`, and where wanted `subject:`, `owner:` and `until: YYYY-MM-DD`; the profile strict asks for owner and end.",
  });
}
