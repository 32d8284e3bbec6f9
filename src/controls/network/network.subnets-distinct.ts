/**
 * Two networks with one address range send packets to the wrong one.
 *
 * Reads:  network.subnets of all
 * Passes: no address range of a network overlaps another's.
 */
import ipaddr from "ipaddr.js";
import type { Judgement } from "../../contracts/verdict.ts";
import type { Fact } from "../../facts/fact.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Network } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const subnetsDistinct = defineControl({
  id: "network.subnets-distinct",
  on: "network",
  severity: "medium",
  title: "Address ranges do not overlap",
  claim: "No two networks share addresses.",
  threat:
    "Packets reach a network that they were not meant for, and rules by address let the wrong ones through. The engine takes overlapping ranges without a word.",
  remedy: "Give each network a range of its own under `ipam.config`, or leave `subnet` out and let the engine choose.",
  judged:
    "Fails when a stated range overlaps one of another network of the same system, or is no range. Not applicable where none is stated: the engine chooses one that is free. Unknown when a range cannot be resolved.",
  limits: "Networks of other projects on the same host are seen only on the running system.",
  frameworks: { owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], coverage: ["N11"] },
  exposureMatters: false,

  check(network, system) {
    if (knownValue(network.external) === true) return notApplicable("it is made elsewhere");
    const { subnets } = network;
    if (!subnets.complete) return cannotTell("its address ranges", subnets.why, { place: subnets.place });
    if (subnets.items.length === 0) return notApplicable("the engine chooses its addresses");
    return subnets.items.map((subnet) => judge(subnet, network, system));
  },
});

function judge(subnet: Fact<string>, network: Network, system: System): Judgement {
  if (subnet.kind === "unknown") return cannotTell("an address range", subnet.why, { place: subnet.place });
  if (subnet.kind === "unstated") return notApplicable("the engine chooses its addresses");
  const text = subnet.value;
  const extras = { place: subnet.place, detail: text };
  const range = parse(text);
  if (range === undefined) return fail(`${text} is no address range`, extras);
  for (const other of system.all("network")) {
    if (other === network || knownValue(other.external) === true) continue;
    for (const fact of other.subnets.items) {
      const otherText = knownValue(fact);
      const otherRange = otherText === undefined ? undefined : parse(otherText);
      if (otherRange !== undefined && overlap(range, otherRange)) {
        return fail(`${text} overlaps ${otherText} of the network ${other.ref.name}`, extras);
      }
    }
  }
  const hidden = system.all("network").find((other) => other !== network && hidesRanges(other));
  if (hidden !== undefined)
    return cannotTell(`whether ${text} overlaps a range of ${hidden.ref.name}`, "that one cannot be resolved", extras);
  return pass(`${text} overlaps no other range`, subnet.place);
}

function hidesRanges(network: Network): boolean {
  if (knownValue(network.external) === true) return false;
  return !network.subnets.complete || network.subnets.items.some((fact) => fact.kind === "unknown");
}

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

function parse(text: string): Range | undefined {
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
}

function overlap([a, aBits]: Range, [b, bBits]: Range): boolean {
  if (a.kind() !== b.kind()) return false;
  return a.match([b, Math.min(aBits, bBits)] as Parameters<typeof a.match>[0]);
}
