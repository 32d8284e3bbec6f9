import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { RingwallError } from "../../lib/error.ts";
import {
  type AgentAttempt,
  type AgentJob,
  type AgentListening,
  type AgentOutcome,
  type AgentResolution,
  listeningSchema,
  outcomeSchema,
  resolutionSchema,
} from "./agent.ts";

import { type AgentRequest, type AgentResponse, responseSchema } from "./agent-http.ts";

/** Where an agent runs: the host's own network, that of a process, or a namespace made with `ip netns`. */
export type NetworkPlace =
  | { readonly kind: "host" }
  | { readonly kind: "process"; readonly pid: number }
  | { readonly kind: "named"; readonly name: string };

/** The command that starts an agent in the host's network; handed in by whoever knows how this program was started. */
export type AgentCommand = readonly [string, ...string[]];

function commandIn(place: NetworkPlace, agent: AgentCommand): readonly [string, ...string[]] {
  switch (place.kind) {
    case "host":
      return agent;
    case "process":
      return ["nsenter", "--target", String(place.pid), "--net", "--", ...agent];
    case "named":
      return ["ip", "netns", "exec", place.name, ...agent];
  }
}

/**
 * Tries connections from a place. Every attempt has an outcome; one that the agent did not answer is `error`.
 * Throws a RingwallError when the agent cannot be started there (no root, the process is gone).
 */
export async function connectFrom(
  place: NetworkPlace,
  attempts: readonly AgentAttempt[],
  options: { readonly agent: AgentCommand; readonly timeoutMs: number; readonly token: string },
): Promise<ReadonlyMap<number, AgentOutcome>> {
  const outcomes = new Map<number, AgentOutcome>();
  if (attempts.length === 0) return outcomes;
  const process = startAgent(place, options.agent, {
    kind: "connect",
    attempts: [...attempts],
    timeoutMs: options.timeoutMs,
    token: options.token,
    concurrency: 256,
  });
  process.endInput();
  for await (const line of process.lines) {
    const outcome = outcomeSchema.safeParse(JSON.parse(line));
    if (outcome.success) outcomes.set(outcome.data.id, outcome.data);
  }
  await process.ended;
  for (const attempt of attempts) {
    if (!outcomes.has(attempt.id))
      outcomes.set(attempt.id, {
        id: attempt.id,
        outcome: "error",
        milliseconds: 0,
        detail: "the agent gave no answer",
      });
  }
  return outcomes;
}

/**
 * Asks over HTTP from a place, in order when `concurrency` is 1. A request that the agent did not answer is missing.
 */
export async function askFrom(
  place: NetworkPlace,
  requests: readonly AgentRequest[],
  options: { readonly agent: AgentCommand; readonly timeoutMs: number; readonly concurrency: number },
): Promise<ReadonlyMap<number, AgentResponse>> {
  const responses = new Map<number, AgentResponse>();
  if (requests.length === 0) return responses;
  const process = startAgent(place, options.agent, {
    kind: "ask",
    requests: [...requests],
    timeoutMs: options.timeoutMs,
    concurrency: options.concurrency,
  });
  process.endInput();
  for await (const line of process.lines) {
    const response = responseSchema.safeParse(JSON.parse(line));
    if (response.success) responses.set(response.data.id, response.data);
  }
  await process.ended;
  return responses;
}

/** Resolves names from a place with one server; a name that the agent did not answer is missing. */
export async function resolveFrom(
  place: NetworkPlace,
  names: readonly string[],
  options: { readonly agent: AgentCommand; readonly timeoutMs: number; readonly server: string },
): Promise<ReadonlyMap<string, AgentResolution>> {
  const answers = new Map<string, AgentResolution>();
  if (names.length === 0) return answers;
  const process = startAgent(place, options.agent, {
    kind: "resolve",
    names: [...names],
    server: options.server,
    timeoutMs: options.timeoutMs,
  });
  process.endInput();
  for await (const line of process.lines) {
    const answer = resolutionSchema.safeParse(JSON.parse(line));
    if (answer.success) answers.set(answer.data.name, answer.data);
  }
  await process.ended;
  return answers;
}

/** A listener of ours in some place; `close` ends it and resolves when it is gone. */
export interface PlacedListener extends AgentListening {
  close(): Promise<void>;
}

/** Opens a listener in a place, which answers TCP and UDP with the token on every address there. */
export async function listenIn(
  place: NetworkPlace,
  options: { readonly agent: AgentCommand; readonly token: string },
): Promise<PlacedListener> {
  const process = startAgent(place, options.agent, { kind: "listen", token: options.token });
  const first = await Promise.race([process.lines[Symbol.asyncIterator]().next(), process.ended.then(() => undefined)]);
  if (first === undefined || first.done === true)
    throw new RingwallError("network", `No listener could be opened ${describe(place)}.`);
  const ports = listeningSchema.parse(JSON.parse(first.value));
  return {
    ...ports,
    async close() {
      process.endInput();
      await process.ended.catch(() => undefined);
    },
  };
}

function startAgent(
  place: NetworkPlace,
  agent: AgentCommand,
  job: AgentJob,
): { lines: AsyncIterable<string>; endInput(): void; ended: Promise<void> } {
  const [program, ...args] = commandIn(place, agent);
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    complaint = (complaint + chunk).slice(-2_000);
  });
  child.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", (error) =>
      reject(
        new RingwallError("network", `The probe could not start ${describe(place)}: ${error.message}.`, {
          cause: error,
        }),
      ),
    );
    child.once("close", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new RingwallError(
            "network",
            `The probe ${describe(place)} ended with code ${code}: ${lastComplaint(complaint)}`,
          ),
        );
    });
  });
  ended.catch(() => undefined);
  child.stdin.write(`${JSON.stringify(job)}\n`);
  return { lines: createInterface({ input: child.stdout }), endInput: () => child.stdin.end(), ended };
}

/** The line of an uncaught error or of a program's own complaint, not the stack around it. */
function lastComplaint(text: string): string {
  const lines = text.trim().split("\n");
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0] ?? "";
}

function describe(place: NetworkPlace): string {
  switch (place.kind) {
    case "host":
      return "on the host";
    case "process":
      return `in the network of process ${place.pid}`;
    case "named":
      return `in the namespace ${place.name}`;
  }
}
