/** What programs rely on that read Ringwall's reports, held over a repository of all formats and over folders of faults. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { checkFolder, ringwall } from "../support/check-folder.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const jsonSchema = here("../../schemas/check.schema.json");
const sarifSchema = here("../../../shared/schemas/sarif/sarif-schema-2.1.0.json");

const repositories: readonly [title: string, folder: string][] = [
  ["a repository of all formats", here("mixed-repository")],
  ["the fixtures of the controls of workloads", here("../../src/controls/workload/fixtures")],
  ["the fixtures of the controls of networks", here("../../src/controls/network/fixtures")],
  ["the fixtures of the controls of the edge", here("../../src/controls/edge/fixtures")],
  ["the fixtures of the controls of secrets", here("../../src/controls/secrets/fixtures")],
  ["the fixtures of the controls of the supply chain", here("../../src/controls/supply-chain/fixtures")],
];

describe.each(repositories)("The reports of %s", (_title, folder) => {
  it("follow the JSON schema, and give every finding a fingerprint of its own", async () => {
    const { out, findings } = await checkFolder(folder);
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(readFileSync(jsonSchema, "utf8")));
    expect(validate(JSON.parse(out)), ajv.errorsText(validate.errors)).toBe(true);
    expect(findings.length).toBeGreaterThan(20);
    const told = new Map<string, string>();
    const twice: string[] = [];
    for (const { fingerprint, control, subject, message, file, line } of findings) {
      const finding = `${control} ${subject} ${file}:${line}: ${message}`;
      const other = told.get(fingerprint);
      if (other !== undefined) twice.push(`${other}\n  ${finding}`);
      told.set(fingerprint, finding);
    }
    expect(twice).toEqual([]);
  });

  it.skipIf(!existsSync(sarifSchema))("follow SARIF 2.1.0 (skipped where the schema is not at hand)", async () => {
    const { out } = await ringwall(folder, ["check", "--format", "sarif"]);
    const { default: Ajv } = createRequire(import.meta.url)("ajv-draft-04");
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(readFileSync(sarifSchema, "utf8")));
    expect(validate(JSON.parse(out)), ajv.errorsText(validate.errors)).toBe(true);
  });
});
