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
    throw invalid(shownAs, "it is no JSON");
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

/** Findings set against those that were known. */
export interface Comparison {
  /** Known, and no worse than it was. */
  readonly held: ReadonlySet<Finding>;
  /** Known, and not found any more. */
  readonly gone: readonly KnownFinding[];
}

/**
 * Which findings were known. One is known as often as it was there, and only up to the severity that it had: one that got
 * worse is new. What stands for others (services that cannot be told) is known when all that it stands for is.
 */
export function compareWithKnown(findings: readonly Finding[], known: readonly KnownFinding[]): Comparison {
  const left = Map.groupBy(known, ({ fingerprint }) => fingerprint);
  const held = new Set<Finding>();
  const take = (finding: Finding): boolean => {
    const entries = left.get(finding.fingerprint);
    const at = entries?.findIndex(({ severity }) => compareSeverity(finding.severity, severity) <= 0) ?? -1;
    if (entries === undefined || at === -1) return false;
    entries.splice(at, 1);
    return true;
  };
  for (const finding of findings) {
    const itself = take(finding);
    const parts = (finding.includes ?? []).map(take);
    const stands = finding.verdict === "unknown" && parts.length > 0 && parts.every((each) => each);
    if (itself || stands) held.add(finding);
  }
  const found = new Set(flatFindings(findings).map(({ fingerprint }) => fingerprint));
  return { held, gone: known.filter(({ fingerprint }) => !found.has(fingerprint)) };
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
