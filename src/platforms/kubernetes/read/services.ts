import { type Fact, knownValue, stated, unknown, unstated } from "../../../facts/fact.ts";
import type { Protocol } from "../../../facts/subjects.ts";
import type { InputProblem } from "../../../facts/system.ts";
import { asInteger, asText, type Fields } from "../../../formats/fields.ts";
import type { Place } from "../../../lib/place.ts";
import type { KubernetesObject } from "../objects.ts";
import { oneNote } from "../one-note.ts";
import { type ClusterPod, protocolOf } from "./cluster-pods.ts";
import { type ClusterContext, itemsIn, metadataOf, specOf, textIn } from "./context.ts";
import { type Labels, labelsOf, matches, type Selector, selectorFromMap } from "./labels.ts";
import { neededLabels, type PodIndex } from "./pod-index.ts";

/** How far a Service is published by its type. */
export type ServiceType = "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";

export interface ServicePort {
  readonly name: string | undefined;
  readonly port: Fact<number>;
  /** A number, or the name of a container's port. */
  readonly target: Fact<number | string>;
  readonly nodePort: Fact<number>;
  readonly protocol: Protocol;
  readonly place: Place;
}

/** One Service, with the pods behind it. */
export interface ClusterService {
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly name: string;
  readonly type: Fact<ServiceType>;
  readonly spec: Fields;
  readonly annotations: Labels;
  readonly ports: readonly ServicePort[];
  /** The pods that it selects for certain. */
  readonly pods: readonly ClusterPod[];
  /** Why it may have others; undefined where its pods are known. */
  readonly doubt: string | undefined;
}

/** Where a backend reference leads. */
export type Backend =
  | { readonly pods: readonly ClusterPod[]; readonly service: ClusterService; readonly port: ServicePort }
  | { readonly why: string; readonly service?: ClusterService };

/** The Services of a cluster by namespace and name. */
export class Services {
  readonly all: readonly ClusterService[];
  readonly #byName: ReadonlyMap<string, ClusterService>;
  readonly #context: ClusterContext;
  /** As they are, with all their pods. */
  readonly #cut: ClusterService[] = [];

  constructor(context: ClusterContext, pods: PodIndex) {
    this.#context = context;
    let followed = 0;
    this.all = context.ofKind("", "Service").map((object) => {
      const service = serviceOf(object, pods, context);
      const few = service.pods.slice(0, followed + service.pods.length > mostPodsFollowed ? mostPodsLater : undefined);
      followed += few.length;
      if (few.length === service.pods.length) return service;
      this.#cut.push(service);
      return { ...service, pods: few };
    });
    this.#byName = new Map(this.all.map((service) => [`${service.namespace}/${service.name}`, service] as const));
  }

  /** What is to be told of pods that are not followed. */
  get problems(): readonly InputProblem[] {
    const noted = this.#cut.map(({ namespace, name, pods, object }) => ({
      shown: `Service ${namespace}/${name}`,
      message: `Of the ${pods.length} kinds of pods behind the Service ${namespace}/${name} only ${mostPodsLater} are followed: whether routes and ports lead to the others is not told.`,
      place: object.place,
    }));
    return oneNote(noted, {
      one: "1 Service has more pods behind it than are followed",
      many: "Services have more pods behind them than are followed",
      hint: "Check the namespaces by themselves, or select fewer pods with each Service.",
    });
  }

  find(namespace: string, name: string): ClusterService | undefined {
    return this.#byName.get(`${namespace}/${name}`);
  }

  /** What answers behind a Service's port, given by number or name. */
  backend(namespace: string, name: string, port: number | string | undefined): Backend {
    const service = this.find(namespace, name);
    if (service === undefined) return { why: this.#context.absent(`the Service ${namespace}/${name}`) };
    const entry = service.ports.find((each) => each.name === port || knownValue(each.port) === port);
    const only = port === undefined && service.ports.length === 1 ? service.ports[0] : undefined;
    const found = entry ?? only;
    if (found === undefined)
      return { why: `the Service ${namespace}/${name} has no port ${port ?? "that is named"}`, service };
    if (service.pods.length === 0)
      return { why: service.doubt ?? `no pod here is behind the Service ${name}`, service };
    return { pods: service.pods, service, port: found };
  }
}

