import { RingwallError } from "../../lib/error.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import type { EngineClient } from "../../platforms/compose/engine/client.ts";
import { containerListSchema, containerSchema, type EngineContainer } from "../../platforms/compose/engine/schemas.ts";
import { composeLabels } from "../../platforms/compose/engine/snapshot.ts";
import { lastLines } from "./container-logs.ts";
import { serviceContainers } from "./plan-services.ts";

export interface WaitOptions {
  readonly services: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
  readonly clock: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly progress: (text: string) => void;
  readonly redact: (text: string) => string;
  readonly signal?: AbortSignal;
}

/** How one service stands. `ready`: it runs and is healthy, or runs and has no health command. */
export type Readiness =
  | { readonly kind: "ready" }
  | { readonly kind: "waiting"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

/** Restarts after which a service counts as one that does not stay up. */
const tooManyRestarts = 3;

/**
 * Waits until every service is ready. Throws as soon as one has failed, or when time is up, after the last lines of
 * the log of each that is not ready have been told as progress, known secrets left out.
 */
export async function waitHealthy(client: EngineClient, project: string, options: WaitOptions): Promise<void> {
  const deadline = options.clock() + options.timeout;
  const restarts = new Map<string, number>();
  let told = "";
  for (let before = new Map<string, string>(); ; ) {
    const containers = await containersOf(client, project);
    const states = options.services.map((name) => {
      const container = containers.get(name);
      if (container !== undefined && !restarts.has(container.Id)) restarts.set(container.Id, container.RestartCount);
      const found = readiness(container, restarts.get(container?.Id ?? ""));
      return { name, container, readiness: settled(found, name, container, before) };
    });
    const waiting = states.filter(({ readiness }) => readiness.kind !== "ready");
    if (waiting.length === 0) return;
    const failed = waiting.filter(({ readiness }) => readiness.kind === "failed");
    if (failed.length > 0) throw await failure(client, failed, options, "did not come up");
    if (options.clock() >= deadline) {
      throw await failure(client, waiting, options, `are not ready after ${Math.round(options.timeout / 1000)} s`);
    }
    if (options.signal?.aborted === true)
      throw new RingwallError("interrupted", "Interrupted while waiting for health.");
    const text = `waiting for ${waiting.map(({ name, readiness }) => `${name} (${whyOf(readiness)})`).join(", ")}`;
    if (text !== told) options.progress(text);
    told = text;
    before = new Map(states.map(({ name, container }) => [name, startOf(container)]));
    await options.sleep(500);
  }
}

/** Throws when a service has failed already, after what it said; waits for nothing. */
export async function throwFailed(
  client: EngineClient,
  project: string,
  options: Pick<WaitOptions, "services" | "progress" | "redact">,
): Promise<void> {
  const containers = await containersOf(client, project);
  const states = options.services.map((name) => {
    const container = containers.get(name);
    return { name, container, readiness: readiness(container) };
  });
  const failed = states.flatMap((state) => {
    const why = state.readiness.kind === "failed" ? state.readiness.why : restartedWhy(state.container);
    return why === undefined ? [] : [{ ...state, readiness: { kind: "failed", why } as const }];
  });
  // What Compose has stopped and not started again is a consequence, unless there is nothing else.
  const causes = failed.filter(({ container }) => container !== undefined && !wasStopped(container));
  const told = causes.length > 0 ? causes : failed;
  if (told.length > 0) throw await failure(client, told, options, "did not come up");
}

/** Compose gives up on a service that ends once, sooner than patience with its restarts would. */
function restartedWhy(container: EngineContainer | undefined): string | undefined {
  if (container === undefined) return undefined;
  if (container.State.Status === "restarting") return `it ends with ${exitText(container)}`;
  return container.RestartCount > 0 ? `it was restarted ${container.RestartCount} times` : undefined;
}

/** 143 and 137 are how a process ends that is told to, or made to. */
function wasStopped({ State: state }: EngineContainer): boolean {
  return state.Status === "exited" && !state.OOMKilled && [143, 137].includes(state.ExitCode);
}

/** A service without a health command is ready when it was seen running twice since one and the same start. */
function settled(
  found: Readiness,
  name: string,
  container: EngineContainer | undefined,
  before: ReadonlyMap<string, string>,
): Readiness {
  if (found.kind !== "ready" || container?.State.Health != null) return found;
  if (container?.State.Status === "exited" || before.get(name) === startOf(container)) return found;
  return { kind: "waiting", why: "just started" };
}

function startOf(container: EngineContainer | undefined): string {
  return container === undefined ? "" : `${container.Id} ${container.State.StartedAt}`;
}

/** `restartsBefore`: how often it had been restarted when the wait began, which says nothing of how it stands now. */
export function readiness(container: EngineContainer | undefined, restartsBefore = 0): Readiness {
  if (container === undefined) return { kind: "waiting", why: "not made yet" };
  const { State: state, RestartCount } = container;
  const restarts = container.HostConfig.RestartPolicy?.Name;
  switch (state.Status) {
    case "running":
      if (state.Health?.Status === "healthy") return { kind: "ready" };
      if (RestartCount - restartsBefore >= tooManyRestarts) {
        return { kind: "failed", why: `it was restarted ${RestartCount - restartsBefore} times` };
      }
      if (state.Health?.Status === "unhealthy") return { kind: "failed", why: "its health command fails" };
      if (state.Health?.Status === "starting") return { kind: "waiting", why: "health not known yet" };
      return { kind: "ready" };
    case "restarting":
      return RestartCount >= tooManyRestarts
        ? { kind: "failed", why: `it ends with ${exitText(container)} and was restarted ${RestartCount} times` }
        : { kind: "waiting", why: `restarting, ended with ${exitText(container)}` };
    case "exited":
    case "dead":
      // A service that is not to be restarted may be one that does its work and ends.
      if (state.ExitCode === 0 && (restarts === "no" || restarts === "on-failure" || restarts === "")) {
        return { kind: "ready" };
      }
      return { kind: "failed", why: `it ended with ${exitText(container)}` };
    case "created":
      return state.Error === ""
        ? { kind: "waiting", why: "not started yet" }
        : { kind: "failed", why: "it cannot be started" };
    default:
      return { kind: "waiting", why: state.Status };
  }
}

function exitText({ State: state }: EngineContainer): string {
  return state.OOMKilled ? "more memory than its limit" : `code ${state.ExitCode}`;
}

function whyOf(readiness: Readiness): string {
  return readiness.kind === "ready" ? "ready" : readiness.why;
}

async function containersOf(client: EngineClient, project: string): Promise<ReadonlyMap<string, EngineContainer>> {
  const filters = JSON.stringify({ label: [`${composeLabels.project}=${project}`] });
  const listed = await client.get("/containers/json", containerListSchema, { all: 1, filters });
  const found = await inParallel(listed, 8, ({ Id }) => client.find(`/containers/${Id}/json`, containerSchema));
  const containers = serviceContainers(
    found.flatMap((container) => container ?? []),
    project,
  );
  return new Map(containers.map((one) => [one.Config.Labels[composeLabels.service] ?? "", one]));
}

async function failure(
  client: EngineClient,
  states: readonly { name: string; container: EngineContainer | undefined; readiness: Readiness }[],
  options: Pick<WaitOptions, "progress" | "redact">,
  what: string,
): Promise<RingwallError> {
  for (const { name, container } of states) {
    if (container === undefined) continue;
    for (const line of await whatItSaid(client, container)) options.progress(`${name} | ${options.redact(line)}`);
  }
  const reasons = states.map(({ name, readiness }) => `"${name}" (${whyOf(readiness)})`).join(", ");
  return new RingwallError("engine-failed", `Services ${what}: ${reasons}.`, {
    hint: "What they wrote last stands above; `ringwall logs SERVICE` shows more. What came up was left running.",
  });
}

/** The log's last lines, then what the health command said last, then the engine's own reason. */
async function whatItSaid(client: EngineClient, container: EngineContainer): Promise<string[]> {
  const lines = await lastLines(client, container.Id, container.Config.Tty, 12);
  const check = container.State.Health?.Log.findLast((entry) => entry.ExitCode !== 0);
  const health =
    check === undefined
      ? []
      : check.Output.split("\n")
          .filter((line) => line.trim() !== "")
          .slice(-3);
  return [
    ...lines,
    ...health.map((line) => `(health command) ${line}`),
    ...(container.State.Error === "" ? [] : [`(engine) ${container.State.Error}`]),
  ];
}
