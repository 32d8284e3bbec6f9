import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fastFolder } from "../../src/operations/rotation/testing/fast-folder.ts";
import { crash } from "../prove/rotation-crashes.ts";
import { rotationScenarios } from "../prove/rotation-scenarios.ts";

/** Lines of a journal around which most changes: a few here, every one in `npm run prove -- rotation-crashes`. */
const lines: Readonly<Record<string, readonly number[]>> = { "fake-pair": [22], "command-overlap": [17] };

let root: string;
beforeAll(async () => {
  root = await fastFolder("killed");
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("a process that rotates and is killed for good", () => {
  for (const scenario of rotationScenarios) {
    const at = lines[scenario.name];
    if (at === undefined) continue;
    // covers: R12 | compose | real: processes that are killed
    it.skipIf(scenario.skipped() !== undefined)(
      `leaves a credential that works, and the next process brings it to its end (${scenario.name})`,
      async () => {
        for (const line of at) {
          const { kills, wrong } = await crash(scenario, join(root, `${scenario.name}-${line}`), [{ line }]);
          expect(kills, `line ${line}`).toBe(1);
          expect(wrong).toEqual([]);
        }
      },
    );
  }
});
