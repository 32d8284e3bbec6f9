/** Which addresses load balancers get: those that are asked for, and those of the pools that are among the files. */
import ipaddr from "ipaddr.js";
import { type Fact, knownValue, stated, unknown, unstated, whyUnknown } from "../../../facts/fact.ts";
import type { Reach } from "../../../facts/subjects.ts";
import { asText, type Fields } from "../../../formats/fields.ts";
import type { Place } from "../../../lib/place.ts";
import { type ClusterContext, itemsIn, specOf, textIn, textsIn, whyIncomplete, whyTextsIncomplete } from "./context.ts";
import { type Labels, labelsOf } from "./labels.ts";

/** Where annotations name the address. Sources: the documentation of Cilium, MetalLB and kube-vip. */
const addressAnnotations = [
  "lbipam.cilium.io/ips",
  "io.cilium/lb-ipam-ips",
  "metallb.io/loadBalancerIPs",
  "metallb.universe.tf/loadBalancerIPs",
  "kube-vip.io/loadbalancerIPs",
];

/** The addresses that annotations ask for a load balancer; none where they name none. */
export function askedAddresses({ values }: Labels, otherwise?: string): readonly string[] {
  const named = addressAnnotations.flatMap((name) => values.get(name) ?? [])[0] ?? otherwise ?? "";
  return named.split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim()]));
}

/** That of the widest of some addresses; `why` where there may be others. */
export function reachOfAll(addresses: readonly string[], why: string | undefined, place: Place): Fact<Reach> {
  const reaches = addresses.map(reachOf);
  const widest = (["everywhere", "one-address", "loopback"] as const).find((each) => reaches.includes(each));
  if (widest === "everywhere" || (widest !== undefined && why === undefined)) return stated(widest, place);
  return unknown(why ?? "it names no address", place);
}

/** A private address is one of the local network; a public one is everybody's. */
function reachOf(address: string): Reach {
  if (!ipaddr.isValid(address)) return "everywhere";
  const range = ipaddr.parse(address).range();
  if (range === "loopback") return "loopback";
  return range === "private" || range === "uniqueLocal" || range === "linkLocal" ? "one-address" : "everywhere";
}

/** Whether all addresses that load balancers get here are of private networks. */
export type Pools = "private" | "unknown";

/** The address pools of Cilium (`blocks[].cidr`) and MetalLB (`addresses`). */
export function poolAddresses(context: ClusterContext): Pools {
  const cilium = context
    .ofKind("cilium.io", "CiliumLoadBalancerIPPool")
    .flatMap((pool) => ["blocks", "cidrs"].flatMap((key) => blocksIn(specOf(pool), key)));
  const metal = context
    .ofKind("metallb.io", "IPAddressPool")
    .flatMap((pool) => known(textsIn(specOf(pool), "addresses"), whyTextsIncomplete(specOf(pool), "addresses")));
  const first = [...cilium, ...metal].map((text) => text?.split(/[/-]/)[0]?.trim() ?? "");
  return first.length > 0 && first.every((address) => reachOf(address) === "one-address") ? "private" : "unknown";
}

function blocksIn(spec: Fields, key: string): readonly (string | undefined)[] {
  const blocks = itemsIn(spec, key).map((block) => textIn(block, "cidr") ?? textIn(block, "start"));
  return known(blocks, whyIncomplete(spec, key));
}

/** Some texts, with one that is not known where there may be more. */
function known(texts: readonly (string | undefined)[], why: string | undefined): readonly (string | undefined)[] {
  return why === undefined ? texts : [...texts, undefined];
}

/** Where a program that serves a Gateway listens. */
export interface GatewayAddress {
  readonly address: Fact<string>;
  readonly reach: Fact<Reach>;
}

/**
 * The addresses that a Gateway asks for, by its `addresses` or by annotations for the Service that is made of it; else
 * those of the pools. Source: Gateway API v1.6, Gateway (`spec.addresses`, `spec.infrastructure.annotations`).
 */
export function addressOfGateway(spec: Fields, pools: Pools, place: Place): GatewayAddress {
  const facts = itemsIn(spec, "addresses").map((each) => each.fact("value", asText, "an address", unstated));
  const why = whyUnknown(facts) ?? whyIncomplete(spec, "addresses");
  const asked = askedAddresses(labelsOf(spec.fields("infrastructure"), "annotations"));
  const own = facts.flatMap((fact) => knownValue(fact) ?? []);
  const addresses = own.length > 0 ? own : why === undefined ? asked : [];
  const [first] = addresses;
  if (first !== undefined) return { address: stated(first, place), reach: reachOfAll(addresses, why, place) };
  if (why !== undefined) return { address: unknown(why, place), reach: unknown(why, place) };
  return { address: unstated(place), reach: stated<Reach>(pools === "private" ? "one-address" : "everywhere", place) };
}
