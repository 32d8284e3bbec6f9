import type { TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import type { ClusterContext } from "../context.ts";
import { type Answer, and, holds, matches, onlyValue, type Requirement, type Selector, selectorOf } from "../labels.ts";
import { type Needs, neededLabels, neededValues } from "../pod-index.ts";
import type { Candidate } from "./policy.ts";

const namespaceKey = "io.kubernetes.pod.namespace";
const namespaceLabelPrefix = "io.cilium.k8s.namespace.labels.";
const accountKey = "io.cilium.k8s.policy.serviceaccount";
const clusterKey = "io.cilium.k8s.policy.cluster";

/** A selector of endpoints, with the sources of labels (`k8s:`, `any:`) taken off. */
export interface CiliumSelector extends Selector {
  /** Whether it says in which namespaces; one that does not means its policy's own. */
  readonly namesNamespace: boolean;
}

export function ciliumSelector(node: TreeNode | undefined, place: Place): CiliumSelector {
  const { requirements, doubt } = selectorOf(node, place);
  const plain = requirements.map((requirement) => ({
    ...requirement,
    key: requirement.key.replace(/^(?:k8s|any):/, ""),
  }));
  const namesNamespace = plain.some(({ key }) => key === namespaceKey || key.startsWith(namespaceLabelPrefix));
  return { requirements: plain, doubt, namesNamespace };
}

/**
 * Whether a selector takes a pod. Cilium gives each endpoint labels for its namespace, the labels of that namespace and
 * its service account, beside the pod's own. Source: Cilium's documentation, "Identity" and "Using Kubernetes Constructs
 * In Policy".
 */
export function ciliumMatch(selector: CiliumSelector, pod: Candidate, context: ClusterContext): Answer {
  let answer: Answer = selector.doubt === undefined ? "yes" : { doubt: selector.doubt };
  for (const requirement of selector.requirements) {
    answer = and(meets(requirement, pod, context), answer);
    if (answer === "no") return "no";
  }
  return answer;
}

function meets(requirement: Requirement, pod: Candidate, context: ClusterContext): Answer {
  const { key } = requirement;
  // What is not a pod (a host, the world) has labels of its own.
  if (key.startsWith("reserved:")) return requirement.operator === "DoesNotExist" ? "yes" : "no";
  if (key === namespaceKey) return compare(requirement, pod.namespace);
  if (key.startsWith(namespaceLabelPrefix)) {
    const own = { ...requirement, key: key.slice(namespaceLabelPrefix.length) };
    return matches({ requirements: [own], doubt: undefined }, context.namespaceLabels(pod.namespace));
  }
  if (key === accountKey) {
    const account = pod.serviceAccount;
    if (account.kind === "unknown") return { doubt: account.why };
    return account.kind === "unstated" ? compare(requirement, "default") : compare(requirement, account.value);
  }
  if (key === clusterKey) return { doubt: "the cluster's own name is not known" };
  return matches({ requirements: [requirement], doubt: undefined }, pod.labels);
}

/** What every endpoint has that a selector takes: the namespace that it names, and a label of the pod's own. */
export function ciliumNeeds(selector: CiliumSelector): Needs {
  return { namespaces: neededValues(selector, namespaceKey), labels: neededLabels(selector, isOfPod) };
}

function isOfPod(key: string): boolean {
  return (
    !key.startsWith("reserved:") &&
    !key.startsWith(namespaceLabelPrefix) &&
    key !== namespaceKey &&
    key !== accountKey &&
    key !== clusterKey
  );
}

function compare(requirement: Requirement, value: string): Answer {
  return holds(requirement, value) ? "yes" : "no";
}

/** The one namespace that a selector names; undefined for several, or none. */
export function namespaceIn(selector: CiliumSelector): string | undefined {
  return onlyValue(selector, namespaceKey);
}
