/**
 * A key that is kept for ever is worth stealing for ever.
 *
 * Reads:  certificate.certManager.keyRotated
 * Passes: each renewal makes a new key.
 */

import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { demand, notApplicable } from "../judge.ts";

export const certificateKeyRenewed = defineControl({
  id: "edge.certificate-key-renewed",
  on: "certificate",
  severity: "low",
  title: "Renewal makes a new key",
  claim: "A certificate's private key is replaced whenever the certificate is.",
  threat: "Whoever copied the key once, from a backup or a log, passes for the server after every renewal too.",
  remedy:
    "Remove `rotationPolicy: Never`: since cert-manager 1.18 a new key is made by default. Only what pins the key (DANE, an app with a pinned key) needs an exception.",
  judged: "For certificates of cert-manager: fails for `privateKey.rotationPolicy: Never`.",
  platforms: ["kubernetes"],
  frameworks: { nsaKubernetes: ["encryption"], nistCsf: ["PR.AA-01", "PR.DS-02"], coverage: ["T2"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Each renewal makes a new key: what pins the old one (DANE, an app) has to follow.",
    edits: (_certificate, _system, judgement) => wordAt(judgement, "Never", "Always"),
  },

  check({ certManager }) {
    if (certManager === undefined) return notApplicable("no cluster asks for it");
    return demand(certManager.keyRotated, (value) => value, {
      what: "a new key at each renewal",
      show: (value) => (value ? "on" : "off"),
    });
  },
});
