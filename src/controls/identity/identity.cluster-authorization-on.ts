/**
 * `AlwaysAllow` makes an administrator of everybody who can sign in.
 *
 * Reads:  repository-file.configuration (Talos: arguments of API server and kubelet)
 * Passes: neither allows every request.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { TalosArgument } from "../../facts/configuration/talos.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { all, cannotTell, fail, forbidAny } from "../judge.ts";
import { argumentsNamed, onMachine } from "../knowledge/talos.ts";

export const clusterAuthorizationOn = defineControl({
  id: "identity.cluster-authorization-on",
  on: "repository-file",
  software: ["talos"],
  severity: "critical",
  title: "API server and kubelet ask whether a request is allowed",
  claim: "No request to the API server or a kubelet is allowed because it was made.",
  threat:
    "Every account of the cluster, the one in each pod too, reads all Secrets and runs commands in every container.",
  remedy:
    "Take `AlwaysAllow` out of `authorization-mode`; Talos's own is `Node,RBAC` for the API server and `Webhook` for the kubelet.",
  judged:
    "Fails when `authorization-mode` of the API server or the kubelet has `AlwaysAllow`. Nothing stated passes: Talos states it. Unknown when it cannot be told.",
  frameworks: {
    cisKubernetes: ["4.2.2", "1.2.6"],
    nsaKubernetes: ["rbac", "control-plane"],
    owaspKubernetes: ["K02"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["W9", "A10"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour: "Requests are allowed by what roles say, and by nothing else.",
    onlyNamed: true,
    edits: (_file, _system, { place, detail }) =>
      valueAt(
        place,
        /["']?authorization-mode["']?:[ \t]*["']?([\w,]+)/,
        detail === "the kubelet" ? "Webhook" : "Node,RBAC",
      ),
  },

  check(file) {
    return onMachine(file, (machine) => {
      return all(
        forbidAny(
          argumentsNamed(machine.apiServerArguments, "authorization-mode"),
          (flag) => judge(flag, "the API server"),
          {
            what: "the list of the API server's arguments",
            none: "the API server asks whether a request is allowed",
          },
        ),
        forbidAny(
          argumentsNamed(machine.kubeletArguments, "authorization-mode"),
          (flag) => judge(flag, "the kubelet"),
          {
            what: "the list of the kubelet's arguments",
            none: "the kubelet asks whether a request is allowed",
          },
        ),
      );
    });
  },
});

function judge({ value, place }: TalosArgument, who: string): Judgement | undefined {
  if (value.kind === "unknown") return cannotTell(`what ${who} allows`, value.why, { place, detail: who });
  return value.kind === "stated" && /(?:^|,)\s*AlwaysAllow\s*(?:,|$)/.test(value.value)
    ? fail(`${who} allows every request (\`authorization-mode=${value.value}\`)`, { place, detail: who })
    : undefined;
}
