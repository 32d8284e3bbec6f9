import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fuzzCompose } from "./fuzz-compose.ts";
import type { Proof } from "./proof.ts";

/** The texts that fuzzing starts from: the outside corpus where it is, and always the controls' own fixtures. */
export function fuzzCorpus(root: string): string[] {
  const folders = [join(root, "src/controls"), join(root, "examples"), join(root, "../shared/corpus/compose")];
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)))
    .filter((path) => /\.ya?ml$/.test(path))
    .map((path) => readFileSync(path, "utf8"));
}

export const fuzzComposeProof: Proof = {
  name: "fuzz-compose",
  title: "Fuzzing of the Compose reader and every control",
  claim:
    "Real Compose files are changed by their structure and checked with every control. Nothing throws, nothing takes longer than a second, and where a control failed, making a field unresolvable never lets it pass for the same subject.",
  async run({ root, seed, minutes }) {
    const corpus = fuzzCorpus(root);
    const folder = mkdtempSync(join(tmpdir(), "ringwall-fuzz-"));
    const end = Date.now() + minutes * 60_000;
    try {
      const result = fuzzCompose({ seed, corpus, folder, goOn: () => Date.now() < end, slowMs: 1_000 });
      return {
        figures: [
          ["minutes", minutes],
          ["files to start from", corpus.length],
          ["cases", result.cases],
          ["of these read as Compose", result.parsed],
          ["compared with a field made unresolvable", result.comparisons],
          ["slowest case, ms", Math.round(result.slowestMs)],
        ],
        failures: result.failures.map(
          (failure) =>
            `${failure.oracle}, case seed ${failure.seed}\n${failure.detail}\n${failure.text.slice(0, 1_500)}`,
        ),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
