import { gzipSync } from "node:zlib";
import { type HclValue, madeOf, unknown } from "../value/value.ts";

/** A text in Base64. One of which parts are known is the same encoding of it, with what stands for the others. */
export function encoded(value: HclValue): HclValue {
  if (value.kind === "text") return { ...value, value: inBase64(value.value) };
  if (value.kind !== "unknown" || value.partial === undefined) return value;
  return { ...value, partial: inBase64(value.partial) };
}

/** The same of a text that is compressed before: another gzip makes other bytes of it, which mean the same. */
export function zipped(value: HclValue): HclValue {
  const known = value.kind === "text" ? value.value : value.kind === "unknown" ? value.partial : undefined;
  if (known === undefined) return value;
  const partial = gzipSync(known).toString("base64");
  if (value.kind === "unknown") return { ...value, partial };
  const { place, file } = value;
  const made = unknown("it is compressed when it is applied", place);
  return madeOf({ ...made, partial, ...(file === undefined ? {} : { file }) }, [value]);
}

function inBase64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
