/** Turns what zod says of a declaration into sentences with places and suggestions. */
import { z } from "zod";
import { RingwallError } from "../lib/error.ts";
import { didYouMean } from "../lib/suggest.ts";
import { type Declaration, stackSchema } from "../stack/schema.ts";
import { formForComposeList, wordForComposeKey } from "./compose-words.ts";
import { expectation, sentenceEnd } from "./issue-sentences.ts";
import { describePath, type Path, type Places } from "./places.ts";
import { pathOf, salvage, valueAt } from "./salvage.ts";

export type Issue = z.core.$ZodIssue;

export interface SchemaResult {
  /** What could be read, parts with mistakes left out; undefined when nothing could. */
  readonly declaration: Declaration | undefined;
  readonly problems: readonly RingwallError[];
  /** Where something is wrong, by paths into what was written. */
  readonly wrong: readonly Path[];
  /** Places by paths into `declaration`, whose lists may be shorter than the written ones. */
  readonly places: Places;
}

/**
 * Checks plain data against the schema. Mistakes do not hide one another: what is wrong is left out and the rest is
 * read again, so that references within the rest can be checked too.
 */
export function readDeclaration(plain: unknown, places: Places): SchemaResult {
  const first = stackSchema.safeParse(plain);
  if (first.success) return { declaration: first.data, problems: [], wrong: [], places };
  const issues = first.error.issues.flatMap(innermost);
  const told = new Set<string>();
  const problems = issues.flatMap((issue) => problemsOf(issue, places, plain, told));
  return { ...salvage(plain, issues, places), problems, wrong: issues.map(pathOf) };
}

/** Of a union that does not fit, the branch that was meant: the one that takes a value of this type. */
export function innermost(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const within = issue.errors.filter((branch) => !branch.some((inner) => inner.path.length === 0 && isOfType(inner)));
  const meant = within[0];
  if (meant === undefined || within.length > 1) return [issue];
  return meant.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }));
}

function isOfType(issue: Issue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

/** `told` holds the lists of known keys that were given: each is long, and helps once. */
function problemsOf(issue: Issue, places: Places, plain: unknown, told: Set<string>): RingwallError[] {
  const path = pathOf(issue);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(path, key, places, told));
  }
  if (issue.code === "invalid_key") {
    const expected = issue.issues[0]?.message ?? "expected another name";
    const key = String(path.at(-1) ?? "");
    return [
      new RingwallError("invalid", `"${shown(key)}" cannot be a name here: ${sentenceEnd(expected)}`, {
        place: places.key(path),
      }),
    ];
  }
  const missing =
    issue.code === "invalid_type" && issue.input === undefined && /received undefined/.test(issue.message);
  if (missing) {
    const key = describePath(path.slice(-1));
    const owner = path.length <= 1 ? "The stack" : `\`${describePath(path.slice(0, -1))}\``;
    return [new RingwallError("invalid", `${owner} has no \`${key}\`.`, { place: places.key(path.slice(0, -1)) })];
  }
  const subject = path.length === 0 ? "The declaration" : `\`${describePath(path)}\``;
  const hint =
    issue.code === "invalid_value"
      ? didYouMean(String(valueAt(plain, path)), issue.values.map(String)).trim()
      : (formForComposeList(path, valueAt(plain, path)) ?? "");
  return [
    new RingwallError("invalid", `${subject} is not right: ${sentenceEnd(expectation(issue))}`, {
      place: places.value(path),
      ...(hint === "" ? {} : { hint }),
    }),
  ];
}

function unknownKey(path: Path, key: string, places: Places, told: Set<string>): RingwallError {
  const known = keysAt(path);
  const where = path.length === 0 ? "a stack" : `\`${describePath(path)}\``;
  const suggestion = wordForComposeKey(path, key) ?? didYouMean(key, known).trim();
  const list = known.length === 0 || told.has(known.join()) ? "" : `Known here: ${known.join(", ")}.`;
  const hint = suggestion === "" ? list : suggestion;
  if (suggestion === "") told.add(known.join());
  return new RingwallError("invalid", `Unknown key "${shown(key)}" in ${where}.`, {
    place: places.key([...path, key]),
    ...(hint === "" ? {} : { hint }),
  });
}

/** At most 60 characters of what somebody wrote. */
function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The keys that the schema knows at a path; empty where any are allowed. */
function keysAt(path: Path): string[] {
  let schemas: z.core.$ZodType[] = [stackSchema];
  for (const part of path) schemas = schemas.flatMap((schema) => stepInto(schema, part));
  return [...new Set(schemas.flatMap((schema) => unwrap(schema)).flatMap(objectKeys))];
}

function objectKeys(schema: z.core.$ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function stepInto(schema: z.core.$ZodType, part: string | number): z.core.$ZodType[] {
  return unwrap(schema).flatMap((inner): z.core.$ZodType[] => {
    if (inner instanceof z.ZodObject) {
      const next: unknown = inner.shape[String(part)];
      return next instanceof z.ZodType ? [next] : [];
    }
    if (inner instanceof z.ZodRecord) return [inner.valueType];
    if (inner instanceof z.ZodArray) return [inner.element];
    return [];
  });
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.def.innerType);
  if (schema instanceof z.ZodPipe) return unwrap(schema.def.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => unwrap(option));
  return [schema];
}
