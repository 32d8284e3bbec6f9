import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../../facts/fact.ts";
import { serviceOnPort } from "../../../facts/knowledge/services.ts";
import type { Audience, Listener, Publisher, Reach } from "../../../facts/subjects.ts";
import type { Fields } from "../../../formats/fields.ts";
import { tailnet } from "../../../formats/tailscale/serve.ts";
import { isEveryAddress } from "../../../lib/cidr.ts";
import type { Place } from "../../../lib/place.ts";
import { askedAddresses, type Pools, poolAddresses, reachOfAll } from "./balanced-addresses.ts";
import type { ClusterPod } from "./cluster-pods.ts";
import { type ClusterContext, metadataOf, textIn, textsIn, whyTextsIncomplete } from "./context.ts";
import { whyOpen } from "./labels.ts";
import type { Policies } from "./policies/isolation.ts";
import { type ClusterService, isHeadless, type ServicePort, type Services, targetPort } from "./services.ts";

/**
 * Where Services publish the pods behind them: on every node (NodePort), on an address of a load balancer, or on external
 * addresses. What a Service serves inside the cluster alone is a listener too where no container declares the port.
 */
export function serviceListeners(context: ClusterContext, services: Services, policies: Policies): readonly Listener[] {
  const pools = poolAddresses(context);
  return services.all.flatMap((service) =>
    service.ports.flatMap((port) =>
      service.pods.flatMap((pod) => listenersOf(service, port, pod, { context, pools, policies })),
    ),
  );
}

interface Surroundings {
  readonly context: ClusterContext;
  readonly pools: Pools;
  readonly policies: Policies;
}

function listenersOf(
  service: ClusterService,
  port: ServicePort,
  pod: ClusterPod,
  surroundings: Surroundings,
): readonly Listener[] {
  const published = publicationOf(service, port, surroundings.pools);
  const inside = targetPort(pod, port);
  const known = knownValue(inside);
  if (published === undefined && pod.ports.some((each) => each.port === known && each.protocol === port.protocol))
    return [];
  const shown = knownValue(port.port) ?? "?";
  const name = `${pod.ref.name}/Service/${service.name}:${shown}/${port.protocol}`;
  const use = known === undefined ? undefined : serviceOnPort(known, port.protocol)?.name;
  const { context, policies } = surroundings;
  return [
    {
      ...context.subject("listener", name, published?.place ?? port.place),
      owner: pod.ref,
      protocol: stated(port.protocol, port.place),
      port: inside,
      ...(published === undefined
        ? { reach: defaulted<Reach>("networks", "platform", port.place) }
        : { hostPort: published.port, hostAddress: published.address, reach: policed(published, pod, policies) }),
      ...(published?.audience === undefined ? {} : { audience: published.audience }),
      ...(published === undefined ? {} : { publishedBy: published.by, publisher: publisherOf(service, published) }),
      ...(use === undefined ? {} : { service: use }),
    },
  ];
}

function publisherOf({ namespace, name }: ClusterService, { external, annotation }: Publication): Publisher {
  return {
    kind: "Service",
    name: `${namespace}/${name}`,
    ...(external && { externalAddresses: true }),
    ...(annotation !== undefined && { annotation }),
  };
}

/**
 * A policy that lets no address from outside in may or may not stop what a Service publishes: behind a node's own address
 * translation it comes from the node. Source: Kubernetes documentation "Network Policies", on `ipBlock` and Services.
 */
function policed({ reach, isProxied }: Publication, pod: ClusterPod, policies: Policies): Fact<Reach> {
  if (policies.letsOutsideIn(pod) !== "no") return reach;
  const whether = isProxied
    ? "whether they let the operator's proxy in is not followed"
    : "whether they stop what comes by a node is the network plugin's own";
  return unknown(`network policies let no address from outside in, and ${whether}`, reach.place);
}

interface Publication {
  readonly by: string;
  /** By its `externalIPs`. */
  readonly external?: true;
  /** By this annotation. */
  readonly annotation?: string;
  /** By a pod of an operator's, which policies take for any other. */
  readonly isProxied?: true;
  readonly place: Place;
  readonly port: Fact<number>;
  readonly address: Fact<string>;
  readonly reach: Fact<Reach>;
  readonly audience?: Fact<Audience>;
}

function publicationOf(service: ClusterService, port: ServicePort, pools: Pools): Publication | undefined {
  const { type, spec, namespace, name } = service;
  const place = spec.node("type")?.place ?? service.object.place;
  const by = `the Service ${namespace}/${name}`;
  if (type.kind === "unknown") {
    const hidden = unknown<Reach>(type.why, type.place);
    return { by, place, port: port.port, address: unknown(type.why, type.place), reach: hidden };
  }
  switch (knownValue(type)) {
    case "NodePort":
      return {
        by: `${by} of type NodePort, on every node`,
        place,
        port: port.nodePort,
        address: defaulted("0.0.0.0", "platform", place),
        reach: stated("everywhere", place),
      };
    case "LoadBalancer":
      if (textIn(spec, "loadBalancerClass") === "tailscale")
        return { ...onTailnet(port, spec.keyPlace("loadBalancerClass")), by: `${by} of type LoadBalancer` };
      return { ...balanced(service, pools, place), by: `${by} of type LoadBalancer`, place, port: port.port };
    default:
      return externalAddresses(service, port, by) ?? exposed(service, port, by);
  }
}

