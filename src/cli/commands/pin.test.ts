import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RingwallError } from "../../lib/error.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import { memoryContext } from "../memory-context.ts";
import { pin } from "./pin.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-pin-"));
  writeFileSync(
    join(folder, "stack.yaml"),
    `name: shop
zones: { a: { purpose: x }, b: { purpose: y, cidr: 10.7.0.0/24 } }
services:
  web: { image: nginx:1.28, zone: a, ports: { http: 80 } }
  api: { image: "ghcr.io/x/api:2", zone: a, talksTo: [web] }
  old: { image: "ghcr.io/x/old@${digest("d")}", zone: b }
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A docker that knows these digests, by registry or by its own copies. */
function docker(known: { registry?: Record<string, string>; engine?: Record<string, readonly string[]> }): RunProgram {
  return async (_command, args) => {
    const image = args.at(-1) ?? "";
    const answer = (found: unknown) => ({
      code: found === undefined ? 1 : 0,
      signal: undefined,
      stdout: found === undefined ? "" : JSON.stringify(found),
      stderr: "ERROR: no such host",
    });
    if (args[0] === "buildx")
      return answer(known.registry?.[image] === undefined ? undefined : { digest: known.registry[image] });
    return answer(known.engine?.[image]);
  };
}

async function run(program: RunProgram) {
  const context = memoryContext({ cwd: folder });
  const code = await pin(undefined, {}, context, program);
  return { code, said: context.stdout.text() };
}

const lock = () => JSON.parse(readFileSync(join(folder, "stack.lock"), "utf8"));

describe("ringwall pin", () => {
  // covers: V3 | compose
  it("writes the registry's digest, else that of the engine's own copy, and leaves digests by hand alone", async () => {
    const { code, said } = await run(
      docker({
        registry: { "docker.io/library/nginx:1.28": digest("a") },
        engine: { "ghcr.io/x/api:2": [`other/api@${digest("c")}`, `ghcr.io/x/api@${digest("b")}`] },
      }),
    );
    expect(code).toBe(0);
    expect(said).toContain("docker.io/library/nginx:1.28 (web): sha256:aaaaaaaaaaaa\n");
    expect(said).toContain("as the engine's copy has it");
    expect(said).not.toContain("old");
    expect(lock().images).toEqual({ "docker.io/library/nginx:1.28": digest("a"), "ghcr.io/x/api:2": digest("b") });
  });

  it("records the addresses of networks, and of zones that declare none", async () => {
    await run(docker({}));
    expect(Object.keys(lock().zones)).toEqual(["a"]);
    expect(Object.keys(lock().networks)).toEqual(["alone--old", "api--web"]);
    expect(lock().networks["alone--old"]).toMatch(/^10\.7\.0\.\d+\/29$/);
  });

  it("says of each image that cannot be resolved why, keeps its earlier digest, and ends with 3 where there is none", async () => {
    await run(docker({ registry: { "docker.io/library/nginx:1.28": digest("a") } }));
    const { code, said } = await run(docker({}));
    expect(code).toBe(3);
    expect(said).toContain(
      "nginx:1.28 (web): not pinned: no such host, and the engine has no copy of it. The earlier sha256:aaaaaaaaaaaa stays.",
    );
    expect(said).toContain("ghcr.io/x/api:2 (api): not pinned:");
    expect(lock().images).toEqual({ "docker.io/library/nginx:1.28": digest("a") });
  });

  it("tells an image that was made here from one that is missing", async () => {
    const { code, said } = await run(docker({ engine: { "docker.io/library/nginx:1.28": [], "ghcr.io/x/api:2": [] } }));
    expect(code).toBe(0);
    expect(said).toContain("it was made on this machine and has no digest");
  });

  it("changes nothing the second time", async () => {
    const program = docker({
      registry: { "docker.io/library/nginx:1.28": digest("a"), "ghcr.io/x/api:2": digest("b") },
    });
    await run(program);
    const before = statSync(join(folder, "stack.lock")).mtimeMs;
    expect((await run(program)).said).toContain("stack.lock is as it was.");
    expect(statSync(join(folder, "stack.lock")).mtimeMs).toBe(before);
  });

  it("says so when there is no docker at all, and writes nothing", async () => {
    const missing: RunProgram = async () => {
      throw new RingwallError("not-found", "no docker");
    };
    await expect(run(missing)).rejects.toMatchObject({ code: "engine-missing" });
    expect(() => lock()).toThrow();
  });
});
