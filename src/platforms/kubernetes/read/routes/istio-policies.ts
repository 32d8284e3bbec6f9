import { type Fact, unknown } from "../../../../facts/fact.ts";
import type { SignIn } from "../../../../facts/sign-in.ts";
import type { Fields } from "../../../../formats/fields.ts";
import { append } from "../../../../lib/append.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, metadataOf, specOf, textIn, whyIncomplete } from "../context.ts";
import { type Labels, labelsOf, matches, type Selector, selectorFromMap } from "../labels.ts";
import type { Gateway } from "./gateways.ts";

interface Selecting {
  readonly policy: KubernetesObject;
  readonly selector: Selector;
}

/** Where Istio lies unless its installation says otherwise: policies there are for the whole mesh. */
const rootNamespace = "istio-system";

/**
 * AuthorizationPolicies of Istio that select pods and may ask for a sign-in there: behind a proxy, or of a gateway. Whether
 * a pod is in the mesh, and what such a policy asks of whom, is not followed: it may.
 *
 * Source: Istio 1.27, "Authorization Policy" (without `selector` it is for its namespace, in the root namespace for the
 * mesh; `CUSTOM` asks a provider; `requestPrincipals` and `request.auth.*` demand a token) and "Kubernetes Gateway API"
 * (the label `gateway.networking.k8s.io/gateway-name` of a gateway's pods).
 */
export class IstioPolicies {
  /** By namespace, `*` for all, with the first label of the selector. */
  readonly #byLabel = new Map<string, Selecting[]>();

  constructor(context: ClusterContext) {
    for (const policy of context.ofKind("security.istio.io", "AuthorizationPolicy")) {
      const spec = specOf(policy);
      if (spec.node("targetRef") !== undefined || spec.node("targetRefs") !== undefined) continue;
      if (!mayAskForSignIn(spec)) continue;
      const labels = spec.fields("selector").node("matchLabels");
      const selector = selectorFromMap(labels, spec.place);
      const namespace = context.namespaceOf(policy);
      const [first] = selector.requirements;
      const where = namespace === rootNamespace ? "*" : namespace;
      append(this.#byLabel, first === undefined ? where : `${where} ${first.key}=${first.values[0]}`, {
        policy,
        selector,
      });
    }
  }

  /** For pods; undefined where none may ask. */
  ofPod({ namespace, labels }: { readonly namespace: string; readonly labels: Labels }): Fact<SignIn> | undefined {
    if (this.#byLabel.size === 0) return undefined;
    const own = [...labels.values].map(([key, value]) => ` ${key}=${value}`);
    for (const key of ["*", namespace].flatMap((where) => [where, ...own.map((label) => `${where}${label}`)])) {
      const found = this.#byLabel.get(key)?.find(({ selector }) => matches(selector, labels) !== "no");
      if (found === undefined) continue;
      const { policy } = found;
      return unknown(`the AuthorizationPolicy ${policy.name} decides`, policy.place);
    }
    return undefined;
  }

  /** For the pods that Istio makes of a Gateway. */
  ofGateway({ namespace, name, object, controller }: Gateway): Fact<SignIn> | undefined {
    if (controller !== "istio") return undefined;
    const own = labelsOf(metadataOf(object));
    const values = new Map([...own.values, ["gateway.networking.k8s.io/gateway-name", name]]);
    return this.ofPod({ namespace, labels: { ...own, values } });
  }
}

function mayAskForSignIn(spec: Fields): boolean {
  if (textIn(spec, "action") === "CUSTOM" || whyIncomplete(spec, "rules") !== undefined) return true;
  return itemsIn(spec, "rules").some(
    (rule) =>
      itemsIn(rule, "from").some((from) => from.fields("source").node("requestPrincipals") !== undefined) ||
      itemsIn(rule, "when").some((when) => textIn(when, "key")?.startsWith("request.auth.") !== false),
  );
}
