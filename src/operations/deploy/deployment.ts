import { join } from "node:path";
import type { OperationEvent } from "../../contracts/operation.ts";
import type { Gap, Guarantee, RenderedFile } from "../../contracts/platform.ts";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import type { EngineClient } from "../../platforms/compose/engine/client.ts";
import type { DockerEngineInfo } from "../../platforms/compose/engine/describe-engine.ts";
import { composeLabels } from "../../platforms/compose/engine/snapshot.ts";
import { bridgeName } from "../../platforms/compose/resource-names.ts";
import type { ComposeResources } from "../../platforms/compose/resources.ts";
import type { AccountOf } from "../../secrets/secret-values.ts";
import { readApplied } from "../../state/applied.ts";
import type { ProcessTable } from "../../state/operation-lock.ts";
import type { StateFolder } from "../../state/state-folder.ts";
import { readHostFirewall } from "../firewall/host-firewall.ts";
import { compareRendered } from "../render/compare.ts";
import { ComposeProgram } from "./compose-program.ts";
import { type Delivery, deliveriesOf, deliveryState, type SecretValues } from "./deliveries.ts";
import { type EngineState, readEngineState } from "./engine-state.ts";
import { readHostSubnets } from "./host-subnets.ts";
import type { PlanInputs } from "./plan-inputs.ts";
import { serviceContainers } from "./plan-services.ts";
import { redactor } from "./redact.ts";
import { seenDelivery } from "./seen-deliveries.ts";
import { readTold } from "./told.ts";
import { mountOf, ownerOnHost, ownerThroughEngine, type VolumeOwner } from "./volume-owner.ts";

/** One stack on one engine, with all that plan, up, down and status take from outside. */
export interface Deployment {
  readonly stack: ResolvedStack;
  readonly resources: ComposeResources;
  readonly files: readonly RenderedFile[];
  /** The rendered folder, absolute. */
  readonly folder: string;
  /** Where secrets are delivered; `ComposeSettings.deliveryRoot`. */
  readonly deliveryRoot: string;
  readonly state: StateFolder;
  readonly client: EngineClient;
  readonly engine: DockerEngineInfo;
  /** Values of the secrets that the stack names, derived ones too; those without a value are absent. */
  readonly values: SecretValues;
  /** The account in turn of a secret that an issuer of the stack has; the one that is declared when left out. */
  readonly accountOf?: AccountOf;
  readonly guarantees: readonly Guarantee[];
  readonly gaps: readonly Gap[];
  /** Whether things of the same name that something else made may be taken over. */
  readonly adopt: boolean;
  /** Whether rendered files that somebody else changed may be replaced. */
  readonly force: boolean;
  /** Who runs Ringwall; 0 is root. */
  readonly uid: number;
  readonly surroundings: DeploymentSurroundings;
}

export interface DeploymentSurroundings {
  readonly run: RunProgram;
  readonly processes: ProcessTable;
  readonly now: () => Date;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly tell: (event: OperationEvent) => void;
  readonly signal?: AbortSignal;
}

/** The program `docker compose` for a deployment; what it prints is told without known secrets. */
export function composeOf(deployment: Deployment): ComposeProgram {
  const { resources, folder, values, surroundings } = deployment;
  return new ComposeProgram(surroundings.run, resources.project, folder, redactor(values.values()));
}

/** The stack's own folder below the delivery root. */
export function deliveryFolder(deployment: Deployment): string {
  return join(deployment.deliveryRoot, deployment.stack.name);
}

/** The deliveries of a deployment, with ids as the engine's host has them. */
export function deploymentDeliveries(deployment: Deployment): readonly Delivery[] {
  const { resources, values, engine } = deployment;
  const base = engine.remappedRoot ?? { uid: 0, gid: 0 };
  const ids = { uid: (uid: number) => base.uid + uid, gid: (gid: number) => base.gid + gid };
  return deliveriesOf(resources, values, ids, accountsOf(deployment));
}

/** What is in turn as recorded, else the account that the declaration names. */
export function accountsOf({ stack, accountOf }: Pick<Deployment, "stack" | "accountOf">): AccountOf {
  const declared = new Map(stack.secrets.map((secret) => [secret.name, secret.issuedBy?.account]));
  return (secret) => accountOf?.(secret) ?? declared.get(secret);
}

/** Reads everything that a plan is made from. Writes nothing, and asks the engine by GET alone. */
export async function readPlanInputs(deployment: Deployment): Promise<PlanInputs> {
  const { resources, client, engine } = deployment;
  const composeFile = deployment.files.find(({ path }) => path === "compose.yaml")?.content ?? "";
  const state = await readEngineState(client, resources);
  const [comparison, hostSubnets, composeHashes, applied, deliveries, firewall] = await Promise.all([
    compareRendered(deployment.folder, deployment.files, { distrust: deployment.force }),
    engine.remote ? [] : readHostSubnets(),
    composeOf(deployment).hashes(composeFile),
    readApplied(deployment.state.applied),
    deliveriesNow(deployment, state),
    firewallNow(deployment),
  ]);
  return {
    ...deployment,
    state,
    rendered: comparison.changes,
    firewall,
    hostSubnets,
    composeHashes,
    applied,
    deliveries,
    valued: new Set(deployment.values.keys()),
    volumeOwners: await volumeOwners(deployment, state),
  };
}

/** The bridges that the stack asks the host's firewall to close; none when it does not ask. */
export function firewalledBridges({ stack, resources }: Deployment): readonly string[] {
  if (stack.policies.hostAccess !== "firewall") return [];
  return resources.networks.map(({ key }) => bridgeName(resources.project, key));
}

/** Only root sees the rules; nobody else could change them either. */
async function firewallNow(deployment: Deployment): Promise<PlanInputs["firewall"]> {
  const { engine, uid, stack, surroundings } = deployment;
  const wanted = firewalledBridges(deployment);
  if (engine.remote || uid !== 0) return wanted.length === 0 ? undefined : { wanted, present: undefined };
  const present = await readHostFirewall(surroundings.run, stack.name).catch(() => undefined);
  return { wanted, present };
}

async function deliveriesNow(deployment: Deployment, state: EngineState): Promise<PlanInputs["deliveries"]> {
  const running = serviceContainers(state.containers, deployment.resources.project);
  const containers = new Map(running.map((one) => [one.Config.Labels[composeLabels.service] ?? "", one]));
  return Promise.all(
    deploymentDeliveries(deployment).map(async (delivery) => {
      const told = await readTold(deliveryFolder(deployment), delivery.service);
      return {
        delivery,
        state: await deliveryState(delivery),
        ...(await seenDelivery(delivery, containers.get(delivery.service), told)),
      };
    }),
  );
}

/** Owners of the volumes that exist, in ids of the containers: from the host where it may be looked at, else through the engine. */
export async function volumeOwners(
  { resources, engine, client }: Deployment,
  state: EngineState,
): Promise<ReadonlyMap<string, VolumeOwner>> {
  const base = engine.remappedRoot ?? { uid: 0, gid: 0 };
  const owners = new Map<string, VolumeOwner>();
  for (const { name } of resources.volumes) {
    const volume = state.volumes.find((found) => found.Name === name);
    if (volume === undefined) continue;
    const onHost = engine.remote || engine.rootless ? undefined : await ownerOnHost(volume);
    if (onHost !== undefined) {
      owners.set(name, { ...onHost, uid: onHost.uid - base.uid, gid: onHost.gid - base.gid });
      continue;
    }
    const mount = mountOf(name, state.containers);
    if (mount !== undefined) owners.set(name, await ownerThroughEngine(client, mount.container, mount.target));
  }
  return owners;
}
