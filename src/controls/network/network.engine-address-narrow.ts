/**
 * The server's own API is the way to every instance: it need not be met by everybody.
 *
 * Reads:  host.incus.apiAddress
 * Passes: the API listens on no network, or on one chosen address.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const engineAddressNarrow = defineControl({
  id: "network.engine-address-narrow",
  on: "host",
  platforms: ["incus"],
  severity: "low",
  title: "The server's API listens on one address",
  claim: "The API of the server is not offered on every address of the host.",
  threat:
    "The API asks for a client's certificate, but it stands open to be tried, with each fault in it, from every network that the host is on, those of its own instances too.",
  remedy:
    'Bind it to the management address: `"core.https_address" = "192.168.1.10:8443"`; or leave it out where nobody comes from elsewhere.',
  judged:
    "Fails low for every address (`:8443`, `[::]:8443`, `0.0.0.0:8443`). No address, loopback and a chosen address pass.",
  limits: "What the host's firewall lets through is not seen.",
  frameworks: { nistCsf: ["PR.IR-01"], zeroTrust: ["3"], coverage: ["N6", "T7"] },
  exposureMatters: false,

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus server");
    const { apiAddress } = incus;
    if (apiAddress.kind === "unknown")
      return cannotTell("where the API listens", apiAddress.why, { place: apiAddress.place });
    const address = knownValue(apiAddress);
    if (address === undefined) return pass("the API listens on no network", apiAddress.place);
    const everywhere = /^(?:\[::\]|0\.0\.0\.0|\*)?(?::\d+)?$/.test(address.trim());
    return everywhere
      ? fail(`\`core.https_address\` is ${address}: every address of the host`, { place: apiAddress.place })
      : pass(`the API listens on ${address}`, apiAddress.place);
  },
});
