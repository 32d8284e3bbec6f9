/**
 * How often a finding is right: every finding of severity high or above on files that others wrote, judged once by a
 * person who read the file. The judgements stand in `accuracy.json`; docs/accuracy.md is made of them.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { compareSeverity, type Finding } from "../../src/contracts/verdict.ts";
import { evaluate } from "../../src/controls/evaluate.ts";
import { allControls } from "../../src/controls/registry.ts";
import { refKey } from "../../src/facts/subjects.ts";
import { describePlace } from "../../src/lib/place.ts";
import { readPaths } from "../../src/platforms/read-paths.ts";

const shared = fileURLToPath(new URL("../../../shared/corpus", import.meta.url));

/** Files that others wrote, by the name that judgements give them. */
export const corpora: Readonly<Record<string, readonly string[]>> = {
  compose: ["compose/examples"],
  "home-ops": ["home-ops"],
  "pod-security": ["pss/baseline/v1.37/pass", "pss/restricted/v1.37/pass"],
};

export const judgementSchema = z.object({
  corpus: z.string(),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  control: z.string(),
  subject: z.string(),
  /** Where it stood when it was judged. */
  place: z.string(),
  right: z.boolean(),
  /** What the file says that makes it right or wrong. */
  why: z.string().min(10),
});
export type AccuracyJudgement = z.infer<typeof judgementSchema>;

const dataFile = fileURLToPath(new URL("accuracy.json", import.meta.url));

export function judgements(): readonly AccuracyJudgement[] {
  return z.array(judgementSchema).parse(JSON.parse(readFileSync(dataFile, "utf8")));
}

/** Whether the corpora stand beside the repository. */
export const corporaAreHere = existsSync(shared);

/** A finding to judge: all that a person needs to find it in the file. */
export interface JudgedCandidate {
  readonly corpus: string;
  readonly fingerprint: string;
  readonly control: string;
  readonly subject: string;
  readonly place: string;
  readonly severity: string;
  readonly message: string;
}

/** Every finding of severity high or above, parts of chains too; one for each fingerprint. */
export function weightyFindings(corpus: string): readonly JudgedCandidate[] {
  const found = new Map<string, JudgedCandidate>();
  for (const folder of corpora[corpus] ?? []) {
    const { systems } = readPaths(["."], { cwd: join(shared, folder) });
    const { findings } = evaluate(systems, allControls, {
      today: new Date("2026-08-22T00:00:00Z"),
      profile: "homelab",
      ownStack: false,
    });
    for (const finding of findings.flatMap((each) => [each, ...(each.includes ?? [])])) {
      if (compareSeverity(finding.severity, "high") < 0) continue;
      const candidate = candidateOf(corpus, finding);
      if (!found.has(candidate.fingerprint)) found.set(candidate.fingerprint, candidate);
    }
  }
  return [...found.values()];
}

function candidateOf(corpus: string, finding: Finding): JudgedCandidate {
  return {
    corpus,
    fingerprint: finding.fingerprint,
    control: finding.control,
    subject: refKey(finding.subject),
    place: describePlace(finding.place),
    severity: `${finding.severity} ${finding.verdict}`,
    message: finding.message,
  };
}
