import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Finding } from "../../../src/contracts/verdict.ts";
import { type Evaluation, evaluate } from "../../../src/controls/evaluate.ts";
import { allControls } from "../../../src/controls/registry.ts";
import type { System } from "../../../src/facts/system.ts";
import type { Deployment } from "../../../src/operations/deploy/deployment.ts";
import { down } from "../../../src/operations/deploy/down.ts";
import { up } from "../../../src/operations/deploy/up.ts";
import { type ProbeOutcome, probeStack } from "../../../src/operations/probes/probe-stack.ts";
import { listeningIn } from "../../../src/operations/probes/target.ts";
import type { EngineClient } from "../../../src/platforms/compose/engine.ts";
import { composeFacts } from "../../../src/platforms/compose/facts.ts";
import { labDeployment } from "./deployment.ts";
import { labQuickstart } from "./quickstart.ts";

const agentProgram = fileURLToPath(new URL("../../../src/operations/probes/agent-main.ts", import.meta.url));

/** The quickstart, brought up on a real engine, with what faults need to change it and tests to measure it. */
export class RunningQuickstart {
  readonly deployment: Deployment;
  readonly declared: System;
  readonly #folder: string;

  private constructor(deployment: Deployment, folder: string) {
    this.deployment = deployment;
    this.declared = composeFacts(deployment.resources, deployment.stack);
    this.#folder = folder;
  }

  /** Brings it up, with what an earlier run left of it removed first. */
  static async start(client: EngineClient): Promise<RunningQuickstart> {
    const folder = mkdtempSync(join(tmpdir(), "ringwall-quickstart-"));
    const { stack, values, folder: stackFolder } = await labQuickstart(folder);
    const deployment = { ...(await labDeployment(client, stack, stackFolder)), values };
    const running = new RunningQuickstart(deployment, folder);
    // A run that was ended half-way left its own, brought up from a folder that nobody knows any more.
    await down({ ...deployment, adopt: true }, { volumes: true, typedName: stack.name });
    await up(deployment, { healthTimeout: 120_000, confirm: async () => true });
    return running;
  }

  async stop(): Promise<void> {
    const { stack } = this.deployment;
    await down(this.deployment, { volumes: true, typedName: stack.name });
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Measures all of it. In the lab everything is near, so that a silence need not last as long as elsewhere. */
  probe(): Promise<ProbeOutcome> {
    const { stack, client, values } = this.deployment;
    return probeStack(stack, {
      client,
      declared: this.declared,
      values,
      agent: [process.execPath, agentProgram],
      timeoutMs: 400,
      parallel: 16,
      token: `ringwall-lab-${Math.random()}`,
    });
  }

  /** Judges a system as `ringwall probe` does. */
  judge(system: System): Evaluation {
    const { exceptions } = this.deployment.stack;
    return evaluate([system], allControls, { exceptions, today: new Date(), profile: "homelab", ownStack: true });
  }

  /** What is found on it now: everything that does not hold and is no recorded exception. */
  async findings(): Promise<readonly Finding[]> {
    const { system } = await this.probe();
    const { findings } = this.judge(system);
    // Parts of a chain count by themselves here: each fault is to be caught by its own control.
    return findings
      .flatMap((finding) => [finding, ...(finding.includes ?? [])])
      .filter((finding) => finding.waiver === undefined);
  }

  /** The value of one of its secrets, for putting it where it must not be. */
  secret(name: string): string {
    const secret = this.deployment.values.get(name);
    if (secret === undefined) throw new Error(`The quickstart has no secret ${name}.`);
    return secret.expose();
  }

  /** The file of the host that delivers a secret to a service. */
  deliveredFile(service: string, secret: string): string {
    const file = this.deployment.resources.secretFiles.find((one) => one.service === service && one.secret === secret);
    if (file === undefined) throw new Error(`${secret} is not delivered to ${service}.`);
    return file.path;
  }

  /** The text of a rendered configuration file. */
  rendered(ending: string): string {
    const file = this.deployment.files.find((one) => one.path.endsWith(ending));
    if (file === undefined) throw new Error(`Nothing is rendered to ${ending}.`);
    return file.content;
  }

  /** Makes one service anew with something written over its own definition. */
  async override(service: string, definition: string): Promise<void> {
    const indented = definition
      .trim()
      .split("\n")
      .map((line) => `    ${line}`)
      .join("\n");
    const file = join(this.#folder, "fault.yaml");
    writeFileSync(file, `services:\n  ${service}:\n${indented}\n`, { mode: 0o600 });
    this.#compose(["-f", file, "up", "-d", "--no-deps", "--timeout", "0", service]);
    await this.#ready();
  }

  /** Runs the edge with another configuration. */
  async edgeWith(change: (caddyfile: string) => string): Promise<void> {
    const before = this.rendered("Caddyfile");
    const after = change(before);
    if (after === before) throw new Error("The fault changes nothing: the Caddyfile is no longer as it expects.");
    const file = join(this.#folder, "Caddyfile");
    writeFileSync(file, after, { mode: 0o644 });
    await this.override(
      "caddy",
      `volumes:\n  - { type: bind, source: ${file}, target: /etc/caddy/Caddyfile, read_only: true }`,
    );
  }

  /** Everything as it was rendered: what a fault changed is made anew. */
  async restore(...services: readonly string[]): Promise<void> {
    this.#compose([
      "up",
      "-d",
      "--no-deps",
      "--timeout",
      "0",
      ...(services.length > 0 ? ["--force-recreate", ...services] : []),
    ]);
    await this.#ready();
  }

  docker(...args: readonly string[]): string {
    const result = spawnSync("docker", args, { encoding: "utf8" });
    if (result.status !== 0) throw new Error(`docker ${args[0]} ${args[1]} failed: ${result.stderr}`);
    return result.stdout.trim();
  }

  container(service: string): string {
    return `${this.deployment.stack.name}-${service}-1`;
  }

  pidOf(service: string): number {
    return Number(this.docker("inspect", "--format", "{{.State.Pid}}", this.container(service)));
  }

  bridgeOf(network: string): string {
    const found = this.deployment.resources.networks.find((one) => one.key === network);
    const bridge = found?.driverOptions["com.docker.network.bridge.name"];
    if (bridge === undefined) throw new Error(`There is no network ${network}.`);
    return bridge;
  }

  #compose(args: readonly string[]): void {
    const { folder, resources } = this.deployment;
    const before = ["compose", "--progress", "quiet", "-p", resources.project, "--project-directory", folder];
    const result = spawnSync("docker", [...before, "-f", join(folder, "compose.yaml"), ...args], { encoding: "utf8" });
    if (result.status !== 0) throw new Error(`docker compose failed: ${result.stderr}`);
  }

  /** Waits until every service listens on what it declares: a health check would be asked seconds later only. */
  async #ready(): Promise<void> {
    const deadline = Date.now() + 20_000;
    const { services } = this.deployment.stack;
    const waiting = () =>
      services.filter(({ name, ports }) => {
        const there = new Set(listeningIn(this.pidOf(name)).map(({ port }) => port));
        return !ports.every(({ port, protocol }) => protocol === "udp" || there.has(port));
      });
    while (waiting().length > 0) {
      if (Date.now() > deadline) throw new Error(`${waiting()[0]?.name} does not come up with this fault.`);
      await sleep(100);
    }
    // The edge takes a moment more to make its certificates.
    await sleep(300);
  }
}
