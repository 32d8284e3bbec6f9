/**
 * One network for everything makes every service a neighbour of the weakest.
 *
 * Reads:  workload.attachments of all, container.environment and command of all, network.memberTraffic
 * Passes: those on one network have business with one another, directly or through others on it.
 */
import { knownValue } from "../../facts/fact.ts";
import { playsRole } from "../../facts/knowledge/roles.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { isDatastore, productOf } from "../knowledge/products.ts";
import { groupsOf, membersOf } from "../knowledge/relations.ts";

export const servicesSeparated = defineControl({
  id: "network.services-separated",
  on: "network",
  severity: "low",
  title: "Services that have nothing to do with one another share no network",
  claim: "Services on one network have business with one another.",
  threat:
    "From the weakest service on a shared network an intruder tries all the others, which were never meant to be asked by it.",
  remedy:
    "Give each application a network of its own and put the proxy on each: `networks: [blog]` on the blog and its database, `networks: [blog, wiki]` on the proxy.",
  judged:
    "Members are joined by `depends_on`, links, and names in environment and command. Fails when more than one group is left, proxies and monitoring apart, which are meant to see many, and datastores alone, whose client is not shown. Passes when members may not reach one another (`enable_icc: false`). Unknown for networks made elsewhere, and where relations cannot be resolved.",
  limits: "Relations that stand only in configuration files are not seen: `depends_on` makes them known.",
  platforms: ["compose"],
  frameworks: { owaspDocker: ["D03", "D05"], nistCsf: ["PR.IR-01"], coverage: ["N1", "N2", "N5"] },
  exposureMatters: false,

  check(network, system) {
    if (knownValue(network.external) === true) {
      return notApplicable("it is made elsewhere, and its members are not described here");
    }
    if (network.external.kind === "unknown") return cannotTell("whether it is made elsewhere", network.external.why);
    if (knownValue(network.memberTraffic) === false)
      return pass("its members may not reach one another", network.memberTraffic.place);
    const { workloads, doubt } = membersOf(network.ref.name, system);
    const { groups: joined, unclear } = groupsOf(
      workloads.filter((member) => !meetsMany(member, system)),
      system,
    );
    // A datastore that nobody is known to use has its client's name in some configuration file.
    const groups = joined.filter((group) => group.some((member) => isDatastore(member, system) !== "yes"));
    if (groups.length > 1) {
      if (unclear) return cannotTell("who on it has business with whom", "part of an environment cannot be resolved");
      return fail(`${groups.length} groups that have nothing to do with one another share it: ${describe(groups)}`);
    }
    if (doubt !== undefined) return cannotTell("who else is on it", doubt);
    const unnamed = workloads.find((member) => playsRole(member, "proxy", system) === "unknown");
    if (unnamed !== undefined && workloads.length > 1) {
      return cannotTell("who on it has business with whom", `the image of ${unnamed.ref.name} cannot be resolved`);
    }
    return pass("its members have business with one another");
  },
});

function meetsMany(workload: Workload, system: System): boolean {
  const { roles } = productOf(workload, system);
  if (roles.has("proxy") || roles.has("monitoring") || roles.has("identity") || roles.has("dns")) return true;
  // A node of a tailnet that serves others is their proxy.
  return roles.has("vpn") && system.all("route").some(({ edge }) => edge?.name === workload.ref.name);
}

function describe(groups: readonly (readonly Workload[])[]): string {
  const shown = groups.slice(0, 4).map((group) =>
    group
      .slice(0, 3)
      .map((member) => member.ref.name)
      .join(" with "),
  );
  return groups.length > 4 ? `${shown.join("; ")}; and ${groups.length - 4} more` : shown.join("; ");
}
