/**
 * An admin interface that everybody can reach needs one weak password, or one hole, to give everything away.
 *
 * Reads:  listener.reach, listener.port, image.reference (of its owner), repository-file.configuration (Traefik)
 * Passes: no admin interface listens beyond its own networks and the host's loopback.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Listener } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { bindToLoopback } from "../fix.ts";
import { cannotTell, notApplicable, pass } from "../judge.ts";
import { withClause } from "../knowledge/administration.ts";
import type { SeenAdministration } from "../knowledge/administration-login.ts";
import { useOf } from "../knowledge/listeners.ts";
import { forbidPublished, onLoopback, unpublish } from "../knowledge/published.ts";

export const adminInterfaceUnpublished = defineControl({
  id: "identity.admin-interface-unpublished",
  on: "listener",
  severity: "high",
  title: "Admin interfaces are not published",
  claim: "No admin interface can be reached from outside without passing the proxy.",
  threat:
    "Login pages of admin interfaces are tried with leaked passwords, and each hole in one is used within days; what has no login needs neither.",
  remedy:
    'Remove the port, and let the proxy reach it with a login and an allow-list of your own addresses; or bind it to loopback, `"127.0.0.1:9443:9443"`, and come by SSH or VPN.',
  judged:
    "By image and port: Portainer, Dockge, phpMyAdmin, Adminer, pgAdmin, Node-RED, code-server, Traefik's dashboard, Caddy's admin API, Nginx Proxy Manager's port 81, Prometheus, cAdvisor, gluetun's control server where it asks for nothing, and their like. Fails when it is published on every address or on one of the host's: critical for one without a login that commands the host, high for others, medium for figures alone. Whether a login is asked for is told by the image, its variables and options; where a mounted file decides, it counts as one that asks, and for figures alone cannot be told; what stands open only by a setting cannot be told where that is not seen. Figures behind a login pass, and so does loopback. Not applicable to the port of a Traefik that is seen to be without `api.insecure`.",
  limits: "Interfaces of programs that are not in the list are judged as any other service.",
  frameworks: {
    cisDocker: ["5.9"],
    owaspDocker: ["D03"],
    nsaKubernetes: ["control-plane", "network-policies"],
    owaspKubernetes: ["K06"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05", "PR.IR-01"],
    coverage: ["N6", "N12", "A1", "A3"],
  },
  exposureMatters: false,
  // That a switch, or its own file, turned its login off is why it asks for none.
  folds: [
    { control: "identity.authentication-on" },
    { control: "identity.configured-login-required" },
    { control: "identity.proxy-admin-closed" },
  ],
  fix: bindToLoopback,

  check(listener, system) {
    const use = useOf(listener, system);
    if (use.kind === "unknown") return notApplicable(`${use.why}; network.only-proxy-publishes reports it`);
    if (use.kind === "service" && use.maybe?.openedIn !== undefined)
      return judgeMaybe(listener, use.maybe, use.maybe.openedIn);
    if (use.kind !== "administration") return notApplicable("not an admin interface");
    const { name, login, commands } = use.interface;
    const shown = withClause(use.interface);
    if (isSwitchedOff(listener, system)) return notApplicable(`${name} is not served there: \`api.insecure\` is off`);
    const judgement = forbidPublished(listener, because(use.interface), {
      severity: severityOf(use.interface),
      remedy: remedyFor(name, listener),
    });
    if (judgement.verdict !== "fail" || commands !== "figures" || login === false) return judgement;
    if (login === true) return pass(`${shown} shows figures, and asks for a login first`, listener.place);
    return cannotTell(`whether ${shown} asks for a login`, use.interface.doubt ?? "its settings are not read", {
      severity: "low",
    });
  },
});

/** One that stands open only by a setting that is not seen. */
function judgeMaybe(listener: Listener, found: SeenAdministration, { doubt }: { readonly doubt: string }): Judgement {
  const judgement = forbidPublished(listener, because(found));
  if (judgement.verdict === "pass") return judgement;
  return cannotTell(`whether anybody reaches ${withClause(found)} without a login`, doubt, { severity: "low" });
}

/** Traefik's dashboard is on a port of its own only where `api.insecure` puts it there. */
function isSwitchedOff(listener: Listener, system: System): boolean {
  return system
    .ownedBy(listener.owner, "repository-file")
    .some(
      ({ configuration }) => configuration?.software === "traefik" && knownValue(configuration.openDashboard) === false,
    );
}

function remedyFor(name: string, listener: Listener): string {
  if (listener.platform === "kubernetes") {
    return `${unpublish(listener)}, and let a route of the gateway lead to ${name} with a login before it; or come by \`kubectl port-forward\`.`;
  }
  return `Remove the port, and let the proxy reach ${name} with a login and an allow-list of your own addresses; or bind it to loopback, ${onLoopback(listener)}, and come by SSH or VPN.`;
}

/** What it is, as a clause. One whose login is in a file that is not read is an admin interface in any case. */
function because(found: SeenAdministration): string {
  const { login, doubt, orders } = found;
  const name = withClause(found);
  if (login === true) return `and ${name} is an admin interface`;
  const also = orders.map((order) => `; ${order}`).join("");
  return login === false
    ? `and ${name} asks for no login${also}`
    : `and ${name} is an admin interface; whether it asks for a login cannot be told: ${doubt}${also}`;
}

function severityOf({ login, commands }: SeenAdministration): Severity {
  if (commands === "figures") return "medium";
  return login === false && commands === "host" ? "critical" : "high";
}
