/** What a person sees who points `ringwall check` at a repository for the first time, in repositories as people write them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkFolder } from "../support/check-folder.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function repository(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), "ringwall-first-look-"));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe("a repository for Ansible", () => {
  it("does not end with 1 because a template is a template", async () => {
    const { code, findings } = await checkFolder(
      repository({
        "roles/web/templates/compose.yaml":
          "services:\n  web:\n    image: nginx:{{ version }}\n    environment:\n      NAME: {{ name }}\n",
        "roles/web/tasks/main.yml": "- ansible.builtin.template: {src: compose.yaml, dest: /opt/web/compose.yaml}\n",
      }),
    );
    const input = findings.filter(({ control }) => control === "input");
    expect(input.map(({ severity, verdict }) => `${verdict} ${severity}`)).toEqual(["unknown low"]);
    expect(input[0]?.message).toMatch(/^This is a template \(it has `\{\{ … \}\}` in it\)/);
    expect(code).not.toBe(1);
  });
});

describe("expressions without quotes", () => {
  it("are said once, and what stands beside them is judged", async () => {
    const values = Array.from({ length: 20 }, (_, index) => `      NAME_${index}: {{ name_${index} }}\n`).join("");
    const { findings, controls } = await checkFolder(
      repository({
        "templates/compose.yaml": `services:\n  web:\n    image: nginx:1.27\n    privileged: true\n    user: {{ uid }}\n    environment:\n${values}`,
      }),
    );
    const input = findings.filter(({ control }) => control === "input");
    expect(input.map(({ severity, line }) => [severity, line])).toEqual([["low", 5]]);
    expect(controls).toContain("workload.privileged-off");
    const user = findings.find(({ control }) => control === "workload.user-unprivileged");
    expect(user?.verdict ?? "unknown").toBe("unknown");
  });
});

describe("a file that nobody can read", () => {
  it("is told once", async () => {
    const utf16 = new Uint8Array(Buffer.from("\ufeffservices:\n  a: {image: nginx}\n", "utf16le"));
    const { findings } = await checkFolder(
      repository({ "a/compose.yaml": utf16, "b/compose.yaml": "services: {b: {image: 'nginx:1.27'}}\n" }),
    );
    const input = findings.filter(({ control }) => control === "input");
    expect(input.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      "high a/compose.yaml is UTF-16 text; save it as UTF-8.",
    ]);
  });
});
