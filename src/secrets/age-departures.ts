import { z } from "zod";
import { RingwallError } from "../lib/error.ts";

const departureSchema = z.strictObject({
  key: z.string(),
  comment: z.string(),
  at: z.iso.datetime(),
  names: z.array(z.string()),
});
const fileSchema = z.strictObject({ version: z.literal(1), departed: z.array(departureSchema) });

/** A recipient who left: until they are replaced, the values that it could read are known to it. */
export interface Departure {
  readonly key: string;
  readonly comment: string;
  /** When it was taken from the list, as ISO 8601. */
  readonly at: string;
  /** The secrets that have kept their value since. */
  readonly names: readonly string[];
}

export function parseDepartures(text: string | undefined, shownAs: string): readonly Departure[] {
  if (text === undefined) return [];
  try {
    return fileSchema.parse(JSON.parse(text)).departed;
  } catch (error) {
    throw new RingwallError("invalid", `${shownAs} is damaged: it no longer says who left and what they knew.`, {
      hint: "Take it from a backup; or rotate every secret and delete it.",
      cause: error,
    });
  }
}

export function renderDepartures(departures: readonly Departure[]): string {
  return `${JSON.stringify({ version: 1, departed: departures }, null, 2)}\n`;
}

/** With a secret struck from every list: it has a new value. Those who know nothing any more are forgotten. */
export function withoutName(departures: readonly Departure[], name: string): readonly Departure[] {
  return departures
    .map((one) => ({ ...one, names: one.names.filter((known) => known !== name) }))
    .filter((one) => one.names.length > 0);
}
