/**
 * Two networks with one address range send packets to the wrong one.
 *
 * Reads:  network.subnets of all
 * Passes: no address range of a network overlaps another's.
 */

import type { Judgement } from "../../contracts/verdict.ts";
import type { Fact } from "../../facts/fact.ts";
import { knownValue } from "../../facts/fact.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { Network } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { cidrOf } from "../../lib/cidr.ts";
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
  const range = rangeOf(text);
  if (range === undefined) return fail(`${text} is no address range`, extras);
  const { ranges, hidden } = rangesOf(system);
  const other = ranges.find((each) => each.network !== network && overlap(each, range));
  if (other !== undefined)
    return fail(`${text} overlaps ${other.text} of the network ${other.network.ref.name}`, extras);
  const unseen = hidden.find((each) => each !== network);
  if (unseen !== undefined) {
    const what = `whether ${text} overlaps a range of ${unseen.ref.name}`;
    return cannotTell(what, "that one cannot be resolved", extras);
  }
  return pass(`${text} overlaps no other range`, subnet.place);
}

interface Range {
  readonly version: "ipv4" | "ipv6";
  readonly first: bigint;
  readonly last: bigint;
}

interface RangesOfSystem {
  readonly ranges: readonly (Range & { readonly network: Network; readonly text: string })[];
  /** Networks that may have ranges which cannot be resolved. */
  readonly hidden: readonly Network[];
}

/** The ranges of all networks that are made here, read once for all that ask. */
const rangesOf = oncePerSystem((system): RangesOfSystem => {
  const networks = system.all("network").filter((network) => knownValue(network.external) !== true);
  return {
    ranges: networks.flatMap((network) =>
      network.subnets.items.flatMap((fact) => {
        const text = knownValue(fact);
        const range = text === undefined ? undefined : rangeOf(text);
        return text === undefined || range === undefined ? [] : [{ ...range, network, text }];
      }),
    ),
    hidden: networks.filter(
      ({ subnets }) => !subnets.complete || subnets.items.some((fact) => fact.kind === "unknown"),
    ),
  };
});

function rangeOf(text: string): Range | undefined {
  const parsed = cidrOf(text);
  if (parsed === undefined) return undefined;
  const [address, bits] = parsed;
  const bytes = address.toByteArray();
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const size = 1n << BigInt(bytes.length * 8 - bits);
  const first = value - (value % size);
  return { version: address.kind(), first, last: first + size - 1n };
}

function overlap(a: Range, b: Range): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}
