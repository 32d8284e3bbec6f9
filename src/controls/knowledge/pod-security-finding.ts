import type { KubernetesContainerExtension, KubernetesSecurityContext } from "../../facts/extensions-kubernetes.ts";
import type { Fact, FactList } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import type { Found, PodFacts } from "./pod-security.ts";

/** A security context with the level that it is written at. */
export interface ContextAt {
  readonly where: string;
  readonly security: KubernetesSecurityContext;
}

export const wholePod = "the pod";

export function containerWhere({ name, role }: KubernetesContainerExtension): string {
  return role === "init" || role === "ephemeral" ? `${role} container ${name}` : `container ${name}`;
}

/** The containers of a pod that say what only pods say. */
export function extensionsOf({ containers }: PodFacts): readonly KubernetesContainerExtension[] {
  return containers.flatMap(({ kubernetes }) => (kubernetes === undefined ? [] : [kubernetes]));
}

/** The pod's security context and each container's. */
export function contextsOf(pod: PodFacts): readonly ContextAt[] {
  const { kubernetes } = pod.workload;
  const own = kubernetes === undefined ? [] : [{ where: wholePod, security: kubernetes.security }];
  return [...own, ...extensionsOf(pod).map((each) => ({ where: containerWhere(each), security: each.security }))];
}

export function violated(check: string, where: string, what: string, place: Place): Found {
  return { violation: { check, where, what, place } };
}

/** The same with the field that it is of, for a check of several. */
export function ofField(found: Found, field: string): Found {
  return "violation" in found ? { violation: { ...found.violation, field } } : found;
}

/** A violation that does not count if something that cannot be resolved is as it may be. */
export function doubted(found: Found, why: string): Found {
  if ("doubt" in found) return found;
  return { doubt: { check: found.violation.check, why, place: found.violation.place } };
}

/** A written value that must not be; nothing where it is not written. */
export function forbidden<T>(
  check: string,
  where: string,
  fact: Fact<T>,
  bad: (value: T) => boolean,
  say: (value: T) => string,
): readonly Found[] {
  switch (fact.kind) {
    case "unknown":
      return [{ doubt: { check, why: fact.why, place: fact.place } }];
    case "unstated":
      return [];
    default:
      return bad(fact.value) ? [violated(check, where, say(fact.value), fact.place)] : [];
  }
}

/** What of a list must not be; a list that is not whole is a doubt as well. */
export function forbiddenIn<T extends { readonly place: Place }>(
  check: string,
  where: string,
  list: FactList<T>,
  say: (item: T) => string | undefined,
): readonly Found[] {
  const found: Found[] = list.items.flatMap((item) => {
    const what = say(item);
    return what === undefined ? [] : [violated(check, where, what, item.place)];
  });
  return list.complete ? found : [...found, { doubt: { check, why: list.why, place: list.place } }];
}
