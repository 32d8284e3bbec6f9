/** What scalars of Incus mean. */
import type { ScalarParser } from "../../../formats/fields.ts";

/** Incus takes these for true and for false, whatever their case (`shared/util.IsTrue`, `IsFalse`). */
export const asIncusBoolean: ScalarParser<boolean> = ({ value }) => {
  const text = String(value).toLowerCase();
  if (["true", "1", "yes", "on"].includes(text)) return true;
  return ["false", "0", "no", "off", ""].includes(text) ? false : undefined;
};

/** A text that is not empty: an empty one unsets a key. */
export const asSetText: ScalarParser<string> = ({ value }) =>
  value === null || value === "" ? undefined : String(value);

const units: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  KIB: 1024,
  MIB: 1024 ** 2,
  GIB: 1024 ** 3,
  TIB: 1024 ** 4,
  PIB: 1024 ** 5,
};

/** `512MiB` in bytes (Incus, `doc/reference/instance_units.md`); undefined for anything else. */
export function bytesOf(text: string): number | undefined {
  const [, amount = "", unit = ""] = /^(\d{1,18})\s*([kKMGTP]?i?B?)$/.exec(text.trim()) ?? [];
  const factor = units[unit.toUpperCase()];
  return amount === "" || factor === undefined ? undefined : Number(amount) * factor;
}

/** `2`, `0-3`, `0,2,4-5`, `sockets=1,cores=2,threads=2` as a number of CPUs. */
export function cpusOf(text: string): number | undefined {
  const written = text.trim();
  if (/^\d{1,5}$/.test(written)) return Number(written);
  const topology = /^(?:(?:sockets|cores|threads)=\d{1,4},?)+$/.test(written);
  if (topology) return [...written.matchAll(/=(\d+)/g)].reduce((all, [, count]) => all * Number(count), 1);
  if (!/^\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*$/.test(written)) return undefined;
  return written.split(",").reduce((all, part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return all + Math.max(0, last - first + 1);
  }, 0);
}

/** `25ms/100ms` as a share of one CPU; undefined for a percentage, which is a weight and no limit. */
export function allowanceOf(text: string): number | undefined {
  const [, used, period] = /^(\d{1,9})ms\/(\d{1,9})ms$/.exec(text.trim()) ?? [];
  return used === undefined || period === undefined || Number(period) === 0 ? undefined : Number(used) / Number(period);
}

/** The parts of a text between commas, without the empty ones. */
export function listed(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
