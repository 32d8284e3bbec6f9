import { RingwallError } from "../../lib/error.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import type { EngineContainer } from "../../platforms/compose/engine/schemas.ts";
import type { ReloadChoice } from "../../stack/rotator-schema.ts";
import type { Delivery } from "./deliveries.ts";
import { fileStamp, writeTold } from "./told.ts";

/** A way to take a secret that changed without being made anew. */
export type LiveReload = Exclude<ReloadChoice, "restart">;

/** `it is told by SIGHUP`; for a plan. */
export function reloadText(reload: LiveReload): string {
  if (reload === "none") return "it reads it by itself";
  return "signal" in reload ? `it is told by SIG${reload.signal}` : `it is told by \`${reload.command.join(" ")}\``;
}

/** Longest wait for a service's own command. */
const commandTimeout = 60_000;

/** What is told, and where it is recorded. */
export interface Telling {
  readonly service: string;
  readonly container: EngineContainer;
  readonly reload: LiveReload;
  /** All deliveries of the service. */
  readonly deliveries: readonly Delivery[];
  readonly deliveryFolder: string;
  readonly run: RunProgram;
}

/**
 * Tells a running container that its secrets changed, and records of which files. Does not wait until it is well. The
 * files are stamped first: one that is delivered meanwhile is told of the next time.
 */
export async function tellContainer(telling: Telling): Promise<void> {
  const { service, container, reload, deliveries, deliveryFolder } = telling;
  const stamps = await Promise.all(
    deliveries.map(async ({ path }) => [path, (await fileStamp(path)) ?? "absent"] as const),
  );
  if (reload !== "none") await runTelling(telling, reload);
  await writeTold(deliveryFolder, service, { container: container.Id, files: Object.fromEntries(stamps) });
}

async function runTelling({ service, container, run }: Telling, reload: Exclude<LiveReload, "none">): Promise<void> {
  const args =
    "signal" in reload
      ? ["kill", "--signal", `SIG${reload.signal}`, container.Id]
      : ["exec", container.Id, ...reload.command];
  const result = await run("docker", args, { timeout: commandTimeout });
  if (result.code === 0) return;
  const how = "signal" in reload ? `the signal SIG${reload.signal}` : `\`${reload.command.join(" ")}\``;
  // What the command said is not passed on: it may have printed what it read.
  throw new RingwallError("engine-failed", `"${service}" could not be told by ${how} (code ${result.code ?? "?"}).`, {
    hint: "The new secret is delivered. `ringwall up` tells the service again.",
  });
}
