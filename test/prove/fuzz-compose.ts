/**
 * Mutates real Compose files by structure and checks each, with three oracles: nothing throws, nothing takes longer than
 * a second, and where a control failed, making a field unresolvable never lets it pass for the same subject.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { evaluate } from "../../src/controls/evaluate.ts";
import { allControls } from "../../src/controls/registry.ts";
import { refKey } from "../../src/facts/subjects.ts";
import { RingwallError } from "../../src/lib/error.ts";
import { loadComposeProject } from "../../src/platforms/compose/load/load.ts";
import { readComposeProject } from "../../src/platforms/compose/read.ts";
import { ConfinedFiles } from "../../src/repository/files.ts";
import { makeUnresolvable, mutateYaml } from "./mutate-yaml.ts";
import { Random } from "./random.ts";

export interface FuzzFailure {
  readonly seed: number;
  readonly oracle: "threw" | "slow" | "fail became pass";
  readonly detail: string;
  readonly text: string;
}

export interface FuzzResult {
  readonly cases: number;
  readonly parsed: number;
  readonly comparisons: number;
  readonly slowestMs: number;
  readonly failures: readonly FuzzFailure[];
}

export interface FuzzOptions {
  readonly seed: number;
  /** Texts to start from; never empty. */
  readonly corpus: readonly string[];
  /** A folder for the one file that is written again and again. */
  readonly folder: string;
  readonly goOn: (cases: number) => boolean;
  readonly slowMs: number;
}

/** Runs cases until `goOn` says no. Each case has its own seed, which repeats it alone. */
export function fuzzCompose(options: FuzzOptions): FuzzResult {
  mkdirSync(options.folder, { recursive: true });
  const failures: FuzzFailure[] = [];
  let parsed = 0;
  let comparisons = 0;
  let slowestMs = 0;
  let cases = 0;
  for (; options.goOn(cases); cases++) {
    const seed = (options.seed + Math.imul(cases, 2_654_435_761)) >>> 0;
    const random = new Random(seed);
    const original = random.pick(options.corpus);
    const text = mutateYaml(original, random) ?? original;
    const first = checkText(text, options);
    slowestMs = Math.max(slowestMs, first.milliseconds);
    const complain = (oracle: FuzzFailure["oracle"], detail: string, about = text): void => {
      failures.push({ seed, oracle, detail, text: about });
    };
    if (first.threw !== undefined) complain("threw", first.threw);
    if (first.milliseconds > options.slowMs) complain("slow", `${Math.round(first.milliseconds)} ms`);
    if (first.verdicts === undefined) continue;
    parsed += 1;
    const changed = makeUnresolvable(text, random);
    if (changed === undefined) continue;
    const second = checkText(changed.text, options);
    if (second.threw !== undefined) complain("threw", second.threw, changed.text);
    if (second.verdicts === undefined) continue;
    comparisons += 1;
    for (const [key, verdict] of first.verdicts) {
      if (verdict === "fail" && second.verdicts.get(key) === "pass" && !isTheRemedy(key, changed.path)) {
        complain("fail became pass", `${key} after ${changed.path.join(".")} was made unresolvable`);
      }
    }
  }
  return { cases, parsed, comparisons, slowestMs, failures };
}

/** A variable in place of a value that was written out is what mends it, and no doubt. */
function isTheRemedy(key: string, path: readonly (string | number)[]): boolean {
  return key.startsWith("secrets.literal-absent ") && path.includes("environment");
}

interface Checked {
  readonly verdicts: ReadonlyMap<string, string> | undefined;
  readonly threw: string | undefined;
  readonly milliseconds: number;
}

function checkText(text: string, options: FuzzOptions): Checked {
  writeFileSync(join(options.folder, "compose.yaml"), text);
  const begun = performance.now();
  try {
    const project = loadComposeProject(new ConfinedFiles(options.folder), ["compose.yaml"]);
    if (project instanceof RingwallError)
      return { verdicts: undefined, threw: undefined, milliseconds: performance.now() - begun };
    const evaluation = evaluate([readComposeProject(project)], allControls, {
      today: new Date("2026-01-01T00:00:00Z"),
      profile: "strict",
      ownStack: false,
      keepVerdicts: true,
    });
    const milliseconds = performance.now() - begun;
    const broken = evaluation.internalErrors[0];
    const verdicts = new Map(
      evaluation.verdicts.map((verdict) => [`${verdict.control} on ${refKey(verdict.subject)}`, verdict.verdict]),
    );
    return {
      verdicts,
      threw: broken === undefined ? undefined : `${broken.control}: ${stackOf(broken.error)}`,
      milliseconds,
    };
  } catch (error) {
    return { verdicts: undefined, threw: stackOf(error), milliseconds: performance.now() - begun };
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 6).join("\n") : String(error);
}
