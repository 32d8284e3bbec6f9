import { spawnSync } from "node:child_process";
import { changed, type Fault } from "./fault.ts";

function ip(...args: readonly string[]): void {
  const result = spawnSync("ip", args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`ip ${args.join(" ")}: ${result.stderr}`);
}

/** One service of the stack is joined to a network that is not its own. */
function joined(service: string, network: string, fault: Omit<Fault, "put" | "take">): Fault {
  return {
    ...fault,
    put: (stack) => void stack.docker("network", "connect", `quickstart_${network}`, stack.container(service)),
    take: (stack) => void stack.docker("network", "disconnect", `quickstart_${network}`, stack.container(service)),
  };
}

export const networkFaults: readonly Fault[] = [
  changed("db", 'ports: ["15432:5432"]\nnetworks: { ingress--mqtt: {} }', {
    title: "the database is published",
    breaks: ["network.only-declared-ports-published", "network.datastore-reached-by-clients"],
    named: ["network.datastore-unpublished listener db/0.0.0.0:15432/tcp"],
    follows: [
      // To be published it stands on a network that leads outside, and there it has a neighbour.
      /^network\.(flow-declared policy-rule (db|mqtt) → |datastore-separated |services-separated |datastore-without-outbound )/,
    ],
  }),
  changed("api", 'ports: ["18099:3000"]\nnetworks: { ingress--mqtt: {} }', {
    title: "a service behind the edge is published past it",
    breaks: ["network.only-declared-ports-published"],
    named: ["network.only-proxy-publishes listener api/0.0.0.0:18099/tcp"],
    // Whether the API uses the database stands in a file that only libpq reads: once it is outside too, that cannot be told.
    follows: [/^network\.(flow-declared policy-rule (api|mqtt) → |services-separated |datastore-separated )/],
  }),
  joined("site", "api--db", {
    title: "the site is joined to the network of the API and its database",
    breaks: ["network.services-separated", "network.datastore-reached-by-clients"],
    named: [
      "network.flow-declared policy-rule site → db:5432/tcp",
      "network.flow-declared policy-rule site → api:3000/tcp",
      "network.flow-declared policy-rule db → site:8080/tcp",
    ],
    follows: [
      /^network\.flow-declared policy-rule (site → (api|db)|(api|db) → site):/,
      "network.services-separated network api--db",
      "network.datastore-separated workload db",
      /^network\.datastore-separated /,
    ],
  }),
  {
    title: "a container of somebody else's is joined to the database's network",
    breaks: ["network.services-separated", "network.datastore-reached-by-clients"],
    put: (stack) =>
      void stack.docker(
        "run",
        "-d",
        "--rm",
        "--name",
        "ringwall-lab-stranger",
        "--network",
        "quickstart_api--db",
        "ringwall-lab/busybox:current",
        "sleep",
        "300",
      ),
    take: (stack) => void stack.docker("rm", "-f", "ringwall-lab-stranger"),
    named: ["network.flow-declared policy-rule container ringwall-lab-stranger → db:5432/tcp"],
    follows: [/^network\.flow-declared policy-rule container ringwall-lab-stranger → (db|api):/],
  },
  joined("site", "alertmanager--prometheus", {
    title: "a service of production is joined to a network of the management zone",
    breaks: ["network.zones-separated", "network.services-separated"],
    named: [
      "network.zones-separated zone management",
      "network.flow-declared policy-rule site → prometheus:9090/tcp",
      "network.flow-declared policy-rule site → alertmanager:9093/tcp",
    ],
    follows: [
      /^network\.flow-declared policy-rule (site → (prometheus|alertmanager)|(prometheus|alertmanager) → site):/,
      "network.services-separated network alertmanager--prometheus",
      /^network\.zones-separated zone /,
    ],
  }),
  {
    title: "the database gets a network that leads outside",
    breaks: ["network.outbound-closed", "network.host-listeners-closed"],
    put: (stack) => {
      stack.docker("network", "create", "ringwall-lab-outside");
      stack.docker("network", "connect", "ringwall-lab-outside", stack.container("db"));
    },
    take: (stack) => {
      stack.docker("network", "disconnect", "ringwall-lab-outside", stack.container("db"));
      stack.docker("network", "rm", "ringwall-lab-outside");
    },
    named: [
      "network.flow-declared policy-rule db → outside:any",
      "network.host-access-closed network ringwall-lab-outside",
    ],
    follows: [/^network\.[a-z-]+ (network ringwall-lab-outside|workload db|network api--db)$/],
  },
  {
    title: "the host takes an address on the bridge of an internal network",
    breaks: ["network.host-listeners-closed"],
    put: (stack) => {
      const network = stack.deployment.resources.networks.find(({ key }) => key === "api--db");
      ip("addr", "add", `${network?.gateway}/29`, "dev", stack.bridgeOf("api--db"));
    },
    take: (stack) => ip("addr", "flush", "dev", stack.bridgeOf("api--db"), "scope", "global"),
    named: ["network.host-access-closed network api--db"],
  },
];
