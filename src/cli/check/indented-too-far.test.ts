/** Lines of a Compose file that are indented too far become a part of the one before, and with them what they assign. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { schemaDefinitions } from "../../platforms/compose/load/schema-table.ts";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: S1 | compose

const password = "Zk39sPqLm2XvT7wQ";
const folder = mkdtempSync(join(tmpdir(), "ringwall-indented-"));
afterAll(() => rmSync(folder, { recursive: true }));

const keys = Object.keys(schemaDefinitions.service?.properties ?? {});
const forms = {
  "a list": (key: string) => `    ${key}:\n      - b\n          - DB_PASSWORD=${password}\n`,
  "a text": (key: string) => `    ${key}: b\n      DB_PASSWORD=${password}\n`,
  "a mapping": (key: string) => `    ${key}:\n      c: b\n        DB_PASSWORD=${password}\n`,
};

/** A service for each key, so that none keeps another from being judged. */
function project(form: (key: string) => string): string {
  const services = keys.map((key) => `  s_${key}:\n${key === "image" ? "" : "    image: a:1\n"}${form(key)}`);
  return `services:\n${services.join("")}`;
}

async function told(text: string): Promise<string> {
  writeFileSync(join(folder, "compose.yaml"), text);
  const context = memoryContext({ cwd: folder });
  await runCli(["check", "--format", "json"], context);
  expect(JSON.parse(context.stdout.text()).findings).not.toEqual([]);
  return context.stdout.text() + context.stderr.text();
}

test.each(Object.entries(forms))("A password in %s of any key of a service is not told.", async (_, form) => {
  expect(keys.length).toBeGreaterThan(90);
  const text = await told(project(form));
  expect(text.split("\n").filter((line) => line.includes(password))).toEqual([]);
});

test.each([
  `include:\n  - b.yaml\n      - DB_PASSWORD=${password}\nservices: {a: {image: "x:1"}}\n`,
  `services:\n  a:\n    image: x:1\n    extends:\n      file: b\n        DB_PASSWORD=${password}\n      service: c\n`,
])("A password behind the name of another file is not told: %j.", async (text) => {
  expect(await told(text)).not.toContain(password);
});
