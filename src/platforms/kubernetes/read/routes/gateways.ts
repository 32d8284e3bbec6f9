import { defaulted, type Fact, knownValue, unstated } from "../../../../facts/fact.ts";
import { asInteger, asText, type Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textIn, whyIncomplete } from "../context.ts";
import { type Answer, matches, selectorOf } from "../labels.ts";
import { type ControllerName, controllerOf } from "./controllers.ts";

export interface GatewayListener {
  readonly name: string | undefined;
  /** `HTTP`, `HTTPS`, `TLS`, `TCP`, `UDP`. */
  readonly protocol: string | undefined;
  readonly port: Fact<number>;
  readonly hostname: string | undefined;
  readonly passthrough: boolean;
  readonly place: Place;
  /** Whether routes of a namespace may attach; `isStated` is false where the namespace is taken for `default`. */
  takes(namespace: string, isStated: boolean): Answer;
}

export interface Gateway {
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly name: string;
  readonly controller: ControllerName | undefined;
  readonly listeners: readonly GatewayListener[];
  /** False where it may have listeners that are not seen. */
  readonly whole: boolean;
}

/** A gateway's listener that a route is attached to. */
export interface Attached {
  readonly gateway: Gateway;
  readonly listener: GatewayListener;
  /** Why it may not be attached after all; undefined where it is. */
  readonly doubt: string | undefined;
}

/**
 * The Gateways of a cluster. Source: Gateway API v1.6, CRDs of Gateway and HTTPRoute: `allowedRoutes` is the Gateway's own
 * namespace unless it says otherwise, a parent reference without `sectionName` attaches to every listener that takes it.
 */
export class Gateways {
  readonly #context: ClusterContext;
  readonly #byName: ReadonlyMap<string, Gateway>;

  constructor(context: ClusterContext) {
    this.#context = context;
    const gateways = context.ofKind("gateway.networking.k8s.io", "Gateway").map((object) => gatewayOf(object, context));
    this.#byName = new Map(gateways.map((gateway) => [`${gateway.namespace}/${gateway.name}`, gateway] as const));
  }

  /** The listeners that a route is attached to, and whether some parent of it is not among the files. */
  attachmentsOf(route: KubernetesObject): { readonly attached: readonly Attached[]; readonly whole: boolean } {
    const own = this.#context.namespaceOf(route);
    const spec = specOf(route);
    const attached: Attached[] = [];
    let whole = spec.hidden === undefined;
    for (const parent of itemsIn(spec, "parentRefs")) {
      const kind = textIn(parent, "kind") ?? "Gateway";
      const name = textIn(parent, "name");
      const gateway = this.#byName.get(`${textIn(parent, "namespace") ?? own}/${name}`);
      if (kind !== "Gateway" || gateway?.whole !== true) whole = false;
      if (kind === "Gateway" && gateway !== undefined) attached.push(...listenersFor(gateway, parent, route, own));
    }
    return { attached, whole };
  }
}

function gatewayOf(object: KubernetesObject, context: ClusterContext): Gateway {
  const spec = specOf(object);
  const more = spec.node("allowedListeners") !== undefined;
  const className = textIn(spec, "gatewayClassName");
  const gatewayClass =
    className === undefined ? undefined : context.object("gateway.networking.k8s.io", "GatewayClass", className);
  const controller = gatewayClass === undefined ? undefined : textIn(specOf(gatewayClass), "controllerName");
  const namespace = context.namespaceOf(object);
  return {
    object,
    namespace,
    name: object.name,
    controller: controllerOf(controller, className),
    listeners: itemsIn(spec, "listeners").map((fields) => listenerOf(fields, object, context)),
    whole: !more && whyIncomplete(spec, "listeners") === undefined,
  };
}

function listenerOf(fields: Fields, gateway: KubernetesObject, context: ClusterContext): GatewayListener {
  const namespace = context.namespaceOf(gateway);
  const allowed = fields.fields("allowedRoutes").fields("namespaces");
  const stated = allowed.fact("from", asText, "a text", (at) => defaulted("Same", "platform", at));
  const from = knownValue(stated);
  return {
    name: textIn(fields, "name"),
    protocol: textIn(fields, "protocol"),
    port: fields.fact("port", asInteger, "a port", unstated),
    hostname: textIn(fields, "hostname"),
    passthrough: textIn(fields.fields("tls"), "mode") === "Passthrough",
    place: fields.node("protocol")?.place ?? fields.place,
    takes: (other, isStated) => {
      if (from === "All") return "yes";
      if (stated.kind === "unknown") return { doubt: stated.why };
      const unsure = !isStated || gateway.namespace === undefined;
      if (from === "Same" && other !== namespace && unsure)
        return { doubt: "the namespace of the route or of its Gateway is not stated" };
      if (from === "Selector")
        return matches(selectorOf(allowed.node("selector"), allowed.place), context.namespaceLabels(other));
      return from === "Same" && other === namespace ? "yes" : "no";
    },
  };
}

const protocolsOfKind: Readonly<Record<string, readonly string[]>> = {
  HTTPRoute: ["HTTP", "HTTPS"],
  GRPCRoute: ["HTTP", "HTTPS"],
  TLSRoute: ["TLS"],
  TCPRoute: ["TCP", "TLS"],
  UDPRoute: ["UDP"],
};

function listenersFor(
  gateway: Gateway,
  parent: Fields,
  route: KubernetesObject,
  namespace: string,
): readonly Attached[] {
  const section = textIn(parent, "sectionName");
  const port = knownValue(parent.fact("port", asInteger, "a port", unstated));
  const wanted = gateway.listeners.filter(
    (listener) =>
      (section === undefined || listener.name === section) &&
      (port === undefined || knownValue(listener.port) === port),
  );
  return wanted.flatMap((listener): readonly Attached[] => {
    const answer = listener.takes(namespace, route.namespace !== undefined);
    if (answer === "no") return [];
    return [{ gateway, listener, doubt: answer === "yes" ? undefined : answer.doubt }];
  });
}

/** Of the listeners that take a route those whose protocol is of its kind. */
export function ofKind(attached: readonly Attached[], kind: string): readonly Attached[] {
  const protocols = protocolsOfKind[kind] ?? [];
  return attached.filter(({ listener }) => listener.protocol === undefined || protocols.includes(listener.protocol));
}
