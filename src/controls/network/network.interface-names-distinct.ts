/**
 * Two profiles with an interface of one name give an instance one of them, and nobody sees the other go.
 *
 * Reads:  workload.incus.clashes
 * Passes: no profile takes an interface of another one's away.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const interfaceNamesDistinct = defineControl({
  id: "network.interface-names-distinct",
  on: "workload",
  platforms: ["incus"],
  severity: "medium",
  title: "Interfaces of profiles have names of their own",
  claim: "No profile silently replaces the network interface that another one brings.",
  threat:
    "The instance stands on another network than its profiles say: a service that was meant to be inside only is on the outer network, or the proxy is cut off.",
  remedy:
    "Name each interface for its network (`prod`, `mgmt`, `gitops`; 15 characters at most) in the profile that brings it, so that profiles can be put together.",
  judged:
    "Fails for each pair of profiles of one instance that bring a `nic` of the same name and different networks: the later profile's counts. An instance that replaces a profile's interface itself does so on purpose and passes. Unknown where profiles are made elsewhere.",
  frameworks: { nistCsf: ["PR.IR-01"], coverage: ["N4"] },
  exposureMatters: false,

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus instance");
    const { clashes } = incus;
    const found = clashes.items.map(({ device, lost, kept, place }) =>
      fail(
        `two profiles bring an interface called ${device}: the one on ${lost} is lost, the one on ${kept} is there`,
        { place, detail: device },
      ),
    );
    if (!clashes.complete) {
      found.push(cannotTell("its interfaces", clashes.why, { place: clashes.place, severity: "info" }));
    }
    return found.length > 0 ? found : pass("every interface of its profiles is there", clashes.place);
  },
});