const expose = "tailscale.com/expose";

/**
 * What Tailscale's operator makes a device of the tailnet by an annotation. One without an address in the cluster it leaves
 * alone. Source: Tailscale's documentation "Kubernetes operator: expose a Service to your tailnet", and `svc.go` of
 * cmd/k8s-operator as of 1.92.
 */
function exposed(service: ClusterService, port: ServicePort, by: string): Publication | undefined {
  const { annotations, object, type } = service;
  if (isHeadless(service) || knownValue(type) === "ExternalName") return undefined;
  const place = metadataOf(object).fields("annotations").keyPlace(expose);
  const why = whyOpen(annotations, expose);
  const published = { ...onTailnet(port, place), by: `${by} with the annotation ${expose}`, annotation: expose };
  if (why !== undefined) return { ...published, reach: unknown(why, place) };
  return annotations.values.get(expose) === "true" ? published : undefined;
}

/** A proxy of the operator's answers there, for the devices of the tailnet. */
function onTailnet(port: ServicePort, place: Place): Omit<Publication, "by"> {
  const reach = stated<Reach>("one-address", place);
  return {
    place,
    port: port.port,
    address: unstated(place),
    reach,
    audience: stated(tailnet, place),
    isProxied: true,
  };
}

/** Addresses that are routed to the nodes from elsewhere (`externalIPs`). */
function externalAddresses({ spec }: ClusterService, port: ServicePort, by: string): Publication | undefined {
  const addresses = textsIn(spec, "externalIPs");
  const why = whyTextsIncomplete(spec, "externalIPs");
  const [address] = addresses;
  if (address === undefined && why === undefined) return undefined;
  const place = spec.node("externalIPs")?.place ?? spec.place;
  return {
    by: `${by} with external addresses`,
    external: true,
    place,
    port: port.port,
    address: address === undefined ? unknown(why ?? "it is not resolved", place) : stated(address, place),
    reach: reachOfAll(addresses, why, place),
  };
}

/**
 * Annotations by which a cloud keeps a load balancer to its own network. Sources: the cloud providers' documentation for
 * AWS, Azure, Google Cloud, OpenStack, Alibaba and Oracle.
 */
const internalAnnotations: readonly (readonly [name: string, value: RegExp])[] = [
  ["service.beta.kubernetes.io/aws-load-balancer-internal", /^(?:true|0\.0\.0\.0\/0)$/i],
  ["service.beta.kubernetes.io/aws-load-balancer-scheme", /^internal$/i],
  ["service.beta.kubernetes.io/azure-load-balancer-internal", /^true$/i],
  ["networking.gke.io/load-balancer-type", /^internal$/i],
  ["cloud.google.com/load-balancer-type", /^internal$/i],
  ["service.beta.kubernetes.io/openstack-internal-load-balancer", /^true$/i],
  ["service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", /^intranet$/i],
  ["service.beta.kubernetes.io/oci-load-balancer-internal", /^true$/i],
  ["service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type", /^private$/i],
];

function balanced(
  service: ClusterService,
  pools: Pools,
  place: Place,
): Pick<Publication, "address" | "reach" | "audience"> {
  const { spec, annotations } = service;
  const audience = sourceRanges(spec, place);
  const addresses = askedAddresses(annotations, textIn(spec, "loadBalancerIP"));
  const [address] = addresses;
  if (address !== undefined)
    return { address: stated(address, place), reach: reachOfAll(addresses, undefined, place), ...audience };
  const internal = internalAnnotations.some(([name, value]) => value.test(annotations.values.get(name) ?? ""));
  if (internal || pools === "private") {
    return { address: unstated(place), reach: stated("one-address", place), ...audience };
  }
  return { address: defaulted("0.0.0.0", "platform", place), reach: stated("everywhere", place), ...audience };
}

/** Whom a load balancer answers, where it is narrowed. */
function sourceRanges(spec: Fields, place: Place): Pick<Publication, "audience"> {
  const key = "loadBalancerSourceRanges";
  const cidrs = textsIn(spec, key);
  const why = whyTextsIncomplete(spec, key);
  const at = spec.node(key)?.place ?? place;
  if (cidrs.some((range) => isEveryAddress(range.trim()))) return {};
  if (why !== undefined) return { audience: unknown(why, at) };
  return cidrs.length === 0 ? {} : { audience: stated<Audience>({ kind: "networks", cidrs }, at) };
}

/** Names by which a Service's pods are reached inside the cluster, shortest first. */
export function serviceNames({ name, namespace }: ClusterService): readonly string[] {
  const qualified = `${name}.${namespace}`;
  return [name, qualified, `${qualified}.svc`, `${qualified}.svc.cluster.local`];
}
