import type { Step } from "../../contracts/operation.ts";
import { RingwallError } from "../../lib/error.ts";
import type { ProgramOptions, RunProgram } from "../../lib/run-program.ts";
import { type AppliedState, type Json, writeApplied } from "../../state/applied.ts";
import { applyHostFirewall, removeHostFirewall } from "../firewall/host-firewall.ts";
import { writeRendered } from "../render/write.ts";
import { awaitHealth } from "./await-health.ts";
import { clearNetworks } from "./clear-networks.ts";
import type { ComposeProgram } from "./compose-program.ts";
import { deliver, removeStaleDeliveries } from "./deliver.ts";
import { deliveryState } from "./deliveries.ts";
import {
  composeOf,
  type Deployment,
  deliveryFolder,
  deploymentDeliveries,
  firewalledBridges,
  volumeOwners,
} from "./deployment.ts";
import { plainResource } from "./differences.ts";
import { readEngineState } from "./engine-state.ts";
import type { DeploymentPlan } from "./plan.ts";
import { orphanNetworks } from "./plan-networks.ts";
import { sameOwner } from "./plan-volumes.ts";
import { redactor } from "./redact.ts";
import { servicesBehind } from "./services-behind.ts";
import { reloadText, tellContainer } from "./tell.ts";
import { toldPath } from "./told.ts";
import { setOwnerOnHost } from "./volume-owner.ts";
import { throwFailed } from "./wait-healthy.ts";
import type { OperationTools } from "./with-journal.ts";

type Report = (text: string) => void;

/** Everything that the steps of one `up` share. */
interface Up {
  readonly deployment: Deployment;
  readonly plan: DeploymentPlan;
  readonly compose: ComposeProgram;
  readonly run: RunProgram;
  readonly id: string;
  readonly healthTimeout: number;
}

/** The steps of `up`. Each looks at what is there and does what is missing, so that it may run again after any crash. */
export function upSteps(
  deployment: Deployment,
  plan: DeploymentPlan,
  tools: OperationTools,
  healthTimeout: number,
): readonly Step[] {
  const surroundings = { ...deployment.surroundings, run: tools.run };
  const compose = composeOf({ ...deployment, surroundings });
  const up: Up = { deployment, plan, compose, run: tools.run, id: tools.id, healthTimeout };
  return [
    { id: "files", title: "Write the rendered files", run: () => writeFiles(up) },
    { id: "secrets", title: "Deliver secrets", run: (report) => deliverSecrets(up, report) },
    { id: "images", title: "Fetch missing images", run: (report) => fetchImages(up, report) },
    {
      id: "networks",
      title: "Make way for networks that changed",
      run: (report) => clearNetworks(deployment, tools.run, report),
    },
    { id: "volumes", title: "Make volumes and give them their owners", run: (report) => prepareVolumes(up, report) },
    { id: "start", title: "Start services", run: (report) => startServices(up, report) },
    { id: "tell", title: "Tell services of changed secrets", run: (report) => tellServices(up, report) },
    { id: "firewall", title: "Set the host's firewall", run: (report) => setFirewall(up, report) },
    { id: "health", title: "Wait for health", run: (report) => awaitHealth(deployment, healthTimeout, report) },
    { id: "record", title: "Record what was applied", run: (report) => record(up, report) },
  ];
}

async function writeFiles({ deployment }: Up): Promise<void> {
  await writeRendered(deployment.folder, deployment.files, { force: deployment.force });
}

async function deliverSecrets({ deployment, id }: Up, report: Report): Promise<void> {
  for (const delivery of deploymentDeliveries(deployment)) {
    if ((await deliveryState(delivery)) === "same") continue;
    await deliver(delivery, deployment.deliveryRoot, id);
    report(`${delivery.secrets.join(", ")} for ${delivery.service}`);
  }
}

/** Compose would fetch them as well; asked here, a failure says which image and nothing has been stopped yet. */
async function fetchImages({ deployment, compose }: Up, report: Report): Promise<void> {
  const { imageIds } = await readEngineState(deployment.client, deployment.resources);
  const missing = deployment.resources.services.filter(({ image }) => !imageIds.has(image));
  if (missing.length === 0) return;
  report(`fetching ${[...new Set(missing.map(({ image }) => image))].join(", ")}`);
  await compose.run(["pull", "--policy", "missing", ...missing.map(({ name }) => name)], options(deployment, report));
}

function options(deployment: Deployment, report: Report): ProgramOptions & { progress: Report } {
  const { signal } = deployment.surroundings;
  return { progress: report, ...(signal === undefined ? {} : { signal }) };
}

