/**
 * Who may come in by a route, and how they show who they are, is a decision; silence decides for everybody.
 *
 * Reads:  route.authentication, route.audience, route.target
 * Passes: the route states its authentication, and one to an admin interface has a login or a limited audience.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Route } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { withClause } from "../knowledge/administration.ts";
import { whyOutOfReach } from "../knowledge/front-door.ts";
import { demandOfRoute, managementOf } from "../knowledge/route-facts.ts";
import { saidBy } from "../knowledge/sign-in.ts";

export const routeAccessStated = defineControl({
  id: "identity.route-access-stated",
  on: "route",
  severity: "medium",
  title: "Each route says who may come in and how",
  claim:
    "Every route states its audience and its authentication, and no admin interface goes without both a login and a limited audience.",
  threat: "A route that nobody decided about is open, and nobody notices until somebody uses it.",
  remedy:
    "State `audience:` and `authentication:` on the route: `authentication: application` when the service asks for a login itself, `none` when everybody may read it.",
  remedies: {
    kubernetes:
      "Put a sign-in before it: a SecurityPolicy with `oidc` or `extAuth` in Envoy Gateway, `auth-url` in ingress-nginx, a `forwardAuth` middleware in Traefik, `authorization` of the virtual host in Contour, an AuthorizationPolicy at the gateway in Istio.",
  },
  judged:
    "Fails when audience or authentication is not stated, and when an admin interface states no login to an audience that is not limited to networks. A service that the proxy asks counts by what it demands: by Authelia's rules, where its configuration is among the files. Routes in labels are not judged where they say nothing; of Ingresses and routes of the Gateway API that say nothing only those to admin interfaces without a login of their own are, and it cannot be told where what is behind them, or what their controller adds to all of them, is not among the files; in the file of a proxy only routes to admin interfaces are, as severe as what the interface commands: other applications may ask for a login themselves.",
  frameworks: { nistCsf: ["PR.AA-05"], coverage: ["A3"] },
  exposureMatters: false,
  // That a switch turned the login off is why nobody is asked.
  folds: [{ control: "identity.authentication-on" }],

  check(route, system) {
    const saysNone = knownValue(route.authentication) === "none";
    if (route.lens === "written" && (route.whole === true || saysNone)) return accessOf(route, system);
    if (route.addition !== undefined && route.authentication.kind === "unstated")
      return unguarded(route, route.addition, system);
    const audience = demandOfRoute(route, route.audience, () => true, {
      what: "the audience",
      show: (value) => (value.kind === "public" ? "everybody" : value.cidrs.join(", ")),
      detail: "audience",
    });
    const authentication = authenticationOf(route, system);
    // Where labels say nothing of a sign-in, an audience that is stated does not make up for it.
    return authentication.verdict === "not-applicable" ? authentication : all(audience, authentication);
  },
});

/** What a proxy's file leaves to the application behind it is that one's affair, unless it is known to ask nobody. */
function accessOf(route: Route, system: System): Judgement {
  const detail = "authentication";
  const management = managementOf(route, system);
  const unreached = whyOutOfReach(route, system);
  if (unreached !== undefined) return notApplicable(unreached);
  if (management === "none") return notApplicable("the application behind it may ask for a login itself");
  if ("doubt" in management) {
    return cannotTell("whether it leads to an admin interface", management.doubt, { detail, severity: "info" });
  }
  const { authentication, audience } = route;
  const { login, severity } = management;
  const name = withClause(management);
  const known = knownValue(authentication);
  if (known !== undefined && known !== "none")
    return pass(`${name} is behind a sign-in${saidBy(route)}`, authentication.place);
  if (authentication.kind === "unknown") {
    return cannotTell(`whether a sign-in stands before ${name}`, authentication.why, { detail, severity: "info" });
  }
  if (login !== false)
    return notApplicable("it asks for a login itself; edge.management-audience-limited judges who sees it");
  if (audience.kind === "unknown") return cannotTell(`who reaches ${name} without a login`, audience.why, { detail });
  return knownValue(audience)?.kind === "networks"
    ? pass(`${name} asks for no login, and answers only the networks named`, audience.place)
    : fail(
        `${name} asks for no login, and ${knownValue(route.host) ?? "the route"} answers everybody${saidBy(route)}`,
        {
          place: known === "none" ? authentication.place : route.place,
          detail,
          severity,
          ...(route.platform === "kubernetes" ? {} : { remedy: signInAtProxy(name) }),
        },
      );
}

function signInAtProxy(name: string): string {
  return `Switch the login of ${name} on where it has one. Or let the proxy ask: in Caddy \`forward_auth\` to Authelia or the like, or \`basic_auth\`; in Traefik the middleware \`forwardauth\` or \`basicauth\`; in nginx \`auth_request\` or \`auth_basic\`. Or let in only your own networks.`;
}

/** An object asks for the route and states no sign-in: worth a word where an admin interface that asks nobody is behind it. */
function unguarded(route: Route, addition: NonNullable<Route["addition"]>, system: System): Judgement {
  const management = managementOf(route, system);
  const detail = "authentication";
  if (management !== "none" && "doubt" in management)
    return cannotTell("whether it leads to an admin interface", management.doubt, { detail, severity: "info" });
  if (management === "none" || management.login !== false)
    return notApplicable("the application behind it may ask for a login itself");
  const { audience } = route;
  const name = withClause(management);
  if (audience.kind === "unknown") return cannotTell(`who reaches ${name} without a login`, audience.why, { detail });
  if (knownValue(audience)?.kind === "networks")
    return pass(`${name} asks for no login, and answers only the networks named`, audience.place);
  if (addition !== "none") {
    const severity = management.severity === "high" ? "medium" : "low";
    const what = `whether anything asks for a sign-in before ${name}, which asks for none itself,`;
    return cannotTell(what, addition.unseen, { detail, severity });
  }
  const message = `${name} asks for no login, none is stated before it, and ${knownValue(route.host) ?? "the route"} answers everybody`;
  return fail(message, { place: route.place, detail, severity: management.severity });
}

/** An admin interface may go without a login only where its audience is limited instead. */
function authenticationOf(route: Route, system: System): Judgement {
  const management = managementOf(route, system);
  const detail = "authentication";
  if (knownValue(route.authentication) !== "none" || management === "none") {
    return demandOfRoute(route, route.authentication, () => true, { what: "the authentication", detail });
  }
  if ("doubt" in management) {
    return cannotTell("whether a route without a login leads to an admin interface", management.doubt, { detail });
  }
  const name = withClause(management);
  if (route.audience.kind === "unknown") {
    return cannotTell(`who reaches ${name} without a login`, route.audience.why, { detail });
  }
  const place = route.authentication.place;
  return knownValue(route.audience)?.kind === "networks"
    ? pass(`${name} asks for no login, and answers only the networks named`, place)
    : fail(`${name} asks for no login, and answers everybody`, { place, detail });
}
