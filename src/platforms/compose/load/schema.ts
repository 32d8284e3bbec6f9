/**
 * Holds a merged model to Compose's schema. Every mistake is a problem with its place; the node it stands on is marked
 * (`unresolved`, `incomplete`), so that nobody takes it for what it does not say, and the rest is still read.
 */
import type { MappingNode, ScalarNode, SequenceNode, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import { didYouMean } from "../../../lib/suggest.ts";
import { goText, mapItems, mapValues } from "./nodes.ts";
import { schemaDefinitions, schemaRoot } from "./schema-table.ts";
import type { Session } from "./session.ts";
import { shownText } from "./shown-text.ts";

type TypeName = "string" | "number" | "integer" | "boolean" | "null" | "object" | "array";

/** The part of JSON Schema that Compose's schema uses. `$ref` names a definition. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly uniqueItems?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

/** A schema made ready for use: references followed, alternatives sorted by type. Made once, on first use. */
interface Rule {
  readonly types: ReadonlySet<TypeName>;
  readonly byType: ReadonlyMap<TypeName, Form>;
}

/** What one type of value is held to. */
interface Form {
  readonly schema: Schema;
  readonly properties: ReadonlyMap<string, Schema>;
  readonly patterns: readonly (readonly [RegExp, Schema])[];
  /** Whether a scalar is held to more than its type. */
  readonly isBounded: boolean;
}

/** The way to a node, from the node upwards. */
interface Path {
  readonly key: string;
  readonly parent: Path | undefined;
}

const rules = new Map<Schema, Rule>();

/** The model with what Compose would refuse marked. */
export function validate(root: TreeNode, session: Session): TreeNode {
  return check(root, schemaRoot, undefined, session);
}

function check(node: TreeNode, schema: Schema, path: Path | undefined, session: Session): TreeNode {
  if (node.kind === "scalar" && node.unresolved !== undefined) return node;
  const rule = rules.get(schema) ?? makeRule(schema);
  if (rule.types.size === 0) return node;
  const form = formFor(node, rule);
  if (form === undefined) return wrongType(node, rule, keysOf(path), session);
  switch (node.kind) {
    case "scalar":
      return form.isBounded ? checkScalar(node, form.schema, path, session) : node;
    case "sequence":
      return checkSequence(node, form.schema, path, session);
    case "mapping":
      return checkMapping(node, form, path, session);
  }
}

function makeRule(schema: Schema): Rule {
  const byType = new Map<TypeName, Form>();
  collect(schema, byType);
  const rule: Rule = { types: new Set(byType.keys()), byType };
  rules.set(schema, rule);
  return rule;
}

function collect(schema: Schema, byType: Map<TypeName, Form>): void {
  const target = schema.$ref === undefined ? undefined : schemaDefinitions[schema.$ref];
  if (target !== undefined) collect(target, byType);
  for (const alternative of schema.oneOf ?? []) collect(alternative, byType);
  const types = schema.type === undefined ? [] : typeof schema.type === "string" ? [schema.type] : schema.type;
  for (const type of types) {
    if (isTypeName(type) && !byType.has(type)) byType.set(type, formOf(schema));
  }
}

function formOf(schema: Schema): Form {
  return {
    schema,
    properties: new Map(Object.entries(schema.properties ?? {})),
    patterns: Object.entries(schema.patternProperties ?? {}).map(([pattern, each]) => [new RegExp(pattern, "u"), each]),
    isBounded: [schema.enum, schema.pattern, schema.minimum, schema.maximum].some((bound) => bound !== undefined),
  };
}

function isTypeName(type: string): type is TypeName {
  return ["string", "number", "integer", "boolean", "null", "object", "array"].includes(type);
}

function formFor(node: TreeNode, rule: Rule): Form | undefined {
  if (node.kind === "mapping") return rule.byType.get("object");
  if (node.kind === "sequence") return rule.byType.get("array");
  if (node.tag === "!!timestamp") return undefined;
  const { value } = node;
  if (value === null) return rule.byType.get("null");
  if (typeof value === "boolean") return rule.byType.get("boolean");
  if (typeof value === "string") return rule.byType.get("string");
  return rule.byType.get("number") ?? (Number.isInteger(value) ? rule.byType.get("integer") : undefined);
}

/** A path from the top down. */
function keysOf(path: Path | undefined): string[] {
  const keys: string[] = [];
  for (let at = path; at !== undefined; at = at.parent) keys.push(at.key);
  return keys.reverse();
}

function checkScalar(node: ScalarNode, schema: Schema, path: Path | undefined, session: Session): TreeNode {
  const complaint = complaintOf(node, schema, path);
  if (complaint === undefined) return node;
  session.error(complaint.message, node.place, complaint.hint);
  return { ...node, unresolved: `Compose refuses ${shown(node)} here` };
}

function complaintOf(
  node: ScalarNode,
  schema: Schema,
  path: Path | undefined,
): { readonly message: string; readonly hint?: string | undefined } | undefined {
  const { value } = node;
  const name = (): string => nameOf(keysOf(path));
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const choices = schema.enum.map(String);
    const message = `\`${name()}\` cannot be ${shown(node)}.${didYouMean(String(value), choices)}`;
    return { message, hint: `Expected one of: ${choices.join(", ")}.` };
  }
  if (typeof value === "string" && schema.pattern !== undefined && !patternOf(schema.pattern).test(value)) {
    return { message: `\`${name()}\` cannot be ${shown(node)}.`, hint: patternHint(schema.pattern) };
  }
  if (typeof value !== "number") return undefined;
  if (schema.minimum !== undefined && value < schema.minimum)
    return { message: `\`${name()}\` is at least ${schema.minimum}.` };
  if (schema.maximum !== undefined && value > schema.maximum)
    return { message: `\`${name()}\` is at most ${schema.maximum}.` };
  return undefined;
}

