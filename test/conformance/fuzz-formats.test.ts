import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { configFormats } from "../../src/formats/config-formats.ts";
import { fuzzedFormats, fuzzFormat } from "../prove/fuzz-formats.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const formats = fuzzedFormats(fileURLToPath(new URL("../..", import.meta.url)));

// covers: P6 | files
describe("Files changed by their structure never make the checker throw, nor a fail pass by a value that is hidden", () => {
  it.each(formats.map((format) => [format.name, format] as const))("%s", (_, format) => {
    // Time is not judged here: another program on the machine would fail it. The long proof does.
    const result = fuzzFormat({ seed: 20_261_121, format, folder, goOn: ({ cases }) => cases < 20, slowMs: 60_000 });
    expect(result.failures.map((failure) => `${failure.oracle} (seed ${failure.seed}): ${failure.detail}`)).toEqual([]);
    expect(result.cases).toBe(20);
  });

  it("every format has files to start from", () => {
    const names = formats.map(({ name }) => name);
    expect(configFormats.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
  });
});
