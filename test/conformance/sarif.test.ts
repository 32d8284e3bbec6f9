import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import type { ReportInput } from "../../src/report/input.ts";
import { sarifReport } from "../../src/report/sarif.ts";
import { finding, hostileFinding, reportInput } from "../support/report-input.ts";

const schemaFile = new URL("../../../shared/schemas/sarif/sarif-schema-2.1.0.json", import.meta.url);
const waiver = { reason: "accepted", owner: "ops", until: "2027-01-01", place: finding().place };

const written = (input: ReportInput) => [...sarifReport(input)].join("");

describe("the report as SARIF 2.1.0", () => {
  it.skipIf(!existsSync(schemaFile))(
    "follows the OASIS schema with findings, waived and unknown ones, none, and hostile names (skipped where the schema is not at hand)",
    () => {
      // The package is CommonJS whose types and exports disagree under `nodenext`.
      const { default: Ajv } = createRequire(import.meta.url)("ajv-draft-04");
      const ajv = new Ajv({ strict: false });
      addFormats.default(ajv);
      const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, "utf8")));
      const inputs = [
        reportInput([]),
        reportInput([finding(), finding({ verdict: "unknown" }), finding({ waiver })]),
        reportInput([hostileFinding()]),
        reportInput([finding({ place: { kind: "nowhere", why: "merged" } })], {
          broken: [{ control: "a.b", subject: "workload shop/db", id: "12345678" }],
          unchecked: ["One [file](x) was not read."],
        }),
      ];
      for (const input of inputs) {
        expect(validate(JSON.parse(written(input))), ajv.errorsText(validate.errors)).toBe(true);
      }
    },
  );

  it("gives each result its rule, level, region, fingerprint and the way in", () => {
    const [run] = JSON.parse(written(reportInput([finding()]))).runs;
    expect(run.tool.driver).toMatchObject({ name: "Ringwall", semanticVersion: "1.2.3" });
    expect(run.tool.driver.rules).toHaveLength(1);
    expect(run.tool.driver.rules[0]).toMatchObject({
      id: "network.datastore-unpublished",
      properties: { tags: ["security", "network", "CIS-Docker-5.8", "NIST-CSF-PR.AA-05"], "security-severity": "8.0" },
    });
    expect(run.results[0]).toMatchObject({
      ruleId: "network.datastore-unpublished",
      ruleIndex: 0,
      kind: "fail",
      level: "error",
      partialFingerprints: { "ringwall/v1": "0123456789abcdef" },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "compose.yaml", uriBaseId: "ROOT" },
            region: { startLine: 7, startColumn: 3, endLine: 7, endColumn: 7 },
          },
        },
      ],
    });
    expect(run.results[0].message.text).toContain("Way in: outside → caddy:443 → db.");
  });

  it("marks what cannot be told as open and not as failed, and what is waived as suppressed", () => {
    const text = written(reportInput([finding({ verdict: "unknown" }), finding({ waiver })]));
    const [unknown, waived] = JSON.parse(text).runs[0].results;
    expect(unknown).toMatchObject({ kind: "open", level: "none" });
    expect(waived.suppressions).toEqual([
      { kind: "inSource", status: "accepted", justification: "accepted (ops), until 2027-01-01" },
    ]);
  });

  it("has no more results than code scanning takes, and says how many are left out", () => {
    const many = Array.from({ length: 25_003 }, () => finding());
    const [run] = JSON.parse(written(reportInput(many))).runs;
    expect(run.results).toHaveLength(25_000);
    expect(run.invocations[0].toolExecutionNotifications).toMatchObject([
      { level: "note", message: { text: expect.stringMatching(/^3 findings of lower rank are left out/) } },
    ]);
  });

  it("gives no line where none is known", () => {
    const text = written(reportInput([finding({ place: { kind: "nowhere", why: "merged" } })]));
    const [result] = JSON.parse(text).runs[0].results;
    expect(result.locations).toEqual([
      { logicalLocations: [{ fullyQualifiedName: "workload shop/db", kind: "workload" }] },
    ]);
  });

  it("writes hostile paths as valid relative references and hostile texts without links", () => {
    const [result] = JSON.parse(written(reportInput([hostileFinding()]))).runs[0].results;
    const { uri } = result.locations[0].physicalLocation.artifactLocation;
    expect(uri).toMatch(/^[A-Za-z0-9%\-_.!~*'()/]+$/);
    expect(result.message.text).not.toMatch(/(?<!\\)\[/);
  });
});
