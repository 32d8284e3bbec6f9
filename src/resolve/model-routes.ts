import type { ResolvedRoute } from "../contracts/resolved.ts";
import type { Audience } from "../facts/subjects.ts";
import type { RouteDeclaration } from "../stack/schema.ts";
import type { ModelContext, ModelPort, ServiceModel } from "./model.ts";
import type { Path } from "./places.ts";

const defaultRateLimit = { requests: 100, windowSeconds: 60 };
const defaultLoginRateLimit = { requests: 10, windowSeconds: 60 };
const defaultLoginPaths = ["/login*", "/api/login*"];
const defaultMaxBody = 10 * 1024 * 1024;
const year = 365 * 86_400;

export interface RouteModel {
  readonly route: ResolvedRoute;
  readonly path: Path;
}

/** Routes with their edge, target and every default; those with mistakes are left out. */
export function routesOf(context: ModelContext, services: ReadonlyMap<string, ServiceModel>): RouteModel[] {
  const seen = new Set<string>();
  return context.declaration.routes.flatMap((declared, index) => {
    const path = ["routes", index];
    const route = routeOf(context, declared, path, services);
    if (route === undefined) return [];
    const key = `${route.edge} ${route.host}${route.path}`;
    if (seen.has(key)) context.problems.at(path, `${route.host}${route.path} is routed already, further up.`);
    seen.add(key);
    return [{ route, path }];
  });
}

function routeOf(
  context: ModelContext,
  route: RouteDeclaration,
  path: Path,
  services: ReadonlyMap<string, ServiceModel>,
): ResolvedRoute | undefined {
  const edge = edgeOf(context, route, path, services);
  const target = targetOf(context, route.to, [...path, "to"], services);
  const audience = audienceOf(context, route, path);
  if (edge === undefined || target === undefined) return undefined;
  return {
    host: hostOf(route.host, context.declaration.domain),
    path: route.path.length > 1 ? route.path.replace(/\/+$/, "") : "/",
    edge: edge.name,
    service: target.service.name,
    port: target.port.port,
    audience,
    authentication: route.authentication,
    rateLimit: "rateLimit" in route ? route.rateLimit : defaultRateLimit,
    loginRateLimit: "loginRateLimit" in route ? route.loginRateLimit : defaultLoginRateLimit,
    loginPaths: route.loginPaths ?? defaultLoginPaths,
    maxBodyBytes: route.maxBody ?? defaultMaxBody,
    hsts: {
      maxAgeSeconds: route.hsts?.maxAge ?? year,
      includeSubDomains: route.hsts?.includeSubDomains ?? true,
      preload: route.hsts?.preload ?? false,
    },
    place: context.places.value(path),
  };
}

/** A label stands under the domain, `@` is the domain, a name with dots is taken as it is. */
function hostOf(host: string, domain: string): string {
  if (host === "@") return domain;
  return host.includes(".") ? host : `${host}.${domain}`;
}

function edgeOf(
  context: ModelContext,
  route: RouteDeclaration,
  path: Path,
  services: ReadonlyMap<string, ServiceModel>,
): ServiceModel | undefined {
  const edges = [...services.values()].filter((service) => service.component?.roles.includes("proxy"));
  if (route.edge !== undefined) {
    const named = edges.find((edge) => edge.name === route.edge);
    if (named !== undefined || context.unread.services.has(route.edge)) return named;
    if (services.has(route.edge))
      context.problems.at([...path, "edge"], `"${route.edge}" is no edge.`, "An edge is a service with `use: caddy`.");
    else
      context.problems.unknownName(
        [...path, "edge"],
        "edge",
        route.edge,
        edges.map((edge) => edge.name),
      );
    return undefined;
  }
  if (edges.length === 1) return edges[0];
  if (edges.length === 0) {
    const mayBeUnread =
      context.unread.services.size > 0 ||
      names(context).some((name) => context.unread.touches(["services", name, "use"]));
    if (!mayBeUnread)
      context.problems.at(path, "This route has no edge to come in by.", "Add a service with `use: caddy`.");
    return undefined;
  }
  context.problems.at(
    path,
    `The stack has several edges (${edges.map((edge) => edge.name).join(", ")}): say which with \`edge\`.`,
  );
  return undefined;
}

function names(context: ModelContext): string[] {
  return Object.keys(context.declaration.services);
}

function audienceOf(context: ModelContext, route: RouteDeclaration, path: Path): Audience {
  if (route.audience === "public") return { kind: "public" };
  if (Array.isArray(route.audience)) return { kind: "networks", cidrs: route.audience };
  if (context.declaration.operators.length === 0 && !context.unread.touches(["operators"])) {
    context.problems.at(
      path,
      `${route.host} is for operators, but the stack names none.`,
      "List their networks under `operators`, or set `audience: public` on the route.",
    );
  }
  return { kind: "networks", cidrs: context.declaration.operators };
}

export interface Target {
  readonly service: ServiceModel;
  readonly port: ModelPort;
}

/** The one port that `service` or `service:port` means. Reports what it cannot find. */
export function targetOf(
  context: ModelContext,
  text: string,
  path: Path,
  services: ReadonlyMap<string, ServiceModel>,
): Target | undefined {
  const targets = targetsOf(context, text, path, services);
  if (targets === undefined || targets.length === 1) return targets?.[0];
  const [first] = targets;
  if (first === undefined) return undefined;
  const names = targets.map((target) => target.port.name).join(", ");
  context.problems.at(
    path,
    `"${first.service.name}" has several ports: say which.`,
    `Write \`${first.service.name}:PORT\` with one of: ${names}.`,
  );
  return undefined;
}

/** Every port that `service` or `service:port` means; undefined when a mistake was reported. */
export function targetsOf(
  context: ModelContext,
  text: string,
  path: Path,
  services: ReadonlyMap<string, ServiceModel>,
): Target[] | undefined {
  const [name = "", portText] = text.split(":");
  const service = services.get(name);
  if (service === undefined) {
    if (!context.unread.services.has(name)) context.problems.unknownName(path, "service", name, services.keys());
    return undefined;
  }
  const usual = service.ports.filter((port) => !port.metricsOnly);
  const found =
    portText === undefined
      ? usual
      : service.ports.filter((port) => port.name === portText || String(port.port) === portText);
  if (found.length > 0) return found.map((port) => ({ service, port }));
  if (portText === undefined) {
    context.problems.at(
      path,
      `"${name}" has no ports, so nobody can talk to it.`,
      `Add \`ports: { http: 8080 }\` to "${name}".`,
    );
  } else {
    context.problems.unknownName(
      path,
      `port of ${name}`,
      portText,
      service.ports.map((port) => port.name),
    );
  }
  return undefined;
}
