/**
 * Whoever can pass for the authority gets to sign, and learns what is asked for.
 *
 * Reads:  certificate.certManager: server, serverUnverified
 * Passes: the ACME server is asked over TLS, and its own certificate is verified.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const certificateAuthorityVerified = defineControl({
  id: "edge.certificate-authority-verified",
  on: "certificate",
  severity: "medium",
  title: "The certificate authority itself is verified",
  claim: "Certificates are asked for only from an authority whose own certificate is verified.",
  threat:
    "Whoever stands between answers in the authority's place and has their own certificate served, by which they read what visitors send.",
  remedy: "Use the `https://` address, remove `skipTLSVerify`, and give the root of an own authority as `caBundle`.",
  judged:
    "For certificates of cert-manager from an ACME server: fails when its address begins with `http://`, and for `skipTLSVerify: true`; at low where the server is inside the cluster (`….svc`).",
  platforms: ["kubernetes"],
  frameworks: {
    nsaKubernetes: ["encryption"],
    zeroTrust: ["2"],
    nistCsf: ["PR.DS-02", "PR.AA-03"],
    coverage: ["T1", "T5"],
  },
  exposureMatters: false,

  check({ certManager }): Judgement {
    if (certManager === undefined) return notApplicable("no cluster asks for it");
    const { server, serverUnverified, issuer } = certManager;
    if (server.kind === "unknown")
      return cannotTell("which authority is asked", server.why, { place: server.place, severity: "info" });
    const address = knownValue(server);
    if (address === undefined) return notApplicable(`${issuer} is no ACME server`);
    const inside = /^https?:\/\/[^/:]+\.svc(?:\.cluster\.local)?(?:[:/]|$)/i.test(address);
    const extras = inside ? ({ severity: "low" } as const) : {};
    if (/^http:/i.test(address)) return fail(`${issuer} is asked without TLS`, { place: server.place, ...extras });
    if (serverUnverified.kind === "unknown") return cannotTell("whether it is verified", serverUnverified.why);
    return knownValue(serverUnverified) === true
      ? fail(`${issuer} is not verified (\`skipTLSVerify\`)`, { place: serverUnverified.place, ...extras })
      : pass(`${issuer} is asked over TLS and verified`, server.place);
  },
});
