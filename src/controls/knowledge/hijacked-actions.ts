/**
 * Actions whose tags somebody else moved to code of theirs, with where that stands.
 *
 * Sources: the advisories named; StepSecurity and Wiz on kics-github-action (March 2026).
 */
const hijacked: ReadonlyMap<string, string> = new Map([
  ["aquasecurity/trivy-action", "March 2026, GHSA-69fq-xp46-6x23"],
  ["aquasecurity/setup-trivy", "March 2026, GHSA-69fq-xp46-6x23"],
  ["checkmarx/kics-github-action", "March 2026"],
  ["checkmarx/ast-github-action", "March 2026"],
  ["tj-actions/changed-files", "March 2025, CVE-2025-30066"],
  ["reviewdog/action-setup", "March 2025, CVE-2025-30154"],
]);

/** When the tags of an action were hijacked, as a clause; undefined where that is not known to have happened. */
export function hijackOf(repository: string): string | undefined {
  return hijacked.get(repository);
}
