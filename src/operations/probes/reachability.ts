import type { Attempt } from "../../contracts/probe.ts";
import { RingwallError } from "../../lib/error.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import type { AgentAttempt, AgentOutcome } from "./agent-protocol.ts";
import type { Agents, NetworkPlace } from "./agents.ts";
import { hostRoutes } from "./host-routes.ts";
import { connectFrom, listenIn, type PlacedListener } from "./namespace.ts";
import type { ProbeNetwork } from "./running.ts";
import { listeningIn, type ProbeTarget, type TargetAddress } from "./target.ts";
import { joinNetwork } from "./witness.ts";

/** Whether one service could reach one port of another, over every address that the other has. */
export interface MeasuredFlow {
  readonly from: string;
  readonly to: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** What listens there: the service itself, or a listener that the probe opened in its network. */
  readonly listener: "service" | "probe";
  /** `refused` means that the way is open and nothing listens; `inconclusive` that no positive control backs a silence. */
  readonly outcome: "open" | "refused" | "blocked" | "inconclusive";
  readonly evidence: string;
}

export interface ReachabilityOptions {
  readonly agents: Agents;
  readonly token: string;
  /** How long silence must last to count as blocked. */
  readonly timeoutMs: number;
  /** How many sources are tried at the same time. */
  readonly parallel: number;
  readonly progress?: (done: number, total: number) => void;
}

interface Trial {
  readonly target: ProbeTarget;
  readonly address: TargetAddress;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  readonly listener: "service" | "probe";
}

export interface Reachability {
  readonly flows: readonly MeasuredFlow[];
  readonly attempts: readonly Attempt[];
  /** What could not be tried, as sentences. */
  readonly blind: readonly string[];
}

/** Whom to try from, whom to try, and what they are declared to listen on. */
export interface ReachabilityTask {
  /** Services of the stack: each is a source and a target. */
  readonly targets: readonly ProbeTarget[];
  /** Others on the stack's networks: sources only. */
  readonly strangers: readonly ProbeTarget[];
  readonly networks: readonly ProbeNetwork[];
  readonly declaredPorts: ReadonlyMap<string, readonly { readonly protocol: "tcp" | "udp"; readonly port: number }[]>;
}

/**
 * Tries every service against every port of every other, declared, listening, or opened by the probe itself, from inside
 * the source's own network namespace, TCP and UDP, IPv4 and IPv6.
 *
 * A silence counts as blocked only when the same address and port answered a witness in this run: another service, the
 * host itself, or a neighbour that the probe put on the target's network for that. A UDP port whose owner answers nobody
 * is judged by the probe's own UDP listener on the same address. Needs root (to enter namespaces); throws a
 * RingwallError without it.
 */
export async function measureReachability(task: ReachabilityTask, options: ReachabilityOptions): Promise<Reachability> {
  const { targets, declaredPorts } = task;
  const sources = [...targets, ...task.strangers];
  const blind: string[] = [];
  const listeners = await openListeners(targets, blind, options);
  try {
    const trials = targets.flatMap((target) =>
      trialsOf(target, declaredPorts.get(target.service) ?? [], listeners.get(target.service)),
    );
    const witnesses = new Map<string, Witness>();
    const routes = await hostRoutes(trials.map(({ address }) => address.address));
    const bridges = new Map(task.networks.map(({ key, bridge }) => [key, bridge]));
    // Where the host has no way to a network, a packet for it would go wherever else the host sends what it does not
    // know, and somebody there might answer. Nothing is sent then: not arriving is what it shows.
    const astray = ({ address }: Trial): string | undefined => {
      const bridge = bridges.get(address.network);
      const way = routes.get(address.address) ?? "nowhere";
      return bridge === undefined || way === bridge ? undefined : way;
    };
    const fromHost = trials.filter((trial) => astray(trial) === undefined);
    const asHost = attemptAll({ kind: "host" }, fromHost, options);
    asHost.catch(() => undefined);
    const tried: Tried[] = [];
    let done = 0;
    await inParallel(sources, options.parallel, async (source) => {
      const others = trials.filter((trial) => trial.target.containerId !== source.containerId);
      const own = new Set(source.addresses.map(({ network }) => network));
      const mine = others.filter((trial) => own.has(trial.address.network) || astray(trial) === undefined);
      for (const trial of others) {
        const way = own.has(trial.address.network) ? undefined : astray(trial);
        if (way !== undefined) tried.push({ source: source.service, trial, outcome: notSent(way) });
      }
      const place = { kind: "process", pid: source.pid } as const;
      const outcomes = await attemptAll(place, mine, options).catch((error: unknown) => {
        blind.push(`Nothing could be tried from ${source.service}: ${complaintOf(error)}`);
        return [];
      });
      note(witnesses, source.service, mine, outcomes);
      mine.forEach((trial, index) => {
        tried.push({ source: source.service, trial, outcome: outcomes[index] });
      });
      done += 1;
      options.progress?.(done, sources.length);
    });
    // A service is a better witness than the host, which stands on every bridge.
    note(witnesses, "the host", fromHost, await asHost, "where nobody else was answered");
    await askGuests(task, trials, witnesses, options);
    const judged = judgeAll(tried, witnesses);
    return { flows: flowsOf(judged), attempts: judged.map(asAttempt), blind };
  } finally {
    await Promise.all([...listeners.values()].map((listener) => listener.close()));
  }
}

