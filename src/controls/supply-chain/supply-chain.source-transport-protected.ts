/**
 * What is applied to the cluster comes over the network; in the open, whoever is on the way applies what they like.
 *
 * Reads:  pipeline.flux: url, insecure
 * Passes: the source is asked over TLS or SSH.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { FluxSource } from "../../facts/extensions-cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const sourceTransportProtected = defineControl({
  id: "supply-chain.source-transport-protected",
  on: "pipeline",
  severity: "medium",
  title: "Sources of the cluster are asked over TLS",
  claim: "Everything that Flux applies is fetched over an encrypted and verified connection.",
  threat: "Whoever is on the way replaces a manifest or a chart, and Flux applies it with every right that it has.",
  remedy:
    "Use the `https://` or `ssh://` address, and remove `insecure: true`; give the CA of an own server by `certSecretRef`.",
  judged:
    "Fails when the address begins with `http://` or `git://`, and when `insecure` is true. Addresses inside the cluster (`….svc`) pass: no wire leads there but the cluster's own. Unknown when the address cannot be resolved.",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["encryption"],
    owaspKubernetes: ["K07"],
    zeroTrust: ["2"],
    nistCsf: ["PR.DS-02", "GV.SC-07"],
    coverage: ["V3", "T5"],
  },
  exposureMatters: false,

  check({ flux }): Judgement {
    if (flux?.kind !== "source") return notApplicable("it is no source");
    return judge(flux);
  },
});

function judge({ url, insecure }: FluxSource): Judgement {
  const address = knownValue(url);
  if (address === undefined) {
    return cannotTell("where it is fetched from", url.kind === "unknown" ? url.why : "no address is stated", {
      place: url.place,
    });
  }
  if (isInside(address)) return pass("it is fetched from inside the cluster", url.place);
  if (/^(?:http|git):\/\//i.test(address)) return fail("it is fetched without TLS", { place: url.place });
  if (insecure.kind === "unknown")
    return cannotTell("whether TLS is verified", insecure.why, { place: insecure.place });
  return knownValue(insecure) === true
    ? fail("`insecure` has it fetched without TLS", { place: insecure.place })
    : pass("it is fetched over an encrypted connection", url.place);
}

function isInside(address: string): boolean {
  const host = /^[a-z]+:\/\/(?:[^@/]*@)?([^:/]+)/i.exec(address)?.[1] ?? "";
  return /\.svc(?:\.cluster\.local)?\.?$/i.test(host) || /^(?:localhost|127\.\d+\.\d+\.\d+)$/.test(host);
}
