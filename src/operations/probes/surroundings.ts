import type { Attempt } from "../../contracts/probe.ts";
import { RingwallError } from "../../lib/error.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import type { AgentAttempt, AgentOutcome } from "./agent-protocol.ts";
import type { NetworkPlace } from "./agents.ts";
import { connectFrom, listenIn } from "./namespace.ts";
import type { OutsideWorld } from "./outside.ts";
import type { ReachabilityOptions } from "./reachability.ts";
import type { ProbeNetwork } from "./running.ts";
import { hostAddresses, linkLocalGoals, type ProbeTarget } from "./target.ts";

/** Whether a service reaches what lies around its networks. */
export interface MeasuredSurroundings {
  readonly service: string;
  /** Networks through whose gateway address, or across which, the host's own listeners answered; with evidence. */
  readonly host: MeasuredWay;
  /** Addresses beyond the host. */
  readonly outside: MeasuredWay;
}

export interface MeasuredWay {
  readonly outcome: "open" | "blocked" | "inconclusive";
  readonly evidence: string;
  /** Each address that answered, and the network whose gateway it is, when it is one. */
  readonly through: readonly { readonly address: string; readonly gatewayOf: string | undefined }[];
}

interface Goal {
  readonly side: "host" | "outside";
  readonly address: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly name: string;
  readonly gatewayOf: string | undefined;
}

/**
 * Opens a listener on the host and one in the outside world, and tries both from every service: the host through every
 * gateway of the stack's networks and every other address of its own, TCP and UDP, IPv4 and IPv6.
 *
 * The witness for the host's listener is the host itself, for the world's the host too. Needs root.
 */
export async function measureSurroundings(
  targets: readonly ProbeTarget[],
  networks: readonly ProbeNetwork[],
  world: OutsideWorld,
  options: ReachabilityOptions,
): Promise<{
  readonly ways: readonly MeasuredSurroundings[];
  readonly attempts: readonly Attempt[];
  readonly blind: readonly string[];
}> {
  const blind: string[] = [];
  const onHost = await listenIn({ kind: "host" }, options);
  try {
    const beyond = await listenIn({ kind: "named", name: world.namespace }, options);
    try {
      const common = goalsOf(targets, world, onHost, beyond);
      const commonWitnessed = await attemptAll({ kind: "host" }, common, options);
      const ways: MeasuredSurroundings[] = [];
      const attempts: Attempt[] = [];
      await inParallel(targets, options.parallel, async (target) => {
        const linkLocal = linkLocalGoalsOf(target, networks, onHost);
        const goals = [...common, ...linkLocal.map(({ goal }) => goal)];
        // The host answers on its own link-local addresses; what it calls the interface differs from what they do.
        const asHost = linkLocal.map(({ goal, onHost: address }) => ({ ...goal, address }));
        const witnessed = [...commonWitnessed, ...(await attemptAll({ kind: "host" }, asHost, options))];
        const place = { kind: "process", pid: target.pid } as const;
        const outcomes = await attemptAll(place, goals, options).catch((error: unknown) => {
          if (!(error instanceof RingwallError)) throw error;
          blind.push(`Nothing around ${target.service} could be tried: ${error.message}`);
          return [];
        });
        ways.push({
          service: target.service,
          host: wayOf("host", goals, outcomes, witnessed),
          outside: wayOf("outside", goals, outcomes, witnessed),
        });
        attempts.push(
          ...goals.flatMap((goal, index) =>
            // An address that not even the host answers is nobody's (a gateway that the bridge does not have).
            answered(outcomes[index]) || answered(witnessed[index])
              ? [asAttempt(target.service, goal, outcomes[index], witnessed[index])]
              : [],
          ),
        );
      });
      return { ways, attempts, blind };
    } finally {
      await beyond.close();
    }
  } finally {
    await onHost.close();
  }
}

function goalsOf(
  targets: readonly ProbeTarget[],
  world: OutsideWorld,
  onHost: { readonly tcp: number; readonly udp: number },
  beyond: { readonly tcp: number; readonly udp: number },
): Goal[] {
  const hosts = new Map<string, Pick<Goal, "name" | "gatewayOf">>();
  for (const { address, device } of hostAddresses()) {
    hosts.set(address, { name: `the host's address on ${device}`, gatewayOf: undefined });
  }
  for (const target of targets) {
    // A bridge without an address has no gateway either: whoever answered there would be somebody else.
    for (const { gateway, network } of target.addresses)
      if (gateway !== undefined && hosts.has(gateway))
        hosts.set(gateway, { name: `the gateway of ${network}`, gatewayOf: network });
  }
  return [
    ...[...hosts].flatMap(([address, goal]) => bothProtocols("host", address, goal, onHost)),
    ...world.addresses.flatMap(({ address }) =>
      bothProtocols("outside", address, { name: "an address beyond the host", gatewayOf: undefined }, beyond),
    ),
  ];
}

