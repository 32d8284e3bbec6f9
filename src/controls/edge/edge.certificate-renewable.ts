/**
 * A certificate that is renewed too late, or by a date that no longer fits, ends while everybody sleeps.
 *
 * Reads:  certificate.certManager: duration, renewBefore, renewBeforePercentage, renewed, issuerKind
 * Passes: it is renewed in a part of its life that leaves time to notice a failure.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { CertManagerExtension } from "../../facts/extensions-cluster.ts";
import { type Fact, knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

const day = 86_400;
/**
 * What Let's Encrypt issues by default from February 2028 on, after 64 days from February 2027. Source: letsencrypt.org,
 * "Decreasing Certificate Lifetimes to 45 Days".
 */
const shortestPublic = 45 * day;
/** Of its life, what may be left at most, and must be left at least, when the renewal begins. */
const most = 2 / 3;
const least = 1 / 10;

export const certificateRenewable = defineControl({
  id: "edge.certificate-renewable",
  on: "certificate",
  severity: "low",
  title: "Certificates are renewed in time",
  claim: "Every certificate that the cluster asks for is renewed with time to spare, also when lifetimes shrink.",
  threat: "Every service behind the name fails at once, or people learn to click the warning away.",
  remedy:
    "Leave `renewBefore` out, for cert-manager then renews at two thirds of the actual lifetime; or use `renewBeforePercentage: 33`.",
  judged:
    "For certificates of cert-manager. Passes without `renewBefore`, and for one that leaves more than a tenth and less than two thirds of the lifetime; what public authorities sign is taken to live 45 days at most, as Let's Encrypt's will from 2028 on. Fails at low otherwise; at medium when the time is as long as the requested lifetime, and when renewal is off.",
  limits: "How long a certificate really lives is the authority's choice.",
  platforms: ["kubernetes"],
  frameworks: { nsaKubernetes: ["encryption"], nistCsf: ["PR.DS-02", "PR.PS-01"], coverage: ["T2", "T3"] },
  exposureMatters: false,

  check({ certManager }): Judgement {
    if (certManager === undefined) return notApplicable("no cluster asks for it");
    const { renewed, renewBefore, renewBeforePercentage, duration } = certManager;
    for (const fact of [renewed, renewBefore, renewBeforePercentage, duration] as readonly Fact<unknown>[]) {
      if (fact.kind === "unknown") return cannotTell("when it is renewed", fact.why, { place: fact.place });
    }
    if (knownValue(renewed) === false)
      return fail("its renewal is switched off", { place: renewed.place, severity: "medium" });
    const share = knownValue(renewBeforePercentage);
    if (share !== undefined) return judgeShare(share, renewBeforePercentage.place);
    const before = knownValue(renewBefore);
    if (before === undefined) return pass("it is renewed at two thirds of its life, as cert-manager does by itself");
    return judgeFixed(before, certManager);
  },
});

function judgeShare(percent: number, place: Fact<number>["place"]): Judgement {
  if (percent >= least * 100 && percent <= 90) return pass(`it is renewed with ${percent} % of its life left`, place);
  return fail(`it is renewed with ${percent} % of its life left`, { place });
}

function judgeFixed(before: number, { renewBefore, duration, issuerKind }: CertManagerExtension): Judgement {
  const { place } = renewBefore;
  const asked = knownValue(duration) ?? 90 * day;
  const shown = `${days(before)} before its end`;
  if (before >= asked) {
    return fail(`it is to be renewed ${shown}, and lives ${days(asked)}: there is no such time`, {
      place,
      severity: "medium",
    });
  }
  if (issuerKind.kind === "unknown" && before >= shortestPublic * most) {
    return cannotTell("whether that is in time", issuerKind.why, { place: issuerKind.place, severity: "info" });
  }
  const issuer = knownValue(issuerKind);
  const isPublic = issuer === "acme" || issuer === "acme-staging";
  const life = isPublic ? Math.min(asked, shortestPublic) : asked;
  if (before >= life * most) {
    const why = life < asked ? `, which is most of the ${days(life)} that public certificates come to live` : "";
    return fail(`it is renewed ${shown}${why}`, { place });
  }
  if (before < life * least)
    return fail(`it is renewed ${shown} only, which leaves little time when that fails`, { place });
  return pass(`it is renewed ${shown}`, place);
}

function days(seconds: number): string {
  return seconds < 2 * day ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / day)} days`;
}
