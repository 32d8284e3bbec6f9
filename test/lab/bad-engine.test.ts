import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";
import { labEngine, labTitle } from "./support/engine.ts";
import { failingProxy } from "./support/failing-proxy.ts";

const engine = await labEngine();
const local = !("missing" in engine) && engine.client.endpoint.kind === "unix" ? engine.client.endpoint.path : "";
const skip = local === "" || process.getuid?.() !== 0;
const name = "rwlab-bad-engine";
const secret = "a-value-that-nobody-may-see";

const stack = `name: ${name}
addresses: 10.232.0.0/16
services:
  store:
    image: ringwall-lab/busybox:current
    command: [sh, -c, "test -s /run/secrets/key && touch /tmp/ready && exec tail -f /dev/null"]
    health: [test, -e, /tmp/ready]
    writable: [/tmp]
    ports: { tcp: 9000 }
    volumes: { data: /data }
    secrets: [key]
  web:
    image: ringwall-lab/busybox:current
    command: [tail, -f, /dev/null]
    health: ["true"]
    talksTo: [store]
secrets: { key: external }
`;

describe.skipIf(skip)(labTitle("an engine that stops half-way, and a host that is in the way", engine), () => {
  let folder: string;

  async function ringwall(argv: readonly string[], more: { env?: Record<string, string>; input?: string } = {}) {
    const { env = {}, input } = more;
    const surroundings = { ...process.env, DOCKER_HOST: `unix://${local}`, ...env };
    const context = memoryContext({ cwd: folder, env: surroundings, ...(input === undefined ? {} : { input }) });
    const code = await runCli(argv, context);
    return { code, out: context.stdout.text(), err: context.stderr.text() };
  }

  const down = () => ringwall(["down", "--volumes", "--yes-delete", name]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ringwall-bad-engine-"));
    writeFileSync(join(folder, "stack.yaml"), stack);
    expect((await ringwall(["secrets", "set", "key"], { input: secret })).code).toBe(0);
  });
  afterAll(async () => {
    await down();
    rmSync(folder, { recursive: true, force: true });
  });

  it("`up` ends with 3 and a sentence wherever the engine stops, and the next one takes it up", async () => {
    let reached = 0;
    for (const after of [1, 4, 9, 16, 25, 36, 49, 64]) {
      const proxy = await failingProxy(local, after);
      try {
        const { code, err, out } = await ringwall(["up", "--yes", "--timeout", "60"], {
          env: { DOCKER_HOST: `unix://${proxy.socket}` },
        });
        if (proxy.connections <= after) {
          expect(code, err).toBe(0);
          break;
        }
        reached += 1;
        expect(code, `after ${after}: ${err}`).toBe(3);
        expect(err).toMatch(/^ringwall: .*(engine|docker)/im);
        expect(err).not.toContain("internal error");
        expect(`${out}${err}`).not.toContain(secret);
        expect(halfWritten(folder)).toEqual([]);
      } finally {
        await proxy.close();
      }
    }
    expect(reached).toBeGreaterThan(3);
    const { code, err } = await ringwall(["up", "--yes", "--timeout", "60"]);
    expect(code, err).toBe(0);
    const again = await ringwall(["up", "--yes"]);
    expect(again.out).toContain("nothing had to change");
    const delivered = join("/var/lib/ringwall", name);
    const files = readdirSync(delivered, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map((file) => readFileSync(join(file.parentPath, file.name), "utf8"))).toEqual([secret]);
  });

  it("`down` ends with 3 where the engine stops, and the next one finishes", async () => {
    const proxy = await failingProxy(local, 3);
    const { code, err } = await ringwall(["down"], { env: { DOCKER_HOST: `unix://${proxy.socket}` } });
    await proxy.close();
    expect(code, err).toBe(3);
    const finished = await ringwall(["down"]);
    expect(finished.code, finished.err).toBe(0);
    expect(finished.out).toContain(`kept: ${name}_store-data`);
  });

  it("a subnet that the host already has is in the way, and nothing is changed", async () => {
    await down();
    const plan = JSON.parse((await ringwall(["plan", "--format", "json"])).out) as { obstacles: string[] };
    expect(plan.obstacles).toEqual([]);
    const cidr = /subnet: "?(10\.232\.[\d./]+)/.exec(await rendered())?.[1] ?? "";
    expect(cidr).toMatch(/\/\d+$/);
    const device = "rwlab-taken";
    const gateway = cidr.replace(/(\d+)(\/\d+)$/, (_all, last: string, bits: string) => `${Number(last) + 1}${bits}`);
    execFileSync("ip", ["link", "add", device, "type", "bridge"]);
    try {
      execFileSync("ip", ["address", "add", gateway, "dev", device]);
      execFileSync("ip", ["link", "set", device, "up"]);
      for (const command of [["plan"], ["up", "--yes"]]) {
        const { code, out, err } = await ringwall(command);
        expect(code).toBe(3);
        expect(`${out}${err}`.replace(/\s+/g, " ")).toContain(cidr);
        expect(`${out}${err}`).toContain(device);
      }
      const left = execFileSync("docker", ["network", "ls", "--quiet", "--filter", `name=${name}`], {
        encoding: "utf8",
      });
      expect(left).toBe("");
    } finally {
      execFileSync("ip", ["link", "delete", device]);
    }
  });

  async function rendered(): Promise<string> {
    expect((await ringwall(["render"])).code).toBe(0);
    return readFileSync(join(folder, "rendered/compose/compose.yaml"), "utf8");
  }
});

/** Files that were begun and not renamed. */
function halfWritten(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".part"));
}
