import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Built, buildPackage } from "./build.ts";

const run = promisify(execFile);

let folder: string;
let built: Built;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-package-"));
  built = await buildPackage(join(folder, "package"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ringwall(...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [join(built.folder, "bin/ringwall.js"), ...argv], {
      cwd: folder,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe("the published package", () => {
  it("has nothing to install, runs no script when it is installed, and is not private", () => {
    const manifest = JSON.parse(readFileSync(join(built.folder, "package.json"), "utf8"));
    for (const left of ["private", "scripts", "dependencies", "devDependencies", "optionalDependencies"]) {
      expect(manifest, left).not.toHaveProperty(left);
    }
    expect(manifest.bin).toEqual({ ringwall: "bin/ringwall.js" });
    expect(manifest.engines.node).toBe(">=22.18");
  });

  it("carries the licence of everything that is bundled, and the schemas", () => {
    const licences = readFileSync(join(built.folder, "THIRD-PARTY-LICENSES.txt"), "utf8");
    expect(built.packages.length).toBeGreaterThan(3);
    for (const name of built.packages) expect(licences).toContain(`${name} (`);
    expect(existsSync(join(built.folder, "schemas/check.schema.json"))).toBe(true);
    expect(existsSync(join(built.folder, "LICENSE"))).toBe(true);
  });

  it("checks a file from the packed folder, without the sources and without a package beside it", async () => {
    writeFileSync(
      join(folder, "compose.yaml"),
      'services:\n  app:\n    image: example/app:1\n    ports: ["80:80"]\n    privileged: true\n',
    );
    const { code, stdout, stderr } = await ringwall(
      "check",
      "compose.yaml",
      "--format",
      "json",
      "--report",
      "report.html",
    );
    expect(stderr).toBe("");
    expect(code).toBe(1);
    expect(stdout).toContain('"control":"workload.privileged-off"');
    expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("Content-Security-Policy");
  });

  it("keeps its output whole when the reader goes away", async () => {
    const { stdout, stderr } = await run("sh", [
      "-c",
      '"$0" "$1" controls --format json | head -c 100',
      process.execPath,
      join(built.folder, "bin/ringwall.js"),
    ]);
    expect(stdout).toHaveLength(100);
    expect(stderr).toBe("");
  });

  it("loads for `check` neither the commands that change a system nor their libraries", () => {
    expect(sizeOf(chunksLoadedBy("nothing"))).toBeLessThan(80_000);
    const loaded = chunksLoadedBy("check");
    // The readers of every format are part of it, for a repository may hold any; what that costs is in docs/proofs/bench.md.
    expect(sizeOf(loaded)).toBeLessThan(2_700_000);
    const text = loaded.map((file) => readFileSync(join(built.folder, "dist", file), "utf8")).join("");
    expect(text).not.toContain("ScryptIdentity");
    expect(text).not.toContain("ZodObject");
  });

  it("opens few files for a command, and for the list of controls not those that `check` alone needs", () => {
    expect(chunksLoadedBy("check").length).toBeLessThan(8);
    expect(chunksLoadedBy("controls").length).toBeLessThan(6);
    expect(sizeOf(chunksLoadedBy("controls"))).toBeLessThan(sizeOf(chunksLoadedBy("check")) / 2);
  });
});

function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + readFileSync(join(built.folder, "dist", file)).length, 0);
}

/** The chunks that a command's own chunk imports, and theirs, as long as they do so at once and not on demand. */
function chunksLoadedBy(command: string): readonly string[] {
  const first = built.chunks.map((chunk) => chunk.file).find((file) => file.startsWith(`chunks/${command}-`));
  const seen = new Set<string>();
  const waiting = ["cli/main.js", ...(first === undefined ? [] : [first])];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(join(built.folder, "dist", file), "utf8");
    for (const match of text.matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)) {
      waiting.push(new URL(match[1] ?? "", `file:///${file}`).pathname.slice(1));
    }
  }
  return [...seen];
}
