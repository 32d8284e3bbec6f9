/** Every control that has a mending, over its own fixtures: what is called fixable is mended, and what is not stays as it is. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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
    .filter((name) => name.startsWith("fail.") && !name.endsWith(".ts"))
    .map((name) => join(own, name));
}

/** Lays a fixture out as a repository, under the name that its kind of file has there. */
function layOut(fixture: string): void {
  rmSync(folder, { recursive: true, force: true });
  if (statSync(fixture).isDirectory()) {
    cpSync(fixture, folder, { recursive: true });
    return;
  }
  mkdirSync(folder);
  const own = basename(fixture).replace(/^fail\./, "");
  const isYaml = /\.ya?ml$/.test(own);
  const isManifest = isYaml && /^(?:apiVersion|machine|version: v1alpha1)\b/m.test(readFileSync(fixture, "utf8"));
  cpSync(fixture, join(folder, isYaml && !isManifest ? "compose.yaml" : own));
}

/** Every file with its text. */
function texts(): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    names.flatMap((name) =>
      statSync(join(folder, name)).isFile() ? [[name, readFileSync(join(folder, name), "utf8")]] : [],
    ),
  );
}

interface Found {
  readonly control: string;
  readonly fixable: boolean;
  readonly fingerprint: string;
  readonly includes: readonly Found[];
}

function flat(findings: readonly Found[]): readonly Found[] {
  return findings.flatMap((finding) => [finding, ...finding.includes]);
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
      layOut(fixture);
      const whole = texts();
      const before = flat((await check()).findings).filter((finding) => finding.control === id);
      const { findings, said } = await check("--fix-only", id);
      const left = new Set(flat(findings).map(({ fingerprint }) => fingerprint));
      for (const { fixable, fingerprint } of before) {
        if (!fixable) continue;
        mended++;
        expect(left.has(fingerprint), `${fixture}: ${said}`).toBe(false);
      }
      const now = texts();
      if (before.every(({ fixable }) => !fixable)) expect(now).toEqual(whole);
      expect((await check("--fix-only", id)).said).toContain("Nothing is changed.");
      expect(texts()).toEqual(now);
    }
    expect(mended).toBeGreaterThan(0);
  });
});

describe.each(["edge", "supply-chain"])("all mendings at once over every fixture of the ring %s", (ring) => {
  it("mend most of what they can, bring nothing, and leave nothing for a second time", async () => {
    rmSync(folder, { recursive: true, force: true });
    const own = join(import.meta.dirname, "../../controls", ring, "fixtures");
    cpSync(own, folder, { recursive: true, filter: (path) => !path.endsWith(".ts") });
    const names = allControls.flatMap(({ fix, id }) => (fix === undefined ? [] : ["--fix-only", id]));
    const before = flat((await check()).findings).filter(({ fixable }) => fixable).length;
    const { findings, said } = await check(...names);
    expect(before).toBeGreaterThan(30);
    expect(flat(findings).filter(({ fixable }) => fixable).length).toBeLessThan(before / 10);
    expect(said).not.toContain("could not be told from other changes");
    expect((await check(...names)).said).toContain("Nothing is changed.");
  });
});

it("stands in the manual with every control that has a mending", () => {
  const manual = readFileSync(join(import.meta.dirname, "../../../docs/usage.md"), "utf8");
  const part = manual.slice(manual.indexOf("### Mending"), manual.indexOf("### Accepting"));
  const ids = allControls.flatMap(({ fix, id }) => (fix === undefined ? [] : [id]));
  expect(ids.filter((id) => !part.includes(`\`${id}\``))).toEqual([]);
});
