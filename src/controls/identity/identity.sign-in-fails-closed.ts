/**
 * A sign-in that lets everybody through while its server is down is one that somebody can switch off from outside.
 *
 * Reads:  route.delegation (whom the proxy asks, and what it does while nobody answers)
 * Passes: who is not let through by the one that is asked is not let through.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const signInFailsClosed = defineControl({
  id: "identity.sign-in-fails-closed",
  on: "route",
  severity: "medium",
  title: "A sign-in that fails keeps everybody out",
  claim: "Nobody is let past a sign-in because the one who asks for it does not answer.",
  threat:
    "Whoever overloads the sign-in server, or waits until it is restarted, walks into everything that it was to guard.",
  remedy:
    "Remove `failOpen: true`: while the sign-in server is down, what it guards is down too. Let two of it run where that matters.",
  judged:
    "Fails for `failOpen: true` under `extAuth` of a SecurityPolicy of Envoy Gateway and under `authorization` of an HTTPProxy of Contour, unless the proxy itself asks for a sign-in on that way too. Such a sign-in counts for none elsewhere. Not applicable to proxies that have no such switch: Traefik, ingress-nginx, Caddy and nginx let nobody through then.",
  frameworks: { nistCsf: ["PR.AA-03", "PR.AA-05"], zeroTrust: ["6"], coverage: ["A3"] },
  exposureMatters: false,

  check({ delegation }) {
    const asked = delegation?.asked.filter(({ failsOpen }) => failsOpen !== undefined) ?? [];
    const [first] = asked;
    if (delegation === undefined || first === undefined)
      return notApplicable("its proxy asks nobody, or lets nobody through without an answer");
    const besides = knownValue(delegation.besides);
    if (besides !== undefined && besides !== "none")
      return pass("the proxy itself asks for a sign-in too", first.place);
    const open = asked.find(({ failsOpen }) => failsOpen && knownValue(failsOpen) === true);
    if (open !== undefined)
      return fail(`everybody is let through while \`${open.by}\` gets no answer: \`failOpen\` is true`, {
        place: open.failsOpen?.place ?? open.place,
      });
    for (const { failsOpen } of asked)
      if (failsOpen?.kind === "unknown")
        return cannotTell("whether everybody is let through while the sign-in server is down", failsOpen.why, {
          place: failsOpen.place,
          severity: "low",
        });
    return pass("nobody is let through without an answer", first.place);
  },
});
