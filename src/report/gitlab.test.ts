import { describe, expect, it } from "vitest";
import { finding, hostileFinding, hostileName, reportInput } from "../../test/support/report-input.ts";
import { gitlabReport } from "./gitlab.ts";
import type { ReportInput } from "./input.ts";

interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

const issuesOf = (input: ReportInput) => JSON.parse([...gitlabReport(input)].join("")) as readonly Issue[];

describe("the report as a code quality report of GitLab", () => {
  it("has the fields of the format, and no other", () => {
    const [issue] = issuesOf(reportInput([finding()], { base: "shop/" }));
    expect(Object.keys(issue ?? {})).toEqual(["description", "check_name", "fingerprint", "severity", "location"]);
    expect(issue).toMatchObject({
      check_name: "network.datastore-unpublished",
      fingerprint: "0123456789abcdef",
      severity: "critical",
      location: { path: "shop/compose.yaml", lines: { begin: expect.any(Number) } },
    });
  });

  it("tells five severities apart, and what cannot be told from what fails", () => {
    const severities = ["critical", "high", "medium", "low", "info"] as const;
    const findings = severities.map((severity) => finding({ severity }));
    const unknown = finding({ severity: "high", verdict: "unknown" });
    expect(issuesOf(reportInput([...findings, unknown])).map(({ severity }) => severity)).toEqual([
      "blocker",
      "critical",
      "major",
      "minor",
      "info",
      "minor",
    ]);
  });

  it("gives no fingerprint twice, for GitLab would show one of them alone", () => {
    const fingerprints = issuesOf(reportInput([finding(), finding(), finding()])).map((issue) => issue.fingerprint);
    expect(fingerprints).toEqual(["0123456789abcdef", "0123456789abcdef-2", "0123456789abcdef-3"]);
  });

  it("says of what stands in no line that it does not", () => {
    const [issue] = issuesOf(reportInput([finding({ place: { kind: "object", locator: "broken.yaml" } })]));
    expect(issue?.location.path).toBe("broken.yaml");
    expect(issue?.description).toContain("(not in a file: broken.yaml)");
  });

  it("is an empty list where nothing is found, and leaves out what was accepted", () => {
    const waiver = { reason: "r", owner: undefined, until: undefined, place: finding().place };
    expect(issuesOf(reportInput([finding({ waiver })]))).toEqual([]);
    expect([...gitlabReport(reportInput([]))].join("")).toBe("[]\n");
  });

  it("keeps hostile names as data, and printing it harmless", () => {
    const text = [...gitlabReport(reportInput([hostileFinding()]))].join("");
    expect(text).not.toContain("\u001b");
    expect(issuesOf(reportInput([hostileFinding()]))[0]?.description).toContain(hostileName);
  });
});
