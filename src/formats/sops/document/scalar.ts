import type { SopsScalar } from "./tree.ts";

/**
 * The bytes of a value that SOPS encrypts and authenticates: numbers in decimal without exponent, booleans with a capital.
 *
 * Source: getsops/sops v3.13.3, `sops.go` (`ToBytes`), `aes/cipher.go` (`Encrypt`).
 */
export function plainBytes(value: SopsScalar): Uint8Array {
  switch (value.type) {
    case "bytes":
      return value.bytes;
    case "bool":
      return Buffer.from(value.value ? "True" : "False");
    default:
      return Buffer.from(value.text, "utf8");
  }
}

/** The value of decrypted bytes and their `type:`; undefined where they do not fit, or nobody knows the type. */
export function scalarOf(type: string, bytes: Uint8Array): SopsScalar | undefined {
  if (type === "bytes") return { type: "bytes", bytes };
  const text = decodeUtf8(bytes);
  if (text === undefined) return type === "str" ? { type: "bytes", bytes } : undefined;
  switch (type) {
    case "str":
    case "comment":
      return { type, text };
    case "int":
      return intOf(text);
    case "float":
      return floatOf(text);
    case "bool":
      return boolOf(text);
    case "time":
      return /^\d{4}-\d\d-\d\dT/.test(text) ? { type, text } : undefined;
    default:
      return undefined;
  }
}

export const knownTypes: ReadonlySet<string> = new Set(["str", "comment", "int", "float", "bool", "time", "bytes"]);

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function intOf(text: string): SopsScalar | undefined {
  if (!/^[+-]?\d{1,30}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return isInt64(value) ? { type: "int", text: value.toString() } : undefined;
}

export function isInt64(value: bigint): boolean {
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

function floatOf(text: string): SopsScalar | undefined {
  if (/^[+-]?Inf$/i.test(text) || text === "NaN") return { type: "float", text: text === "Inf" ? "+Inf" : text };
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? floatScalar(Number(text)) : undefined;
}

function boolOf(text: string): SopsScalar | undefined {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return { type: "bool", value: true };
  return /^(?:0|f|F|false|FALSE|False)$/.test(text) ? { type: "bool", value: false } : undefined;
}

/** A number as Go's `FormatFloat(value, 'f', -1, 64)` writes it. */
export function floatScalar(value: number): SopsScalar {
  return { type: "float", text: floatText(value) };
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const [mantissa, exponent] = String(value).split("e");
  if (mantissa === undefined || exponent === undefined) return String(value);
  const sign = mantissa.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0").slice(0, point)}${digits.length > point ? `.${digits.slice(point)}` : ""}`;
}

/** A float in a text where a whole number would be read as an int: with a fraction. */
export function floatWithFraction(text: string): string {
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Whether two values are the same to SOPS. */
export function sameScalar(one: SopsScalar, other: SopsScalar): boolean {
  return one.type === other.type && Buffer.compare(plainBytes(one), plainBytes(other)) === 0;
}
