import { type ClusterContext, itemsIn, specOf, textIn, whyIncomplete } from "../context.ts";

const group = "gateway.networking.k8s.io";

/** An object that refers to another one, or that other one. */
export interface Referred {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/**
 * Whether an object may refer to one of another namespace. Source: Gateway API v1.6, ReferenceGrant (v1 and v1beta1): what
 * no ReferenceGrant of the other namespace allows is refused, be it a backend of a route or a Secret of a Gateway.
 */
export class ReferenceGrants {
  readonly #context: ClusterContext;

  constructor(context: ClusterContext) {
    this.#context = context;
  }

  /** Whether it is refused for certain: both namespaces are stated, and everything in the other one is among the files. */
  refuses(from: Referred, to: Referred): boolean {
    if (from.namespace === undefined || to.namespace === undefined || from.namespace === to.namespace) return false;
    const { manifests } = this.#context;
    if (manifests.isKustomization === true || this.#context.unseenIn(to.namespace).length > 0) return false;
    return !this.#context.ofKind(group, "ReferenceGrant").some((grant) => {
      if (this.#context.namespaceOf(grant) !== to.namespace) return false;
      const spec = specOf(grant);
      if (whyIncomplete(spec, "from") !== undefined || whyIncomplete(spec, "to") !== undefined) return true;
      const isFrom = itemsIn(spec, "from").some(
        (each) =>
          (textIn(each, "group") ?? "") === from.group &&
          textIn(each, "kind") === from.kind &&
          textIn(each, "namespace") === from.namespace,
      );
      const isTo = itemsIn(spec, "to").some(
        (each) =>
          (textIn(each, "group") ?? "") === to.group &&
          textIn(each, "kind") === to.kind &&
          (textIn(each, "name") ?? to.name) === to.name,
      );
      return isFrom && isTo;
    });
  }
}