/** Compose makes the volumes, with containers that are not started yet, so that no service meets a volume of root's. */
async function prepareVolumes({ deployment, compose }: Up, report: Report): Promise<void> {
  const { resources, client } = deployment;
  let state = await readEngineState(client, resources);
  const exist = resources.volumes.every(({ name }) => state.volumes.some((volume) => volume.Name === name));
  if (!exist) {
    await compose.run(["create", "--remove-orphans", "--pull", "never"], options(deployment, report));
    state = await readEngineState(client, resources);
  }
  const owners = await volumeOwners(deployment, state);
  const base = deployment.engine.remappedRoot ?? { uid: 0, gid: 0 };
  for (const wanted of resources.volumes) {
    const owner = owners.get(wanted.name);
    if (owner !== undefined && sameOwner(owner, wanted)) continue;
    const volume = state.volumes.find(({ Name }) => Name === wanted.name);
    if (volume === undefined) throw new RingwallError("engine-failed", `The volume ${wanted.name} was not made.`);
    await setOwnerOnHost(volume, { uid: base.uid + wanted.uid, gid: base.gid + wanted.gid, mode: wanted.mode });
    report(`${wanted.key} belongs to ${wanted.uid}:${wanted.gid}`);
  }
}

async function startServices(up: Up, report: Report): Promise<void> {
  const { deployment, compose } = up;
  try {
    await compose.run(["up", "--detach", "--remove-orphans", "--no-build"], options(deployment, report));
    const behind = (await servicesBehind(deployment)).filter(({ reload }) => reload === undefined);
    if (behind.length > 0) {
      const names = behind.map(({ service }) => service);
      report(`${names.join(", ")} started before a secret was delivered anew`);
      const again = ["up", "--detach", "--no-build", "--no-deps", "--force-recreate", ...names];
      await compose.run(again, options(deployment, report));
    }
  } catch (error) {
    if (error instanceof RingwallError && error.code === "engine-failed") await tellFailedService(up, report);
    throw error;
  }
}

/** Compose gives up when a service that others wait for fails; which, and what it said, is told here, when that is why. */
async function tellFailedService({ deployment }: Up, report: Report): Promise<void> {
  const { client, resources, values } = deployment;
  const services = resources.services.map((service) => service.name);
  await throwFailed(client, resources.project, { services, progress: report, redact: redactor(values.values()) });
}

/** Those that take what changed while they run; the others were made anew when they were started. */
async function tellServices({ deployment, run }: Up, report: Report): Promise<void> {
  for (const { service, container, reload } of await servicesBehind(deployment)) {
    if (reload === undefined || reload === "none") continue;
    const deliveries = deploymentDeliveries(deployment).filter((delivery) => delivery.service === service);
    const folder = deliveryFolder(deployment);
    await tellContainer({ service, container, reload, deliveries, deliveryFolder: folder, run });
    report(`${service}: ${reloadText(reload)}`);
  }
}

/** After the start, when the bridges are there; a stack that does not ask for rules has those of an earlier `up` removed. */
async function setFirewall({ deployment, plan }: Up, report: Report): Promise<void> {
  const { run } = deployment.surroundings;
  const change = plan.changes.find(({ kind }) => kind === "firewall");
  if (change === undefined) return;
  const bridges = firewalledBridges(deployment);
  if (bridges.length === 0) await removeHostFirewall(run, deployment.stack.name);
  else await applyHostFirewall(run, deployment.stack.name, bridges);
  report(bridges.length === 0 ? "removed the stack's rules" : `${bridges.length} networks are kept from the host`);
}

async function record({ deployment, id }: Up, report: Report): Promise<void> {
  const { resources, state, surroundings } = deployment;
  await removeOrphanNetworks(deployment, report);
  const wanted = new Set(deploymentDeliveries(deployment).map(({ path }) => path));
  for (const { name } of resources.services) wanted.add(toldPath(deliveryFolder(deployment), name));
  for (const path of await removeStaleDeliveries(deliveryFolder(deployment), wanted)) report(`removed ${path}`);
  const applied: AppliedState = {
    version: 1,
    stack: resources.project,
    operation: id,
    at: surroundings.now().toISOString(),
    resources: appliedResources(deployment),
  };
  await writeApplied(state.applied, applied);
}

async function removeOrphanNetworks(deployment: Deployment, report: Report): Promise<void> {
  const state = await readEngineState(deployment.client, deployment.resources);
  for (const { Name } of orphanNetworks({ resources: deployment.resources, state })) {
    const result = await deployment.surroundings.run("docker", ["network", "rm", Name], { timeout: 30_000 });
    report(result.code === 0 ? `removed the network ${Name}` : `the network ${Name} is still in use and was left`);
  }
}

function appliedResources({ resources }: Deployment): Record<string, Json> {
  return Object.fromEntries([
    ...resources.services.map((service) => [`service ${service.name}`, plainResource(service)]),
    ...resources.networks.map((network) => [`network ${network.key}`, plainResource(network)]),
    ...resources.volumes.map((volume) => [`volume ${volume.key}`, plainResource(volume)]),
  ]);
}
