import { describe, expect, it } from "vitest";
import { finding, hostileFinding, reportInput } from "../../test/support/report-input.ts";
import { type Place, Source, wholeFile } from "../lib/place.ts";
import { junitReport } from "./junit.ts";

const waiver = { reason: "accepted", owner: "ops", until: undefined, place: finding().place };

/** Whether every tag is closed by its own, and every attribute quoted: enough of XML to catch what an escape missed. */
function wellFormed(text: string): boolean {
  const open: string[] = [];
  const rest = text.replace(/^<\?xml[^?]*\?>/, "");
  const tag = /<(\/?)([a-z]+)((?:\s+[a-z]+="[^"<]*")*)\s*(\/?)>/y;
  for (let at = rest.indexOf("<"); at !== -1; at = rest.indexOf("<", tag.lastIndex)) {
    tag.lastIndex = at;
    const match = tag.exec(rest);
    if (match === null) return false;
    if (match[1] === "/") {
      if (open.pop() !== match[2]) return false;
    } else if (match[4] !== "/") open.push(match[2] ?? "");
  }
  return open.length === 0;
}

describe("the report as JUnit XML", () => {
  it("fails exactly the cases that make the exit code 1, and counts them", () => {
    const text = junitReport(reportInput([finding(), finding({ severity: "low" }), finding({ waiver })]));
    expect(wellFormed(text)).toBe(true);
    expect(text.match(/<failure /g)).toHaveLength(1);
    expect(text.match(/<skipped /g)).toHaveLength(2);
    expect(text).toContain('<testsuites name="ringwall check" tests="4" failures="1"');
    expect(text).toContain('<testsuite name="network" tests="3" failures="1" errors="0" skipped="2"');
    expect(text).toContain('message="low, below high: Port 5432 is published on every address."');
    expect(text).toContain('message="waived (accepted): ');
    expect(text).toContain('file="compose.yaml" line="7"');
  });

  it("has a passing case for a control that found nothing", () => {
    const text = junitReport(reportInput([]));
    expect(text).toContain(
      '<testcase classname="data.volume-named" name="Title of data.volume-named (holds 3 times)"/>',
    );
  });

  it("names the file alone where all of it is meant, and nothing where there is none", () => {
    const of = (place: Place) => junitReport(reportInput([finding({ place })]));
    expect(of(wholeFile(new Source("sshd_config", "Port 22\n")))).toContain(' file="sshd_config">');
    expect(of({ kind: "object", locator: "the engine" })).not.toContain(" file=");
    expect(of({ kind: "object", locator: "the engine" })).not.toContain("null");
  });

  it("stays well-formed with hostile names", () => {
    const text = junitReport(reportInput([hostileFinding()]));
    expect(wellFormed(text)).toBe(true);
    expect(text).not.toContain("<script");
    expect(text.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});
