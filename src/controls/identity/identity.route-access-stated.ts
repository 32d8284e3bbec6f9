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
import { all, cannotTell, fail, pass } from "../judge.ts";
import { demandOfRoute, managementOf } from "../knowledge/route-facts.ts";

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
      "Put a sign-in before it: a SecurityPolicy with `oidc` or `extAuth` in Envoy Gateway, `auth-url` in ingress-nginx, a `forwardAuth` middleware in Traefik.",
  },
  judged:
    "Fails when audience or authentication is not stated, and when an admin interface states no login to an audience that is not limited to networks. Routes in labels are not judged where they say nothing.",
  frameworks: { nistCsf: ["PR.AA-05"], coverage: ["A3"] },
  exposureMatters: false,

  check(route, system) {
    const audience = demandOfRoute(route, route.audience, () => true, {
      what: "the audience",
      show: (value) => (value.kind === "public" ? "everybody" : value.cidrs.join(", ")),
      detail: "audience",
    });
    return all(audience, authenticationOf(route, system));
  },
});

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
  if (route.audience.kind === "unknown") {
    return cannotTell(`who reaches ${management.name} without a login`, route.audience.why, { detail });
  }
  const place = route.authentication.place;
  return knownValue(route.audience)?.kind === "networks"
    ? pass(`${management.name} asks for no login, and answers only the networks named`, place)
    : fail(`${management.name} asks for no login, and answers everybody`, { place, detail });
}
