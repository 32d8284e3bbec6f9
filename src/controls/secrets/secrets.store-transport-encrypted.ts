/**
 * What a store hands out, and the token that it is asked with, are as secret as the way between.
 *
 * Reads:  repository-file.configuration (addresses of a SecretStore and its like)
 * Passes: every address is one of HTTPS, or stays in the pod.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import type { StoreAddress } from "../../facts/configuration/secret-store.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

export const storeTransportEncrypted = defineControl({
  id: "secrets.store-transport-encrypted",
  on: "repository-file",
  software: ["secret-store"],
  platforms: ["kubernetes"],
  severity: "high",
  title: "Secret stores are asked over TLS",
  claim: "No secret of the cluster is fetched over a connection that others can read.",
  threat:
    "Whoever is on the way reads every value that is fetched, and the token that fetches them; with the token he asks for the others himself.",
  remedy:
    "Give the store a certificate, and name it by `https://` with the authority in `caBundle` or `caProvider` (`caCertSecretRef` for a VaultConnection). Inside the cluster, encryption between the nodes (WireGuard in Cilium or Flannel) or a mesh does as well: accept the finding with that as the reason.",
  judged:
    "For SecretStore, ClusterSecretStore and the generators of External Secrets, InfisicalSecret and VaultConnection: fails for an address that begins with `http://`. High where that leaves the networks of one's own, medium for a private address or name, low for a Service of the cluster, whose values cross the cluster's network in the clear. Loopback passes. Unknown when an address cannot be resolved.",
  limits: "Whether the network of the cluster is encrypted is not seen, nor whether a certificate is the right one.",
  frameworks: {
    owaspKubernetes: ["K03"],
    nsaKubernetes: ["secrets", "encryption"],
    zeroTrust: ["2"],
    nistCsf: ["PR.DS-02"],
    coverage: ["S5", "T5"],
  },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "secret-store") return notApplicable("it names no store of secrets");
    const { addresses, object, provider } = configuration;
    if (provider === "fake") return notApplicable("its values stand in itself");
    return forbidAny(addresses, (address) => judge(address, object), {
      what: `the list of addresses of ${object}`,
      none: `${object} is asked over TLS`,
    });
  },
});

const ways = {
  cluster: ["crosses the cluster's network in the clear", "low"],
  private: ["crosses networks of one's own in the clear", "medium"],
  public: ["leaves one's own networks in the clear", "high"],
} as const satisfies Record<string, readonly [string, Severity]>;

function judge({ field, url, reach, place }: StoreAddress, object: string): Judgement | undefined {
  const address = knownValue(url);
  const extras = { place, detail: field };
  if (address === undefined) {
    const why = url.kind === "unknown" ? url.why : "it is not stated";
    return cannotTell(`whether ${object} is asked over TLS`, why, { ...extras, severity: "low" });
  }
  if (!address.startsWith("http://")) return undefined;
  const way = knownValue(reach);
  if (way === "pod") return undefined;
  if (way === undefined) {
    const why = reach.kind === "unknown" ? reach.why : "it is not stated";
    return cannotTell(`how far what ${object} fetches goes`, why, { ...extras, severity: "low" });
  }
  const [told, severity] = ways[way];
  return fail(`What ${object} fetches from ${address} ${told}, and so does the token that it is asked with`, {
    ...extras,
    severity,
  });
}
