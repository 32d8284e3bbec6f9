/**
 * A datastore in reach of services that have no business with it is one hole away from each of them.
 *
 * Reads:  workload.attachments of all, container.environment and command of all, network.external, network.flows
 * Passes: only those that use the datastore share a network with it.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Attachment, Network, Ref, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { networkModeBehind } from "../knowledge/network-mode.ts";
import { isDatastore, productOf } from "../knowledge/products.ts";
import { membersOf, talksTo } from "../knowledge/relations.ts";

export const datastoreSeparated = defineControl({
  id: "network.datastore-separated",
  on: "workload",
  severity: "medium",
  title: "Datastores share networks with their clients only",
  claim: "No datastore shares a network with a service that does not use it.",
  threat:
    "From any taken-over service on the same network, a public one first, the datastore can be asked, guessed at and attacked.",
  remedy:
    "Give the datastore a network of its own, `internal: true`, and put only its clients on it beside their other networks: `networks: [backend]` on the store, `networks: [default, backend]` on its client.",
  remedies: {
    incus:
      'Give the datastore a network of its own that only its clients join by a second interface, or an ACL on its own interface (`"security.acls"` in the properties of the `nic`; needs nftables), which filters inside the bridge too.',
  },
  judged:
    "A member of one of the datastore's networks has business with it when it waits for it (`depends_on`), links it, or names it in its environment or command, and so have pages that administer any store of its kind (Adminer, phpMyAdmin, pgAdmin). Fails for each that does not, the proxy too; other datastores, which call nobody, do not count. A single neighbour of a store that nobody is known to use is most likely its client: unknown. Not applicable on the host's network and the engine's default bridge, of which other controls tell. Unknown when another network's members are made elsewhere (`external`), or an environment cannot be resolved.",
  limits:
    "A client that finds the datastore by a configuration file that is mounted into it is not recognised: `depends_on` makes it known.",
  platforms: ["compose", "incus"],
  frameworks: { owaspDocker: ["D03"], nistCsf: ["PR.IR-01"], coverage: ["N5", "N10"] },

  check(workload, system) {
    const store = isDatastore(workload, system);
    if (store === "no") return notApplicable("not a datastore");
    if (store !== "yes") return cannotTell("whether this is a datastore", store.doubt, { severity: "info" });
    const elsewhere = reportedElsewhere(workload, system);
    if (elsewhere !== undefined) return elsewhere;
    if (!workload.attachments.complete) {
      return cannotTell("the networks of this datastore", workload.attachments.why, {
        place: workload.attachments.place,
      });
    }
    const found = workload.attachments.items.map((attachment) => judge(workload, attachment, system));
    return found.length === 0 ? pass("it is on no network") : found;
  },
});

/** On the host's network, or the engine's own bridge, whoever else is there is not to be told, and each has a control. */
function reportedElsewhere(store: Workload, system: System): Judgement | undefined {
  const mode = networkModeBehind(store, system);
  if (mode.kind === "unknown") return cannotTell("the networks of this datastore", mode.why, { place: mode.place });
  switch (knownValue(mode)?.kind) {
    case "host":
      return notApplicable("it is on the host's network, which network.host-network-off reports");
    case "default-bridge":
      return notApplicable("it is on the engine's default bridge, which network.default-bridge-unused reports");
    default:
      return undefined;
  }
}

