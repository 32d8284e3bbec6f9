import { compareSeverity, type Finding, type Severity, severities } from "../contracts/verdict.ts";
import { RingwallError } from "../lib/error.ts";

/** A finding that was there before, with what a person needs to know it again. */
export interface KnownFinding {
  readonly fingerprint: string;
  readonly severity: Severity;
  readonly control: string;
  readonly subject: string;
  readonly message: string;
}

/** A file of known findings, as `--write-baseline` writes it. */
export const baselineVersion = 1;

/**
 * Reads a file of known findings. Throws a `RingwallError` when it is none: a baseline that is misread would let through
 * what nobody accepted.
 */
export function parseBaseline(text: string, shownAs: string): readonly KnownFinding[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const isMerged = /^(?:<{7}|>{7}) /m.test(text);
    throw invalid(shownAs, isMerged ? "a merge left its marks in it" : "it is no JSON");
  }
  const version = fieldOf(parsed, "version");
  if (version !== baselineVersion) throw invalid(shownAs, `its \`version\` is not ${baselineVersion}`);
  const findings = fieldOf(parsed, "findings");
  if (!Array.isArray(findings)) throw invalid(shownAs, "its `findings` are no list");
  return findings.map((entry, index) => readEntry(entry, `${shownAs}, finding ${index + 1}`));
}

function readEntry(entry: unknown, where: string): KnownFinding {
  const text = (name: string) => {
    const value = fieldOf(entry, name);
    if (typeof value !== "string") throw invalid(where, `its \`${name}\` is no text`);
    return value;
  };
  const severity = severities.find((each) => each === fieldOf(entry, "severity"));
  if (severity === undefined) throw invalid(where, `its \`severity\` is none of ${severities.join(", ")}`);
  const fingerprint = text("fingerprint");
  if (!/^[0-9a-f]{16}$/.test(fingerprint)) throw invalid(where, "its `fingerprint` is not made of 16 digits");
  return { fingerprint, severity, control: text("control"), subject: text("subject"), message: text("message") };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function invalid(where: string, why: string): RingwallError {
  return new RingwallError("invalid", `${where} is no baseline: ${why}.`, {
    hint: "`ringwall check --write-baseline FILE` writes one.",
  });
}

/** A finding by itself and those that are told with it. */
export function flatFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((finding) => [finding, ...(finding.includes ?? [])]);
}

/** What became of a finding since it was known: it was not there, or it was less severe. */
export type Change = "new" | "worse";

/** Findings set against those that were known. */
export interface Comparison {
  /** What is new or got worse, of the findings and of those that are told with them. */
  readonly changes: ReadonlyMap<Finding, Change>;
  /** The severity that those had which got worse. */
  readonly knownAs: ReadonlyMap<Finding, Severity>;
  /** Known, and not found any more. */
  readonly gone: readonly KnownFinding[];
}

/**
 * Which findings were known. One is known as often as it was there, and only up to the severity that it had: one that got
 * worse is not.
 */
export function compareWithKnown(findings: readonly Finding[], known: readonly KnownFinding[]): Comparison {
  const left = Map.groupBy(known, ({ fingerprint }) => fingerprint);
  const changes = new Map<Finding, Change>();
  const knownAs = new Map<Finding, Severity>();
  const flat = flatFindings(findings);
  for (const finding of flat) {
    const entries = left.get(finding.fingerprint) ?? [];
    const at = entries.findIndex(({ severity }) => compareSeverity(finding.severity, severity) <= 0);
    const [worst] = entries.map(({ severity }) => severity).toSorted((a, b) => compareSeverity(b, a));
    if (at !== -1) entries.splice(at, 1);
    else if (worst === undefined) changes.set(finding, "new");
    else {
      changes.set(finding, "worse");
      knownAs.set(finding, worst);
    }
  }
  const found = new Set(flat.map(({ fingerprint }) => fingerprint));
  return { changes, knownAs, gone: known.filter(({ fingerprint }) => !found.has(fingerprint)) };
}

/**
 * Whether a finding need not be told. A chain is told again for what comes to it: another door, another power. What
 * stands for others (services that cannot be told) is known by its cause, or when all that it stands for is.
 */
export function isHeld(finding: Finding, isKnown: (each: Finding) => boolean): boolean {
  const parts = finding.includes ?? [];
  if (finding.verdict === "fail") return isKnown(finding) && parts.every(isKnown);
  return isKnown(finding) || (parts.length > 0 && parts.every(isKnown));
}

/** What is kept of findings to know them again: those that are told with another too. */
export function knownOf(findings: readonly Finding[]): readonly KnownFinding[] {
  return flatFindings(findings)
    .filter(({ waiver }) => waiver === undefined)
    .map(({ fingerprint, severity, control, subject, message }) => ({
      fingerprint,
      severity,
      control,
      subject: `${subject.kind} ${subject.system}/${subject.name}`,
      message,
    }));
}
