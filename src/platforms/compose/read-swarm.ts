import type { SwarmStack } from "../../facts/extensions.ts";
import { unstated } from "../../facts/fact.ts";
import { asBoolean, asText, type Fields } from "../../formats/fields.ts";

const modes = /^(?:global|replicated|global-job|replicated-job)$/;
const swarmKeys = ["placement", "update_config", "rollback_config"] as const;

/**
 * What of a project says that `docker stack deploy` starts it, undefined where nothing does. Replicas, limits, labels and a
 * restart policy under `deploy` are plain Compose as well; an attachable overlay network is made for plain containers.
 *
 * Source: Docker's reference of the Compose Deploy Specification; the schemas of docker/cli 28.2 (`limits.pids` came with
 * version 3.9, and "3" without a minor version means the newest).
 */
export function readSwarm(root: Fields, version: string | undefined): SwarmStack | undefined {
  const services = root.fields("services");
  const networks = root.fields("networks");
  const isStack =
    services.entries.some(({ key }) => isForSwarm(services.fields(key).fields("deploy"))) ||
    networks.entries.some(({ key }) => isOverlay(networks.fields(key)));
  if (!isStack) return undefined;
  const minor = /^3\.(\d{1,3})$/.exec(version?.trim() ?? "")?.[1];
  return { limitsProcesses: minor === undefined || Number(minor) >= 9 };
}

function isForSwarm(deploy: Fields): boolean {
  if (swarmKeys.some((key) => deploy.node(key) !== undefined)) return true;
  const mode = deploy.fact("mode", asText, "a mode", unstated);
  return mode.kind === "stated" && modes.test(mode.value);
}

function isOverlay(network: Fields): boolean {
  const driver = network.fact("driver", asText, "a driver", unstated);
  if (driver.kind !== "stated" || driver.value !== "overlay") return false;
  const attachable = network.fact("attachable", asBoolean, "true or false", unstated);
  return !(attachable.kind === "stated" && attachable.value);
}
