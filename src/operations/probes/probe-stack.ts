import type { Measurement } from "../../contracts/probe.ts";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import type { AnySubject } from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";
import { RingwallError } from "../../lib/error.ts";
import type { EngineClient } from "../../platforms/compose/engine/client.ts";
import { isRemote } from "../../platforms/compose/engine/endpoint.ts";
import { observe } from "../../platforms/compose/engine/observe.ts";
import { readSnapshot } from "../../platforms/compose/engine/snapshot.ts";
import { declaredRouteRef } from "../../platforms/compose/facts.ts";
import { networkRef } from "../../platforms/compose/refs.ts";
import type { Secret } from "../../secrets/secret.ts";
import { type AgentCommand, Agents } from "./agents.ts";
import { doorOf } from "./doors.ts";
import { type Drift, driftOf } from "./drift.ts";
import { findServices } from "./find-services.ts";
import { measureStack } from "./measure-stack.ts";
import { overlay } from "./overlay.ts";

export interface ProbeOptions {
  readonly client: EngineClient;
  /** What the stack's resources say. */
  readonly declared: System;
  /** Values of the stack's secrets, derived ones too, as far as the store has them. */
  readonly values: ReadonlyMap<string, Secret>;
  readonly agent: AgentCommand;
  /** How long silence must last to count as blocked. */
  readonly timeoutMs: number;
  /** How many services are tried from at the same time. */
  readonly parallel: number;
  /** Random, different for every run. */
  readonly token: string;
  readonly progress?: (text: string) => void;
  /** Ends the measurement early: what was made is removed, and an error of code `interrupted` thrown. */
  readonly signal?: AbortSignal;
}

export interface ProbeOutcome {
  /** What the engine tells with what was measured over it, under the lens `measured`; for the controls. */
  readonly system: System;
  readonly measurement: Measurement;
  readonly drift: readonly Drift[];
  /** Services that ran, in order. */
  readonly running: readonly string[];
}

/**
 * Measures a stack that runs on this machine's engine. Needs root. Throws `not-found` when nothing of it runs and
 * `unsupported` when the engine is on another machine, where no namespace of a container can be entered.
 */
export async function probeStack(stack: ResolvedStack, options: ProbeOptions): Promise<ProbeOutcome> {
  const { client, declared } = options;
  if (isRemote(client.endpoint)) {
    throw new RingwallError("unsupported", "The engine is on another machine, whose containers cannot be entered.", {
      hint: "Run `ringwall probe` on the engine's own host.",
    });
  }
  options.progress?.("what runs");
  const [snapshot, observed] = await Promise.all([readSnapshot(client, stack.name), observe(client, stack.name)]);
  const found = await findServices(client, stack.name, snapshot.containers, snapshot.networks);
  if (found.services.length === 0) {
    throw new RingwallError("engine-failed", `Nothing of ${stack.name} runs, so there is nothing to measure.`, {
      hint: "Bring it up first: `ringwall up`.",
    });
  }
  const agents = new Agents(options.agent);
  const interrupt = () => void agents.close();
  options.signal?.addEventListener("abort", interrupt, { once: true });
  const measurement = await measureStack(stack, found, {
    ...options,
    agents,
    doorOf: (edge, world) => doorOf(stack, edge, world),
    routeRef: (route) => declaredRouteRef(stack.name, route),
    networkRef: (name) => networkRef(stack.name, name),
  }).finally(() => {
    options.signal?.removeEventListener("abort", interrupt);
    return agents.close();
  });
  if (options.signal?.aborted === true) throw new RingwallError("interrupted", "The probe was interrupted.");
  return {
    system: overlay(withDeclared(observed, declared), measurement),
    measurement,
    drift: driftOf(declared, observed),
    running: found.services.map(({ service }) => service),
  };
}

/**
 * What only a declaration tells: zones, so that the networks that really are there can be judged by zone, and what a
 * local image stands in for.
 */
function withDeclared(observed: System, declared: System): System {
  const zones: readonly AnySubject[] = declared.all("zone");
  const known = observed.subjects.map((subject): AnySubject => {
    const standsFor = subject.kind === "image" ? declared.get(subject.ref)?.likelyRepository : undefined;
    return subject.kind === "image" && standsFor !== undefined ? { ...subject, likelyRepository: standsFor } : subject;
  });
  return new System({
    name: observed.name,
    lens: observed.lens,
    platform: observed.platform,
    subjects: [...known, ...zones],
    problems: observed.problems,
  });
}
