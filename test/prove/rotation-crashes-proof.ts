import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fastFolder } from "../../src/operations/rotation/testing/fast-folder.ts";
import type { Proof } from "./proof.ts";
import { Random } from "./random.ts";
import { crash, type Kill } from "./rotation-crashes.ts";
import type { RotationScenario } from "./rotation-scenario.ts";
import { rotationScenarios } from "./rotation-scenarios.ts";

/** So many random kills, or as many as the minutes allow, which begin after those at every line. */
const enough = 1_000;

/** Kills a process that rotates: at every line of its journal, then at random moments. */
export const rotationCrashesProof: Proof = {
  name: "rotation-crashes",
  title: "Rotations that are killed",
  claim:
    "A process that rotates secrets is killed (SIGKILL) at every line of its journal, and at random moments, up to four times before it may end. At every death each consumer has a credential that works, or, where one account has one password, the store has the one that the issuer takes; the next process brings the rotation to its end, no former value works then, and no value stands in any file, table, ledger or output.",
  async run({ seed, minutes }) {
    const root = await fastFolder("rotation-crashes");
    const failures: string[] = [];
    const figures: [string, string | number][] = [];
    const random = new Random(seed);
    const scenarios = rotationScenarios.filter((scenario) => scenario.skipped() === undefined);
    for (const scenario of rotationScenarios.filter((one) => !scenarios.includes(one))) {
      figures.push([scenario.name, `skipped: ${scenario.skipped() ?? ""}`]);
    }
    try {
      const lengths = new Map<RotationScenario, number>();
      let count = 0;
      for (const scenario of scenarios) {
        const whole = await crash(scenario, join(root, String(count++)), []);
        failures.push(...whole.wrong.map((what) => `${scenario.name}, not killed: ${what}`));
        lengths.set(scenario, whole.milliseconds);
        for (let line = 1; line <= (whole.lines ?? 0); line++) {
          const { wrong } = await crash(scenario, join(root, String(count++)), [{ line }]);
          failures.push(...wrong.map((what) => `${scenario.name}: ${what}`));
        }
        figures.push([`${scenario.name}: lines of its journal, a kill at each`, whole.lines ?? 0]);
        console.error(`${scenario.name}: ${whole.lines ?? 0} lines, ${failures.length} failures so far`);
      }
      const deadline = performance.now() + minutes * 60_000;
      const { kills, again } = await randomKills({ scenarios, lengths, random, root, deadline, failures });
      figures.push(["random kills that came before the end", kills]);
      figures.push([
        "of these rotations, those that said that they could not go on yet, and did when asked again",
        again,
      ]);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
    return { figures, failures };
  },
};

async function randomKills(given: {
  readonly scenarios: readonly RotationScenario[];
  readonly lengths: ReadonlyMap<RotationScenario, number>;
  readonly random: Random;
  readonly root: string;
  readonly deadline: number;
  readonly failures: string[];
}): Promise<{ readonly kills: number; readonly again: number }> {
  const { scenarios, lengths, random, root, deadline, failures } = given;
  let kills = 0;
  let again = 0;
  for (let round = 0; performance.now() < deadline && kills < enough; round++) {
    const scenario = random.pick(scenarios);
    const longest = lengths.get(scenario) ?? 1_000;
    const plan: Kill[] = Array.from({ length: 1 + random.below(4) }, () => ({
      afterMs: random.below(Math.ceil(longest)),
    }));
    const result = await crash(scenario, join(root, `random-${round}`), plan);
    kills += result.kills;
    again += result.again;
    failures.push(...result.wrong.map((what) => `${scenario.name}, round ${round}: ${what}`));
  }
  return { kills, again };
}
