import type { KubernetesWorkloadExtension } from "../../../../facts/extensions-kubernetes.ts";
import { defaulted, type Fact, knownValue, unstated } from "../../../../facts/fact.ts";
import { asText, Fields } from "../../../../formats/fields.ts";
import { isStaticControlPlane } from "../control-plane.ts";
import type { PodContext } from "./context.ts";
import { flagFact } from "./scalars.ts";

/**
 * The account that a pod acts as, and whether its token is mounted: the pod's own word counts before the account's, and
 * where neither has one it is, but for a static pod. `serviceAccount` is the older name of `serviceAccountName`.
 */
export function readServiceAccount(
  pod: PodContext,
): Pick<KubernetesWorkloadExtension, "serviceAccount" | "tokenMounted"> {
  const { spec } = pod.template;
  const older = spec.fact("serviceAccount", asText, "a text", (at) => defaulted("default", "platform", at));
  const serviceAccount = spec.fact("serviceAccountName", asText, "a text", () => older);
  const own = flagFact(spec, "automountServiceAccountToken", unstated);
  if (own.kind !== "unstated") return { serviceAccount, tokenMounted: own };
  if (isStaticControlPlane(pod.object))
    return { serviceAccount, tokenMounted: defaulted(false, "platform", own.place) };
  const ofAccount = accountWord(pod, knownValue(serviceAccount));
  const tokenMounted: Fact<boolean> =
    ofAccount.kind === "unstated" ? defaulted(true, "platform", own.place) : ofAccount;
  return { serviceAccount, tokenMounted };
}

/** What the ServiceAccount object says, where it is among the files. */
function accountWord({ cluster, namespace, object }: PodContext, name: string | undefined): Fact<boolean> {
  const account = cluster
    .ofKind("", "ServiceAccount")
    .find((candidate) => candidate.name === name && cluster.namespaceOf(candidate) === namespace);
  if (account === undefined) return unstated(object.place);
  const fields = Fields.of(account.node, account.place, "ServiceAccount");
  return flagFact(fields, "automountServiceAccountToken", unstated);
}
