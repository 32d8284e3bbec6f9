import { defaulted, type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import type { Route, Workload } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { splitAddress, type Upstream } from "../proxy/proxy-route.ts";
import type { TreeNode } from "../tree.ts";
import { entriesOf, listOf, membersOf, option, textFact } from "./options.ts";
import type { Defined } from "./registry.ts";
import type { Traefik } from "./routes.ts";

type Layer = "http" | "tcp";

/** Where a router leads. */
export function upstreamsOf(router: Defined, traefik: Traefik, layer: Layer): readonly Upstream[] {
  const node = option(router.node, "service");
  const written = textFact(node, router.place);
  if (written.kind === "unknown") return [{ kind: "unknown", why: written.why, place: written.place }];
  const name = knownValue(written);
  if (name === undefined) return [implied(router, traefik, layer)];
  if (name.toLowerCase().endsWith("@internal")) return [internal(name, written.place, traefik)];
  const found = traefik.registry.find(layer, "services", name, router.provider);
  if ("why" in found) return [undefinedService(name, found.why, router, traefik, written.place)];
  return serviceUpstreams(found, traefik, layer, new Set());
}

/** Traefik itself: its dashboard and API, and what else it tells. */
function internal(name: string, place: Place, { edge, settings }: Traefik): Upstream {
  if (!/^(?:api|dashboard|rest)@/i.test(name) || edge === undefined) return { kind: "files", place };
  const own = settings.entryPoints.find((point) => point.name.toLowerCase() === "traefik");
  const port = (own === undefined ? undefined : knownValue(own.port)) ?? 8080;
  // What is known of Traefik's dashboard goes by its usual port.
  return { kind: "target", target: stated({ workload: edge.ref, port: port === 8080 ? port : 8080 }, place), place };
}

/** A container's router without a service: the only service of its labels, else the container itself. */
function implied(router: Defined, traefik: Traefik, layer: Layer): Upstream {
  const { owner, place } = router;
  if (owner === undefined) return { kind: "unknown", why: "the router names no service", place };
  const own = traefik.registry.ownedBy(owner, layer, "services");
  return own === undefined ? atLowestPort(owner, place, traefik) : containerTarget(own, owner, traefik, place);
}

function atLowestPort(owner: Workload, place: Place, traefik: Traefik): Upstream {
  const lowest = traefik.portOf(owner);
  const target: Route["target"] =
    lowest === undefined
      ? unknown("no label names the port, and the image decides which ports it exposes", place)
      : defaulted({ workload: owner.ref, port: lowest }, "image", place);
  return { kind: "target", target, container: owner.ref, place };
}

function undefinedService(
  name: string,
  why: string,
  { owner, provider }: Defined,
  traefik: Traefik,
  place: Place,
): Upstream {
  // Traefik makes a service of each container that has none: `NAME-PROJECT`, or what the router is called.
  if (provider === "docker" && owner !== undefined && !name.includes("@")) {
    const lowest = traefik.portOf(owner);
    if (lowest !== undefined)
      return { kind: "target", target: defaulted({ workload: owner.ref, port: lowest }, "image", place), place };
  }
  return { kind: "unknown", why, place };
}

/** `seen`: the services that were followed already, since they may lead into one another. */
function serviceUpstreams(service: Defined, traefik: Traefik, layer: Layer, seen: Set<TreeNode>): readonly Upstream[] {
  const { node, place } = service;
  if (seen.has(node)) return [];
  seen.add(node);
  const balancer = option(node, "loadBalancer");
  if (balancer !== undefined || service.owner !== undefined) return balanced(service, traefik, place);
  const [kind] = entriesOf(node);
  if (kind === undefined) return [{ kind: "unknown", why: "the service leads nowhere", place }];
  const names = [
    ...["services", "mirrors"].flatMap((key) =>
      membersOf(option(kind.value, key)).flatMap((each) => listOf(option(each, "name")).items),
    ),
    ...listOf(option(kind.value, "service")).items,
    ...listOf(option(kind.value, "fallback")).items,
  ];
  return names.flatMap(({ text, place: at }): readonly Upstream[] => {
    const found = traefik.registry.find(layer, "services", text, service.provider);
    return "why" in found
      ? [{ kind: "unknown", why: found.why, place: at }]
      : serviceUpstreams(found, traefik, layer, seen);
  });
}

function balanced(service: Defined, traefik: Traefik, place: Place): readonly Upstream[] {
  const balancer = option(service.node, "loadBalancer");
  const servers = membersOf(option(balancer, "servers"));
  if (service.owner !== undefined) {
    const url = option(balancer, "server", "url");
    return url === undefined
      ? [containerTarget(service, service.owner, traefik, place)]
      : [address(textFact(url, url.place))];
  }
  if (servers.length === 0) return [{ kind: "unknown", why: "the service names no server", place }];
  return servers.map((server) => {
    const node = option(server, "url") ?? option(server, "address");
    return node === undefined
      ? { kind: "unknown", why: "the server has no address", place }
      : address(textFact(node, node.place));
  });
}

function containerTarget(service: Defined, owner: Workload, traefik: Traefik, place: Place): Upstream {
  const port = option(service.node, "loadBalancer", "server", "port");
  if (port === undefined) return atLowestPort(owner, place, traefik);
  const fact = textFact(port, port.place);
  return { kind: "target", target: portTarget(owner, fact), container: owner.ref, place: fact.place };
}

function portTarget(owner: Workload, fact: Fact<string>): Route["target"] {
  if (fact.kind !== "stated") return fact.kind === "unknown" ? fact : unknown("the label names no port", fact.place);
  const port = /^\d{1,5}$/.test(fact.value) ? Number(fact.value) : 0;
  if (port < 1 || port > 65_535) return unknown("the label names no port", fact.place);
  return stated({ workload: owner.ref, port }, fact.place);
}

function address(fact: Fact<string>): Upstream {
  const { place } = fact;
  if (fact.kind === "unknown") return { kind: "unknown", why: fact.why, place };
  const text = knownValue(fact) ?? "";
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/]*)/i.exec(text);
  const known = splitAddress(match?.[2] ?? "", match?.[1]?.toLowerCase() === "https" ? 443 : 80);
  return known === undefined
    ? { kind: "unknown", why: `\`${text}\` is no address`, place }
    : { kind: "address", ...known, place };
}
