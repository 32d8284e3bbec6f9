import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FormatResult, fuzzedFormats, fuzzFormat } from "./fuzz-formats.ts";
import type { Proof } from "./proof.ts";

/** Every format in turn, for as many minutes each. */
export const fuzzFormatsProof: Proof = {
  name: "fuzz-formats",
  title: "Fuzzing of every other format",
  claim:
    "Files of each format are changed by their structure and checked with every control. Nothing throws, nothing takes longer than two seconds, and where a control failed, a value that cannot be resolved never lets it pass for the same subject.",
  async run({ root, seed, minutes }) {
    const figures: (readonly [string, string | number])[] = [["minutes for each format", minutes]];
    const failures: string[] = [];
    for (const format of fuzzedFormats(root)) {
      const folder = mkdtempSync(join(tmpdir(), "ringwall-fuzz-"));
      const end = Date.now() + minutes * 60_000;
      try {
        const result = fuzzFormat({ seed, format, folder, goOn: () => Date.now() < end, slowMs: 2_000 });
        figures.push([format.name, told(format.seeds.length, result)]);
        for (const failure of result.failures)
          failures.push(
            `${format.name}: ${failure.oracle}, case seed ${failure.seed}, ${failure.path}\n${failure.detail}\n${failure.text.slice(0, 1_500)}`,
          );
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    return { figures, failures };
  },
};

function told(seeds: number, { cases, judged, comparisons, slowestMs }: FormatResult): string {
  const compared = comparisons === 0 ? "" : `, ${comparisons} compared`;
  return `${seeds} files to start from, ${cases} cases, ${judged} judged${compared}, slowest ${Math.round(slowestMs)} ms`;
}
