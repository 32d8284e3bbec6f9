import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { memoryContext } from "../../../src/cli/memory-context.ts";
import { runCli } from "../../../src/cli/run.ts";
import type { LoadResult } from "./load-client.ts";

const stack = "rwlab-rotate";
const ports = { http: 18_280, https: 18_643, mqtts: 18_993 };
const standIns = z.object({ standIns: z.array(z.object({ upstream: z.string().nullable(), image: z.string() })) });

/** What one command said and how it ended. */
export interface Said {
  readonly code: number;
  readonly text: string;
}

/**
 * The quickstart on a real engine, with devices outside that get a week for a new password, and clients that never try
 * again. Rotations are asked for by the command line alone.
 */
export class QuickstartUnderLoad {
  readonly folder: string;
  readonly #loads = new Map<string, ChildProcess>();
  readonly #deviceFile: string;
  #daysAhead = 0;

  private constructor(folder: string) {
    this.folder = folder;
    this.#deviceFile = join(folder, "device");
  }

  static async start(): Promise<QuickstartUnderLoad> {
    removeEverything();
    const folder = mkdtempSync(join(tmpdir(), "ringwall-rotate-"));
    const source = join(import.meta.dirname, "../../../examples/quickstart");
    cpSync(source, folder, { recursive: true, filter: (path) => !/\/(\.ringwall|rendered)$/.test(path) });
    const published = `    use: caddy\n    ports: { http: { publish: { port: ${ports.http} } }, https: { publish: { port: ${ports.https} } } }\n`;
    const declaration = readFileSync(join(folder, "stack.yaml"), "utf8")
      .replace("name: quickstart\n", `name: ${stack}\n`)
      .replace("    use: caddy\n", published)
      .replace("publish: { reason:", `publish: { port: ${ports.mqtts}, reason:`)
      .replace("mqtt-sensors: password", "mqtt-sensors: { kind: password, overlap: 7d }");
    writeFileSync(join(folder, "stack.yaml"), declaration);
    const known = standIns.parse(JSON.parse(readFileSync(join(import.meta.dirname, "../stand-ins.json"), "utf8")));
    const pairs = known.standIns.filter(({ upstream }) => upstream !== null && !upstream.includes(" "));
    const map = Object.fromEntries(pairs.toReversed().map(({ upstream, image }) => [upstream, image]));
    writeFileSync(join(folder, "images.json"), JSON.stringify({ images: map }));
    const running = new QuickstartUnderLoad(folder);
    await running.#demand("secrets", "generate");
    await running.#demand("up", "--images", join(folder, "images.json"));
    return running;
  }

