/**
 * An API that answers every web page answers the one that an administrator should not have opened.
 *
 * Reads:  host.incus.allowedOrigin, host.incus.allowedCredentials
 * Passes: no origin, or a named one, may use the API from a browser.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const engineOriginNarrow = defineControl({
  id: "identity.engine-origin-narrow",
  on: "host",
  platforms: ["incus"],
  severity: "medium",
  title: "The server's API answers no foreign web page",
  claim: "No web page but a named one may use the API of the server.",
  threat:
    "A page that an administrator opens asks the API with the certificate that the browser holds, and starts a container with the host's disk.",
  remedy: 'Name the one origin: `"core.https_allowed_origin" = "https://incus.example.org"`; or remove the key.',
  judged: "Fails for the origin `*`: medium, high where credentials are allowed too.",
  frameworks: { nistCsf: ["PR.AA-05"], coverage: ["T7"] },
  exposureMatters: false,

  check({ incus }) {
    if (incus === undefined) return notApplicable("no Incus server");
    const { allowedOrigin: origin, allowedCredentials } = incus;
    if (origin.kind === "unknown")
      return cannotTell("which pages may use the API", origin.why, { place: origin.place });
    const value = knownValue(origin);
    if (value === undefined) return pass("no web page may use the API", origin.place);
    if (value.trim() !== "*") return pass(`only ${value} may use the API`, origin.place);
    const severity = knownValue(allowedCredentials) === true ? ("high" as const) : ("medium" as const);
    return fail("every web page may use the API: `core.https_allowed_origin` is *", { place: origin.place, severity });
  },
});