/** Of all Services together; every pod behind a Service makes a listener for each port, and a route for each that leads there. */
const mostPodsFollowed = 100_000;
/** Behind each of the Services that come after so many: thousands that each select thousands are nobody's cluster. */
const mostPodsLater = 50;

function serviceOf(object: KubernetesObject, pods: PodIndex, context: ClusterContext): ClusterService {
  const spec = specOf(object);
  const selectorNode = spec.node("selector");
  const selector = selectorFromMap(selectorNode, spec.place);
  const answers = podsThatMay(selector, context.namespaceOf(object), pods).map((pod) => ({
    pod,
    answer: matches(selector, pod.labels),
  }));
  const selects = selectorNode !== undefined && (selector.requirements.length > 0 || selector.doubt !== undefined);
  const found = answers.filter(({ answer }) => answer === "yes").map(({ pod }) => pod);
  const doubtful = answers.find(({ answer }) => typeof answer !== "string")?.answer;
  return {
    object,
    namespace: context.namespaceOf(object),
    name: object.name,
    type: spec.fact("type", asServiceType, "a type of Service", (at) => ({
      kind: "defaulted",
      value: "ClusterIP",
      by: "platform",
      place: at,
    })),
    spec,
    annotations: labelsOf(metadataOf(object), "annotations"),
    ports: itemsIn(spec, "ports").map(portOf),
    pods: found,
    doubt: whyPodsAreOpen(selects, selectorNode !== undefined, doubtful, object, context),
  };
}

/** Without a label it selects none. */
function podsThatMay(selector: Selector, namespace: string, pods: PodIndex): readonly ClusterPod[] {
  return selector.requirements.length === 0 ? [] : pods.candidates(namespace, { labels: neededLabels(selector) });
}

function whyPodsAreOpen(
  selects: boolean,
  hasSelector: boolean,
  doubtful: { readonly doubt: string } | "yes" | "no" | undefined,
  object: KubernetesObject,
  context: ClusterContext,
): string | undefined {
  if (!selects && hasSelector) return "its selector is empty";
  if (!selects) return `the Service ${object.name} has no selector, so that what is behind it is not written here`;
  if (typeof doubtful === "object") return doubtful.doubt;
  const unseen = context.unseenIn(context.namespaceOf(object))[0];
  return unseen === undefined ? undefined : `${unseen.what}: ${unseen.why}`;
}

function portOf(fields: Fields): ServicePort {
  const port = fields.fact("port", asInteger, "a port", unstated);
  const written = fields.fact<number | string>("targetPort", portOrName, "a port", unstated);
  return {
    name: textIn(fields, "name"),
    port,
    target: written.kind === "unstated" ? port : written,
    nodePort: fields.fact("nodePort", asInteger, "a port", unstated),
    protocol: protocolOf(textIn(fields, "protocol")),
    place: fields.place,
  };
}

function portOrName(node: Parameters<typeof asInteger>[0]): number | string | undefined {
  return asInteger(node) ?? asText(node);
}

function asServiceType(node: Parameters<typeof asText>[0]): ServiceType | undefined {
  const text = asText(node);
  return text === "ClusterIP" || text === "NodePort" || text === "LoadBalancer" || text === "ExternalName"
    ? text
    : undefined;
}

/** The port that a pod answers on behind a Service's port: its number, or that of the container's port of that name. */
export function targetPort(pod: ClusterPod, { target, protocol, place }: ServicePort): Fact<number> {
  if (target.kind === "unknown" || target.kind === "unstated") return target;
  const { value } = target;
  if (typeof value === "number") return { ...target, value };
  const named = pod.ports.find((port) => port.name === value && port.protocol === protocol);
  return named === undefined
    ? unknown(`no container of it names a port \`${value}\``, place)
    : stated(named.port, target.place);
}

/** A cluster-internal Service without an address of its own. */
export function isHeadless({ spec }: ClusterService): boolean {
  return textIn(spec, "clusterIP") === "None";
}
