/**
 * Tokens and secrets over plain HTTP are read by whoever is on the way.
 *
 * Reads:  repository-file.configuration (listeners of a server of Vault or OpenBao)
 * Passes: every listener beyond the loopback speaks TLS 1.2 or newer.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { VaultListener } from "../../facts/configuration/vault.ts";
import { knownValue } from "../../facts/fact.ts";
import { hostOf, isLoopback, portOf } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny, notApplicable } from "../judge.ts";

export const vaultListenerEncrypted = defineControl({
  id: "network.vault-listener-encrypted",
  on: "repository-file",
  software: ["vault"],
  severity: "medium",
  title: "Vault answers over TLS alone",
  claim: "Vault and OpenBao answer over TLS 1.2 or newer wherever others can reach them.",
  threat:
    "Whoever is on the way, or broke one service on the same network, reads the tokens and secrets of all that ask, and keeps using them.",
  remedy:
    "Give the listener `tls_cert_file` and `tls_key_file` and remove `tls_disable`; let a proxy in front speak TLS to it too. Certificates of an internal authority (step-ca) will do.",
  judged:
    "Fails for `tls_disable` on an address beyond the loopback, and for `tls_min_version` of 1.0 or 1.1. A Unix socket and the loopback pass.",
  limits: "A configuration that is given in the variable `VAULT_LOCAL_CONFIG` is not read.",
  frameworks: { nistCsf: ["PR.DS-02"], zeroTrust: ["2"], coverage: ["S5", "T5"] },

  check({ configuration }) {
    if (configuration?.software !== "vault" || !("listeners" in configuration))
      return notApplicable("not Vault's configuration");
    return forbidAny(configuration.listeners, judge, {
      what: "the list of listeners",
      none: "no listener beyond the loopback speaks plain HTTP",
    });
  },
});

function judge({ address, tls, minimumVersion, place }: VaultListener): Judgement | undefined {
  const where = knownValue(address);
  if (where !== undefined && isLoopback(hostOf(where))) return undefined;
  const shown = where ?? "an address that cannot be told";
  const version = knownValue(minimumVersion) ?? "";
  const isPlain = tls.kind !== "unstated" && tls.kind !== "unknown" && !tls.value;
  const isOld = /^tls1[01]$/.test(version);
  // A server that speaks to its own machine alone may do either.
  if (address.kind === "unknown" && (isPlain || isOld || tls.kind === "unstated"))
    return cannotTell("whether it is the machine itself that it speaks to unprotected", address.why, {
      place,
      detail: shown,
    });
  if (tls.kind === "unknown")
    return cannotTell(`whether ${shown} speaks TLS`, tls.why, { place: tls.place, detail: shown });
  const port = where === undefined ? undefined : portOf(where);
  const extras = { detail: shown, ...(port === undefined ? {} : { ports: [port] }) };
  if (isPlain) return fail(`${shown} speaks plain HTTP: TLS is switched off`, { place: tls.place, ...extras });
  if (minimumVersion.kind === "unknown")
    return cannotTell(`which TLS ${shown} speaks`, minimumVersion.why, { place: minimumVersion.place, detail: shown });
  return isOld
    ? fail(`${shown} speaks TLS older than 1.2 (${version})`, { place: minimumVersion.place, ...extras })
    : undefined;
}
