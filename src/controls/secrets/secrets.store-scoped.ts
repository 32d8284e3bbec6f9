/**
 * A store that every namespace may use gives each of them the secrets of all others.
 *
 * Reads:  repository-file.configuration (conditions of a ClusterSecretStore)
 * Passes: its conditions let some namespaces in and not all.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";

export const storeScoped = defineControl({
  id: "secrets.store-scoped",
  on: "repository-file",
  software: ["secret-store"],
  platforms: ["kubernetes"],
  severity: "low",
  title: "Stores for the whole cluster name the namespaces that they serve",
  claim: "No namespace can fetch secrets through a store that was not meant for it.",
  threat:
    "Whoever may make an ExternalSecret in any one namespace, a broken operator or deployment key for instance, has every secret that the store's token can read.",
  remedy:
    "List the namespaces under `conditions` of the ClusterSecretStore (`namespaces`, `namespaceSelector`), or give each namespace a SecretStore with a token for its own secrets.",
  judged:
    "Fails for a ClusterSecretStore without `conditions`, and where one of them fits every namespace (an empty selector, `.*`). Not applicable for a SecretStore, which its own namespace alone can use, nor for the provider `fake`. Unknown when a condition cannot be resolved.",
  limits: "What the store's token may read at the provider is not in a file.",
  frameworks: {
    owaspKubernetes: ["K03"],
    nsaKubernetes: ["secrets"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["S9", "S10"],
  },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "secret-store") return notApplicable("it names no store of secrets");
    const { namespaces, object, provider } = configuration;
    if (namespaces.kind === "unstated") return notApplicable("one namespace alone can use it");
    if (provider === "fake") return notApplicable("its values stand in itself");
    return demand(namespaces, (served) => served === "some", {
      what: `\`conditions\` of ${object}`,
      show: (served) => (served === "every" ? "every namespace" : "some namespaces"),
    });
  },
});
