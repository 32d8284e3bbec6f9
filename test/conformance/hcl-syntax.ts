/**
 * What `@cdktf/hcl2json` makes of a text, made of Ringwall's own tree: HashiCorp's parser compiled to WebAssembly is the
 * oracle for the native syntax. Whatever is no literal stands there as its source text in `${…}`.
 */
import type { HclBody, HclExpression, HclObject, HclTemplatePart, HclUnary } from "../../src/formats/hcl/ast.ts";

/** The JSON of a body, as hcl2json writes it. */
export function asHcl2Json(body: HclBody, text: string): unknown {
  const json: Record<string, unknown> = {};
  for (const { type, labels, body: inner } of body.blocks) {
    let at = json;
    for (const key of [type, ...labels.map((label) => label.text)].slice(0, -1)) at = folder(at, key);
    const last = labels.at(-1)?.text ?? type;
    const list = at[last];
    const made = asHcl2Json(inner, text);
    if (Array.isArray(list)) list.push(made);
    else at[last] = [made];
  }
  for (const { name, value } of body.attributes.values()) json[name] = expression(value, text);
  return json;
}

function folder(json: Record<string, unknown>, key: string): Record<string, unknown> {
  const known = json[key];
  if (typeof known === "object" && known !== null && !Array.isArray(known)) return known as Record<string, unknown>;
  const made: Record<string, unknown> = {};
  json[key] = made;
  return made;
}

function expression(value: HclExpression, text: string): unknown {
  switch (value.kind) {
    case "literal":
      return typeof value.value === "string" ? escaped(value.value) : value.value;
    case "unary":
      return constant(value) ?? `\${${raw(value, text)}}`;
    case "template":
      return value.parts.map((part) => templatePart(part, text)).join("");
    case "tuple":
      return value.items.map((item) => expression(item, text));
    case "object":
      return Object.fromEntries(value.entries.map((entry) => [key(entry, text), expression(entry.value, text)]));
    default:
      return `\${${raw(value, text)}}`;
  }
}

function key({ key: written }: HclObject["entries"][number], text: string): string {
  return written.kind === "literal" ? String(written.value) : String(expression(written, text));
}

function templatePart(part: HclTemplatePart, text: string): string {
  switch (part.kind) {
    case "text":
      return escaped(part.text);
    case "interpolation":
      return interpolation(part.value, text);
    case "if": {
      const [only] = part.whenFalse;
      const empty = only?.kind === "interpolation" && part.whenFalse.length === 1 && isNull(only.value);
      const otherwise = empty ? "" : part.whenFalse.map((inner) => templatePart(inner, text)).join("");
      const head = `%{if ${raw(part.condition, text)}}${part.whenTrue.map((inner) => templatePart(inner, text)).join("")}`;
      return otherwise === "" ? `${head}%{endif}` : `${head}%{else}${otherwise}%{endif}`;
    }
    case "for": {
      const names = part.keyName === undefined ? part.valueName : `${part.keyName}, ${part.valueName}`;
      const body = part.body.map((inner) => templatePart(inner, text)).join("");
      return `%{for ${names} in ${raw(part.collection, text)}}${body}%{endfor}`;
    }
  }
}

/** A text or number within a template is part of its text. */
function interpolation(value: HclExpression, text: string): string {
  if (value.kind === "literal") return isNull(value) ? "null" : String(expression(value, text));
  if (value.kind === "conditional") {
    const [one, other] = [value.whenTrue, value.whenFalse].map((result) => interpolation(result, text));
    const otherwise = other === "" || isNull(value.whenFalse) ? "" : `%{else}${other}`;
    return `%{if ${raw(value.condition, text)}}${one}${otherwise}%{endif}`;
  }
  return value.kind === "template" ? String(expression(value, text)) : `\${${raw(value, text)}}`;
}

function isNull(value: HclExpression): boolean {
  return value.kind === "literal" && value.value === null;
}

function constant({ operator, operand }: HclUnary): unknown {
  if (operand.kind === "unary") {
    const inner = constant(operand);
    return operator === "!" ? (typeof inner === "boolean" ? !inner : undefined) : negated(inner);
  }
  if (operand.kind !== "literal") return undefined;
  return operator === "!" ? (typeof operand.value === "boolean" ? !operand.value : undefined) : negated(operand.value);
}

function negated(value: unknown): number | undefined {
  return typeof value === "number" ? -value : undefined;
}

function escaped(text: string): string {
  return text.replaceAll(/[$%]\{/g, (start) => `${start[0]}${start}`);
}

function raw(value: HclExpression, text: string): string {
  const { place } = value;
  return place.kind === "file" ? text.slice(place.offset, place.end) : "?";
}
