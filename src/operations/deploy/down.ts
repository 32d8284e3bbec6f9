import { rm } from "node:fs/promises";
import type { Step } from "../../contracts/operation.ts";
import { RingwallError } from "../../lib/error.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import { readHostFirewall, removeHostFirewall } from "../firewall/host-firewall.ts";
import { refuseWhileRotating } from "../rotation/unfinished.ts";
import { removeStaleDeliveries } from "./deliver.ts";
import { type Deployment, deliveryFolder } from "./deployment.ts";
import { type EngineState, readEngineState } from "./engine-state.ts";
import { takenProjects } from "./obstacles.ts";
import { ownership } from "./ownership.ts";
import { withJournal } from "./with-journal.ts";

export interface DownOptions {
  /** Remove the stack's volumes too. Only with the stack's name, as the person typed it. */
  readonly volumes: boolean;
  readonly typedName: string | undefined;
}

/** What `down` leaves behind, for telling. */
export interface DownOutcome {
  readonly keptVolumes: readonly string[];
  readonly removedVolumes: readonly string[];
}

/**
 * Stops and removes what Ringwall made for a stack: containers, networks, delivered secrets. Volumes stay, unless they
 * are asked for with the stack's name typed. Things of the same name that something else made are refused.
 */
export async function down(deployment: Deployment, options: DownOptions): Promise<DownOutcome> {
  const { stack, client, resources } = deployment;
  if (options.volumes && options.typedName !== stack.name) {
    throw new RingwallError("usage", `The volumes of "${stack.name}" and all their data would be removed for good.`, {
      hint: `Nothing was done. To do it, type the stack's name: --volumes --yes-delete ${stack.name}`,
    });
  }
  const removed: string[] = [];
  await withJournal("down", deployment, async (tools) => {
    if (options.volumes) await refuseWhileRotating(deployment.state.journals, "down-volumes", stack.name);
    const before = await readEngineState(client, resources);
    refuseOthers(deployment, before);
    return downSteps(deployment, tools.run, options.volumes, removed);
  });
  const after = await readEngineState(client, resources);
  return { keptVolumes: ownVolumes(stack.name, after), removedVolumes: removed };
}

function refuseOthers({ resources, folder, adopt }: Deployment, state: EngineState): void {
  const [first] = takenProjects(resources.project, state, folder);
  if (first === undefined || adopt) return;
  throw new RingwallError("conflict", `Nothing was done. ${first}`, {
    hint: "With --adopt it is taken down all the same.",
  });
}

function ownVolumes(stack: string, state: EngineState): string[] {
  return state.volumes.filter((volume) => ownership(volume.Labels, stack) === "ours").map(({ Name }) => Name);
}

function downSteps(deployment: Deployment, run: RunProgram, volumes: boolean, removed: string[]): readonly Step[] {
  const steps: Step[] = [
    { id: "stop", title: "Stop and remove services and networks", run: (report) => stop(deployment, run, report) },
    {
      id: "secrets",
      title: "Remove delivered secrets",
      run: async () => void (await removeStaleDeliveries(deliveryFolder(deployment), new Set())),
    },
  ];
  if (deployment.uid === 0 && !deployment.engine.remote) {
    steps.push({
      id: "firewall",
      title: "Remove the stack's rules from the host's firewall",
      run: () => openFirewall(deployment),
    });
  }
  if (volumes) {
    steps.push({
      id: "volumes",
      title: "Remove volumes",
      run: (report) => removeVolumes(deployment, run, removed, report),
    });
  }
  steps.push({
    id: "record",
    title: "Record that nothing is applied",
    run: () => rm(deployment.state.applied, { force: true }),
  });
  return steps;
}

/** By the project's name alone, without its file: what runs may be older than what is rendered now. */
async function stop({ resources, surroundings }: Deployment, run: RunProgram, report: (text: string) => void) {
  const args = ["compose", "--progress", "plain", "-p", resources.project, "down", "--remove-orphans"];
  const { signal } = surroundings;
  const result = await run("docker", args, {
    environment: { COMPOSE_FILE: "", COMPOSE_PROFILES: "" },
    folder: "/",
    onLine: (line) => line.trim() !== "" && report(line.trim()),
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.code !== 0) {
    const said = result.stderr.trim().split("\n").slice(-3).join(" / ");
    throw new RingwallError("engine-failed", `\`docker compose down\` ended with code ${result.code ?? "?"}: ${said}`);
  }
}

async function openFirewall({ stack, surroundings: { run } }: Deployment): Promise<void> {
  const present = await readHostFirewall(run, stack.name).catch(() => undefined);
  if (present !== undefined) await removeHostFirewall(run, stack.name);
}

async function removeVolumes(
  { client, resources, stack }: Deployment,
  run: RunProgram,
  removed: string[],
  report: (text: string) => void,
): Promise<void> {
  const state = await readEngineState(client, resources);
  for (const name of ownVolumes(stack.name, state)) {
    const result = await run("docker", ["volume", "rm", name], { timeout: 60_000 });
    if (result.code !== 0) {
      throw new RingwallError("engine-failed", `The volume ${name} cannot be removed: ${result.stderr.trim()}`);
    }
    removed.push(name);
    report(`removed the volume ${name}`);
  }
}
