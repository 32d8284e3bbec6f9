import type { PlannedChange } from "../../contracts/platform.ts";
import type { EngineNetwork } from "../../platforms/compose/engine/schemas.ts";
import type { ComposeNetwork } from "../../platforms/compose/resources.ts";
import { ownership } from "./ownership.ts";
import type { PlanInputs } from "./plan-inputs.ts";

/** Networks to make, to make anew (an engine changes none in place), to keep, and to remove. Named by their key. */
export function planNetworks({ resources, state }: Pick<PlanInputs, "resources" | "state">): PlannedChange[] {
  const wanted = resources.networks.map((network) =>
    planned(
      network,
      state.networks.find(({ Name }) => Name === network.name),
    ),
  );
  return [...wanted, ...orphanNetworks({ resources, state }).map((network) => removal(network.Name))];
}

/** Networks that Ringwall made for the stack and that it no longer declares. */
export function orphanNetworks({
  resources,
  state,
}: Pick<PlanInputs, "resources" | "state">): readonly EngineNetwork[] {
  const names = new Set(resources.networks.map((network) => network.name));
  return state.networks.filter(
    (network) => !names.has(network.Name) && ownership(network.Labels, resources.project) === "ours",
  );
}

function removal(name: string): PlannedChange {
  return { kind: "network", name, action: "remove", because: ["it is no longer declared"], needsRoot: false };
}

function planned(network: ComposeNetwork, found: EngineNetwork | undefined): PlannedChange {
  const { key: name } = network;
  if (found === undefined) {
    return { kind: "network", name, action: "create", because: [network.purpose], needsRoot: false };
  }
  const because = networkDifferences(network, found);
  return { kind: "network", name, action: because.length > 0 ? "recreate" : "keep", because, needsRoot: false };
}

function networkDifferences(network: ComposeNetwork, found: EngineNetwork): string[] {
  const because: string[] = [];
  const [range] = found.IPAM.Config;
  if (found.Driver !== "bridge") because.push(`driver changed from ${found.Driver} to bridge`);
  if (found.Internal !== network.internal) {
    because.push(network.internal ? "it is to have no way to outside" : "it is to have a way to outside");
  }
  if (range?.Subnet !== network.subnet)
    because.push(`subnet changed from ${range?.Subnet ?? "none"} to ${network.subnet}`);
  else if (range.Gateway !== "" && range.Gateway !== network.gateway) {
    because.push(`gateway changed from ${range.Gateway} to ${network.gateway}`);
  }
  if (found.EnableIPv6) because.push("IPv6 is to be off");
  const options = { ...found.Options, ...network.driverOptions };
  for (const name of Object.keys(options).sort()) {
    const [before, after] = [found.Options[name], network.driverOptions[name]];
    if (before !== after) because.push(`option ${name} changed from ${before ?? "none"} to ${after ?? "none"}`);
  }
  for (const [name, value] of Object.entries(network.labels)) {
    if (found.Labels[name] !== value) because.push(`label ${name} is to be ${value}`);
  }
  return because;
}
