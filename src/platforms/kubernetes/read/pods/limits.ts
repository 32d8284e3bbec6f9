import { defaulted, type Fact, unstated } from "../../../../facts/fact.ts";
import { asText, Fields } from "../../../../formats/fields.ts";
import type { Place } from "../../../../lib/place.ts";
import type { ClusterContext } from "../context.ts";
import type { PodContainer, PodContext } from "./context.ts";
import { asQuantity, members } from "./scalars.ts";

/** What the LimitRanges of a namespace give to a container that states no limit. */
export interface NamespaceLimits {
  readonly memory: Fact<number> | undefined;
  readonly cpu: Fact<number> | undefined;
}

const none: NamespaceLimits = { memory: undefined, cpu: undefined };

/** The default limits of each namespace, by its LimitRange objects among these files. */
export function namespaceLimits(cluster: ClusterContext): (namespace: string) => NamespaceLimits {
  const found = new Map<string, NamespaceLimits>();
  for (const object of cluster.ofKind("", "LimitRange")) {
    const root = Fields.of(object.node, object.place, "LimitRange");
    for (const limit of members(root.fields("spec"), "limits").items) {
      const type = limit.fact("type", asText, "a text", unstated);
      if (type.kind !== "stated" || type.value !== "Container") continue;
      const namespace = cluster.namespaceOf(object);
      const known = found.get(namespace) ?? none;
      found.set(namespace, {
        memory: known.memory ?? defaultLimit(limit, "memory"),
        cpu: known.cpu ?? defaultLimit(limit, "cpu"),
      });
    }
  }
  return (namespace) => found.get(namespace) ?? none;
}

function defaultLimit(limit: Fields, resource: string): Fact<number> | undefined {
  const fact = aboveZero(limit.fields("default").fact(resource, asQuantity, "a quantity", unstated));
  if (fact.kind === "unstated") return undefined;
  return fact.kind === "stated" ? defaulted(fact.value, "namespace", fact.place) : fact;
}

export interface ContainerLimits {
  readonly memory: Fact<number>;
  readonly cpu: Fact<number>;
  readonly cpuRequest: Fact<number>;
}

/** What bounds a container: its own limits, the pod's as a whole (v1.34 and later), the namespace's default. */
export function limitsOf({ template, limitsOf, namespace }: PodContext, { fields }: PodContainer): ContainerLimits {
  const own = fields.fields("resources");
  const pod = template.spec.fields("resources");
  const range = limitsOf(namespace);
  const limit = (resource: "memory" | "cpu") =>
    firstStated([
      aboveZero(own.fields("limits").fact(resource, asQuantity, "a quantity", unstated)),
      aboveZero(pod.fields("limits").fact(resource, asQuantity, "a quantity", unstated)),
      ...(range[resource] === undefined ? [] : [range[resource]]),
    ]);
  return {
    memory: limit("memory"),
    cpu: limit("cpu"),
    cpuRequest: aboveZero(own.fields("requests").fact("cpu", asQuantity, "a quantity", unstated)),
  };
}

/** A limit of zero is none. */
function aboveZero(fact: Fact<number>): Fact<number> {
  return fact.kind === "stated" && fact.value <= 0 ? unstated(fact.place) : fact;
}

function firstStated(candidates: readonly [Fact<number>, ...Fact<number>[]]): Fact<number> {
  return candidates.find((fact) => fact.kind !== "unstated") ?? candidates[0];
}

const rotated: { driver: string; options: Readonly<Record<string, string>> } = {
  driver: "json-file",
  options: { "max-size": "10m", "max-file": "5" },
};

/** For the log, which the kubelet rotates by itself: `containerLogMaxSize` and `containerLogMaxFiles` by default. */
export function kubeletLog(place: Place) {
  return defaulted(rotated, "platform", place);
}