function notSent(way: string): AgentOutcome {
  const where = way === "nowhere" ? "the host knows no way to it" : `the host would send it to ${way}`;
  return { id: 0, outcome: "unreachable", milliseconds: 0, detail: `${where}, not to its network` };
}

/** Where nobody has been answered yet, a neighbour of the probe's own is put on the network and asks. */
async function askGuests(
  { networks, targets }: ReachabilityTask,
  trials: readonly Trial[],
  witnesses: Map<string, Witness>,
  options: ReachabilityOptions,
): Promise<void> {
  await inParallel(networks, options.parallel, async (network) => {
    const open = trials.filter(
      (trial) => trial.address.network === network.key && trial.address.family === 4 && !witnesses.has(trialKey(trial)),
    );
    if (open.length === 0) return;
    const guest = await joinNetwork(network, targets);
    if (guest === undefined) return;
    const place = { kind: "named", name: guest.namespace } as const;
    try {
      const outcomes = await attemptAll(place, open, options);
      note(witnesses, `a neighbour that the probe put on ${network.key}`, open, outcomes);
    } finally {
      await options.agents.leave(place);
      await guest.close();
    }
  });
}

/** Somebody whom an address and port answered. */
interface Witness {
  readonly who: string;
  readonly detail: string;
}

/** Keeps who was answered, the last one, or where there is none yet. */
function note(
  witnesses: Map<string, Witness>,
  who: string,
  trials: readonly Trial[],
  outcomes: readonly (AgentOutcome | undefined)[],
  when: "always" | "where nobody else was answered" = "always",
): void {
  trials.forEach((trial, index) => {
    const outcome = outcomes[index];
    if (outcome?.outcome !== "open" && outcome?.outcome !== "refused") return;
    const key = trialKey(trial);
    if (when === "always" || !witnesses.has(key)) witnesses.set(key, { who, detail: outcome.detail });
  });
}

/** One listener of the probe's in each target's network, by service. */
async function openListeners(
  targets: readonly ProbeTarget[],
  blind: string[],
  options: ReachabilityOptions,
): Promise<ReadonlyMap<string, PlacedListener>> {
  const listeners = new Map<string, PlacedListener>();
  await inParallel(targets, options.parallel, async (target) => {
    try {
      listeners.set(target.service, await listenIn({ kind: "process", pid: target.pid }, options));
    } catch (error) {
      blind.push(`No listener could be opened in the network of ${target.service}: ${complaintOf(error)}`);
    }
  });
  return listeners;
}

/** A bug is no complaint about a service: it goes on its way. */
function complaintOf(error: unknown): string {
  if (error instanceof RingwallError) return error.message;
  throw error;
}

/** The ports to try at a target: what it declares, what listens in it, and the probe's own listener; once each. */
function trialsOf(
  target: ProbeTarget,
  declared: readonly { readonly protocol: "tcp" | "udp"; readonly port: number }[],
  opened: PlacedListener | undefined,
): Trial[] {
  const ports = new Map<string, { protocol: "tcp" | "udp"; port: number; listener: "service" | "probe" }>();
  const ours = new Set(opened === undefined ? [] : [`tcp/${opened.tcp}`, `udp/${opened.udp}`]);
  for (const { protocol, port } of [...declared, ...listeningIn(target.pid)]) {
    const key = `${protocol}/${port}`;
    if (!ours.has(key)) ports.set(key, { protocol, port, listener: "service" });
  }
  if (opened !== undefined) {
    ports.set("probe tcp", { protocol: "tcp", port: opened.tcp, listener: "probe" });
    ports.set("probe udp", { protocol: "udp", port: opened.udp, listener: "probe" });
  }
  return target.addresses.flatMap((address) => [...ports.values()].map((port) => ({ target, address, ...port })));
}

