/**
 * What a Gateway refuses although an object asks for it: routes that none of its listeners takes, and references into
 * other namespaces that nothing there grants. Nothing leads there; whoever wrote it most likely wanted it to.
 */
import type { InputProblem } from "../../../../facts/system.ts";
import type { Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textIn } from "../context.ts";
import { Gateways, ofKind } from "./gateways.ts";
import { ReferenceGrants } from "./grants.ts";

const group = "gateway.networking.k8s.io";
const routeKinds = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"] as const;

export function refusedRoutes(context: ClusterContext): readonly InputProblem[] {
  const gateways = new Gateways(context);
  const grants = new ReferenceGrants(context);
  const routes = routeKinds.flatMap((kind) => context.ofKind(group, kind));
  return [
    ...routes.flatMap((object) => unattached(object, gateways, context)),
    ...routes.flatMap((object) => refusedBackends(object, grants, context)),
    ...context.ofKind(group, "Gateway").flatMap((object) => refusedCertificates(object, grants, context)),
  ];
}

function unattached(object: KubernetesObject, gateways: Gateways, context: ClusterContext): readonly InputProblem[] {
  if (!isRefused(object, gateways)) return [];
  const shown = `${object.kind} ${context.namespaceOf(object)}/${object.name}`;
  return [
    {
      severity: "warning",
      message: `No listener of the Gateways that the ${shown} names takes it, so that nothing leads there.`,
      hint: "A listener takes HTTPRoutes and the like of its Gateway's own namespace unless its `allowedRoutes` says otherwise, and only those of its protocol.",
      place: object.place,
    },
  ];
}

/** Whether all Gateways that a route names are known, and none of their listeners takes it. */
export function isRefused(object: KubernetesObject, gateways: Gateways): boolean {
  const { attached, whole } = gateways.attachmentsOf(object);
  return whole && itemsIn(specOf(object), "parentRefs").length > 0 && ofKind(attached, object.kind).length === 0;
}

function refusedBackends(
  object: KubernetesObject,
  grants: ReferenceGrants,
  context: ClusterContext,
): readonly InputProblem[] {
  const refs = itemsIn(specOf(object), "rules").flatMap((rule) => itemsIn(rule, "backendRefs"));
  return refs.flatMap((ref) =>
    isRefusedBackend(ref, object, grants)
      ? [refusal(ref, `${object.kind} ${context.namespaceOf(object)}/${object.name}`, "Service", object.kind)]
      : [],
  );
}

/** Whether a backend lies in another namespace, where nothing lets the route refer to it. */
export function isRefusedBackend(ref: Fields, { kind, namespace }: KubernetesObject, grants: ReferenceGrants): boolean {
  const to = {
    group: textIn(ref, "group") ?? "",
    kind: textIn(ref, "kind") ?? "Service",
    namespace: textIn(ref, "namespace"),
    name: textIn(ref, "name") ?? "",
  };
  return grants.refuses({ group, kind, namespace, name: "" }, to);
}

function refusedCertificates(
  object: KubernetesObject,
  grants: ReferenceGrants,
  context: ClusterContext,
): readonly InputProblem[] {
  const refs = itemsIn(specOf(object), "listeners").flatMap((each) => itemsIn(each.fields("tls"), "certificateRefs"));
  const from = { group, kind: "Gateway", namespace: object.namespace, name: object.name };
  return refs.flatMap((ref) => {
    const kind = textIn(ref, "kind") ?? "Secret";
    const to = { group: textIn(ref, "group") ?? "", kind, namespace: textIn(ref, "namespace") };
    return grants.refuses(from, { ...to, name: textIn(ref, "name") ?? "" })
      ? [refusal(ref, `Gateway ${context.namespaceOf(object)}/${object.name}`, kind, "Gateway")]
      : [];
  });
}

function refusal(ref: Fields, from: string, what: string, kind: string): InputProblem {
  const namespace = textIn(ref, "namespace");
  return {
    severity: "warning",
    message: `The ${from} refers to the ${what} ${namespace}/${textIn(ref, "name")}, and no ReferenceGrant of that namespace lets it: the reference is refused.`,
    hint: `Add a ReferenceGrant to ${namespace} with ${kind} under \`from\` and ${what} under \`to\`, or remove the reference.`,
    place: ref.place,
  };
}
