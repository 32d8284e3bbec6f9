import type { Attempt } from "../../contracts/probe.ts";
import type { AgentAttempt, AgentOutcome } from "./agent.ts";
import { type AgentCommand, connectFrom, listenIn, type NetworkPlace, type PlacedListener } from "./namespace.ts";
import { listeningIn, type ProbeTarget, type TargetAddress } from "./target.ts";

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
  readonly agent: AgentCommand;
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

/**
 * Tries every service against every port of every other, declared, listening, or opened by the probe itself, from inside
 * the source's own network namespace, TCP and UDP, IPv4 and IPv6.
 *
 * A silence counts as blocked only when the same address and port answered a witness in this run: another service, or
 * the host itself. Needs root (to enter namespaces); throws a RingwallError without it.
 */
export async function measureReachability(
  targets: readonly ProbeTarget[],
  declaredPorts: ReadonlyMap<string, readonly { readonly protocol: "tcp" | "udp"; readonly port: number }[]>,
  options: ReachabilityOptions,
): Promise<{ readonly flows: readonly MeasuredFlow[]; readonly attempts: readonly Attempt[] }> {
  const listeners = await openListeners(targets, options);
  try {
    const trials = targets.flatMap((target) =>
      trialsOf(target, declaredPorts.get(target.service) ?? [], listeners.get(target.service)),
    );
    const witnesses = new Map<string, Witness>();
    note(witnesses, "the host", trials, await attemptAll({ kind: "host" }, trials, options));
    const tried: { source: string; trial: Trial; outcome: AgentOutcome | undefined }[] = [];
    let done = 0;
    await inParallel(targets, options.parallel, async (source) => {
      const mine = trials.filter((trial) => trial.target.service !== source.service);
      const outcomes = await attemptAll({ kind: "process", pid: source.pid }, mine, options);
      note(witnesses, source.service, mine, outcomes);
      mine.forEach((trial, index) => {
        tried.push({ source: source.service, trial, outcome: outcomes[index] });
      });
      done += 1;
      options.progress?.(done, targets.length);
    });
    const judged = tried.map(
      ({ source, trial, outcome }): Judged => ({ source, trial, outcome, witness: witnesses.get(trialKey(trial)) }),
    );
    return { flows: flowsOf(judged), attempts: judged.map(asAttempt) };
  } finally {
    await Promise.all([...listeners.values()].map((listener) => listener.close()));
  }
}

/** Somebody whom an address and port answered. */
interface Witness {
  readonly who: string;
  readonly detail: string;
}

/** Keeps who was answered; a service is a better witness than the host, which stands on every bridge. */
function note(
  witnesses: Map<string, Witness>,
  who: string,
  trials: readonly Trial[],
  outcomes: readonly (AgentOutcome | undefined)[],
): void {
  trials.forEach((trial, index) => {
    const outcome = outcomes[index];
    if (outcome?.outcome === "open" || outcome?.outcome === "refused")
      witnesses.set(trialKey(trial), { who, detail: outcome.detail });
  });
}

/** One listener of the probe's in each target's network, by service. */
async function openListeners(
  targets: readonly ProbeTarget[],
  options: ReachabilityOptions,
): Promise<ReadonlyMap<string, PlacedListener>> {
  const listeners = new Map<string, PlacedListener>();
  await inParallel(targets, options.parallel, async (target) => {
    listeners.set(target.service, await listenIn({ kind: "process", pid: target.pid }, options));
  });
  return listeners;
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
  const outcomes = await connectFrom(place, attempts, options);
  return attempts.map((attempt) => outcomes.get(attempt.id));
}

function trialKey(trial: Trial): string {
  return `${trial.protocol} ${trial.address.address} ${trial.port}`;
}

interface Judged {
  readonly source: string;
  readonly trial: Trial;
  readonly outcome: AgentOutcome | undefined;
  readonly witness: Witness | undefined;
}

function judge({ outcome, witness }: Judged): MeasuredFlow["outcome"] {
  if (outcome?.outcome === "open") return "open";
  if (outcome?.outcome === "refused") return "refused";
  if (outcome === undefined || outcome.outcome === "error") return "inconclusive";
  return witness === undefined ? "inconclusive" : "blocked";
}

/** One flow a source, target and port: over several addresses the most open outcome counts. */
function flowsOf(judged: readonly Judged[]): MeasuredFlow[] {
  const byPort = new Map<string, MeasuredFlow>();
  for (const one of judged) {
    const { source, trial } = one;
    const outcome = judge(one);
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
      evidence: evidenceOf(one, outcome),
    });
  }
  return [...byPort.values()];
}

function openness(outcome: MeasuredFlow["outcome"]): number {
  return ["blocked", "inconclusive", "refused", "open"].indexOf(outcome);
}

function evidenceOf({ trial, outcome, witness }: Judged, judged: MeasuredFlow["outcome"]): string {
  const where = `${trial.protocol} ${bracketed(trial.address.address)}:${trial.port} on ${trial.address.network}`;
  const detail = outcome?.detail ?? "not tried";
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
  const outcome = judge(one);
  return {
    from: one.source,
    to: one.trial.target.service,
    what: `${one.trial.protocol} ${one.trial.port}`,
    outcome,
    evidence: evidenceOf(one, outcome),
    milliseconds: one.outcome?.milliseconds ?? 0,
  };
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** Runs `work` over the items, at most `limit` at a time; fails with the first failure after all have ended. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
