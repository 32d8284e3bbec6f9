import { homedir } from "node:os";
import type { OperationEvent } from "../contracts/operation.ts";
import { childPrograms } from "../lib/child-program.ts";
import { RingwallError } from "../lib/error.ts";
import type { Deployment } from "../operations/deploy/deployment.ts";
import { refuseLinkedFolder } from "../operations/render/refuse-linked-folder.ts";
import { renderedFolder, renderStack } from "../operations/render/render-stack.ts";
import { previousName } from "../operations/rotation/engine.ts";
import { readRetiring } from "../operations/rotation/retiring.ts";
import { describeEngine, EngineClient, findEndpoint } from "../platforms/compose/engine.ts";
import { gaps, guarantees } from "../platforms/compose/guarantees.ts";
import { composeResources, defaultComposeSettings } from "../platforms/compose/resources.ts";
import { type FormerOf, readSecretValues } from "../secrets/secret-values.ts";
import { StateFolder } from "../state/state-folder.ts";
import type { Context } from "./command.ts";
import { recordedAccounts } from "./recorded-accounts.ts";
import { stackOf } from "./stack-option.ts";
import { storeOf } from "./stack-store.ts";
import { machineSurroundings } from "./surroundings.ts";

export interface DeploymentOptions {
  /** A file of local images in place of upstream ones. */
  readonly images?: string | undefined;
  readonly adopt?: boolean | undefined;
  readonly force?: boolean | undefined;
  /** Set by commands that change the machine. */
  readonly changesHost: boolean;
  readonly tell?: (event: OperationEvent) => void;
}

/** The engine that a person's `docker` would use. */
export async function engineOf(context: Context): Promise<EngineClient> {
  const home = context.env.HOME ?? homedir();
  return EngineClient.connect(await findEndpoint({ variables: context.env, home }));
}

/** A deployment, and the folder that the stack is declared in; absolute. */
export interface DeploymentOfStack extends Deployment {
  readonly stackFolder: string;
}

/** The stack that a person means, on the engine that their `docker` would use, with the values of its secrets. */
export async function deploymentOf(
  named: string | undefined,
  context: Context,
  options: DeploymentOptions,
): Promise<DeploymentOfStack> {
  const { loaded, stack } = await stackOf(named, context, options);
  const files = renderStack(stack);
  const stackFolder = loaded.file.folder;
  const folder = renderedFolder(stackFolder, stack);
  await refuseLinkedFolder(stackFolder, folder);
  const state = new StateFolder(stackFolder);
  const client = await engineOf(context);
  const tell = options.tell ?? (() => {});
  const retiring = new Map(
    (await readRetiring(state)).map((entry) => [entry.secret, entry.previousAccount ?? undefined]),
  );
  const formerOf: FormerOf = (secret) =>
    retiring.has(secret) ? { account: retiring.get(secret), keptAs: previousName(secret) } : undefined;
  const store = await storeOf(stack, loaded.file.folder, context);
  const accountOf = await recordedAccounts(state, stack.name, context.env.DATABASE_URL);
  return {
    stackFolder,
    stack,
    resources: composeResources(stack),
    files,
    folder,
    deliveryRoot: defaultComposeSettings.deliveryRoot,
    state,
    client,
    engine: await describeEngine(client, childPrograms(context.env)),
    values: (await readSecretValues(stack.secrets, store, accountOf, formerOf)).values,
    accountOf,
    guarantees,
    gaps,
    adopt: options.adopt ?? false,
    force: options.force ?? false,
    uid: userId(),
    surroundings: {
      ...machineSurroundings(context, tell),
      ...(options.changesHost ? { signal: context.signal } : {}),
    },
  };
}

function userId(): number {
  const uid = process.getuid?.();
  if (uid !== undefined) return uid;
  throw new RingwallError("unsupported", "Stacks are brought up from Linux or macOS, where files have owners.", {
    hint: "On Windows, run Ringwall inside WSL 2.",
  });
}
