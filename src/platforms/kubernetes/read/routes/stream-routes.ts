import { knownValue, stated } from "../../../../facts/fact.ts";
import { serviceOnPort } from "../../../../facts/knowledge/services.ts";
import type { Listener } from "../../../../facts/subjects.ts";
import type { KubernetesObject } from "../../objects.ts";
import { addressOfGateway, type GatewayAddress, poolAddresses } from "../balanced-addresses.ts";
import type { Cluster } from "../cluster.ts";
import type { ClusterPod } from "../cluster-pods.ts";
import { itemsIn, specOf } from "../context.ts";
import { targetPort } from "../services.ts";
import { grantedBackends } from "./gateway-backends.ts";
import { type GatewayListener, ofKind } from "./gateways.ts";

/**
 * TCPRoutes and UDPRoutes: a gateway passes a port on as it comes, so that the pods behind it are published on that port.
 */
export function streamListeners(cluster: Cluster): readonly Listener[] {
  const { context, gateways } = cluster;
  const pools = poolAddresses(context);
  return ["TCPRoute", "UDPRoute"].flatMap((kind) =>
    context.ofKind("gateway.networking.k8s.io", kind).flatMap((object) => {
      const attached = ofKind(gateways.attachmentsOf(object).attached, kind);
      const pods = podsBehind(object, cluster);
      return attached.flatMap(({ listener, gateway }) => {
        const at = addressOfGateway(specOf(gateway.object), pools, object.place);
        return pods.map(({ pod, port }) =>
          published(object, listener, { gateway: gateway.name, at, pod, port }, cluster),
        );
      });
    }),
  );
}

function podsBehind(object: KubernetesObject, cluster: Cluster) {
  return itemsIn(specOf(object), "rules").flatMap((rule) =>
    grantedBackends(rule, object, cluster).flatMap(({ backend }) =>
      "why" in backend ? [] : backend.pods.map((pod) => ({ pod, port: targetPort(pod, backend.port) })),
    ),
  );
}

/** From a gateway to the pods behind a route. */
interface Way {
  readonly gateway: string;
  readonly at: GatewayAddress;
  readonly pod: ClusterPod;
  readonly port: Listener["port"];
}

function published(
  object: KubernetesObject,
  listener: GatewayListener,
  { gateway, at, pod, port }: Way,
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
    hostAddress: at.address,
    reach: at.reach,
    publishedBy: `the ${object.kind} ${context.namespaceOf(object)}/${object.name} through the gateway ${gateway}`,
    publisher: {
      kind: object.kind === "UDPRoute" ? "UDPRoute" : "TCPRoute",
      name: `${context.namespaceOf(object)}/${object.name}`,
    },
    ...(use === undefined ? {} : { service: use }),
    ...(listener.protocol === "TLS" ? { tls: stated(true, listener.place) } : {}),
  };
}
