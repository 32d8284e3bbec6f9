import type { ZodType } from "zod";
import { RingwallError } from "../../lib/error.ts";
import {
  type AgentAttempt,
  type AgentJob,
  type AgentListening,
  type AgentLogin,
  type AgentLoginOutcome,
  type AgentOutcome,
  type AgentRequest,
  type AgentResolution,
  type AgentResponse,
  listeningSchema,
  loginOutcomeSchema,
  outcomeSchema,
  resolutionSchema,
  responseSchema,
} from "./agent-protocol.ts";

import { type Agents, describe, type NetworkPlace } from "./agents.ts";

/**
 * Tries connections from a place. Every attempt has an outcome; one that the agent did not answer is `error`.
 * Throws a RingwallError when the agent cannot be started there (no root, the process is gone).
 */
export async function connectFrom(
  place: NetworkPlace,
  attempts: readonly AgentAttempt[],
  options: { readonly agents: Agents; readonly timeoutMs: number; readonly token: string },
): Promise<ReadonlyMap<number, AgentOutcome>> {
  const { agents, timeoutMs, token } = options;
  if (attempts.length === 0) return new Map();
  const job: AgentJob = { kind: "connect", attempts: [...attempts], timeoutMs, token, concurrency: 256 };
  const outcomes = new Map((await answers(agents, place, job, outcomeSchema)).map((one) => [one.id, one]));
  for (const { id } of attempts) {
    if (!outcomes.has(id))
      outcomes.set(id, { id, outcome: "error", milliseconds: 0, detail: "the agent gave no answer" });
  }
  return outcomes;
}

/**
 * Asks over HTTP from a place, in order when `concurrency` is 1. A request that the agent did not answer is missing.
 */
export async function askFrom(
  place: NetworkPlace,
  requests: readonly AgentRequest[],
  options: { readonly agents: Agents; readonly timeoutMs: number; readonly concurrency: number },
): Promise<ReadonlyMap<number, AgentResponse>> {
  const { agents, timeoutMs, concurrency } = options;
  if (requests.length === 0) return new Map();
  const job: AgentJob = { kind: "ask", requests: [...requests], timeoutMs, concurrency };
  return new Map((await answers(agents, place, job, responseSchema)).map((one) => [one.id, one]));
}

/** Resolves names from a place with one server; a name that the agent did not answer is missing. */
export async function resolveFrom(
  place: NetworkPlace,
  names: readonly string[],
  options: { readonly agents: Agents; readonly timeoutMs: number; readonly server: string },
): Promise<ReadonlyMap<string, AgentResolution>> {
  const { agents, timeoutMs, server } = options;
  if (names.length === 0) return new Map();
  const job: AgentJob = { kind: "resolve", names: [...names], server, timeoutMs };
  return new Map((await answers(agents, place, job, resolutionSchema)).map((one) => [one.name, one]));
}

/** Signs in from a place; `undefined` when the agent gave no answer. */
export async function loginFrom(
  place: NetworkPlace,
  login: AgentLogin,
  options: { readonly agents: Agents; readonly timeoutMs: number },
): Promise<AgentLoginOutcome | undefined> {
  const job: AgentJob = { kind: "login", login, timeoutMs: options.timeoutMs };
  return (await answers(options.agents, place, job, loginOutcomeSchema))[0];
}

/** A listener of ours in some place; `close` ends it and resolves when it is gone. */
export interface PlacedListener extends AgentListening {
  close(): Promise<void>;
}

/** Opens a listener in a place, which answers TCP and UDP with the token on every address there. */
export async function listenIn(
  place: NetworkPlace,
  options: { readonly agents: Agents; readonly token: string },
): Promise<PlacedListener> {
  let hear: (answer: unknown) => void = () => undefined;
  const first = new Promise<unknown>((resolve) => {
    hear = resolve;
  });
  const running = options.agents.run(place, { kind: "listen", token: options.token }, hear);
  const answer = await Promise.race([first, running.done]);
  const ports = listeningSchema.safeParse(answer);
  if (!ports.success) throw new RingwallError("network", `No listener could be opened ${describe(place)}.`);
  return {
    ...ports.data,
    async close() {
      running.stop();
      await running.done.catch(() => undefined);
    },
  };
}

/** All answers to a job, those left out that are none. */
async function answers<T>(agents: Agents, place: NetworkPlace, job: AgentJob, schema: ZodType<T>): Promise<T[]> {
  const heard: T[] = [];
  await agents.run(place, job, (answer) => {
    const read = schema.safeParse(answer);
    if (read.success) heard.push(read.data);
  }).done;
  return heard;
}
