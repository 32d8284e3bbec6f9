import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: P6 A3 | compose

const quickstart = fileURLToPath(new URL("../../../examples/quickstart", import.meta.url));
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-declared-"));
  cpSync(join(quickstart, "stack.yaml"), join(folder, "stack.yaml"));
  for (const name of ["site", "database"]) cpSync(join(quickstart, name), join(folder, name), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Checked {
  readonly code: number;
  readonly findings: readonly {
    readonly control: string;
    readonly lens: string;
    readonly verdict: string;
    readonly message: string;
  }[];
  readonly waived: number;
  readonly said: string;
}

async function check(): Promise<Checked> {
  const context = memoryContext({ cwd: folder });
  const code = await runCli(["check", "--format", "json"], context);
  const text = context.stdout.text();
  const report = text === "" ? { findings: [], summary: { waived: 0 } } : JSON.parse(text);
  return { code, findings: report.findings, waived: report.summary.waived, said: context.stderr.text() };
}

describe("checking a folder with a stack.yaml", () => {
  it("judges what the stack resolves to, with the risks that it accepts, and not the file as Compose", async () => {
    const { code, findings, waived } = await check();
    expect(code).toBe(0);
    expect(waived).toBeGreaterThan(0);
    expect(new Set(findings.map((finding) => finding.lens))).toEqual(new Set(["declared"]));
    expect(findings.map((finding) => finding.control)).not.toContain("input");
    expect(findings.filter((finding) => finding.verdict === "unknown")).toEqual([]);
  });

  it("says every mistake of an invalid one, and ends with 2", async () => {
    appendFileSync(join(folder, "stack.yaml"), "\nzonse: {}\nplatfrom: compose\n");
    const { code, said } = await check();
    expect(code).toBe(2);
    expect(said).toContain("zonse");
    expect(said).toContain("platfrom");
  });

  it("keeps a mistake in it from hiding the findings on a Compose file beside it", async () => {
    appendFileSync(join(folder, "stack.yaml"), "\nzonse: {}\n");
    writeFileSync(join(folder, "compose.yaml"), "services:\n  a:\n    image: x:1\n    privileged: true\n");
    const { code, findings } = await check();
    expect(code).toBe(1);
    expect(findings.map((finding) => finding.control)).toEqual(
      expect.arrayContaining(["input", "workload.privileged-off"]),
    );
  });

  it("takes a rendered folder for what it is while nobody changed it, and judges it as written once somebody did", async () => {
    const context = memoryContext({ cwd: folder });
    expect(await runCli(["render"], context)).toBe(0);
    const rendered = await check();
    expect(rendered.findings.map((finding) => finding.lens)).not.toContain("written");
    appendFileSync(join(folder, "rendered/compose/compose.yaml"), "  extra:\n    image: x:1\n    privileged: true\n");
    const changed = await check();
    expect(changed.code).toBe(1);
    expect(changed.findings.map((finding) => finding.lens)).toContain("written");
  });

  it("says when a rendered folder is no longer what the stack renders to", async () => {
    expect(await runCli(["render"], memoryContext({ cwd: folder }))).toBe(0);
    appendFileSync(join(folder, "site/index.html"), "<p>changed</p>\n");
    const { code, findings } = await check();
    expect(code).toBe(1);
    expect(findings.find((finding) => finding.control === "input")?.message).toContain(
      "is not what the stack renders to",
    );
  });
});
