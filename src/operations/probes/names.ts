import type { Attempt } from "../../contracts/probe.ts";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import { RingwallError } from "../../lib/error.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { resolveFrom } from "./namespace.ts";
import type { ReachabilityOptions } from "./reachability.ts";
import type { ProbeTarget } from "./target.ts";

/** Docker's resolver inside each container's own network (docs.docker.com/engine/network, "DNS services"). */
const resolver = "127.0.0.11";

/**
 * Whether the services know one another by name: those that share a network must, and others must not.
 *
 * A name that the engine does not know it passes on to the host's name servers, unless none of the service's networks
 * leads outside. So that no name of the stack leaves the machine, other services are asked for declared names only.
 */
export async function measureNames(
  stack: ResolvedStack,
  targets: readonly ProbeTarget[],
  options: ReachabilityOptions,
): Promise<{ readonly attempts: readonly Attempt[]; readonly blind: readonly string[] }> {
  const attempts: Attempt[] = [];
  const blind: string[] = [];
  await inParallel(targets, options.parallel, async (target) => {
    const names = namesToAsk(stack, target.service, targets);
    try {
      const answers = await resolveFrom({ kind: "process", pid: target.pid }, names, { ...options, server: resolver });
      for (const name of names) {
        const answer = answers.get(name);
        attempts.push({
          from: target.service,
          to: name,
          what: `the name ${name}`,
          outcome: answer === undefined ? "error" : answer.addresses.length > 0 ? "answered" : "blocked",
          evidence:
            answer === undefined
              ? "the engine's resolver gave no answer"
              : answer.addresses.length > 0
                ? `the engine's resolver gave ${answer.addresses.join(", ")}`
                : `the engine's resolver knows no such name (${answer.detail})`,
          milliseconds: 0,
        });
      }
    } catch (error) {
      if (!(error instanceof RingwallError)) throw error;
      blind.push(`Names could not be asked for from ${target.service}: ${error.message}`);
    }
  });
  return { attempts, blind };
}

function namesToAsk(stack: ResolvedStack, service: string, targets: readonly ProbeTarget[]): string[] {
  const own = stack.networks.filter((network) => network.members.includes(service));
  const neighbours = new Set(own.flatMap((network) => network.members));
  const staysInside = own.every((network) => network.internal);
  return targets
    .map((target) => target.service)
    .filter((name) => name !== service && (staysInside || neighbours.has(name)));
}
