/**
 * Where signing in alone makes an administrator, whoever gets any account has everything.
 *
 * Reads:  repository-file.configuration (Argo CD)
 * Passes: the role that everybody has does not administer the program.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";
import { serviceConfigurationOf, serviceSoftware } from "../knowledge/service-configuration.ts";

export const administrationNamed = defineControl({
  id: "identity.administration-named",
  on: "repository-file",
  software: serviceSoftware,
  severity: "medium",
  title: "Nobody is an administrator by signing in alone",
  claim: "Only accounts and groups that are named for it administer what delivers to the cluster.",
  threat:
    "An account of the sign-in server that was made for something else, or a stolen one of a guest, deploys whatever it likes into the whole cluster.",
  remedy:
    'Set `policy.default: ""` (or `role:readonly`) in `argocd-rbac-cm`, and name the administrators in `policy.csv`: `g, your-group, role:admin`.',
  judged:
    "Fails for an Argo CD whose `policy.default` is `role:admin` or a role with all rights, in its ConfigMaps, in what a kustomization changes of them, and in the values of its chart. Not applicable where nobody but the built-in administrator can sign in, and where identity.configured-login-required tells that others than one's own people have that role. Unknown when the role cannot be resolved.",
  limits: "What a group of the sign-in server holds is not seen.",
  frameworks: { owaspKubernetes: ["K02"], nistCsf: ["PR.AA-05"], zeroTrust: ["3"], coverage: ["A3"] },
  exposureMatters: false,

  check(file) {
    const found = serviceConfigurationOf(file)?.configuration.administersOnSignIn;
    if (found === undefined) return notApplicable("it gives nobody a role by default");
    return demand(found, (clause) => clause === "none", {
      what: "`policy.default`",
      show: (clause) => (clause === "none" ? "no administrator" : `a role by which whoever signs in ${clause}`),
    });
  },
});
