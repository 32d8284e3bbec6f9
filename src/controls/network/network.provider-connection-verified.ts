/**
 * Whoever answers in the other's place gets the provider's credentials.
 *
 * Reads:  repository-file.configuration (OpenTofu: unverified)
 * Passes: no provider and no backend takes a certificate unseen.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const providerConnectionVerified = defineControl({
  id: "network.provider-connection-verified",
  on: "repository-file",
  software: ["opentofu"],
  severity: "medium",
  title: "Providers verify whom they speak to",
  claim: "No provider and no state backend accepts a certificate without verifying it.",
  threat:
    "Whoever stands between, or answers in the server's place, gets the token by which everything is made and unmade, and the state with its secrets.",
  remedy:
    "Remove the switch. Give the provider the CA, or accept the server's certificate once by hand (`incus remote add NAME ADDRESS`, and compare the fingerprint), which the client then keeps.",
  judged:
    "Fails for switches of providers and backends that are known to turn verification off (`insecure`, `skip_tls_verify`, …), low for `accept_remote_certificate`, by which the first answer is trusted.",
  limits: "Switches under other names, and environment variables, are not seen.",
  frameworks: { nistCsf: ["PR.DS-02"], zeroTrust: ["2"], coverage: ["T5"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "opentofu") return notApplicable("no OpenTofu configuration");
    return forbidAny(
      configuration.unverified,
      ({ name, place }) =>
        fail(`${name} is on, so that certificates are taken unseen`, {
          place,
          detail: name,
          ...(name.startsWith("accept_") ? { severity: "low" as const } : {}),
        }),
      { what: "the list of what providers are told", none: "no provider takes a certificate unseen" },
    );
  },
});
