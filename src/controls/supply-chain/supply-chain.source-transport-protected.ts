/**
 * What is applied to the cluster comes over the network; in the open, whoever is on the way applies what they like.
 *
 * Reads:  pipeline.flux: url, insecure; pipeline.argo: addresses
 * Passes: the source is asked over TLS or SSH.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { FluxSource } from "../../facts/extensions-cluster.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const sourceTransportProtected = defineControl({
  id: "supply-chain.source-transport-protected",
  on: "pipeline",
  severity: "medium",
  title: "Sources of the cluster are asked over TLS",
  claim: "Everything that Flux and Argo CD apply is fetched over an encrypted and verified connection.",
  threat:
    "Whoever is on the way replaces a manifest or a chart, and it is applied with every right that Flux or Argo CD has.",
  remedy:
    "Use the `https://` or `ssh://` address, and remove `insecure: true`; give the CA of an own server by `certSecretRef`.",
  judged:
    "Reads Flux's sources and the `repoURL` of Argo CD's Applications and ApplicationSets. Fails when the address begins with `http://` or `git://`, and when `insecure` is true. Addresses inside the cluster (`….svc`) pass: no wire leads there but the cluster's own. Unknown when the address cannot be resolved.",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["encryption"],
    owaspKubernetes: ["K07"],
    zeroTrust: ["2"],
    nistCsf: ["PR.DS-02", "GV.SC-07"],
    coverage: ["V3", "T5"],
  },
  exposureMatters: false,

  check({ flux, argo }): Judgement | readonly Judgement[] {
    if (argo !== undefined && argo.addresses.length > 0) return argo.addresses.map(judgeAddress);
    return flux?.kind === "source" ? judge(flux) : notApplicable("it is no source");
  },
});

/** A `repoURL` of Argo CD; one without a scheme is asked over SSH or, of a registry, over TLS. */
function judgeAddress(url: Fact<string>, index: number): Judgement {
  const address = knownValue(url);
  const extras = { place: url.place, detail: `source ${index + 1}` };
  if (address === undefined) {
    const why = url.kind === "unknown" ? url.why : "no address is stated";
    return cannotTell("where it is fetched from", why, { ...extras, severity: "low" });
  }
  if (isInside(address)) return pass("it is fetched from inside the cluster", url.place);
  return isPlain(address)
    ? fail("it is fetched without TLS", extras)
    : pass("it is fetched over an encrypted connection", url.place);
}

function judge({ url, insecure }: FluxSource): Judgement {
  const address = knownValue(url);
  if (address === undefined) {
    return cannotTell("where it is fetched from", url.kind === "unknown" ? url.why : "no address is stated", {
      place: url.place,
    });
  }
  if (isInside(address)) return pass("it is fetched from inside the cluster", url.place);
  if (isPlain(address)) return fail("it is fetched without TLS", { place: url.place });
  if (insecure.kind === "unknown")
    return cannotTell("whether TLS is verified", insecure.why, { place: insecure.place });
  return knownValue(insecure) === true
    ? fail("`insecure` has it fetched without TLS", { place: insecure.place })
    : pass("it is fetched over an encrypted connection", url.place);
}

function isPlain(address: string): boolean {
  return /^(?:http|git):\/\//i.test(address.trim());
}

function isInside(address: string): boolean {
  const host = /^[a-z]+:\/\/(?:[^@/]*@)?([^:/]+)/i.exec(address)?.[1] ?? "";
  return /\.svc(?:\.cluster\.local)?\.?$/i.test(host) || /^(?:localhost|127\.\d+\.\d+\.\d+)$/.test(host);
}
