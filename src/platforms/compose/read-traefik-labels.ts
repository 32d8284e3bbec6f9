import { defaulted, type Fact, knownValue, mapFact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Container, Route, Workload } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { labelsBelow, listed, type SettingLabel, type Settings, settingsByName } from "./read-labels.ts";
import type { LabelledProject } from "./read-routes.ts";
import { type MiddlewareChain, readMiddlewares } from "./read-traefik-middlewares.ts";
import { routeRef } from "./refs.ts";

/** Traefik's own configuration as far as the command of its container in the project tells; else nothing is known. */
interface EntryPoints {
  readonly known: boolean;
  readonly withTls: ReadonlySet<string>;
  readonly redirected: boolean;
}

/**
 * The routers that labels ask Traefik for (`traefik.http.routers.NAME.rule`, …), one route for each host of a rule.
 * Source: Traefik's documentation, "Docker provider" and "Routers".
 */
export function traefikRoutes(project: LabelledProject): readonly Route[] {
  const middlewares = settingsByName(
    project.workloads.flatMap((workload) => labelsBelow(workload.labels.items, "traefik.http.middlewares.")),
  );
  const proxy = project.proxy("traefik");
  const entryPoints = readEntryPoints(proxy?.container);
  return project.workloads.flatMap((workload) => {
    const enabled = workload.labels.items.find((label) => label.name.toLowerCase() === "traefik.enable");
    if (enabled !== undefined && knownValue(enabled.value)?.toLowerCase() === "false") return [];
    const routers = settingsByName(labelsBelow(workload.labels.items, "traefik.http.routers."));
    if (routers.size === 0 && enabled !== undefined) return [implicitRoute(project, workload, enabled.place)];
    return [...routers].flatMap(([name, router]) => {
      const chain = readMiddlewares(router.get("middlewares"), middlewares);
      return routerRoutes(project, workload, { name, router, chain, entryPoints });
    });
  });
}

interface Router {
  readonly name: string;
  readonly router: Settings;
  readonly chain: MiddlewareChain;
  readonly entryPoints: EntryPoints;
}

