import type { FrameworkReferences } from "../contracts/control.ts";
import type { ItemVerdicts, Judgement, VerdictKind } from "../contracts/verdict.ts";
import type { PlatformName } from "../facts/subjects.ts";

/** Verdicts counted once for each control and subject, by the worst judgement. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly unknown: number;
  readonly notApplicable: number;
  readonly waived: number;
  /** Of a control's tally over everything: what of it was counted on each platform. */
  readonly platforms?: ReadonlyMap<PlatformName, Tally>;
  /** Of that on one platform, where a control answers items of frameworks one by one: what is to be added to these counts for one of them. */
  readonly items?: ReadonlyMap<string, Tally>;
}

export type MutableTally = { -readonly [K in Counter]: number } & {
  items?: Map<string, MutableTally>;
};

const worstFirst: readonly VerdictKind[] = ["fail", "unknown", "pass", "not-applicable"];

/** The verdict of several judgements taken together; unknown of none. */
export function worstVerdict(judgements: readonly Judgement[]): VerdictKind {
  let worst = worstFirst.length;
  for (const { verdict } of judgements) worst = Math.min(worst, worstFirst.indexOf(verdict));
  return worstFirst[worst] ?? "unknown";
}

export function isEmptyTally({ passed, notApplicable, failed, unknown, waived }: Tally): boolean {
  return passed + notApplicable + failed + unknown + waived === 0;
}

export function emptyTally(): MutableTally {
  return { passed: 0, failed: 0, unknown: 0, notApplicable: 0, waived: 0 };
}

export const noTally: Tally = emptyTally();

/** Several as one, without what single items moved. */
export function sumOfTallies(tallies: Iterable<Tally>): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    sum.passed += tally.passed;
    sum.failed += tally.failed;
    sum.unknown += tally.unknown;
    sum.notApplicable += tally.notApplicable;
    sum.waived += tally.waived;
  }
  return sum;
}

/** How a control stands for one item of a framework that says something about these platforms; all of them by default. */
export function tallyOfItem(
  { platforms }: Tally,
  framework: keyof FrameworkReferences,
  item: string,
  about?: readonly PlatformName[],
): Tally {
  const counted = [...(platforms ?? [])].filter(([platform]) => about?.includes(platform) ?? true);
  return sumOfTallies(counted.flatMap(([, tally]) => [tally, tally.items?.get(keyOf(framework, item)) ?? noTally]));
}

/** Counts for each item that a control answers by itself what was counted of the whole. */
export function noteItems(
  tally: MutableTally,
  items: ItemVerdicts,
  references: FrameworkReferences,
  counted: Counter,
): void {
  const moved = tally.items ?? new Map<string, MutableTally>();
  tally.items = moved;
  for (const [framework, verdicts] of Object.entries(items) as [keyof FrameworkReferences, ItemAnswers][]) {
    for (const item of references[framework] ?? []) {
      const counter = counterOf(verdicts.get(item) ?? "pass", counted === "waived");
      if (counter === counted) continue;
      const key = keyOf(framework, item);
      const known = moved.get(key) ?? emptyTally();
      moved.set(key, known);
      known[counted]--;
      known[counter]++;
    }
  }
}

type ItemAnswers = ReadonlyMap<string, VerdictKind>;

/**
 * How items of frameworks stand by the judgements of one subject: each by the worst of those that are about it. Undefined
 * where every judgement is about all, and says the same of all.
 */
export function itemsOf(judgements: readonly Judgement[], references: FrameworkReferences): ItemVerdicts | undefined {
  if (judgements.every(({ items, about }) => items === undefined && about === undefined)) return undefined;
  const named = judgements.flatMap(({ items, about }) => Object.keys({ ...items, ...about }));
  const found: Partial<Record<keyof FrameworkReferences, ReadonlyMap<string, VerdictKind>>> = {};
  for (const framework of new Set(named as (keyof FrameworkReferences)[])) {
    const verdicts = (references[framework] ?? []).map(
      (item) => [item, verdictOf(judgements, framework, item)] as const,
    );
    found[framework] = new Map(verdicts);
  }
  return found;
}

function verdictOf(judgements: readonly Judgement[], framework: keyof FrameworkReferences, item: string): VerdictKind {
  const own = judgements.filter(({ about }) => about?.[framework]?.includes(item) ?? true);
  const verdicts = own.map(({ verdict, items }) => {
    const answers = items?.[framework];
    return answers === undefined ? verdict : (answers.get(item) ?? "pass");
  });
  return worstFirst.find((verdict) => verdicts.includes(verdict)) ?? "not-applicable";
}

function keyOf(framework: string, item: string): string {
  return `${framework} ${item}`;
}

export type Counter = Exclude<keyof Tally, "items" | "platforms">;

export function counterOf(verdict: VerdictKind, waived: boolean): Counter {
  if (verdict === "pass") return "passed";
  if (verdict === "not-applicable") return "notApplicable";
  if (waived) return "waived";
  return verdict === "fail" ? "failed" : "unknown";
}
