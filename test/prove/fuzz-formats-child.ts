/**
 * A process that fuzzes one format: `fuzz-formats-child.ts SLUG SEED MINUTES FOLDER`, the minutes of its own processor time,
 * the folder one to empty again and again. Every few seconds it prints what it found so far, a line of JSON each, so that
 * whoever ends it early keeps that.
 */
import { fileURLToPath } from "node:url";
import { type FormatResult, fuzzedFormats, fuzzFormat, processorMs } from "./fuzz-formats.ts";

const betweenLinesMs = 5_000;

const [slug, seed, minutes, folder = ""] = process.argv.slice(2);
const format = fuzzedFormats(fileURLToPath(new URL("../..", import.meta.url))).find((one) => one.slug === slug);
if (format === undefined) throw new Error(`there is no format ${slug}`);
const end = processorMs() + Number(minutes) * 60_000;
let next = 0;
tell(fuzzFormat({ seed: Number(seed), format, folder, goOn, slowMs: 2_000 }), Number(minutes));

function goOn(soFar: FormatResult): boolean {
  const now = processorMs();
  if (now >= next) {
    tell(soFar, Number(minutes) - Math.max(0, end - now) / 60_000);
    next = now + betweenLinesMs;
  }
  return now < end;
}

function tell(result: FormatResult, spent: number): void {
  process.stdout.write(`${JSON.stringify({ ...result, minutes: spent })}\n`);
}
