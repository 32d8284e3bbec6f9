/**
 * Operators' tools need operators' addresses only.
 *
 * Reads:  route.audience, route.target, image.reference (of the target)
 * Passes: the route to an admin interface answers stated networks only.
 */
import type { Judgement, Severity } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import { isEveryAddress } from "../../lib/cidr.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable } from "../judge.ts";
import { withClause } from "../knowledge/administration.ts";
import { isPrivateName, whyOutOfReach } from "../knowledge/front-door.ts";
import { demandOfRoute, type Management, managementOf } from "../knowledge/route-facts.ts";
import { guardOf } from "../knowledge/sign-in.ts";

export const managementAudienceLimited = defineControl({
  id: "edge.management-audience-limited",
  on: "route",
  severity: "high",
  title: "Admin interfaces answer operators' addresses only",
  claim: "Routes to admin interfaces and monitoring answer only the operators' networks.",
  threat:
    "A login page that the whole internet sees is tried with every leaked password, and each new hole in it within days.",
  remedy:
    "Give the route an audience: `audience: operators` in the declaration with your networks under `operators:`; in Caddy `@others not client_ip 192.0.2.0/24` with `abort @others`; in Traefik the middleware `ipallowlist`.",
  remedies: {
    kubernetes:
      "Let the route attach to a gateway that only your own network reaches, or limit who comes: a SecurityPolicy with `authorization` in Envoy Gateway, `whitelist-source-range` in ingress-nginx, the middleware `ipAllowList` in Traefik, `ipAllowPolicy` in Contour, `remoteIpBlocks` of an AuthorizationPolicy in Istio.",
  },
  judged:
    "A route leads to an admin interface when its target's image is known as one, as monitoring, or as an administration of the engine. Fails when its audience is everybody, or holds `0.0.0.0/0`; low where the proxy demands a sign-in, or asks a service that does, a step less where one that is not known may. Interfaces without a login and without a sign-in before them are identity.route-access-stated's. Routes in labels are not judged where they say nothing; of Ingresses, HTTPRoutes and their like that say nothing those are that lead to an interface which commands something and asks for a login itself, under a name that is no private one: medium where it is seen that their controller adds nothing, and it cannot be told where that is not seen.",
  frameworks: { owaspDocker: ["D03"], nistCsf: ["PR.AA-05", "PR.IR-01"], coverage: ["A1", "A3"] },
  exposureMatters: false,

  check(route, system) {
    const management = managementOf(route, system);
    if (management === "none") return notApplicable("it leads to no admin interface that is known");
    const unreached = whyOutOfReach(route, system);
    if (unreached !== undefined) return notApplicable(unreached);
    const isObject = route.addition !== undefined && route.relay === undefined;
    if ((route.whole === true || isObject) && "login" in management && asksNobody(route, management.login)) {
      return notApplicable("identity.route-access-stated reports that it asks for no login");
    }
    if ("doubt" in management) {
      if (isToldByAccess(route)) return notApplicable("identity.route-access-stated says why that cannot be told");
      const extras = route.lens === "written" ? ({ severity: "info" } as const) : {};
      return cannotTell("whether it leads to an admin interface", management.doubt, extras);
    }
    if (route.addition !== undefined && saysNothing(route)) return ofAnObject(route, route.addition, management);
    const judgement = demandOfRoute(
      route,
      route.audience,
      (audience) =>
        audience.kind === "networks" &&
        audience.cidrs.length > 0 &&
        !audience.cidrs.some((cidr) => isEveryAddress(cidr)),
      {
        what: `the audience of ${withClause(management)}`,
        show: (audience) => (audience.kind === "public" ? "everybody" : audience.cidrs.join(", ") || "nobody named"),
      },
    );
    if (judgement.verdict !== "fail") return judgement;
    if (route.relay !== undefined) return { ...judgement, ...behindRelay(route, route.relay, management) };
    if (guardOf(route) !== "none") return { ...judgement, severity: "low" };
    const severity = lowered(management.severity, route);
    if (management.login !== false || route.authentication.kind === "unknown") return { ...judgement, severity };
    const where = knownValue(route.host) ?? "the route";
    const message = `${withClause(management)} asks for no login, none is stated before it, and ${where} answers everybody`;
    return { ...judgement, message, severity };
  },
});

/** Where the other control asks the same question of a route, it is told once. */
function isToldByAccess({ lens, whole, addition, authentication }: Route): boolean {
  if (lens !== "written") return false;
  const isOpen = authentication.kind === "unstated";
  return whole === true || knownValue(authentication) === "none" || (addition !== undefined && isOpen);
}

/** An object asks a proxy for it, and names neither whom it is for nor a sign-in. */
function saysNothing({ lens, whole, audience, authentication, relay }: Route): boolean {
  const isOpen = audience.kind === "unstated" && authentication.kind === "unstated";
  return lens === "written" && whole !== true && relay === undefined && isOpen;
}

/** What asks nobody is identity.route-access-stated's; what only shows figures is left to its own login. */
function ofAnObject(route: Route, addition: NonNullable<Route["addition"]>, management: Management): Judgement {
  const { login, severity } = management;
  const name = withClause(management);
  if (login !== true || severity !== "high") return notApplicable("another control judges who gets in there");
  if (isPrivateName(route)) return notApplicable("its name means something on one's own network only");
  const what = `whether anything but the login of ${name} itself keeps strangers out`;
  if (addition !== "none") return cannotTell(what, addition.unseen, { severity: "low" });
  const where = knownValue(route.host) ?? "the route";
  const message = `${where} shows the login of ${name} to everybody who reaches the gateway: no address and no sign-in is asked for before it`;
  return fail(message, { place: route.place, severity: "medium" });
}

const access =
  "Put an application of Cloudflare Access with your own accounts before the host name, and set `originRequest: { access: { required: true, teamName: …, audTag: […] } }`, so that nothing passes that did not come by it.";

const narrower =
  "Let the tunnel lead to it only those who administer: take its name out of `AllowFunnel`, so that the tailnet alone is served; with frp let `type: stcp` or `xtcp` ask for a key. Or put a proxy with a sign-in between the two.";

/** The sign-in of a tunnel is where it begins, as a rule: a step less where it is not seen. */
function behindRelay(route: Route, relay: string, management: Management): Partial<Judgement> {
  const { name, login, severity } = management;
  const leads = `${knownValue(route.host) ?? "a host name"} leads to ${withClause(management)} from the internet, by ${relay}`;
  if (guardOf(route) !== "none") return { message: `${leads}, which asks for a sign-in first`, severity: "low" };
  if (route.authentication.kind !== "unknown")
    return { message: `${leads}, which asks nobody for a sign-in`, severity, remedy: narrower };
  const asks = login === false ? `; ${name} asks for no login, and` : ";";
  const message = `${leads}${asks} whether a sign-in is asked for there cannot be seen in these files`;
  return { message, severity: lowered(severity, route), remedy: access };
}

/** Nothing asks who comes: neither the proxy, nor the interface, as far as its image is known. */
function asksNobody(route: Route, login: boolean | undefined): boolean {
  return login === false && (route.authentication.kind === "unstated" || knownValue(route.authentication) === "none");
}

/** Where another service is asked that is not known, there most likely is a sign-in. */
function lowered(severity: Severity, { authentication, lens }: Route): Severity {
  if (lens !== "written" || authentication.kind !== "unknown") return severity;
  return severity === "high" ? "medium" : "low";
}
