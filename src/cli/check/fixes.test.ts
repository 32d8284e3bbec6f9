/** Every control that has a mending, over its own fixtures: what is called fixable is mended, and what is not stays as it is. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Control } from "../../contracts/control.ts";
import { allControls } from "../../controls/registry.ts";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: G2 | compose kubernetes

/** Those whose findings no single file can show; fix.test.ts mends them in a Git repository. */
const elsewhere = new Set(["secrets.file-ignored", "secrets.file-private", "secrets.ignore-complete"]);

const fixing = allControls.filter(({ fix, id }) => fix !== undefined && !elsewhere.has(id));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-fixes-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fixturesOf({ ring, id }: Control): readonly string[] {
  const own = join(import.meta.dirname, "../../controls", ring, "fixtures", id);
  return readdirSync(own)
    .filter((name) => /^fail\..*\.ya?ml$/.test(name))
    .map((name) => join(own, name));
}

interface Found {
  readonly control: string;
  readonly fixable: boolean;
  readonly fingerprint: string;
  readonly includes: readonly { readonly control: string; readonly fingerprint: string }[];
}

async function check(...argv: readonly string[]) {
  const context = memoryContext({ cwd: folder });
  await runCli(["check", "--format", "json", ...argv], context);
  const { findings } = JSON.parse(context.stdout.text()) as { findings: readonly Found[] };
  return { findings, said: context.stderr.text() };
}

describe.each(fixing.map((control) => [control.id, control] as const))("%s", (id, control) => {
  it("mends what it calls fixable in its fixtures, at least once, and changes no other", async () => {
    let mended = 0;
    for (const fixture of fixturesOf(control)) {
      const path = join(folder, /^apiVersion:/m.test(readFileSync(fixture, "utf8")) ? "manifest.yaml" : "compose.yaml");
      for (const other of readdirSync(folder)) rmSync(join(folder, other));
      copyFileSync(fixture, path);
      const before = (await check()).findings.filter((finding) => finding.control === id);
      const { findings, said } = await check("--fix-only", id);
      const left = new Set(
        findings.flatMap((finding) => [finding, ...finding.includes]).map(({ fingerprint }) => fingerprint),
      );
      for (const { fixable, fingerprint } of before) {
        if (!fixable) continue;
        mended++;
        expect(left.has(fingerprint), `${fixture}: ${said}`).toBe(false);
      }
      if (before.every(({ fixable }) => !fixable))
        expect(readFileSync(path, "utf8")).toBe(readFileSync(fixture, "utf8"));
    }
    expect(mended).toBeGreaterThan(0);
  });
});