  async stop(): Promise<void> {
    for (const child of this.#loads.values()) child.kill();
    removeEverything();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One command in the stack's folder; `--images` stands in the arguments where the command takes it. */
  async ringwall(...args: readonly string[]): Promise<Said> {
    const now = new Date(Date.now() + this.#daysAhead * 86_400_000);
    const context = memoryContext({ cwd: this.folder, env: process.env, now });
    const code = await runCli([...args], context);
    return { code, text: context.stdout.text() + context.stderr.text() };
  }

  /** As `ringwall`, for commands that work on the running stack. */
  rotate(...args: readonly string[]): Promise<Said> {
    return this.ringwall("rotate", ...args, "--images", join(this.folder, "images.json"));
  }

  /** Commands from now on believe that so many days have passed. */
  daysLater(days: number): void {
    this.#daysAhead += days;
  }

  /** Begins to ask PostgreSQL from the API's own network, the broker as a sensor, and the site's API through the edge. */
  async begin(perSecond: {
    readonly postgres: number;
    readonly mqtt: number;
    readonly api: number;
    readonly site?: number;
  }): Promise<void> {
    await this.giveDevice();
    const pid = docker("inspect", "--format", "{{.State.Pid}}", `${stack}-api-1`);
    const networks = z
      .record(z.string(), z.object({ IPAddress: z.string() }))
      .parse(JSON.parse(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", `${stack}-db-1`)));
    const address = Object.entries(networks).find(([name]) => name.includes("api"))?.[1].IPAddress ?? "";
    this.#load("postgres", ["nsenter", "-t", pid, "-n"], [this.serviceFile, `${perSecond.postgres}`, address]);
    this.#load("mqtt", [], [this.#deviceFile, `${perSecond.mqtt}`, `${ports.mqtts}`]);
    this.#load("http", [], [`https://api.quickstart.localhost:${ports.https}/greetings`, `${perSecond.api}`]);
    if (perSecond.site !== undefined) {
      this.#load("http", [], [`https://quickstart.localhost:${ports.https}/`, `${perSecond.site}`], "site");
    }
    await sleep(1_000);
  }

  /** Where the API's role and password lie on the host. */
  get serviceFile(): string {
    return `/var/lib/ringwall/${stack}/secrets/api/pg_service.conf`;
  }

  /** Notes how every process is called that begins from now on, and with what environment; ends with all of it. */
  async watchProcesses(): Promise<() => Promise<string>> {
    const program = join(import.meta.dirname, "process-watch.ts");
    const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
    let text = "";
    const begun = new Promise((resolve) => child.stdout.once("data", resolve));
    child.stdout.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    await begun;
    return async () => {
      child.stdin.end();
      await ended;
      return text;
    };
  }

  /** What the engine tells anybody who may ask it: how each container was made, and what it has written. */
  engineTexts(): readonly string[] {
    const ids = docker("ps", "-aq", "--filter", `label=com.docker.compose.project=${stack}`).split("\n");
    const logs = ids.map((id) => {
      const { stdout, stderr } = spawnSync("docker", ["logs", id], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
      return stdout + stderr;
    });
    return [docker("inspect", ...ids), ...logs];
  }

  /** What a person does with a device outside: brings it the user and password that the store has now. */
  async giveDevice(): Promise<void> {
    const value = await this.#demand("secrets", "get", "mqtt-sensors");
    const listed = z
      .object({ secrets: z.array(z.object({ secret: z.string(), account: z.string().nullish() })) })
      .parse(JSON.parse((await this.#demand("rotate", "--list", "--format", "json")).text));
    const account = listed.secrets.find(({ secret }) => secret === "mqtt-sensors")?.account ?? "sensors";
    writeFileSync(this.#deviceFile, `${account}\n${value.text.trim()}\n`, { mode: 0o600 });
  }

  /** Ends the clients, and tells what each met. */
  async end(): Promise<Record<string, LoadResult>> {
    const results: Record<string, LoadResult> = {};
    for (const [name, child] of this.#loads) {
      let text = "";
      child.stdout?.on("data", (bytes: Buffer) => {
        text += bytes.toString();
      });
      const ended = new Promise((resolve) => child.on("close", resolve));
      child.stdin?.end();
      await ended;
      results[name] = JSON.parse(text);
    }
    this.#loads.clear();
    return results;
  }

  /** Every file that Ringwall keeps beside the stack, but for those that only the identity opens, and the identity. */
  keptTexts(): { readonly path: string; readonly text: string }[] {
    const root = join(this.folder, ".ringwall");
    return readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(root, path)).isFile() && !path.endsWith(".age") && !path.startsWith("identity"))
      .map((path) => ({ path, text: readFileSync(join(root, path), "latin1") }));
  }

  #load(kind: string, before: readonly string[], args: readonly string[], name = kind): void {
    const program = join(import.meta.dirname, "load-client.ts");
    const [command = "", ...rest] = [...before, process.execPath, program, kind, ...args];
    this.#loads.set(name, spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] }));
  }

  async #demand(...args: readonly string[]): Promise<Said> {
    const said = await this.ringwall(...args);
    if (said.code !== 0) throw new Error(`ringwall ${args.join(" ")} ended with ${said.code}: ${said.text}`);
    return said;
  }
}

/** By the engine itself: `down` rightly refuses while a rotation that a failed test left is unfinished. */
function removeEverything(): void {
  const label = `label=com.docker.compose.project=${stack}`;
  const each = (list: readonly string[], remove: readonly string[]) => {
    const found = docker(...list, "--filter", label)
      .split("\n")
      .filter((id) => id !== "");
    if (found.length > 0) docker(...remove, ...found);
  };
  each(["ps", "-aq"], ["rm", "-f"]);
  each(["volume", "ls", "-q"], ["volume", "rm"]);
  each(["network", "ls", "-q"], ["network", "rm"]);
  rmSync(`/var/lib/ringwall/${stack}`, { recursive: true, force: true });
}

function docker(...args: readonly string[]): string {
  const result = spawnSync("docker", args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`docker ${args.join(" ")} failed: ${result.stderr}`);
  return result.stdout.trim();
}
