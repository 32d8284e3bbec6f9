import type { Finding, Ring, Severity } from "../contracts/verdict.ts";
import { exceptionControl, inputControl, unresolvedControl } from "../controls/reserved.ts";
import type { Ref, SubjectKind } from "../facts/subjects.ts";

/** Findings of one control that differ only in whom they concern. Never empty; in rank order. */
export interface FindingGroup {
  readonly control: string;
  readonly ring: Ring;
  readonly title: string;
  readonly severity: Severity;
  readonly verdict: Finding["verdict"];
  readonly findings: readonly [Finding, ...Finding[]];
}

/**
 * Folds findings by control, severity and verdict, so that four hundred equal ones do not bury the one that matters.
 * What could not be read or told (`input`, `governance.service-resolved`), and exceptions that do not hold, are folded only
 * where the message is the same: each other one has a mending of its own.
 * A chain that tells other findings with it stands alone.
 * Groups stand in the order of their first finding, which for ranked findings is worst first.
 */
export function foldFindings(findings: readonly Finding[]): readonly FindingGroup[] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.verdict} ${finding.control}${apart(finding)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].map((members) => {
    const { control, ring, title, severity, verdict } = members[0];
    return { control, ring, title, severity, verdict, findings: members };
  });
}

/** What keeps findings of one control from being folded into one. */
function apart(finding: Finding): string {
  if (ownMending.has(finding.control)) return ` ${finding.message}`;
  if (isChain(finding)) return ` ${finding.fingerprint}`;
  return finding.apart === undefined ? "" : ` ${finding.apart}`;
}

const ownMending: ReadonlySet<string> = new Set([inputControl.id, exceptionControl.id, unresolvedControl.id]);

function isChain(finding: Finding): boolean {
  return finding.includes !== undefined && finding.includes.length > 0;
}

/** Whether the findings of a group say the same, each of another subject or place. */
export function sameMessage({ findings }: FindingGroup): boolean {
  return findings.every((finding) => finding.message === findings[0].message);
}

/** How a subject is named in a report: with its system in front when there are several. */
export function subjectName(ref: Ref, withSystem: boolean): string {
  return withSystem && ref.system !== "" && !saysItsFile(ref.kind) ? `${ref.system}/${ref.name}` : ref.name;
}

/** What is named by its file needs nothing in front. */
function saysItsFile(kind: SubjectKind): boolean {
  return kind === "repository-file" || kind === "pipeline";
}

const nouns: Record<SubjectKind, readonly [string, string]> = {
  workload: ["service", "services"],
  container: ["service", "services"],
  image: ["image", "images"],
  network: ["network", "networks"],
  zone: ["zone", "zones"],
  listener: ["port", "ports"],
  route: ["route", "routes"],
  "policy-rule": ["rule", "rules"],
  "secret-reference": ["secret", "secrets"],
  mount: ["mount", "mounts"],
  certificate: ["certificate", "certificates"],
  principal: ["account", "accounts"],
  grant: ["grant", "grants"],
  host: ["host", "hosts"],
  "repository-file": ["file", "files"],
  pipeline: ["pipeline", "pipelines"],
};

/** In a cluster a service is something else; there a name has its parts: `media/Deployment/plex/main`. */
const nounsInCluster: Partial<Record<SubjectKind, readonly [string, string]>> = {
  workload: ["workload", "workloads"],
  container: ["container", "containers"],
  zone: ["namespace", "namespaces"],
};

/** `1 service`, `12 ports`, `3 containers`: how many of the kind that the first finding is about. */
export function countedSubjects({ findings: [{ subject, platform }] }: FindingGroup, count: number): string {
  const noun = (platform === "kubernetes" ? nounsInCluster[subject.kind] : undefined) ?? nouns[subject.kind];
  return `${count} ${noun[count === 1 ? 0 : 1]}`;
}

/** The names of those whom a group concerns, each once, in order. */
export function namesIn(group: FindingGroup, withSystem: boolean): readonly string[] {
  // Looked up part by part: to put thousands of names together only to tell them apart would cost more than all else.
  const seen = new Map<string, Set<string>>();
  const names: string[] = [];
  for (const { subject } of group.findings) {
    const system = withSystem && !saysItsFile(subject.kind) ? subject.system : "";
    const ofSystem = seen.get(system);
    if (ofSystem?.has(subject.name) === true) continue;
    if (ofSystem === undefined) seen.set(system, new Set([subject.name]));
    else ofSystem.add(subject.name);
    names.push(subjectName(subject, withSystem));
  }
  return names;
}
