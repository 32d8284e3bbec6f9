import type { ResolvedRoute, ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";
import { complete, stated } from "../../facts/fact.ts";
import type { PolicyRule, Protocol, Ref, Route, Zone } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { hostTransport, responseHeaders, type StrictTransport } from "../../stack/response-headers.ts";
import { networkRef, routeRef, workloadRef } from "./refs.ts";
import { limitsRates } from "./resource-edge.ts";
import type { ComposeResources } from "./resources.ts";

/** Zones, with the networks that make them. */
export function zoneFacts(resources: ComposeResources, stack: ResolvedStack): readonly Zone[] {
  return stack.zones.map((zone) => ({
    kind: "zone",
    ref: { kind: "zone", system: stack.name, name: zone.name },
    lens: "declared",
    platform: "compose",
    place: zone.place,
    purpose: zone.purpose,
    cidr: stated(zone.cidr, zone.place),
    outside: stated(zone.external, zone.place),
    networks: resources.networks
      .filter((network) => network.zone === zone.name)
      .map((network) => networkRef(stack.name, network.key)),
  }));
}

/** Names a route of the declaration; a probe that measures it uses the same name. */
export function declaredRouteRef(stack: string, route: Pick<ResolvedRoute, "service" | "host" | "path">): Ref<"route"> {
  return routeRef(stack, route.service, `${route.host}${route.path}`);
}

/** Routes as the edge is configured to serve them. */
export function routeFacts(stack: ResolvedStack): readonly Route[] {
  return stack.routes.map((route) => ({
    kind: "route",
    ref: declaredRouteRef(stack.name, route),
    lens: "declared",
    platform: "compose",
    place: route.place,
    owner: workloadRef(stack.name, route.service),
    host: stated(route.host, route.place),
    path: stated(route.path, route.place),
    edge: workloadRef(stack.name, route.edge),
    target: stated({ workload: workloadRef(stack.name, route.service), port: route.port }, route.place),
    audience: stated(route.audience, route.place),
    tls: stated({ minimum: "1.2" }, route.place),
    redirectsToTls: stated(true, route.place),
    rateLimit: stated((limitsRates(stack, route) ? route.rateLimit : undefined) ?? "none", route.place),
    loginRateLimit: stated((limitsRates(stack, route) ? route.loginRateLimit : undefined) ?? "none", route.place),
    authentication: stated(route.authentication, route.place),
    headers: complete(
      responseHeaders(transportOf(stack, route)).map((header) => ({ ...header, place: route.place })),
      route.place,
    ),
  }));
}

function transportOf(stack: ResolvedStack, route: ResolvedRoute): StrictTransport {
  const same = stack.routes.filter((other) => other.edge === route.edge && other.host === route.host);
  return hostTransport(same.map((other) => other.hsts));
}

/**
 * Who may open connections: each declared flow, each published port, and for every service whether it may call out.
 * Flows that are not listed are not allowed.
 */
export function policyFacts(stack: ResolvedStack): readonly PolicyRule[] {
  const rules = stack.services.flatMap((service) => [
    ...service.talksTo.map((flow) => allow(stack, service.place, service.name, flow.service, flow)),
    ...service.ports.flatMap(({ published, protocol }) =>
      published === undefined
        ? []
        : [
            allow(stack, service.place, "outside", service.name, {
              port: published.port,
              protocol,
              because: `it is published on ${published.address}: ${published.reason}`,
            }),
          ],
    ),
    outsideRule(stack, service),
  ]);
  return joined(rules);
}

/** One rule for each flow; where it follows from several things, it says them all. */
function joined(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const byFlow = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const known = byFlow.get(rule.ref.name);
    const because = [...new Set([known?.because, rule.because].filter((text) => text !== undefined))].join("; ");
    byFlow.set(rule.ref.name, { ...rule, because });
  }
  return [...byFlow.values()];
}

function allow(
  stack: ResolvedStack,
  place: Place,
  from: string,
  to: string,
  flow: { readonly port: number; readonly protocol: Protocol; readonly because: string },
): PolicyRule {
  return {
    ...ruleShared(stack, place, `${from} → ${to}:${flow.port}/${flow.protocol}`),
    from,
    to,
    port: stated(flow.port, place),
    protocol: stated(flow.protocol, place),
    action: stated("allow", place),
    declared: stated(true, place),
    because: flow.because,
  };
}

function outsideRule(stack: ResolvedStack, service: ResolvedService): PolicyRule {
  return {
    ...ruleShared(stack, service.place, `${service.name} → outside:any`),
    from: service.name,
    to: "outside",
    port: stated("any", service.place),
    protocol: stated("any", service.place),
    action: stated(service.outbound ? "allow" : "deny", service.place),
    declared: stated(service.outbound, service.place),
    because: service.outbound ? "it may call out" : "nothing declares that it may call out",
  };
}

function ruleShared(stack: ResolvedStack, place: Place, name: string) {
  return {
    kind: "policy-rule",
    ref: { kind: "policy-rule", system: stack.name, name },
    lens: "declared",
    platform: "compose",
    place,
  } as const;
}
