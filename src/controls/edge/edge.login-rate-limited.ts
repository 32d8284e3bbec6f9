/**
 * A login that may be tried a hundred times a minute is guessed in a weekend.
 *
 * Reads:  route.loginRateLimit, route.authentication
 * Passes: logins are limited to thirty tries in a minute at most, or the route has none.
 */

import { knownValue } from "../../facts/fact.ts";
import type { RateLimit } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { notApplicable } from "../judge.ts";
import { whyBehindAnother } from "../knowledge/front-door.ts";
import { showRate } from "../knowledge/rates.ts";
import { demandOfRoute } from "../knowledge/route-facts.ts";

const mostPerMinute = 30;

export const loginRateLimited = defineControl({
  id: "edge.login-rate-limited",
  on: "route",
  severity: "medium",
  title: "Logins have a tighter rate limit",
  claim: "Login paths allow at most thirty tries in a minute from one client.",
  threat: "Leaked passwords are tried one after the other until one fits.",
  remedy:
    "Keep the declaration's default of 10 requests in a minute on `/login*` and `/api/login*`, or set `loginRateLimit` and `loginPaths` on the route.",
  judged:
    "Fails when no limit is on, or one above thirty in a minute. Not applicable where the route has no login, and in files where no login path is named.",
  frameworks: { nistCsf: ["PR.AA-03"], coverage: ["A2"] },
  exposureMatters: false,

  check(route, system) {
    const behind = whyBehindAnother(route, system);
    if (behind !== undefined) return notApplicable(behind);
    if (route.lens === "written" && route.loginRateLimit.kind === "unstated") {
      return notApplicable("which paths log in is not told here; edge.rate-limited judges the route");
    }
    // In a file it means that the proxy asks nobody; the application behind it may.
    if (knownValue(route.authentication) === "none" && route.lens !== "written")
      return notApplicable("the route has no login");
    return demandOfRoute(route, route.loginRateLimit, isTight, { what: "the rate limit of logins", show: showRate });
  },
});

function isTight(limit: RateLimit | "none"): boolean {
  return limit !== "none" && limit.requests > 0 && (limit.requests * 60) / limit.windowSeconds <= mostPerMinute;
}
