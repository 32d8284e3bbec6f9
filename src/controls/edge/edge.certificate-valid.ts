/**
 * An expired certificate teaches people to click warnings away, or stops what depends on it.
 *
 * Reads:  certificate.notAfter, certificate.inFile.notBefore, certificate.inFile.asOf
 * Passes: the certificate is valid today and for some time to come.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

const day = 86_400_000;
/** Of a certificate's whole life, the last part in which it should have been replaced. */
const lastPart = 1 / 3;
/** And no more than so many days, for those that live for years. */
const mostDays = 30;

export const certificateValid = defineControl({
  id: "edge.certificate-valid",
  on: "certificate",
  severity: "medium",
  title: "Certificates in files are valid",
  claim: "No certificate in these files has expired or is about to.",
  threat:
    "Whatever serves it fails, or its users learn to accept warnings and accept an attacker's certificate as well.",
  remedy: "Renew it, and let that be done by itself (ACME) in the last third of its life.",
  judged:
    "For certificates in files, as PEM or DER: fails medium when the last day is over or the first has not come, low in the last third of its life, at most 30 days before its end. Not applicable to certificates that a cluster is asked for, and to SSH keys.",
  limits: "Whether the file is the one that is served is not seen here; a probe sees that.",
  frameworks: { nistCsf: ["PR.DS-02", "PR.PS-01"], coverage: ["T3", "T6"] },
  exposureMatters: false,

  check({ inFile, notAfter, names }) {
    if (inFile === undefined || inFile.format !== "x509") return notApplicable("it is no certificate in a file");
    const name = names[0] ?? "without a name";
    const { asOf, notBefore } = inFile;
    if (asOf.kind === "unknown")
      return cannotTell(`whether the certificate ${name} is valid`, asOf.why, { place: asOf.place });
    if (notAfter.kind === "unknown")
      return cannotTell(`when the certificate ${name} ends`, notAfter.why, { place: notAfter.place });
    const now = Date.parse(knownValue(asOf) ?? "");
    const end = Date.parse(knownValue(notAfter) ?? "");
    if (Number.isNaN(now) || Number.isNaN(end))
      return cannotTell(`when the certificate ${name} ends`, "its dates are missing");
    const place = notAfter.place;
    const until = new Date(end).toISOString().slice(0, 10);
    if (end < now) return fail(`the certificate ${name} expired on ${until}`, { place });
    if (notBefore.kind === "unknown")
      return cannotTell(`when the certificate ${name} begins`, notBefore.why, { place });
    const start = Date.parse(knownValue(notBefore) ?? "");
    if (start > now) {
      return fail(`the certificate ${name} is valid only from ${new Date(start).toISOString().slice(0, 10)}`, {
        place,
      });
    }
    const margin = Math.min(mostDays * day, (end - start) * lastPart);
    return end - now < margin
      ? fail(`the certificate ${name} expires on ${until}, in ${Math.floor((end - now) / day)} days`, {
          place,
          severity: "low",
        })
      : pass(`the certificate ${name} is valid until ${until}`, place);
  },
});
