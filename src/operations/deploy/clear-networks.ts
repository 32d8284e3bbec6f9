import { RingwallError } from "../../lib/error.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import type { EngineContainer, EngineNetwork } from "../../platforms/compose/engine/schemas.ts";
import { composeLabels, containerName } from "../../platforms/compose/engine/snapshot.ts";
import type { Deployment } from "./deployment.ts";
import { readEngineState } from "./engine-state.ts";
import { planNetworks } from "./plan-networks.ts";

/**
 * Removes networks that are to be made anew, after the stack's own containers on them have been stopped and removed:
 * an engine changes no network in place, and Compose fails on one that a service is still on which is to leave it.
 * Compose makes all of it again in the next step. Nothing happens when no network differs.
 */
export async function clearNetworks(deployment: Deployment, run: RunProgram, report: (text: string) => void) {
  const { client, resources } = deployment;
  const state = await readEngineState(client, resources);
  const changed = planNetworks({ resources, state }).filter(({ action }) => action === "recreate");
  const networks = changed.flatMap(({ name }) => {
    const engineName = resources.networks.find(({ key }) => key === name)?.name;
    return state.networks.filter((network) => network.Name === engineName);
  });
  if (networks.length === 0) return;
  const members = state.containers.filter((container) => networks.some((network) => isOn(container, network)));
  const foreign = members.filter((one) => one.Config.Labels[composeLabels.project] !== resources.project);
  if (foreign.length > 0) throw stillUsed(networks, foreign);
  if (members.length > 0) {
    report(`stopping ${members.map(containerName).join(", ")}`);
    const ids = members.map(({ Id }) => Id);
    await mustRun(run, ["stop", ...ids]);
    await mustRun(run, ["rm", ...ids]);
  }
  await mustRun(run, ["network", "rm", ...networks.map(({ Id }) => Id)]);
  for (const { Name } of networks) report(`removed the network ${Name}, to be made anew`);
}

function isOn(container: EngineContainer, network: EngineNetwork): boolean {
  return Object.entries(container.NetworkSettings.Networks).some(([name, { NetworkID }]) =>
    NetworkID === "" ? name === network.Name : NetworkID === network.Id,
  );
}

function stillUsed(networks: readonly EngineNetwork[], foreign: readonly EngineContainer[]): RingwallError {
  const names = networks.map(({ Name }) => Name).join(", ");
  return new RingwallError(
    "conflict",
    `The networks ${names} are to be made anew, and ${foreign.map(containerName).join(", ")}, which are not of this stack, are on them.`,
    { hint: "Take those containers off first: `docker network disconnect NETWORK CONTAINER`." },
  );
}

async function mustRun(run: RunProgram, args: readonly string[]): Promise<void> {
  const result = await run("docker", args, { timeout: 300_000 });
  if (result.code === 0) return;
  const said = result.stderr.trim().split("\n").at(-1) ?? "";
  throw new RingwallError(
    "engine-failed",
    `\`docker ${args[0] ?? ""}\` ended with code ${result.code ?? "?"}: ${said}`,
  );
}