async function attemptAll(
  place: NetworkPlace,
  trials: readonly Trial[],
  options: ReachabilityOptions,
): Promise<(AgentOutcome | undefined)[]> {
  const attempts = trials.map(
    (trial, id): AgentAttempt => ({ id, protocol: trial.protocol, address: trial.address.address, port: trial.port }),
  );
  const first = await connectFrom(place, attempts, options);
  // On a busy machine an answer may be late: what was silent is asked once more, with more patience.
  const silent = attempts.filter(
    (attempt) => attempt.protocol === "tcp" && first.get(attempt.id)?.outcome === "silent",
  );
  const second = await connectFrom(place, silent, { ...options, timeoutMs: options.timeoutMs * 2 });
  return attempts.map((attempt) => second.get(attempt.id) ?? first.get(attempt.id));
}

function trialKey(trial: Trial): string {
  return `${trial.protocol} ${trial.address.address} ${trial.port}`;
}

interface Tried {
  readonly source: string;
  readonly trial: Trial;
  readonly outcome: AgentOutcome | undefined;
}

interface Judged extends Tried {
  readonly witness: Witness | undefined;
  readonly judged: MeasuredFlow["outcome"];
  /** Set when the outcome is that of the probe's own listener on the same address. */
  readonly by?: Judged;
}

function judgeAll(tried: readonly Tried[], witnesses: ReadonlyMap<string, Witness>): Judged[] {
  const alone = tried.map((one): Judged => {
    const witness = witnesses.get(trialKey(one.trial));
    return { ...one, witness, judged: judge(one.outcome, witness) };
  });
  const own = new Map(
    alone.flatMap((one) =>
      one.trial.listener === "probe" && one.trial.protocol === "udp" ? [[pairKey(one), one] as const] : [],
    ),
  );
  return alone.map((one) => {
    const by = own.get(pairKey(one));
    const mute = one.trial.protocol === "udp" && one.trial.listener === "service" && one.judged === "inconclusive";
    return mute && by !== undefined && one.outcome?.outcome !== "error" ? { ...one, judged: by.judged, by } : one;
  });
}

function pairKey({ source, trial }: Tried): string {
  return `${source} ${trial.target.containerId} ${trial.address.address}`;
}

function judge(outcome: AgentOutcome | undefined, witness: Witness | undefined): MeasuredFlow["outcome"] {
  if (outcome?.outcome === "open") return "open";
  if (outcome?.outcome === "refused") return "refused";
  if (outcome === undefined || outcome.outcome === "error") return "inconclusive";
  return witness === undefined ? "inconclusive" : "blocked";
}

/** One flow a source, target and port: over several addresses the most open outcome counts. */
function flowsOf(judged: readonly Judged[]): MeasuredFlow[] {
  const byPort = new Map<string, MeasuredFlow>();
  for (const one of judged) {
    const { source, trial, judged: outcome } = one;
    const key = `${source} ${trial.target.service} ${trial.protocol} ${trial.port}`;
    const before = byPort.get(key);
    if (before !== undefined && openness(before.outcome) >= openness(outcome)) continue;
    byPort.set(key, {
      from: source,
      to: trial.target.service,
      protocol: trial.protocol,
      port: trial.port,
      listener: trial.listener,
      outcome,
      evidence: evidenceOf(one),
    });
  }
  return [...byPort.values()];
}

function openness(outcome: MeasuredFlow["outcome"]): number {
  return ["blocked", "inconclusive", "refused", "open"].indexOf(outcome);
}

function evidenceOf({ trial, outcome, witness, judged, by }: Judged): string {
  const where = `${trial.protocol} ${bracketed(trial.address.address)}:${trial.port} on ${trial.address.network}`;
  const detail = outcome?.detail ?? "not tried";
  if (by !== undefined)
    return `${where}: what listens there answers nobody; the probe's own listener: ${evidenceOf(by)}`;
  switch (judged) {
    case "open":
    case "refused":
      return `${where}: ${detail}`;
    case "blocked":
      return `${where}: ${detail}, while it answered ${witness?.who ?? ""} (${witness?.detail ?? ""})`;
    case "inconclusive":
      return `${where}: ${detail}, and it answered nobody else in this run`;
  }
}

function asAttempt(one: Judged): Attempt {
  const { protocol, port, address, listener } = one.trial;
  return {
    from: one.source,
    to: one.trial.target.service,
    what: `${protocol} ${bracketed(address.address)}:${port}${listener === "probe" ? " (a listener of the probe)" : ""}`,
    outcome: one.judged,
    evidence: evidenceOf(one),
    milliseconds: one.outcome?.milliseconds ?? 0,
  };
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