function checkSequence(node: SequenceNode, schema: Schema, path: Path | undefined, session: Session): TreeNode {
  const { items } = schema;
  if (schema.uniqueItems === true && node.items.length > 1) reportRepeats(node.items, path, session);
  if (items === undefined) return node;
  const below: Path = { key: "[]", parent: path };
  return mapItems(node, (item) => check(item, items, below, session));
}

function reportRepeats(items: readonly TreeNode[], path: Path | undefined, session: Session): void {
  const seen = new Set<unknown>();
  for (const item of items) {
    if (item.kind !== "scalar" || item.unresolved !== undefined) continue;
    if (seen.has(item.value)) {
      session.error(`An item stands twice in \`${nameOf(keysOf(path))}\`.`, item.place, "Remove one of the two.");
    }
    seen.add(item.value);
  }
}

function checkMapping(node: MappingNode, form: Form, path: Path | undefined, session: Session): TreeNode {
  for (const key of form.schema.required ?? []) {
    if (!node.entries.has(key) && node.incomplete === undefined) {
      session.error(`\`${key}\` is missing ${inside(keysOf(path))}.`, node.place);
    }
  }
  return mapValues(node, (value, key) => {
    const known = propertyOf(form, key);
    if (known !== undefined) return check(value, known, { key, parent: path }, session);
    if (form.schema.additionalProperties === false) {
      unknownKey(key, node.entries.get(key)?.keyPlace ?? node.place, form, keysOf(path), session);
    }
    return value;
  });
}

function propertyOf(form: Form, key: string): Schema | undefined {
  const known = form.properties.get(key);
  if (known !== undefined) return known;
  for (const [pattern, each] of form.patterns) if (pattern.test(key)) return each;
  return undefined;
}

function unknownKey(key: string, place: Place, form: Form, path: readonly string[], session: Session): void {
  const shownKey = shownText(key);
  if (form.properties.size === 0) {
    const message = `${shownKey} is no name that Compose accepts ${inside(path)}.`;
    session.error(message, place, "Use letters, digits, `.`, `_` and `-`.");
    return;
  }
  const suggestion = (path.length === 0 ? "" : homeOf(key, path)) || didYouMean(key, form.properties.keys());
  session.error(`Compose does not know the key ${shownKey} ${inside(path)}.${suggestion}`, place);
}

/** A key that is right one level up. */
function homeOf(key: string, path: readonly string[]): string {
  const top = schemaRoot.properties ?? {};
  if (Object.hasOwn(top, key)) return ` It belongs to the top of the file: indent it less.`;
  const service = schemaDefinitions.service?.properties ?? {};
  return path[0] === "services" && path.length > 2 && Object.hasOwn(service, key)
    ? ` It belongs to the service: indent it less.`
    : "";
}

function wrongType(node: TreeNode, rule: Rule, path: readonly string[], session: Session): TreeNode {
  const expected = wanted(rule.types);
  const name =
    path.length === 0 ? "The file" : path.at(-1) === "[]" ? `An item of \`${nameOf(path)}\`` : `\`${nameOf(path)}\``;
  const why = `it is ${kindOf(node)}, where ${expected} is expected`;
  session.error(`${name} is ${kindOf(node)}, where ${expected} is expected.`, node.place, quoteHint(node, rule));
  return node.kind === "scalar" ? { ...node, unresolved: why } : { ...node, incomplete: node.incomplete ?? why };
}

function quoteHint(node: TreeNode, rule: Rule): string | undefined {
  if (node.kind !== "scalar" || node.value === null || !rule.types.has("string")) return undefined;
  return "Put it in quotes.";
}

const typeWords: readonly (readonly [TypeName, string])[] = [
  ["object", "a mapping"],
  ["array", "a list"],
  ["string", "a text"],
  ["number", "a number"],
  ["integer", "a whole number"],
  ["boolean", "`true` or `false`"],
];

function wanted(types: ReadonlySet<TypeName>): string {
  const words = typeWords.filter(([type]) => types.has(type)).map(([, word]) => word);
  return words.length < 2 ? (words[0] ?? "nothing") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function kindOf(node: TreeNode): string {
  if (node.kind === "mapping") return "a mapping";
  if (node.kind === "sequence") return "a list";
  if (node.tag === "!!timestamp") return "a point in time";
  if (node.value === null) return "empty";
  // Not which: it may be a password.
  if (typeof node.value === "number") return "a number";
  return typeof node.value === "boolean" ? `\`${node.value}\`` : "a text";
}

function shown(node: ScalarNode): string {
  return typeof node.value === "string" ? shownText(node.value) : goText(node);
}

/** The last key of a path that is a name. */
function nameOf(path: readonly string[]): string {
  return path.findLast((part) => part !== "[]") ?? "";
}

function inside(path: readonly string[]): string {
  const names = path.filter((part) => part !== "[]");
  if (names.length === 0) return "at the top of the file";
  if (names.length === 2 && names[0] === "services") return `in the service "${names[1]}"`;
  return `in \`${names.at(-1)}\``;
}

const patterns = new Map<string, RegExp>();

function patternOf(source: string): RegExp {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  const made = new RegExp(source, "u");
  patterns.set(source, made);
  return made;
}

function patternHint(pattern: string): string | undefined {
  return pattern.startsWith("always|")
    ? "Expected `always`, `never`, `missing`, `build`, `daily`, `weekly` or `every_` and a duration."
    : undefined;
}
