import { compareSeverity, type Finding, type Ring, rings, type Severity } from "../contracts/verdict.ts";
import { noTally, sumOfTallies, type Tally } from "../controls/tally.ts";
import type { ReportInput } from "./input.ts";

/**
 * How one ring stands. `holds`: something was judged, and nothing failed or stayed unknown. `open`: something failed.
 * `unsure`: nothing failed, something could not be told. `unjudged`: nothing in it was judged.
 */
export interface RingPosture {
  readonly ring: Ring;
  readonly state: "holds" | "open" | "unsure" | "unjudged";
  readonly tally: Tally;
  /** Of what failed and is not waived. */
  readonly worst: Severity | undefined;
  /** Findings that are not waived. */
  readonly findings: number;
}

/** How loudly a ring that is open is to be shown, by the worst that failed in it. */
export function alarmOf({ worst }: RingPosture): "loud" | "middling" | "quiet" {
  if (worst === "critical" || worst === "high") return "loud";
  return worst === "medium" ? "middling" : "quiet";
}

/** The ten rings, from the outermost to the innermost. */
export function posture(input: ReportInput): readonly RingPosture[] {
  const controlsOf = Map.groupBy(input.controls, (control) => control.ring);
  const open = input.findings.filter((finding) => finding.waiver === undefined);
  // What is told with another finding still belongs to its own ring.
  const findingsOf = Map.groupBy(
    open.flatMap((finding) => [finding, ...(finding.includes ?? [])]),
    (finding) => finding.ring,
  );
  return rings.map((ring) => {
    const tally = sumOfTallies((controlsOf.get(ring) ?? []).map(({ id }) => input.tallies.get(id) ?? noTally));
    const findings = findingsOf.get(ring) ?? [];
    return { ring, state: stateOf(tally, findings), tally, worst: worstOf(findings), findings: findings.length };
  });
}

function stateOf(tally: Tally, findings: readonly Finding[]): RingPosture["state"] {
  // What a baseline holds back failed all the same.
  if (tally.failed > 0 || findings.some((finding) => finding.verdict === "fail")) return "open";
  if (tally.unknown > 0 || findings.length > 0) return "unsure";
  return tally.passed > 0 ? "holds" : "unjudged";
}

function worstOf(findings: readonly Finding[]): Severity | undefined {
  let worst: Severity | undefined;
  for (const { severity, verdict } of findings) {
    if (verdict === "fail" && (worst === undefined || compareSeverity(severity, worst) > 0)) worst = severity;
  }
  return worst;
}

/** How many findings of each severity there are, waived ones left out. */
export function countBySeverity(
  findings: readonly Finding[],
  verdict: Finding["verdict"],
): ReadonlyMap<Severity, number> {
  const counts = new Map<Severity, number>();
  for (const finding of findings) {
    if (finding.waiver !== undefined || finding.verdict !== verdict) continue;
    counts.set(finding.severity, (counts.get(finding.severity) ?? 0) + 1);
  }
  return counts;
}
