import { complete, type Fact, stated, unknown, unstated } from "../../../facts/fact.ts";
import type { Attachment, Network } from "../../../facts/subjects.ts";
import type { Place } from "../../../lib/place.ts";
import type { KubernetesObject } from "../objects.ts";
import type { ClusterPod } from "./cluster-pods.ts";
import { type ClusterContext, specOf } from "./context.ts";

const annotation = "k8s.v1.cni.cncf.io/networks";

/**
 * Networks beside the cluster's own that Multus attaches pods to (NetworkAttachmentDefinition). Policies of the cluster do
 * not reach there: a macvlan gives a pod an address of its own on the local network.
 *
 * Source: the Network Plumbing Working Group's de-facto standard, v1.3: `spec.config` is a CNI configuration in JSON, with
 * a `type`, or `plugins` of which the first makes the interface.
 */
export function attachmentNetworks(context: ClusterContext): readonly Network[] {
  return context.ofKind("k8s.cni.cncf.io", "NetworkAttachmentDefinition").map((object) => {
    const place = object.place;
    const no: Fact<boolean> = stated(false, place);
    return {
      ...context.subject("network", networkName(object, context), place),
      driver: driverOf(object),
      internal: unstated(place),
      external: no,
      subnets: complete([], place),
      attachable: no,
      memberTraffic: stated(true, place),
      hostAccess: unstated(place),
    };
  });
}

function networkName(object: KubernetesObject, context: ClusterContext): string {
  return `${context.namespaceOf(object)}/${object.name}`;
}

function driverOf(object: KubernetesObject): Fact<string> {
  const config = specOf(object).node("config");
  if (config?.kind !== "scalar" || typeof config.value !== "string") return unstated(object.place);
  if (config.unresolved !== undefined) return unknown(config.unresolved, config.place);
  const type = pluginOf(config.value);
  return type === undefined
    ? unknown("its configuration is no CNI configuration", config.place)
    : stated(type, config.place);
}

function pluginOf(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isRecord(parsed)) return undefined;
    const first: unknown = Array.isArray(parsed.plugins) ? parsed.plugins[0] : parsed;
    return isRecord(first) && typeof first.type === "string" ? first.type : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The further networks of a pod: `iot`, `network/iot@eth1`, several with commas, or a list in JSON with `name` and `namespace`. */
export function secondNetworks(pod: ClusterPod, context: ClusterContext): readonly Attachment[] {
  const text = pod.annotations.values.get(annotation)?.trim();
  if (text === undefined) return [];
  const place: Place = pod.object.place;
  return namesIn(text, pod.namespace).map((name) => ({
    network: context.ref("network", name),
    aliases: [],
    place,
  }));
}

function namesIn(text: string, namespace: string): readonly string[] {
  if (!text.startsWith("[")) {
    const listed = text.split(",").map((each) => each.trim().replace(/@.*$/, ""));
    return listed.filter((each) => each !== "").map((each) => (each.includes("/") ? each : `${namespace}/${each}`));
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return (Array.isArray(parsed) ? parsed : []).flatMap((each: unknown) =>
      isRecord(each) && typeof each.name === "string"
        ? [`${typeof each.namespace === "string" ? each.namespace : namespace}/${each.name}`]
        : [],
    );
  } catch {
    return [];
  }
}
