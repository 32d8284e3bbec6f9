/**
 * Every pod gets a key to the cluster's API, whether it has business there or not.
 *
 * Reads:  workload.kubernetes.tokenMounted, workload.kubernetes.serviceAccount, principal.roles
 * Passes: the account's token is not mounted, or the account is one of its own that roles are given to.
 */

import type { KubernetesWorkloadExtension } from "../../facts/extensions-kubernetes.ts";
import { knownValue } from "../../facts/fact.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { setInPod } from "../fix.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const apiTokenUnmounted = defineControl({
  id: "workload.api-token-unmounted",
  on: "workload",
  platforms: ["kubernetes"],
  severity: "low",
  title: "The API's token is mounted only where it is needed",
  claim: "No pod holds a token of the cluster's API that it has no use for.",
  threat:
    "Whoever takes over the program finds a key to the API server beside it: it tells what the cluster is, and has every right that is ever given to the account, or to all accounts.",
  remedy: "Add `automountServiceAccountToken: false` to the pod's `spec`, or to its ServiceAccount.",
  judged:
    "Fails when the token is mounted, which is the default, and no role is seen to be given to the pod's account, or it is `default`, which every pod of the namespace has. One that a role is given to is taken to need it: its rights are judged by themselves. Unknown when the field cannot be resolved.",
  limits: "Roles that a chart or an operator gives at run time are not seen.",
  frameworks: {
    cisKubernetes: ["5.1.6"],
    nsaKubernetes: ["service-account-tokens"],
    owaspKubernetes: ["K01"],
    nistCsf: ["PR.AA-05"],
    zeroTrust: ["3"],
    coverage: ["A10"],
  },
  exposureMatters: false,
  fix: {
    changesBehaviour: "The program can no longer ask the cluster's API, also where a role is given to it at run time.",
    onlyNamed: true,
    edits(workload) {
      const tokenMounted = workload.kubernetes?.tokenMounted;
      if (tokenMounted === undefined || tokenMounted.kind === "stated") return undefined;
      const edit = setInPod(workload, ["automountServiceAccountToken"], false);
      return edit === undefined ? undefined : [edit];
    },
  },

  check({ kubernetes }, system) {
    if (kubernetes === undefined) return notApplicable("not a pod");
    const { tokenMounted, serviceAccount } = kubernetes;
    if (tokenMounted.kind === "unknown")
      return cannotTell("whether the token is mounted", tokenMounted.why, { place: tokenMounted.place });
    if (tokenMounted.kind !== "unstated" && !tokenMounted.value) return pass("no token is mounted", tokenMounted.place);
    const account = knownValue(serviceAccount);
    if (account === undefined)
      return cannotTell(
        "whose token is mounted",
        serviceAccount.kind === "unknown" ? serviceAccount.why : "nobody says",
      );
    const hasRoles = hasRights(account, kubernetes, system);
    if (account !== "default" && hasRoles)
      return notApplicable(`roles are given to its account ${account}, which it needs the token for`);
    const rights = hasRoles ? "with all that its roles allow" : "and no role is seen to be given to it";
    return fail(`the token of the account ${account} is mounted, ${rights}`, { place: tokenMounted.place });
  },
});

function hasRights(account: string, { namespace }: KubernetesWorkloadExtension, system: System): boolean {
  const name = `ServiceAccount ${namespace}/${account}`;
  const principal = system.get({ kind: "principal", system: system.name, name });
  return principal !== undefined && principal.roles.items.length > 0;
}
