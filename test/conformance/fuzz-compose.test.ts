import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { fuzzCompose } from "../prove/fuzz-compose.ts";
import { fuzzCorpus } from "../prove/fuzz-compose-proof.ts";

// covers: P6 | compose

const folder = mkdtempSync(join(tmpdir(), "ringwall-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("Compose files changed by their structure", () => {
  it("never make the checker throw, and never turn a fail into a pass when a field is made unresolvable", () => {
    const corpus = fuzzCorpus(fileURLToPath(new URL("../..", import.meta.url)));
    // Time is not judged here: another program on the machine would fail it. The long proof does.
    const result = fuzzCompose({ seed: 20_261_121, corpus, folder, goOn: (cases) => cases < 150, slowMs: 60_000 });
    expect(result.failures.map((failure) => `${failure.oracle}: ${failure.detail}`)).toEqual([]);
    expect(result.comparisons).toBeGreaterThan(75);
  });
});
