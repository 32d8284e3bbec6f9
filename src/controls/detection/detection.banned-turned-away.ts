/**
 * An engine that bans and a proxy that asks nobody: the ban is a line in a database.
 *
 * Reads:  route.screening, the images and environments of workloads, repository-file.configuration (CrowdSec)
 * Passes: beside an intrusion engine the route's proxy asks a bouncer, before anything asks for a password.
 */

import { repositoriesOf } from "../../facts/image-repository.ts";
import { oncePerSystem } from "../../facts/once.ts";
import type { Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { cannotTell, notApplicable } from "../judge.ts";
import { isForPrivateNetworks, isPrivateName, whyBehindAnother } from "../knowledge/front-door.ts";
import { demandOfRoute } from "../knowledge/route-facts.ts";
import { serviceConfigurationOf } from "../knowledge/service-configuration.ts";

const what = "the bouncer before this route";

export const bannedTurnedAway = defineControl({
  id: "detection.banned-turned-away",
  on: "route",
  severity: "medium",
  title: "Banned addresses are turned away at the proxy",
  claim: "Where CrowdSec runs, every public route asks one of its bouncers before anything asks for a password.",
  threat: "CrowdSec notices an attack and bans its address, and the attack goes on, since nobody asks CrowdSec.",
  remedy:
    "Traefik: put the CrowdSec plugin, with `enabled: true`, first among the entry point's `http.middlewares`, so that every router has it. Caddy: build it with caddy-crowdsec-bouncer, set `order crowdsec first`, and put `crowdsec` into each site. If a bouncer in the host's firewall does it, accept this finding with that reason.",
  judged:
    "Only where CrowdSec runs in the same system, and for routes to a public name. Fails without a bouncer (Traefik: the CrowdSec plugin, or one that `forwardAuth` asks; Caddy: the `crowdsec` handler) and where a sign-in stands before it. Unknown for proxies whose bouncer is no part of their configuration (nginx), and where a bouncer runs elsewhere: in a firewall, or at Cloudflare.",
  limits:
    "A bouncer of the host's firewall is seen where it is a container of the system, or where `BOUNCER_KEY_…` of CrowdSec names it. Whether a bouncer's key is right is not seen.",
  frameworks: { nistCsf: ["PR.IR-01", "DE.CM-01"], zeroTrust: ["5"], coverage: ["A6"] },
  exposureMatters: false,

  check(route, system) {
    if (!hasEngine(system)) return notApplicable("no intrusion engine runs beside it");
    const behind = whyBehindAnother(route, system);
    if (behind !== undefined) return notApplicable(behind);
    if (isPrivateName(route) || isForPrivateNetworks(route)) return notApplicable("it is for one's own network");
    const { screening } = route;
    if (screening === undefined) {
      if (route.lens !== "written") return notApplicable("only files of proxies tell of bouncers");
      return cannotTell(what, "the bouncer of its proxy is no part of these files", { severity: "info" });
    }
    const elsewhere = screening.kind === "unstated" ? otherBouncer(system) : undefined;
    if (elsewhere !== undefined) return cannotTell(what, elsewhere, { severity: "info" });
    return demandOfRoute(route, screening, (place) => place === "first", {
      what,
      show: (place) =>
        place === "first" ? "asked first" : "asked only after a sign-in, which banned addresses go on trying",
    });
  },
});

const hasEngine = oncePerSystem((system): boolean => {
  const configured = system
    .all("repository-file")
    .some((file) => serviceConfigurationOf(file)?.configuration.software === "crowdsec");
  return configured || system.all("workload").some((workload) => isEngine(workload, system));
});

function isEngine(workload: Workload, system: System): boolean {
  return repositoriesOf(workload, system).some((repository) => /(?:^|\/)crowdsec$/i.test(repository));
}

/** What turns banned addresses away before they get to any proxy, as a clause. */
function otherBouncer(system: System): string | undefined {
  for (const workload of system.all("workload")) {
    if (repositoriesOf(workload, system).some((repository) => elsewhereBouncer.test(repository))) {
      return `\`${workload.ref.name}\` may turn them away before they get to the proxy`;
    }
    if (!isEngine(workload, system)) continue;
    const keys = system.containersOf(workload).flatMap(({ environment }) => environment.items.map(({ name }) => name));
    const key = keys.find((name) => elsewhereKey.test(name));
    if (key !== undefined) return `\`${key}\` lets in a bouncer that may turn them away before they get to the proxy`;
  }
  return undefined;
}

const elsewhereBouncer = /(?:firewall|cloudflare|iptables|nftables)[\w-]*bouncer/i;
/** The image registers a bouncer for each `BOUNCER_KEY_name` (docker_start.sh of crowdsecurity/crowdsec 1.7). */
const elsewhereKey = /^BOUNCER_KEY_\w*(?:firewall|iptables|nftables|cloudflare|host|sense|mikrotik|unifi)/i;
