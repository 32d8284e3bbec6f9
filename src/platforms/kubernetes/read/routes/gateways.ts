import { defaulted, type Fact, knownValue, unstated, whyUnknown } from "../../../../facts/fact.ts";
import { asInteger, asText, type Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textIn, whyIncomplete } from "../context.ts";
import { type Answer, and, matches, selectorOf } from "../labels.ts";
import { type ControllerName, controllerOf } from "./controllers.ts";

export interface GatewayListener {
  readonly name: Fact<string>;
  /** `HTTP`, `HTTPS`, `TLS`, `TCP`, `UDP`. */
  readonly protocol: string | undefined;
  readonly port: Fact<number>;
  readonly hostname: Fact<string>;
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
  /** Why it may have listeners that are not seen. */
  readonly whyIncomplete: string | undefined;
}

/** A gateway's listener that a route is attached to. */
export interface Attached {
  readonly gateway: Gateway;
  readonly listener: GatewayListener;
  /** Why it may not be attached after all; undefined where it is. */
  readonly doubt: string | undefined;
}

/** The listeners that a route is attached to. */
export interface Attachments {
  readonly attached: readonly Attached[];
  /** Why it may be attached to others, such as those of a parent that is not among the files. */
  readonly whyIncomplete: string | undefined;
}

/**
 * The Gateways of a cluster. Source: Gateway API v1.6, CRDs of Gateway and HTTPRoute: `allowedRoutes` is the Gateway's own
 * namespace unless it says otherwise, a parent reference without `sectionName` attaches to every listener that takes it.
 */
export class Gateways {
  readonly #context: ClusterContext;
  readonly #byName: ReadonlyMap<string, Gateway>;
  /** Each route is asked for by its reader, and by who says that it is refused. */
  readonly #attachments = new Map<KubernetesObject, Attachments>();

  constructor(context: ClusterContext) {
    this.#context = context;
    const gateways = context.ofKind("gateway.networking.k8s.io", "Gateway").map((object) => gatewayOf(object, context));
    this.#byName = new Map(gateways.map((gateway) => [`${gateway.namespace}/${gateway.name}`, gateway] as const));
  }

  attachmentsOf(route: KubernetesObject): Attachments {
    const known = this.#attachments.get(route) ?? this.#attach(route);
    this.#attachments.set(route, known);
    return known;
  }

  #attach(route: KubernetesObject): Attachments {
    const spec = specOf(route);
    const attached: Attached[] = [];
    let why = whyIncomplete(spec, "parentRefs");
    for (const parent of itemsIn(spec, "parentRefs")) {
      const gateway = this.#parent(parent, route);
      if ("why" in gateway) why ??= gateway.why;
      else {
        why ??= gateway.whyIncomplete;
        attached.push(...listenersFor(gateway, parent, route, this.#context.namespaceOf(route)));
      }
    }
    return { attached, whyIncomplete: why };
  }

  #parent(parent: Fields, route: KubernetesObject): Gateway | { readonly why: string } {
    const text = (key: string) => parent.fact(key, asText, "a text", unstated);
    const [kind, namespace, name] = [text("kind"), text("namespace"), text("name")];
    const why = whyUnknown([kind, namespace, name]);
    if (why !== undefined) return { why };
    const what = knownValue(kind) ?? "Gateway";
    if (what !== "Gateway") return { why: `a parent of it is a ${what}, which is not followed` };
    const key = `${knownValue(namespace) ?? this.#context.namespaceOf(route)}/${knownValue(name) ?? ""}`;
    return this.#byName.get(key) ?? { why: this.#context.absent(`the Gateway ${key}`) };
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
    whyIncomplete: more
      ? `the Gateway ${object.name} takes listeners of other objects`
      : whyIncomplete(spec, "listeners"),
  };
}

function listenerOf(fields: Fields, gateway: KubernetesObject, context: ClusterContext): GatewayListener {
  const namespace = context.namespaceOf(gateway);
  const allowed = fields.fields("allowedRoutes").fields("namespaces");
  const stated = allowed.fact("from", asText, "a text", (at) => defaulted("Same", "platform", at));
  const from = knownValue(stated);
  return {
    name: fields.fact("name", asText, "a name", unstated),
    protocol: textIn(fields, "protocol"),
    port: fields.fact("port", asInteger, "a port", unstated),
    hostname: fields.fact("hostname", asText, "a host name", unstated),
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
  return gateway.listeners.flatMap((listener): readonly Attached[] => {
    const named = and(
      agrees(parent.fact("sectionName", asText, "a name", unstated), listener.name),
      agrees(parent.fact("port", asInteger, "a port", unstated), listener.port),
    );
    const answer = named === "no" ? "no" : and(named, listener.takes(namespace, route.namespace !== undefined));
    if (answer === "no") return [];
    return [{ gateway, listener, doubt: answer === "yes" ? undefined : answer.doubt }];
  });
}

/** Whether a listener is what a parent reference asks for; one that asks for nothing takes any. */
function agrees<T>(wanted: Fact<T>, own: Fact<T>): Answer {
  if (wanted.kind === "unstated") return "yes";
  const doubt = whyUnknown([wanted, own]);
  if (doubt !== undefined) return { doubt };
  return knownValue(wanted) === knownValue(own) ? "yes" : "no";
}

/** Of the listeners that take a route those whose protocol is of its kind. */
export function ofKind(attached: readonly Attached[], kind: string): readonly Attached[] {
  const protocols = protocolsOfKind[kind] ?? [];
  return attached.filter(({ listener }) => listener.protocol === undefined || protocols.includes(listener.protocol));
}
