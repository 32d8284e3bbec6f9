import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { finding, hostileFinding, hostileName, reportInput } from "../../test/support/report-input.ts";
import { Source, wholeFile } from "../lib/place.ts";
import { githubReport } from "./github.ts";
import type { ReportInput } from "./input.ts";
import { jsonReport } from "./json.ts";
import { markdownReport } from "./markdown.ts";
import { sarifReport } from "./sarif.ts";
import { plainStyle } from "./style.ts";
import { textReport } from "./text.ts";

const schema = JSON.parse(readFileSync(new URL("../../schemas/check.schema.json", import.meta.url), "utf8"));
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
addFormats.default(ajv);
const validate = ajv.compile(schema);
const known = { fingerprint: "0".repeat(16), severity: "high", control: "c", subject: "s", message: "m" } as const;

const written = (input: ReportInput) => [...jsonReport(input)].join("");

function valid(text: string): unknown {
  const value: unknown = JSON.parse(text);
  expect(validate(value), ajv.errorsText(validate.errors)).toBe(true);
  return value;
}

describe("the report as JSON", () => {
  it("follows the published schema with findings, waived ones, none, and hostile names", () => {
    const waiver = { reason: "accepted", owner: undefined, until: "2027-01-01", place: finding().place };
    valid(written(reportInput([finding(), finding({ waiver })])));
    valid(written(reportInput([])));
    valid(written(reportInput([hostileFinding()])));
    valid(written(reportInput([finding({ place: { kind: "object", locator: "container caddy" } })])));
    valid(
      written(
        reportInput([finding({ exposure: "published" })], {
          broken: [{ control: "a.b", subject: "workload shop/db", id: "12345678" }],
          unchecked: ["One file was not read."],
          measured: [
            {
              system: "shop",
              attempts: [
                { from: "api", to: "db", what: "tcp 5432", outcome: "open", evidence: "connected", milliseconds: 1 },
              ],
              blind: [],
            },
          ],
        }),
      ),
    );
  });

  it("tells what is held back as the schema says, with and without a baseline and an earlier revision", () => {
    const baseline = { file: "b.json", held: 3, gone: [known], ignored: false };
    const exception = { control: "c", subject: undefined, reason: "r", until: undefined, place: "compose.yaml:1:1" };
    const since = { revision: "main", held: 4, gone: 1, exceptions: [exception] };
    const report = valid(written(reportInput([], { heldBack: { baseline, since } })));
    expect(report).toMatchObject({
      summary: { baselined: 3, unchanged: 4 },
      heldBack: {
        baseline: { file: "b.json", inForce: true, gone: [known] },
        since: { gone: 1, exceptionsNotInForce: [{ control: "c", subject: null, until: null }] },
      },
    });
    valid(written(reportInput([], { heldBack: { since } })));
    valid(written(reportInput([], { heldBack: { baseline } })));
  });

  it("gives counts, place, way in and whether a finding counts", () => {
    const report = valid(written(reportInput([finding(), finding({ severity: "low" })])));
    expect(report).toMatchObject({
      version: "1.2.3",
      summary: { files: 1, systems: 1, subjects: 12, passed: 5, failed: 1, unknown: 0, notApplicable: 3, waived: 0 },
      findings: [
        {
          control: "network.datastore-unpublished",
          severity: "high",
          counts: true,
          subject: "workload shop/db",
          file: "compose.yaml",
          line: 7,
          column: 3,
          path: [
            { from: "outside", to: "caddy", port: 443 },
            { from: "caddy", to: "db" },
          ],
          waiver: null,
        },
        { severity: "low", counts: false },
      ],
    });
  });

  it("says why a place is not known, with null for file, line and column", () => {
    const report = valid(written(reportInput([finding({ place: { kind: "nowhere", why: "it was merged" } })])));
    expect(report).toMatchObject({
      findings: [{ file: null, line: null, column: null, placeUnknown: "it was merged" }],
    });
  });

  it("keeps hostile names as data, and writes no character that a terminal would obey", () => {
    const text = written(reportInput([hostileFinding()]));
    expect(text).not.toMatch(/[\u001b\u202e]/);
    expect(JSON.parse(text).findings[0].message).toBe(hostileName);
  });
});

// covers: G4 | all
it("gives a file as a whole no line in any report, and says so", () => {
  const whole = finding({ place: wholeFile(new Source(".env", "A=1\n")) });
  const input = { ...reportInput([whole]), counting: new Set([whole]) };
  expect(valid(written(input))).toMatchObject({
    findings: [{ file: ".env", line: null, column: null, placeUnknown: "the file as a whole is meant" }],
  });
  expect(githubReport(input)).toMatch(/^::error file=\.env,title=/);
  expect(textReport(input, { style: plainStyle, width: 120, all: false })).toMatch(/^ +\.env {2}network\./m);
  expect([...markdownReport(input)].join("")).not.toContain(".env:1");
  expect(JSON.parse([...sarifReport(input)].join("")).runs[0].results[0].locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: ".env", uriBaseId: "ROOT" },
  });
});
