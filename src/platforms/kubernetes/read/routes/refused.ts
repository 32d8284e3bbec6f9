/**
 * What a Gateway refuses although an object asks for it: routes that none of its listeners takes, and references into
 * other namespaces that nothing there grants. Nothing leads there; whoever wrote it most likely wanted it to.
 */
import type { InputProblem } from "../../../../facts/system.ts";
import type { Fields } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import { type ClusterContext, itemsIn, specOf, textIn } from "../context.ts";
import type { Answer } from "../labels.ts";
import { type Gateways, ofKind } from "./gateways.ts";
import { type ReferenceGrants, referredBy } from "./grants.ts";

const group = "gateway.networking.k8s.io";
const routeKinds = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"] as const;

export function refusedRoutes({ context, gateways, grants }: Cluster): readonly InputProblem[] {
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
  const { attached, whyIncomplete } = gateways.attachmentsOf(object);
  return (
    whyIncomplete === undefined &&
    itemsIn(specOf(object), "parentRefs").length > 0 &&
    ofKind(attached, object.kind).length === 0
  );
}

function refusedBackends(
  object: KubernetesObject,
  grants: ReferenceGrants,
  context: ClusterContext,
): readonly InputProblem[] {
  const refs = itemsIn(specOf(object), "rules").flatMap((rule) => itemsIn(rule, "backendRefs"));
  const from = `${object.kind} ${context.namespaceOf(object)}/${object.name}`;
  return refs.flatMap((ref) => refusal(refusesBackend(ref, object, grants), ref, from, "Service", object.kind));
}

/** Whether a backend lies in another namespace for certain, where nothing lets the route refer to it. */
export function isRefusedBackend(ref: Fields, object: KubernetesObject, grants: ReferenceGrants): boolean {
  return refusesBackend(ref, object, grants) === "yes";
}

function refusesBackend(ref: Fields, { kind, namespace }: KubernetesObject, grants: ReferenceGrants): Answer {
  return grants.refuses({ group, kind, namespace }, referredBy(ref, "Service"));
}

function refusedCertificates(
  object: KubernetesObject,
  grants: ReferenceGrants,
  context: ClusterContext,
): readonly InputProblem[] {
  const refs = itemsIn(specOf(object), "listeners").flatMap((each) => itemsIn(each.fields("tls"), "certificateRefs"));
  const { namespace } = object;
  const from = `Gateway ${context.namespaceOf(object)}/${object.name}`;
  return refs.flatMap((ref) => {
    const answer = grants.refuses({ group, kind: "Gateway", namespace }, referredBy(ref, "Secret"));
    return refusal(answer, ref, from, textIn(ref, "kind") ?? "Secret", "Gateway");
  });
}

function refusal(answer: Answer, ref: Fields, from: string, what: string, kind: string): readonly InputProblem[] {
  if (answer === "no") return [];
  const namespace = textIn(ref, "namespace");
  const other = `the ${what} ${namespace}/${textIn(ref, "name") ?? "?"}`;
  const { place } = ref;
  if (answer !== "yes") {
    const message = `Whether a ReferenceGrant lets the ${from} refer to ${other} cannot be told: ${answer.doubt}. It is read as if one did.`;
    return [{ severity: "warning", message, hint: "Write out what the grant is from, and what it is to.", place }];
  }
  return [
    {
      severity: "warning",
      message: `The ${from} refers to ${other}, and no ReferenceGrant of that namespace lets it: the reference is refused.`,
      hint: `Add a ReferenceGrant to ${namespace} with ${kind} under \`from\` and ${what} under \`to\`, or remove the reference.`,
      place,
    },
  ];
}
