import { isTimestamp, resolvePlain } from "../../yaml/scalars.ts";
import { floatScalar, floatWithFraction, isInt64 } from "./scalar.ts";
import type { SopsScalar } from "./tree.ts";

/** A plain scalar that SOPS refuses: a whole number beyond 64 bits with sign. */
export const tooLarge = Symbol("too large");

const integer = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]+|0|[1-9][0-9]*)$/;
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * What a plain scalar is to SOPS; undefined for null.
 *
 * Source: go.yaml.in/yaml/v3 v3.0.4, `resolve.go`; an integer beyond int64 is a uint64, which SOPS cannot walk.
 */
export function plainScalar(text: string): SopsScalar | undefined | typeof tooLarge {
  if (isTimestamp(text)) return { type: "time", text: rfc3339(text) };
  if (/^[-+0-9]/.test(text)) {
    const number = numberOf(text.replaceAll("_", ""));
    if (number !== undefined) return number;
  }
  const value = resolvePlain(text);
  if (value === null) return undefined;
  if (typeof value === "boolean") return { type: "bool", value };
  // What is left as a number here is a fraction, or one of the words for what is none.
  if (typeof value === "number" && !/^[-+]?[0-9]/.test(text) && (Number.isFinite(value) || /inf|nan/i.test(text))) {
    return floatScalar(value);
  }
  return { type: "str", text };
}

function numberOf(text: string): SopsScalar | typeof tooLarge | undefined {
  const whole = integer.exec(text);
  if (whole !== null) {
    const [, sign, written = "0"] = whole;
    const spelled = /^0[0-7]+$/.test(written) ? `0o${written}` : written;
    const value = sign === "-" ? -BigInt(spelled) : BigInt(spelled);
    if (isInt64(value)) return { type: "int", text: value.toString() };
    if (value > 0n && value < 2n ** 64n) return tooLarge;
  }
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? floatScalar(value) : undefined;
}

/** A point in time as Go's `MarshalText` writes it. */
function rfc3339(text: string): string {
  const [, date = "", time = "00:00:00", fraction = "", zone = "Z"] =
    /^(\d{4}-\d{1,2}-\d{1,2})(?:[Tt ](\d{1,2}:\d{1,2}:\d{1,2})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const padded = (parts: string, by: string) =>
    parts
      .split(by)
      .map((part) => part.padStart(2, "0"))
      .join(by);
  const digits = fraction.slice(0, 9).replace(/0+$/, "");
  const at = zone === "+00:00" || zone === "-00:00" ? "Z" : zone;
  return `${padded(date, "-")}T${padded(time, ":")}${digits === "" ? "" : `.${digits}`}${at}`;
}

/** Texts that need no quotes for any YAML reader. */
const plainWords = /^[A-Za-z_/$^(][A-Za-z0-9_./@$^()+=~|-]*(?: [A-Za-z0-9_./@$^()+=~|-]+)*$/;
const otherThanText = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

/** A text on one line; quoted where it could be taken for something else. */
export function yamlText(text: string): string {
  return plainWords.test(text) && !otherThanText.test(text) ? text : doubleQuoted(text);
}

/** In double quotes, with nothing in it that is not printed. */
export function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A value in YAML; a text of several lines as a block where `indent` says how far in the block stands. */
export function yamlValue(value: SopsScalar, indent: number | undefined): string {
  switch (value.type) {
    case "bool":
      return String(value.value);
    case "int":
    case "time":
      return value.text;
    case "float":
      return yamlFloat(value.text);
    case "bytes":
      return `!!binary ${Buffer.from(value.bytes).toString("base64")}`;
    case "str":
    case "comment":
      return (indent === undefined ? undefined : block(value.text, indent)) ?? yamlText(value.text);
  }
}

function yamlFloat(text: string): string {
  const words: Readonly<Record<string, string>> = { "+Inf": ".inf", "-Inf": "-.inf", NaN: ".nan" };
  return words[text] ?? floatWithFraction(text);
}

/** A text of several lines as a literal block, where that gives back every character of it. */
function block(text: string, indent: number): string | undefined {
  const body = text.replace(/\n$/, "");
  if (!text.includes("\n") || !/^[\x21-\x7e][\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\n]*$/.test(body)) return undefined;
  if (/[ \n]$/.test(body) || / \n/.test(body)) return undefined;
  const space = " ".repeat(indent);
  const lines = body.split("\n").map((line) => (line === "" ? "" : `${space}${line}`));
  return `|${text.endsWith("\n") ? "" : "-"}\n${lines.join("\n")}`;
}