function judge(store: Workload, { network: ref, place }: Attachment, system: System): Judgement {
  const network = system.get(ref);
  const extras = { place, detail: ref.name };
  const { workloads, doubt } = membersOf(ref.name, system);
  const relations = workloads
    .filter((other) => other.ref.name !== store.ref.name && isDatastore(other, system) !== "yes")
    .map((other) => ({ name: other.ref.name, meets: meets(other, store, network), other }))
    .filter((each) => each.meets !== "no")
    .map(({ name, meets, other }) => ({ name, meets, talks: relation(other, store, system) }));
  const strangers = relations.filter((each) => each.talks === "no" && each.meets === "yes").map((each) => each.name);
  const noClient = relations.every((each) => each.talks === "no");
  if (noClient && strangers.length === 1) {
    const why = "nothing here says who uses it, and a configuration file may";
    return cannotTell(`whether ${strangers[0]} uses it`, why, { ...extras, severity: "low" });
  }
  if (strangers.length > 0) {
    const who =
      strangers.length > 4
        ? `${strangers.slice(0, 4).join(", ")} and ${strangers.length - 4} more`
        : strangers.join(", ");
    return fail(
      `on the network ${ref.name} it can be reached by ${who}, which ${strangers.length === 1 ? "does" : "do"} not use it`,
      // That the store itself is published makes its neighbours no worse; network.datastore-unpublished tells of that.
      system.reach.exposure(store).exposure === "published" ? { ...extras, settled: true } : extras,
    );
  }
  const external = network === undefined ? undefined : network.external;
  if (external === undefined || knownValue(external) !== false) {
    return cannotTell(`who else is on the network ${ref.name}`, "it is made elsewhere", { ...extras, severity: "low" });
  }
  if (doubt !== undefined)
    return cannotTell(`who else is on the network ${ref.name}`, doubt, { ...extras, severity: "low" });
  const perhaps = relations.find((each) => each.talks === "no");
  if (perhaps !== undefined) {
    const what = `whether ${perhaps.name}, which does not use it, may open connections to it`;
    return cannotTell(what, "a rule of the network cannot be resolved", { ...extras, severity: "low" });
  }
  const hidden = relations.find((each) => each.talks === "unknown");
  if (hidden !== undefined) {
    return cannotTell(`whether ${hidden.name} uses it`, "part of its environment cannot be resolved", {
      ...extras,
      severity: "low",
    });
  }
  return pass(`on the network ${ref.name} are only those that use it`, place);
}

/** Whether the network lets one open connections to the other; unknown by a rule of which not all could be resolved. */
function meets(from: Workload, to: Workload, network: Network | undefined): "yes" | "no" | "unknown" {
  const flows = network?.flows;
  if (flows === undefined) return "yes";
  const has = (refs: readonly Ref<"workload">[], one: Workload) => refs.some(({ name }) => name === one.ref.name);
  const letting = flows.filter(
    (flow) => has(flow.from, from) && has(flow.to, to) && !has(flow.notFrom ?? [], from) && !has(flow.notTo ?? [], to),
  );
  if (letting.some(({ certain }) => certain)) return "yes";
  return letting.length > 0 ? "unknown" : "no";
}

/** Pages by which a person administers any store of a kind, whose address is typed in at the sign-in. */
const administrators: readonly (readonly [pages: RegExp, stores: RegExp])[] = [
  [/^(?:adminer|cloudbeaver|dbgate|whodb|sqlpad)$/, /postgres|postgis|timescale|mysql|mariadb|percona|mssql|mongo/],
  [/^(?:phpmyadmin|phpmyadmin-.*)$/, /mysql|mariadb|percona/],
  [/^(?:pgadmin4|pgweb|pgadmin)$/, /postgres|postgis|timescale|pgvecto|vectorchord/],
  [/^(?:mongo-express|mongoku)$/, /mongo/],
  [/^(?:redis-commander|redisinsight|phpredisadmin)$/, /redis|valkey|keydb|dragonfly/],
  [/^(?:kibana|elasticvue|cerebro|elasticsearch-head)$/, /elasticsearch|opensearch/],
];

function administers(other: Workload, store: Workload, system: System): boolean {
  const pages = productOf(other, system).image;
  const stored = productOf(store, system).image;
  return administrators.some(([page, stores]) => page.test(pages) && stores.test(stored));
}

/** Datastores of one cluster, and what stands beside a store for its sake, talk in either direction. */
function relation(other: Workload, store: Workload, system: System): "yes" | "no" | "unknown" {
  if (administers(other, store, system)) return "yes";
  const forward = talksTo(other, store, system);
  if (forward === "yes") return "yes";
  const backward = talksTo(store, other, system);
  if (backward === "yes") return "yes";
  return forward === "unknown" || backward === "unknown" ? "unknown" : "no";
}
