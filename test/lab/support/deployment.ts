import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { OperationEvent } from "../../../src/contracts/operation.ts";
import type { ResolvedStack } from "../../../src/contracts/resolved.ts";
import { childPrograms } from "../../../src/lib/child-program.ts";
import type { Deployment } from "../../../src/operations/deploy/deployment.ts";
import { describeEngine, type EngineClient } from "../../../src/platforms/compose/engine.ts";
import { renderCompose } from "../../../src/platforms/compose/render.ts";
import { composeResources } from "../../../src/platforms/compose/resources.ts";
import { Secret } from "../../../src/secrets/secret.ts";
import { machineProcesses } from "../../../src/state/operation-lock.ts";
import { StateFolder } from "../../../src/state/state-folder.ts";

/** A deployment of a stack below a folder of the test: state, rendered files and delivered secrets all lie there. */
export async function labDeployment(
  client: EngineClient,
  stack: ResolvedStack,
  folder: string,
  given: {
    readonly secrets?: Readonly<Record<string, string>>;
    readonly tell?: (event: OperationEvent) => void;
    readonly adopt?: boolean;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Deployment> {
  const run = childPrograms(process.env);
  const deliveryRoot = join(folder, "delivered");
  const resources = composeResources(stack, { deliveryRoot });
  return {
    stack,
    resources,
    files: renderCompose(resources),
    folder: join(folder, "rendered"),
    deliveryRoot,
    state: new StateFolder(folder),
    client,
    engine: await describeEngine(client, run),
    values: new Map(Object.entries(given.secrets ?? {}).map(([name, value]) => [name, new Secret(name, value)])),
    guarantees: [],
    gaps: [],
    adopt: given.adopt ?? false,
    force: false,
    uid: process.getuid?.() ?? 0,
    surroundings: {
      run,
      processes: machineProcesses,
      now: () => new Date(),
      clock: () => performance.now(),
      random: (bytes) => randomBytes(bytes),
      sleep: (milliseconds) => sleep(milliseconds).then(() => undefined),
      tell: given.tell ?? (() => undefined),
      ...(given.signal === undefined ? {} : { signal: given.signal }),
    },
  };
}
