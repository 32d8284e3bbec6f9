import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "compiled-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `ringwall --version` with a folder for caches, and says whether anything was put into it. */
function keepsCompiledIn(name: string): boolean {
  const cache = join(folder, name);
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const program = fileURLToPath(new URL("../../bin/ringwall.js", import.meta.url));
  execFileSync(process.execPath, [program, "--version"], { env: { ...env, XDG_CACHE_HOME: cache } });
  const compiled = join(cache, "ringwall", "compiled");
  return existsSync(compiled) && readdirSync(compiled).length > 0;
}

describe("What V8 has compiled", () => {
  test("is kept in a folder of one's own, which is made for it.", () => {
    expect(keepsCompiledIn("mine")).toBe(true);
  });

  test("is neither kept nor taken where others can write, below such a folder, or through a link to one.", () => {
    mkdirSync(join(folder, "shared", "below"), { recursive: true });
    chmodSync(join(folder, "shared"), 0o777);
    expect(keepsCompiledIn("shared")).toBe(false);
    expect(keepsCompiledIn("shared/below")).toBe(false);
    symlinkSync(join(folder, "shared"), join(folder, "link"));
    expect(keepsCompiledIn("link")).toBe(false);
  });
});
