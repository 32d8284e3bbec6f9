import { knownValue, unstated, whyUnknown } from "../../../../facts/fact.ts";
import { asInteger, type Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import { itemsIn } from "../context.ts";
import type { Backend } from "../services.ts";
import { referredBy } from "./grants.ts";
import { isRefusedBackend } from "./refused.ts";

/** Who answers behind a rule of a route, with the reference that names them; none of those that a Gateway refuses. */
export interface GrantedBackend {
  readonly ref: Fields;
  readonly backend: Backend;
}

export function grantedBackends(rule: Fields, object: KubernetesObject, cluster: Cluster): readonly GrantedBackend[] {
  return itemsIn(rule, "backendRefs")
    .filter((ref) => !isRefusedBackend(ref, object, cluster.grants))
    .map((ref) => ({ ref, backend: backendOf(ref, object, cluster) }));
}

/** A backend is a Service unless it says otherwise; others (an import, an object store) are not followed. */
function backendOf(ref: Fields, object: KubernetesObject, { context, services }: Cluster): Backend {
  const { kind, namespace, name } = referredBy(ref, "Service");
  const port = ref.fact("port", asInteger, "a port", unstated);
  const why = whyUnknown([kind, namespace, name, port]);
  if (why !== undefined) return { why };
  const what = knownValue(kind);
  if (what !== "Service") return { why: `its backend is a ${what}` };
  return services.backend(
    knownValue(namespace) ?? context.namespaceOf(object),
    knownValue(name) ?? "",
    knownValue(port),
  );
}
