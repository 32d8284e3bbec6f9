/**
 * A certificate that nobody's browser knows teaches people to pass warnings by.
 *
 * Reads:  certificate.certManager: issuerKind, authority, servedFor
 * Passes: an authority that its users can know signs what is served.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { listed } from "../../lib/listed.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const certificateTrusted = defineControl({
  id: "edge.certificate-trusted",
  on: "certificate",
  severity: "low",
  title: "What is served has a certificate that can be trusted",
  claim: "Names are served with certificates of an authority that visitors' programs know.",
  threat: "Whoever has learnt to accept the warning accepts it from an attacker too, who needs no certificate then.",
  remedy:
    "Use an issuer with the production server of an ACME authority, or a CA of your own (`ca`) whose root certificate is installed on your devices.",
  judged:
    "For certificates of cert-manager: fails for a trial server (`staging`), at medium where an Ingress or Gateway serves with it, and for one that signs itself and is served. A self-signed certificate of an authority passes: every chain begins with one. Unknown at info when the issuer is not among the files.",
  platforms: ["kubernetes"],
  frameworks: { nsaKubernetes: ["encryption"], zeroTrust: ["2"], nistCsf: ["PR.DS-02"], coverage: ["T1", "T3"] },
  exposureMatters: false,

  check({ certManager }): Judgement {
    if (certManager === undefined) return notApplicable("no cluster asks for it");
    const { issuerKind, issuer, authority, servedFor } = certManager;
    if (issuerKind.kind === "unknown") {
      return cannotTell("who signs it", issuerKind.why, { place: issuerKind.place, severity: "info" });
    }
    const kind = knownValue(issuerKind);
    const served = servedFor.length === 0 ? "" : `, and ${listed(servedFor)} is served with it`;
    if (kind === "acme-staging") {
      return fail(`${issuer} is a trial authority, which no program trusts${served}`, {
        ...(servedFor.length === 0 ? {} : { severity: "medium" as const }),
      });
    }
    if (kind !== "self-signed") return pass(`${issuer} signs it`, issuerKind.place);
    if (authority.kind === "unknown") return cannotTell("whether it is an authority's", authority.why);
    if (knownValue(authority) === true) return pass("it is that of an authority of one's own", authority.place);
    return servedFor.length === 0
      ? notApplicable("it signs itself, and no route is seen to serve with it")
      : fail(`it signs itself${served}`);
  },
});