function routerRoutes(project: LabelledProject, workload: Workload, router: Router): readonly Route[] {
  const rule = router.router.get("rule");
  const place = rule?.place ?? [...router.router.values()][0]?.place ?? workload.place;
  if (rule === undefined) {
    return [route(project, workload, router, { place, host: ownRule(place), path: ownRule(place) })];
  }
  const text = knownValue(rule.value);
  if (text === undefined) {
    const hidden = mapFact(rule.value, (value) => value);
    return [route(project, workload, router, { place, host: hidden, path: hidden })];
  }
  const paths = matched(text, "Path(?:Prefix)?");
  const path: Fact<string> =
    paths.length === 1
      ? stated(paths[0] ?? "/", place)
      : paths.length === 0
        ? defaulted("/", "platform", place)
        : unknown("the rule names several paths", place);
  if (/\b(?:HostRegexp|PathRegexp)\s*\(/.test(text)) {
    const why = "the rule compares with a regular expression";
    return [route(project, workload, router, { place, host: unknown(why, place), path: unknown(why, place) })];
  }
  const hosts = [...new Set(matched(text, "Host"))];
  return (hosts.length === 0 ? ["*"] : hosts).map((host) =>
    route(project, workload, router, { place, host: stated(host, place), path }),
  );
}

function ownRule<T>(place: Place): Fact<T> {
  return unknown("the router has no rule here, and Traefik's own configuration makes one", place);
}

/** Every value that a matcher of the rule names: `Host(`a`, `b`)`. */
function matched(rule: string, matcher: string): readonly string[] {
  return [...rule.matchAll(new RegExp(`\\b${matcher}\\s*\\(([^)]*)\\)`, "g"))].flatMap((match) =>
    [...(match[1] ?? "").matchAll(/[`"']([^`"']*)[`"']/g)].map((value) => value[1] ?? ""),
  );
}

/** A container that is enabled without a router of its own gets one from Traefik's default rule. */
function implicitRoute(project: LabelledProject, workload: Workload, place: Place): Route {
  const router: Router = {
    name: workload.ref.name,
    router: new Map(),
    chain: readMiddlewares(undefined, new Map()),
    entryPoints: readEntryPoints(project.proxy("traefik")?.container),
  };
  return route(project, workload, router, { place, host: ownRule(place), path: ownRule(place) });
}

function route(
  project: LabelledProject,
  workload: Workload,
  { name, router, chain, entryPoints }: Router,
  at: { place: Place; host: Fact<string>; path: Fact<string> },
): Route {
  const host = knownValue(at.host);
  const { place } = at;
  return {
    kind: "route",
    ref: routeRef(
      project.context.system,
      workload.ref.name,
      host === undefined ? name : `${host}${knownValue(at.path) ?? ""}`,
    ),
    lens: project.context.lens,
    platform: "compose",
    place,
    owner: workload.ref,
    host: at.host,
    path: at.path,
    edge: project.proxy("traefik")?.ref,
    target: readTarget(project, workload, router, place),
    audience: chain.audience(place),
    tls: readTls(router, entryPoints, place),
    redirectsToTls: chain.redirectsToTls ?? redirectFact(entryPoints, place),
    rateLimit: chain.rateLimit(place),
    loginRateLimit: unknown("which paths log in is not told by labels", place),
    authentication: chain.authentication(place),
    headers: chain.headers(place),
  };
}

function readTarget(project: LabelledProject, workload: Workload, router: Settings, place: Place): Route["target"] {
  const services = settingsByName(labelsBelow(workload.labels.items, "traefik.http.services."));
  const named = router.get("service");
  if (named?.value.kind === "unknown") return named.value;
  const wanted = named === undefined ? undefined : knownValue(named.value);
  if (wanted !== undefined && /@(?!docker$)/.test(wanted)) {
    return unknown(`the service \`${wanted}\` is defined outside the labels`, named?.place ?? place);
  }
  const name = wanted?.replace(/@docker$/, "");
  const service = name === undefined ? [...services.values()][0] : services.get(name);
  const port = service?.get("loadbalancer.server.port");
  if (port !== undefined) return portTarget(workload, port);
  if (name !== undefined && service === undefined) {
    return unknown(`the service \`${name}\` is not defined by a label of this service`, named?.place ?? place);
  }
  const lowest = project.portOf(workload);
  if (lowest !== undefined) return defaulted({ workload: workload.ref, port: lowest }, "image", place);
  return unknown("no label names the port, and the image decides which ports it exposes", place);
}

function portTarget(workload: Workload, label: SettingLabel): Route["target"] {
  if (label.value.kind !== "stated") return label.value.kind === "defaulted" ? unstated(label.place) : label.value;
  const port = /^\d{1,5}$/.test(label.value.value) ? Number(label.value.value) : 0;
  if (port < 1 || port > 65_535) return unknown("the label names no port", label.place);
  return stated({ workload: workload.ref, port }, label.place);
}

function readTls(router: Settings, entryPoints: EntryPoints, place: Place): Route["tls"] {
  const options = router.get("tls.options");
  if (options !== undefined) return unknown("its TLS options are defined outside the labels", options.place);
  const own = [...router].find(([option]) => option === "tls" || option.startsWith("tls."));
  if (own !== undefined) {
    const [option, label] = own;
    if (label.value.kind === "unknown") return label.value;
    // Without options Traefik takes TLS 1.2 as the least.
    if (option !== "tls" || knownValue(label.value)?.toLowerCase() === "true") {
      return defaulted({ minimum: "1.2" }, "image", label.place);
    }
  }
  const through = router.get("entrypoints");
  if (!entryPoints.known || through?.value.kind === "unknown") {
    return unknown("whether its entry point adds TLS is set in Traefik's own configuration", through?.place ?? place);
  }
  const names = listed((through === undefined ? undefined : knownValue(through.value)) ?? "");
  const encrypted = names.length > 0 && names.every((name) => entryPoints.withTls.has(name.toLowerCase()));
  return encrypted
    ? defaulted({ minimum: "1.2" }, "image", through?.place ?? place)
    : stated("none", through?.place ?? place);
}

function redirectFact(entryPoints: EntryPoints, place: Place): Fact<boolean> {
  if (entryPoints.redirected) return stated(true, place);
  if (entryPoints.known) return defaulted(false, "image", place);
  return unknown("whether an entry point redirects is set in Traefik's own configuration", place);
}

/** What `--entrypoints.…` arguments say; with a configuration file beside them nothing is certain. */
function readEntryPoints(container: Container | undefined): EntryPoints {
  const command = container === undefined ? undefined : knownValue(container.command);
  const words = (command ?? []).map((word) => word.reveal().toLowerCase());
  const entries = words.filter((word) => word.startsWith("--entrypoints."));
  const withTls = entries.flatMap((word) => /^--entrypoints\.([^.=]+)\.http\.tls(?:\.|=true|$)/.exec(word)?.[1] ?? []);
  return {
    known: entries.length > 0 && !words.some((word) => word.startsWith("--configfile")),
    withTls: new Set(withTls),
    redirected: entries.some((word) => /\.http\.redirections\.entrypoint\.(?:to|scheme)=/.test(word)),
  };
}
