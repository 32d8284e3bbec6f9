import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type MemoryContext, memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";
import { labEngine, labTitle } from "./support/engine.ts";

// covers: I7 S11 | compose | real: Docker engine 28.5, lab images

const engine = await labEngine();
const skip = "missing" in engine || process.getuid?.() !== 0;
const title = labTitle("the quickstart, from the command line, on stand-in images", engine);
const example = join(import.meta.dirname, "../../examples/quickstart");
const standIns = z.object({ standIns: z.array(z.object({ upstream: z.string().nullable(), image: z.string() })) });

describe.skipIf(skip)(title, () => {
  let folder: string;
  let images: string;

  /** One command in the folder of the copied example, and what it said. */
  const ringwall = async (...args: string[]): Promise<{ code: number; context: MemoryContext }> => {
    const context = memoryContext({ cwd: folder, env: process.env, now: new Date() });
    return { code: await runCli(args, context), context };
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ringwall-quickstart-"));
    cpSync(example, folder, { recursive: true, filter: (path) => !/\/(\.ringwall|rendered)$/.test(path) });
    // A name and ports of the test's own, so that a quickstart that runs already stays as it is.
    const stack = readFileSync(join(folder, "stack.yaml"), "utf8")
      .replace("name: quickstart\n", "name: rwlab-quickstart\n")
      .replace(
        "    use: caddy\n",
        "    use: caddy\n    ports: { http: { publish: { port: 18180 } }, https: { publish: { port: 18543 } } }\n",
      )
      .replace("publish: { reason:", "publish: { port: 18983, reason:");
    writeFileSync(join(folder, "stack.yaml"), stack);
    images = join(folder, "images.json");
    const known = standIns.parse(JSON.parse(readFileSync(join(import.meta.dirname, "stand-ins.json"), "utf8")));
    const pairs = known.standIns.filter(({ upstream }) => upstream !== null && !upstream.includes(" "));
    // The first that stands for an image is the plain one.
    const map = Object.fromEntries(pairs.toReversed().map(({ upstream, image }) => [upstream, image]));
    writeFileSync(images, JSON.stringify({ images: map }));
  });
  afterAll(async () => {
    await ringwall("down", "--images", images, "--volumes", "--yes-delete", "rwlab-quickstart");
    rmSync(folder, { recursive: true, force: true });
  });

  it("names the secrets that have no value, and stops", async () => {
    const { code, context } = await ringwall("plan", "--images", images);
    expect(code).toBe(3);
    const said = context.stdout.text().replace(/\s+/g, " ");
    expect(said).toMatch(
      /These secrets have no value yet: .*db-password \(for db\).*Run `ringwall secrets generate`\./,
    );
    expect((await ringwall("up", "--images", images)).code).toBe(3);
  });

  it("comes up healthy, and changes nothing the second time", async () => {
    expect((await ringwall("secrets", "generate")).code).toBe(0);
    const first = await ringwall("up", "--images", images);
    expect(first.context.stderr.text()).not.toContain("✗");
    expect(first.code).toBe(0);
    expect(first.context.stdout.text()).toContain("is up and healthy");
    const second = await ringwall("up", "--images", images);
    expect([second.code, second.context.stdout.text()]).toEqual([
      0,
      "rwlab-quickstart is up and healthy; nothing had to change.\n",
    ]);
  });

  // covers: S2 R9 | compose | real: Mosquitto 2.0
  it("tells the broker of a password that changed, and leaves its container as it is", async () => {
    const id = () =>
      spawnSync("docker", ["inspect", "--format", "{{.Id}}", "rwlab-quickstart-mqtt-1"]).stdout.toString();
    const before = id();
    const password = join(folder, "password");
    writeFileSync(password, "a-password-that-was-brought-by-hand", { mode: 0o600 });
    expect((await ringwall("secrets", "set", "mqtt-sensors", "--file", password)).code).toBe(0);
    const plan = await ringwall("plan", "--images", images);
    expect(plan.context.stdout.text().replace(/\s+/g, " ")).toContain("it is told by SIGHUP");
    const up = await ringwall("up", "--images", images);
    expect([up.code, up.context.stderr.text().includes("brought-by-hand")]).toEqual([0, false]);
    expect(id()).toBe(before);
    expect((await ringwall("up", "--images", images)).context.stdout.text()).toContain("nothing had to change");
  });

  it("says how it stands, and takes itself down without its data", async () => {
    const status = await ringwall("status", "--images", images);
    expect(status.code).toBe(0);
    expect(status.context.stdout.text()).toContain("0.0.0.0:18543/tcp → caddy:443");
    expect(status.context.stdout.text()).toContain("all delivered (5)");
    expect((await ringwall("down", "--images", images, "--volumes")).code).toBe(2);
    const down = await ringwall("down", "--images", images);
    expect(down.context.stdout.text()).toContain("kept: rwlab-quickstart_db-data");
    expect((await ringwall("status", "--images", images)).code).toBe(3);
  });
});
