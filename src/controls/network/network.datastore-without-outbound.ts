/**
 * A datastore has no business with the internet; stolen data and fetched tools have.
 *
 * Reads:  workload.attachments, network.internal
 * Passes: every network of the datastore is internal.
 */
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { networkModeBehind } from "../knowledge/network-mode.ts";
import { isDatastore } from "../knowledge/products.ts";

export const datastoreWithoutOutbound = defineControl({
  id: "network.datastore-without-outbound",
  on: "workload",
  severity: "low",
  title: "Datastores cannot call out",
  claim: "No datastore can open connections to outside.",
  threat:
    "A taken-over datastore sends its data away and fetches tools, past the proxy that everything else goes through.",
  remedy: "Put the datastore on a network with `internal: true` alone; its clients join that network beside their own.",
  remedies: {
    incus:
      'Give its network `"ipv4.routing" = "false"` and no IPv6 address, or an ACL without a rule for egress: what no rule allows is rejected.',
  },
  judged:
    "Passes when every network of a datastore is internal, or it has none. Fails otherwise. Unknown for networks that are made elsewhere.",
  platforms: ["compose", "incus"],
  frameworks: { owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], coverage: ["N1", "N5"] },
  exposureMatters: false,

  check(workload, system) {
    const store = isDatastore(workload, system);
    if (store === "no") return notApplicable("not a datastore");
    if (store !== "yes") return cannotTell("whether this is a datastore", store.doubt, { severity: "info" });
    const { attachments } = workload;
    const networkMode = networkModeBehind(workload, system);
    if (networkMode.kind === "unknown") return cannotTell("its network mode", networkMode.why);
    if (
      networkMode.kind !== "unstated" &&
      (networkMode.value.kind === "host" || networkMode.value.kind === "default-bridge")
    ) {
      return fail(
        `its network is ${networkMode.value.kind === "host" ? "the host's" : "the engine's default bridge"}, which leads outside`,
        { place: networkMode.place },
      );
    }
    if (!attachments.complete) return cannotTell("its networks", attachments.why, { place: attachments.place });
    const open = attachments.items.map(({ network: ref, place }) => {
      const internal = system.get(ref)?.internal;
      const extras = { place, detail: ref.name };
      if (internal === undefined)
        return cannotTell(`whether the network ${ref.name} is internal`, "it is not described", extras);
      if (internal.kind === "unknown")
        return cannotTell(`whether the network ${ref.name} is internal`, internal.why, extras);
      const isInternal = internal.kind !== "unstated" && internal.value;
      return isInternal
        ? pass(`the network ${ref.name} is internal`, place)
        : fail(`the network ${ref.name} leads outside`, extras);
    });
    return open.length === 0 ? pass("it is on no network", networkMode.place) : all(open);
  },
});
