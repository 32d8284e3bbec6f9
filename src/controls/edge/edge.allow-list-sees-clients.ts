/**
 * Behind another proxy every visitor has that proxy's address.
 *
 * Reads:  repository-file.configuration (conditions of Caddy on addresses)
 * Passes: no condition compares the address of a trusted proxy instead of the client's.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";
import { proxyConfigurationOf } from "../knowledge/proxy-configuration.ts";

export const allowListSeesClients = defineControl({
  id: "edge.allow-list-sees-clients",
  on: "repository-file",
  software: ["caddy"],
  severity: "medium",
  title: "Allow-lists compare the client's own address",
  claim: "Every allow-list behind another proxy compares the address that the visitor has there.",
  threat:
    "The list names private networks, the tunnel or proxy in front is in one of them, and so is everybody who comes through it.",
  remedy: "Write `client_ip` in place of `remote_ip`: it takes the address that trusted proxies tell.",
  judged: "Fails for `remote_ip` in a Caddy whose `servers` option has `trusted_proxies`.",
  frameworks: { nistCsf: ["PR.AA-05"], zeroTrust: ["4"], coverage: ["A1"] },
  exposureMatters: false,

  check(file) {
    const proxy = proxyConfigurationOf(file);
    if (proxy?.configuration.software !== "caddy") return notApplicable("it is not Caddy's configuration");
    return forbidAny(
      proxy.configuration.blindAllowLists,
      ({ name, place }) =>
        fail(`\`${name}\` compares the address of the proxy in front, not the client's`, { place, detail: name }),
      { what: "the list of conditions on addresses", none: "no condition compares the address of a proxy in front" },
    );
  },
});
