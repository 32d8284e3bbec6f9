/**
 * Without the API server's audit log nobody can tell who did what in the cluster.
 *
 * Reads:  repository-file.configuration (Talos: auditPolicy)
 * Passes: requests are recorded, and what is in Secrets is not.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { TalosMachine } from "../../facts/configuration/talos.ts";
import { defineControl } from "../define.ts";
import { all, fail, pass } from "../judge.ts";
import { demandOf, onControlPlane } from "../knowledge/talos.ts";

export const clusterAudited = defineControl({
  id: "detection.cluster-audited",
  on: "repository-file",
  software: ["talos"],
  severity: "medium",
  title: "The API server records requests, and no Secret with them",
  claim: "The API server's audit log is on, and the contents of Secrets are left out of it.",
  threat:
    "An intrusion leaves no trace in the cluster; or the log itself, which goes to a collector, holds every Secret that was read or written.",
  remedy:
    "Leave Talos's own policy (level Metadata for everything), or put a rule with level Metadata for `secrets`, `configmaps` and `tokenreviews` before rules with more.",
  judged:
    "Talos records the metadata of every request where no policy is stated. Fails when a stated policy has no rule but those of level None, and when the first rule that takes Secrets records their bodies (Request, RequestResponse). Unknown when the policy cannot be told.",
  limits: "That the log leaves the machine is not seen here.",
  frameworks: {
    cisKubernetes: ["1.2.16", "3.2.1", "3.2.2"],
    nsaKubernetes: ["audit-logging"],
    owaspKubernetes: ["K10"],
    zeroTrust: ["7"],
    nistCsf: ["PR.PS-04", "DE.CM-03"],
    coverage: ["M9", "W9"],
  },
  exposureMatters: false,

  check(file) {
    return onControlPlane(file, (machine) => {
      const { audit } = machine;
      const records = demandOf(audit, machine, (policy) => policy.records, {
        what: "the audit log",
        show: (policy) => (policy.records ? "on" : "off"),
        detail: "on",
      });
      return records.verdict === "pass" ? all(records, bodies(audit)) : records;
    });
  },
});

function bodies(audit: TalosMachine["audit"]): Judgement {
  const found = audit.kind === "stated" && audit.value.bodiesOfSecrets;
  return found
    ? fail("the audit log records what is in Secrets", { place: audit.place, detail: "secrets" })
    : pass("the audit log leaves out what is in Secrets", audit.place);
}