/** The bridges' link-local addresses, which a container with IPv6 reaches through its own interfaces. */
function linkLocalGoalsOf(
  target: ProbeTarget,
  networks: readonly ProbeNetwork[],
  onHost: { readonly tcp: number; readonly udp: number },
): { readonly goal: Goal; readonly onHost: string }[] {
  return linkLocalGoals(target, networks).flatMap(({ address, network, fromContainer, fromHost }) =>
    bothProtocols(
      "host",
      fromContainer,
      { name: `the bridge's own address ${address} on ${network}`, gatewayOf: network },
      onHost,
    ).map((goal) => ({ goal, onHost: fromHost })),
  );
}

function bothProtocols(
  side: Goal["side"],
  address: string,
  goal: Pick<Goal, "name" | "gatewayOf">,
  ports: { readonly tcp: number; readonly udp: number },
): Goal[] {
  return [
    { side, address, ...goal, protocol: "tcp", port: ports.tcp },
    { side, address, ...goal, protocol: "udp", port: ports.udp },
  ];
}

async function attemptAll(
  place: NetworkPlace,
  goals: readonly Goal[],
  options: ReachabilityOptions,
): Promise<(AgentOutcome | undefined)[]> {
  const attempts = goals.map(
    (goal, id): AgentAttempt => ({ id, protocol: goal.protocol, address: goal.address, port: goal.port }),
  );
  const first = await connectFrom(place, attempts, options);
  const silent = attempts.filter(
    (attempt) => attempt.protocol === "tcp" && first.get(attempt.id)?.outcome === "silent",
  );
  const second = await connectFrom(place, silent, { ...options, timeoutMs: options.timeoutMs * 2 });
  return attempts.map((attempt) => second.get(attempt.id) ?? first.get(attempt.id));
}

function answered(outcome: AgentOutcome | undefined): boolean {
  return outcome?.outcome === "open" || outcome?.outcome === "refused";
}

/** Blocked only when everything that the host could reach was silent to the service, and the host could reach something. */
function wayOf(
  side: Goal["side"],
  goals: readonly Goal[],
  outcomes: readonly (AgentOutcome | undefined)[],
  witnessed: readonly (AgentOutcome | undefined)[],
): MeasuredWay {
  const mine = goals
    .map((goal, index) => ({ goal, outcome: outcomes[index], witness: witnessed[index] }))
    .filter(({ goal }) => goal.side === side);
  const open = mine.filter(({ outcome }) => answered(outcome));
  if (open.length > 0) {
    const names = [...new Set(open.map(({ goal }) => `${goal.name} (${goal.address})`))];
    const through = open.map(({ goal }) => ({ address: goal.address, gatewayOf: goal.gatewayOf }));
    return { outcome: "open", through, evidence: `answered through ${names.join(", ")}` };
  }
  const backed = mine.filter(({ witness }) => answered(witness));
  const undecided = mine.some(
    ({ outcome, witness }) => answered(witness) && (outcome === undefined || outcome.outcome === "error"),
  );
  if (backed.length === 0 || undecided) {
    return { outcome: "inconclusive", through: [], evidence: "no listener there answered the host itself in this run" };
  }
  return {
    outcome: "blocked",
    through: [],
    evidence: `silent on ${backed.length} addresses and ports that answered the host itself`,
  };
}

function asAttempt(
  from: string,
  goal: Goal,
  outcome: AgentOutcome | undefined,
  witness: AgentOutcome | undefined,
): Attempt {
  const result = answered(outcome)
    ? "open"
    : outcome === undefined || outcome.outcome === "error" || !answered(witness)
      ? "inconclusive"
      : "blocked";
  return {
    from,
    to: goal.side === "host" ? "the host" : "outside",
    what: `${goal.protocol} ${goal.name} (${goal.address})`,
    outcome: result,
    evidence: `${outcome?.detail ?? "not tried"}; the host itself: ${witness?.detail ?? "not tried"}`,
    milliseconds: outcome?.milliseconds ?? 0,
  };
}
