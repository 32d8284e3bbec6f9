import type { ScalarParser } from "../../../../formats/fields.ts";
import { asText } from "../../../../formats/fields.ts";

const units: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds of a duration as Go reads it: `2160h`, `1h30m`. A day is no unit of it. */
export const asDuration: ScalarParser<number> = (node) => {
  const text = asText(node)?.trim() ?? "";
  if (!/^(?:\d{1,12}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h)){1,8}$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce(
    (sum, match) => sum + Number(match[1]) * (units[match[2] ?? "s"] ?? 0),
    0,
  );
};
