/**
 * Reachability of 30 services, measured on a real engine: a chain of busybox containers, each two neighbours on a network
 * of their own, as a stack's are. Needs root, an engine, and the lab's image; removes what it made.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { Agents } from "../src/operations/probes/agents.ts";
import { findServices } from "../src/operations/probes/find-services.ts";
import { measureReachability, type Reachability } from "../src/operations/probes/reachability.ts";
import { readSnapshot } from "../src/platforms/compose/engine/snapshot.ts";
import { EngineClient, findEndpoint } from "../src/platforms/compose/engine.ts";

const project = "ringwall-bench";
const image = process.env.RINGWALL_BENCH_IMAGE ?? "ringwall-lab/busybox:current";

export interface ProbeBench {
  readonly services: number;
  readonly attempts: number;
  readonly inconclusive: number;
  readonly milliseconds: number;
}

/** Brings the chain up, measures it, takes it down. Throws when the outcome is not that of a chain. */
export async function benchProbe(services: number): Promise<ProbeBench> {
  const file = composeFile(services);
  compose(file, "up", "-d", "--quiet-pull");
  try {
    const client = await EngineClient.connect(await findEndpoint({ variables: process.env, home: homedir() }));
    const { containers, networks } = await readSnapshot(client, project);
    const found = await findServices(client, project, containers, networks);
    const agents = new Agents([
      process.execPath,
      fileURLToPath(new URL("../src/operations/probes/agent-main.ts", import.meta.url)),
    ]);
    const started = performance.now();
    const reach = await measureReachability(
      { targets: found.services, strangers: found.strangers, networks: found.networks, declaredPorts: new Map() },
      { agents, token: randomBytes(8).toString("hex"), timeoutMs: 1000, parallel: 16 },
    ).finally(() => agents.close());
    const milliseconds = performance.now() - started;
    refuseWrong(reach, services);
    const inconclusive = reach.attempts.filter(({ outcome }) => outcome === "inconclusive").length;
    return { services, attempts: reach.attempts.length, inconclusive, milliseconds };
  } finally {
    compose(file, "down", "--timeout", "0");
  }
}

/** Neighbours in the chain reach one another, and nobody else does. */
function refuseWrong({ flows }: Reachability, services: number): void {
  const open = new Set(
    flows.filter(({ outcome }) => outcome === "open" || outcome === "refused").map(({ from, to }) => `${from} ${to}`),
  );
  const wanted = 2 * (services - 1);
  const chain = Array.from({ length: services - 1 }, (_, at) => [`s${at} s${at + 1}`, `s${at + 1} s${at}`]).flat();
  if (open.size !== wanted || !chain.every((pair) => open.has(pair)))
    throw new Error(`${open.size} pairs reach one another, and ${wanted} were to.`);
}

function composeFile(services: number): string {
  const names = Array.from({ length: services }, (_, at) => at);
  const networksOf = (at: number) =>
    [at - 1, at].filter((one) => one >= 0 && one < services - 1).map((one) => `n${one}`);
  return JSON.stringify({
    services: Object.fromEntries(
      names.map((at) => [
        `s${at}`,
        { image, command: ["httpd", "-f", "-p", "8080"], init: true, networks: networksOf(at) },
      ]),
    ),
    networks: Object.fromEntries(
      names.slice(1).map((at) => [
        `n${at - 1}`,
        {
          internal: true,
          ipam: { config: [{ subnet: `10.230.${at}.0/29` }] },
          driver_opts: { "com.docker.network.bridge.inhibit_ipv4": "true" },
        },
      ]),
    ),
  });
}

function compose(file: string, ...args: readonly string[]): void {
  const result = spawnSync("docker", ["compose", "-p", project, "-f", "-", ...args], { input: file, encoding: "utf8" });
  if (result.status !== 0) throw new Error(`docker compose ${args[0]}: ${result.stderr}`);
}

if (import.meta.main) {
  const services = Number(process.argv[2] ?? 30);
  const { attempts, inconclusive, milliseconds } = await benchProbe(services);
  console.log(
    `reachability of ${services} services: ${(milliseconds / 1000).toFixed(1)} s, ${attempts} attempts, ${inconclusive} inconclusive`,
  );
}
