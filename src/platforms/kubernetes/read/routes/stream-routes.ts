import { knownValue, stated } from "../../../../facts/fact.ts";
import { serviceOnPort } from "../../../../facts/knowledge/services.ts";
import type { Listener } from "../../../../facts/subjects.ts";
import { asInteger } from "../../../../formats/fields.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Cluster } from "../cluster.ts";
import type { ClusterPod } from "../cluster-pods.ts";
import { itemsIn, specOf, textIn } from "../context.ts";
import { targetPort } from "../services.ts";
import { type GatewayListener, ofKind } from "./gateways.ts";
import { isRefusedBackend } from "./refused.ts";

/**
 * TCPRoutes and UDPRoutes: a gateway passes a port on as it comes, so that the pods behind it are published on that port.
 */
export function streamListeners(cluster: Cluster): readonly Listener[] {
  const { context, gateways } = cluster;
  return ["TCPRoute", "UDPRoute"].flatMap((kind) =>
    context.ofKind("gateway.networking.k8s.io", kind).flatMap((object) => {
      const attached = ofKind(gateways.attachmentsOf(object).attached, kind);
      const pods = podsBehind(object, cluster);
      return attached.flatMap(({ listener, gateway }) =>
        pods.map(({ pod, port }) => published(object, listener, gateway.name, pod, port, cluster)),
      );
    }),
  );
}

function podsBehind(object: KubernetesObject, { context, services, grants }: Cluster) {
  return itemsIn(specOf(object), "rules").flatMap((rule) =>
    itemsIn(rule, "backendRefs").flatMap((ref) => {
      if (isRefusedBackend(ref, object, grants)) return [];
      const port = knownValue(ref.fact("port", asInteger, "a port", (place) => ({ kind: "unstated", place })));
      const namespace = textIn(ref, "namespace") ?? context.namespaceOf(object);
      const backend = services.backend(namespace, textIn(ref, "name") ?? "", port);
      return "why" in backend ? [] : backend.pods.map((pod) => ({ pod, port: targetPort(pod, backend.port) }));
    }),
  );
}

function published(
  object: KubernetesObject,
  listener: GatewayListener,
  gateway: string,
  pod: ClusterPod,
  port: Listener["port"],
  { context }: Cluster,
): Listener {
  const protocol = object.kind === "UDPRoute" ? "udp" : "tcp";
  const { place } = object;
  const number = knownValue(port);
  const use = number === undefined ? undefined : serviceOnPort(number, protocol)?.name;
  const shown = knownValue(listener.port) ?? "?";
  return {
    ...context.subject("listener", `${pod.ref.name}/${object.kind}/${object.name}:${shown}/${protocol}`, place),
    owner: pod.ref,
    protocol: stated(protocol, place),
    port,
    hostPort: listener.port,
    hostAddress: { kind: "unstated", place },
    reach: stated("everywhere", place),
    publishedBy: `the ${object.kind} ${context.namespaceOf(object)}/${object.name} through the gateway ${gateway}`,
    publisher: {
      kind: object.kind === "UDPRoute" ? "UDPRoute" : "TCPRoute",
      name: `${context.namespaceOf(object)}/${object.name}`,
    },
    ...(use === undefined ? {} : { service: use }),
    ...(listener.protocol === "TLS" ? { tls: stated(true, listener.place) } : {}),
  };
}
