/**
 * What is applied to the cluster comes over the network; in the open, whoever is on the way applies what they like.
 *
 * Reads:  pipeline.flux: url, insecure; pipeline.argo: addresses; pipeline.argoConnection: address, switches
 * Passes: the source is asked, and the cluster reached, over TLS or SSH, and who answers is verified.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ArgoConnection, FluxSource } from "../../facts/extensions-cluster.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import { isLoopback } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const sourceTransportProtected = defineControl({
  id: "supply-chain.source-transport-protected",
  on: "pipeline",
  severity: "medium",
  title: "Sources of the cluster are asked over TLS",
  claim:
    "Everything that Flux and Argo CD apply is fetched, and brought to its cluster, over an encrypted and verified connection.",
  threat:
    "Whoever is on the way replaces a manifest or a chart, and it is applied with every right that Flux or Argo CD has.",
  remedy:
    "Use the `https://` or `ssh://` address, and remove `insecure: true`; give the CA of an own server by `certSecretRef`.",
  judged:
    "Reads Flux's sources, the `repoURL` of Argo CD's Applications and ApplicationSets, and the Secrets that tell Argo CD how to reach repositories and clusters (label `argocd.argoproj.io/secret-type`), ExternalSecrets and SealedSecrets that make such ones included. Fails when the address begins with `http://` or `git://`, and when `insecure`, `insecureIgnoreHostKey`, `insecureOCIForceHttp` or, of a cluster, `tlsClientConfig.insecure` is true. Addresses inside the cluster (`….svc`) pass: no wire leads there but the cluster's own. Unknown when the address or a switch cannot be resolved, as with what is encrypted or fetched from a store.",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["encryption"],
    owaspKubernetes: ["K07"],
    zeroTrust: ["2"],
    nistCsf: ["PR.DS-02", "GV.SC-07"],
    coverage: ["V3", "T5"],
  },
  exposureMatters: false,

  check({ flux, argo, argoConnection }): Judgement | readonly Judgement[] {
    if (argoConnection !== undefined) return judgeConnection(argoConnection);
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

const asked: Record<ArgoConnection["to"], string> = {
  repository: "it is fetched",
  credentials: "what it signs in to is asked",
  cluster: "the cluster is asked",
};

/** A Secret of Argo CD. Where it leads to comes first: inside the cluster no switch matters, and over HTTP none helps. */
function judgeConnection({ to, address, switches }: ArgoConnection): Judgement {
  const how = asked[to];
  const known = knownValue(address);
  if (known === undefined) {
    const why = address.kind === "unknown" ? address.why : "no address is stated";
    const what = to === "cluster" ? "where the cluster is asked" : "where it is fetched from";
    return cannotTell(what, why, { place: address.place, severity: "low" });
  }
  if (isInside(known))
    return pass(to === "cluster" ? "it is the cluster itself" : "it is fetched from inside the cluster", address.place);
  if (isPlain(known))
    return fail(`${how} without TLS`, { place: address.place, remedy: "Use the address over `https://` or SSH." });
  // Only a registry is asked over HTTP by a switch.
  const switched = switches.filter(({ leavesOut }) => leavesOut === "verification" || known.startsWith("oci:"));
  const on = switched.find((each) => knownValue(each.on) === true);
  if (on !== undefined) {
    const { missing, remedy } = missingBy(on, to, known);
    return fail(`\`${on.name}\` has ${how.replace(" is ", " ")} without ${missing}`, { place: on.on.place, remedy });
  }
  for (const each of switched) {
    if (each.on.kind === "unknown")
      return cannotTell(`whether \`${each.name}\` is on`, each.on.why, { place: each.on.place, severity: "low" });
  }
  return pass(`${how} over an encrypted and verified connection`, address.place);
}

/** Source: argo-cd v3.4, `docs/user-guide/private-repositories.md`, `docs/operator-manual/declarative-setup.md`. */
function missingBy(
  { name, leavesOut }: ArgoConnection["switches"][number],
  to: ArgoConnection["to"],
  address: string,
): { readonly missing: string; readonly remedy: string } {
  const remove = `Remove \`${name}\`, and`;
  if (leavesOut === "encryption") return { missing: "TLS", remedy: `${remove} serve the registry over TLS.` };
  if (to === "cluster")
    return {
      missing: "verifying its certificate",
      remedy: `${remove} give the CA of the cluster as \`tlsClientConfig.caData\`.`,
    };
  return address.startsWith("ssh:")
    ? {
        missing: "verifying the server's host key",
        remedy: `${remove} put the server's host key into the ConfigMap \`argocd-ssh-known-hosts-cm\`.`,
      }
    : {
        missing: "verifying the server's certificate",
        remedy: `${remove} put the CA of an own server into the ConfigMap \`argocd-tls-certs-cm\`.`,
      };
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
  const host = /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)/i.exec(address)?.[1] ?? "";
  return /\.svc(?:\.cluster\.local)?\.?$/i.test(host) || isLoopback(host);
}
