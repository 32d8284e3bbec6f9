/**
 * What a plain YAML scalar means to the Go programs that read it with go-yaml v3 (Docker Compose, Kubernetes' tools,
 * Prometheus): YAML 1.2's booleans and null, YAML 1.1's octals, no base-60 numbers.
 *
 * Source: go.yaml.in/yaml/v3 v3.0.4, `resolve.go`; held to `docker compose config` by test/conformance.
 */
import type { ScalarValue } from "../tree.ts";

const words = new Map<string, ScalarValue>([
  ["", null],
  ["~", null],
  ["null", null],
  ["Null", null],
  ["NULL", null],
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
  [".nan", Number.NaN],
  [".NaN", Number.NaN],
  [".NAN", Number.NaN],
  [".inf", Number.POSITIVE_INFINITY],
  [".Inf", Number.POSITIVE_INFINITY],
  [".INF", Number.POSITIVE_INFINITY],
  ["+.inf", Number.POSITIVE_INFINITY],
  ["+.Inf", Number.POSITIVE_INFINITY],
  ["+.INF", Number.POSITIVE_INFINITY],
  ["-.inf", Number.NEGATIVE_INFINITY],
  ["-.Inf", Number.NEGATIVE_INFINITY],
  ["-.INF", Number.NEGATIVE_INFINITY],
]);

const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|(0[0-7]*)|([1-9][0-9]*))$/;
/** The written forms that go-yaml takes for a point in time; the numbers' ranges are left to `Date`. */
const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?)?$/;

/**
 * The value of a plain scalar. Whole numbers that a double cannot hold come back as their decimal digits.
 * A text that is no number, boolean or null comes back as it is; so does a timestamp (see `isTimestamp`).
 */
export function resolvePlain(text: string): ScalarValue {
  const first = text.charCodeAt(0);
  // Most scalars are words: letters other than those that begin a boolean or null cannot be anything else.
  const mayBeNumber = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  if (!mayBeNumber) {
    if (text.length > 5) return text;
    const word = words.get(text);
    return word === undefined ? text : word;
  }
  const word = words.get(text);
  if (word !== undefined) return word;
  return first === 46 ? fraction(text) : numeric(text);
}

/**
 * The boolean that a plain scalar is to programs that still know YAML 1.1's words for them; undefined for all others.
 * Source: sigs.k8s.io/yaml v1.6, `goyaml.v2/resolve.go`, through which kubectl reads manifests.
 */
export function oldBoolean(text: string): boolean | undefined {
  if (text.length > 3) return undefined;
  if (/^(?:y|Y|yes|Yes|YES|on|On|ON)$/.test(text)) return true;
  return /^(?:n|N|no|No|NO|off|Off|OFF)$/.test(text) ? false : undefined;
}

/** Whether go-yaml takes a plain scalar for a point in time, which Compose accepts nowhere. */
export function isTimestamp(text: string): boolean {
  const match = timestamp.exec(text);
  if (match === null) return false;
  const [, year, month, day] = match.map(Number);
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0));
  const hour = Number(match[4] ?? match[7] ?? 0);
  const minute = Number(match[5] ?? match[8] ?? 0);
  const second = Number(match[6] ?? match[9] ?? 0);
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
}

/** Whether a text that is a number is written with a fraction or an exponent, so that Go holds it as a float. */
export function isFloat(text: string): boolean {
  return !/^[-+]?0[xX]/.test(text) && /[.eE]/.test(text);
}

function fraction(text: string): ScalarValue {
  return decimal.test(text) ? Number(text) : text;
}

function numeric(text: string): ScalarValue {
  const plain = text.includes("_") ? text.replaceAll("_", "") : text;
  const whole = integer.exec(plain);
  if (whole !== null) return wholeNumber(whole, text);
  return decimal.test(plain) ? Number(plain) : text;
}

function wholeNumber(match: RegExpExecArray, text: string): ScalarValue {
  const [, sign, hex, octal, binary, leadingZero, digits] = match;
  const spelled =
    hex !== undefined
      ? `0x${hex}`
      : octal !== undefined
        ? `0o${octal}`
        : binary !== undefined
          ? `0b${binary}`
          : leadingZero !== undefined && leadingZero !== "0"
            ? `0o${leadingZero}`
            : (digits ?? "0");
  const value = Number(spelled);
  if (Number.isSafeInteger(value)) return sign === "-" ? 0 - value : value;
  const exact = sign === "-" ? -BigInt(spelled) : BigInt(spelled);
  if (exact < -(2n ** 63n) || exact >= 2n ** 64n) return digits === undefined ? text : Number(exact);
  return exact.toString();
}
