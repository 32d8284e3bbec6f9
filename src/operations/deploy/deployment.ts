import { join } from "node:path";
import type { OperationEvent } from "../../contracts/operation.ts";
import type { Gap, Guarantee, RenderedFile } from "../../contracts/platform.ts";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import type { EngineClient } from "../../platforms/compose/engine/client.ts";
import type { DockerEngineInfo } from "../../platforms/compose/engine/describe-engine.ts";
import type { ComposeResources } from "../../platforms/compose/resources.ts";
import { readApplied } from "../../state/applied.ts";
import type { ProcessTable } from "../../state/operation-lock.ts";
import type { StateFolder } from "../../state/state-folder.ts";
import { ComposeProgram } from "./compose-program.ts";
import { type Delivery, deliveredAt, deliveriesOf, deliveryState, type SecretValues } from "./deliveries.ts";
import { type EngineState, readEngineState } from "./engine-state.ts";
import { readHostSubnets } from "./host-subnets.ts";
import type { PlanInputs } from "./plan-inputs.ts";
import { redactor } from "./redact.ts";
import { readRendered } from "./rendered-files.ts";
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
  readonly guarantees: readonly Guarantee[];
  readonly gaps: readonly Gap[];
  /** Whether things of the same name that something else made may be taken over. */
  readonly adopt: boolean;
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
export function deploymentDeliveries({ resources, values, engine }: Deployment): readonly Delivery[] {
  const base = engine.remappedRoot ?? { uid: 0, gid: 0 };
  return deliveriesOf(resources, values, { uid: (uid) => base.uid + uid, gid: (gid) => base.gid + gid });
}

/** Reads everything that a plan is made from. Writes nothing, and asks the engine by GET alone. */
export async function readPlanInputs(deployment: Deployment): Promise<PlanInputs> {
  const { resources, client, engine } = deployment;
  const composeFile = deployment.files.find(({ path }) => path === "compose.yaml")?.content ?? "";
  const [state, filesOnDisk, hostSubnets, composeHashes, applied, deliveries] = await Promise.all([
    readEngineState(client, resources),
    readRendered(deployment.folder, deployment.files),
    engine.remote ? [] : readHostSubnets(),
    composeOf(deployment).hashes(composeFile),
    readApplied(deployment.state.applied),
    deliveriesNow(deployment),
  ]);
  return {
    ...deployment,
    state,
    filesOnDisk,
    hostSubnets,
    composeHashes,
    applied,
    deliveries,
    valued: new Set(deployment.values.keys()),
    volumeOwners: await volumeOwners(deployment, state),
  };
}

async function deliveriesNow(deployment: Deployment): Promise<PlanInputs["deliveries"]> {
  return Promise.all(
    deploymentDeliveries(deployment).map(async (delivery) => ({
      delivery,
      state: await deliveryState(delivery),
      at: await deliveredAt(delivery.path),
    })),
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
