/**
 * A name and a version in every answer save an attacker the asking.
 *
 * Reads:  route.headers
 * Passes: no Server header is sent.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { whyBehindAnother } from "../knowledge/front-door.ts";

export const serverHeaderRemoved = defineControl({
  id: "edge.server-header-removed",
  on: "route",
  severity: "low",
  title: "No Server header is sent",
  claim: "No route tells the name or version of what serves it.",
  threat: "Lists of servers with a known hole are made from this header.",
  remedy:
    "Remove it at the proxy: `header -Server` in Caddy, a `headers` middleware with an empty `Server` in Traefik, `server_tokens off` and `more_clear_headers Server` in nginx.",
  judged:
    "Fails when the header is sent with any text; info in a file that has it sent without a version. Not applicable where a file says nothing of it. Unknown when not all measured headers are known.",
  frameworks: { nistCsf: ["PR.PS-01"], coverage: ["H1"] },
  exposureMatters: false,

  check(route, system) {
    const { headers, lens } = route;
    const behind = whyBehindAnother(route, system);
    if (behind !== undefined) return notApplicable(behind);
    const header = headers.items.findLast((each) => each.name === "server");
    if (header !== undefined && header.value !== null && header.value.trim() !== "") {
      // A name alone says little of what holes there are.
      const extras = lens === "written" && !/version|\d/.test(header.value) ? ({ severity: "info" } as const) : {};
      return fail(`the header server is "${header.value}"`, { place: header.place, ...extras });
    }
    if (header !== undefined) return pass("the header server is removed", header.place);
    if (lens === "written") return notApplicable("no file says what becomes of it");
    if (!headers.complete)
      return cannotTell("whether the header server is sent", headers.why, { place: headers.place });
    // A declared route says what it does with the header; only an answer that was seen can lack it.
    return lens === "measured"
      ? pass("no header server is sent", headers.place)
      : fail("nothing removes the header server", { place: headers.place });
  },
});
