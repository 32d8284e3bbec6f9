import { complete, defaulted, type Fact, incomplete, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Route, Workload } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { labelsBelow, type SettingLabel } from "./read-labels.ts";
import type { LabelledProject } from "./read-routes.ts";
import { routeRef } from "./refs.ts";

/** One site of caddy-docker-proxy: the label that names its addresses, and the directives below it. */
interface Site {
  readonly addresses: Fact<string>;
  readonly directives: readonly SettingLabel[];
  readonly place: Place;
}

/**
 * The sites that labels ask caddy-docker-proxy for (`caddy: example.org`, `caddy.reverse_proxy: "{{upstreams 80}}"`,
 * several as `caddy_0`, `caddy_1`). Source: the README of lucaslorentz/caddy-docker-proxy.
 */
export function caddyRoutes(project: LabelledProject): readonly Route[] {
  return project.workloads.flatMap((workload) =>
    sitesOf(workload).flatMap((site) => siteRoutes(project, workload, site)),
  );
}

function sitesOf(workload: Workload): readonly Site[] {
  return workload.labels.items.flatMap((label): Site[] => {
    if (!/^caddy(?:_\d+)?$/i.test(label.name) || knownValue(label.value) === "") return [];
    const directives = labelsBelow(workload.labels.items, `${label.name.toLowerCase()}.`);
    return [{ addresses: label.value, directives, place: label.place }];
  });
}

function siteRoutes(project: LabelledProject, workload: Workload, site: Site): readonly Route[] {
  const addresses = knownValue(site.addresses);
  if (addresses === undefined) return [route(project, workload, site, undefined)];
  // A snippet, or matchers alone, is no site.
  if (/^\(.*\)$/.test(addresses.trim())) return [];
  return addresses
    .split(/[\s,]+/)
    .flatMap((address) => (address === "" ? [] : [route(project, workload, site, address)]));
}

function route(project: LabelledProject, workload: Workload, site: Site, address: string | undefined): Route {
  const { place } = site;
  const parsed = address === undefined ? null : /^(?:(https?):\/\/)?([^/]*?)(?::(\d+))?(\/.*)?$/.exec(address);
  const hidden: Fact<string> =
    site.addresses.kind === "unknown" ? site.addresses : unknown("the address is no address", place);
  const host = parsed?.[2] === "" ? "*" : parsed?.[2];
  const path = parsed?.[4];
  const plain = parsed?.[1] === "http" || parsed?.[3] === "80";
  const doubt = outsideDirective(site);
  const inDoubt = <T>(otherwise: Fact<T>): Fact<T> => (doubt === undefined ? otherwise : unknown(doubt, place));
  return {
    kind: "route",
    ref: routeRef(project.context.system, workload.ref.name, host === undefined ? "caddy" : `${host}${path ?? "/"}`),
    lens: project.context.lens,
    platform: "compose",
    place,
    owner: workload.ref,
    host: host === undefined ? hidden : stated(host, place),
    path: host === undefined ? hidden : path === undefined ? defaulted("/", "platform", place) : stated(path, place),
    edge: project.proxy("caddy")?.ref,
    target: readTarget(project, workload, site),
    audience: directive(site, /remote_ip|client_ip/)
      ? unknown("a matcher of addresses decides", place)
      : inDoubt(defaulted({ kind: "public" }, "platform", place)),
    // Caddy serves names over HTTPS by itself, with TLS 1.2 as the least, and redirects to it.
    tls: directive(site, /^tls\b/)
      ? unknown("its `tls` directive decides", place)
      : plain
        ? stated("none", place)
        : inDoubt(defaulted({ minimum: "1.2" }, "image", place)),
    redirectsToTls: plain ? stated(false, place) : defaulted(true, "image", place),
    rateLimit: directive(site, /rate_limit/)
      ? unknown("its `rate_limit` directive decides", place)
      : inDoubt(unstated(place)),
    loginRateLimit: unknown("which paths log in is not told by labels", place),
    authentication: readAuthentication(site, inDoubt(unstated(place))),
    headers: doubt === undefined ? complete(readHeaders(site), place) : incomplete(readHeaders(site), doubt, place),
  };
}

function directive(site: Site, pattern: RegExp): boolean {
  return site.directives.some((label) => pattern.test(label.parts.join(".").toLowerCase()));
}

/** `import` takes in a snippet that labels do not show. */
function outsideDirective(site: Site): string | undefined {
  return directive(site, /(?:^|\.)(?:\d+_)?import\b/) ? "it imports a snippet that is defined elsewhere" : undefined;
}

function readAuthentication(site: Site, otherwise: Route["authentication"]): Route["authentication"] {
  if (directive(site, /forward_auth/))
    return unknown("another service decides who comes in (`forward_auth`)", site.place);
  if (directive(site, /basic_?auth/)) return stated("single-factor", site.place);
  return otherwise;
}

function readTarget(project: LabelledProject, workload: Workload, site: Site): Route["target"] {
  const proxy = site.directives.find((label) => /reverse_proxy$/i.test(label.parts.at(-1) ?? ""));
  if (proxy === undefined) return unknown("no `reverse_proxy` label names where it leads", site.place);
  if (proxy.value.kind === "unknown") return proxy.value;
  const port = /\{\{\s*upstreams(?:\s+https?)?(?:\s+(\d{1,5}))?\s*\}\}/.exec(knownValue(proxy.value) ?? "");
  if (port === null) return unknown("it leads to an address that is written out", proxy.place);
  if (port[1] !== undefined) return stated({ workload: workload.ref, port: Number(port[1]) }, proxy.place);
  const lowest = project.portOf(workload);
  return defaulted({ workload: workload.ref, port: lowest ?? 80 }, "platform", proxy.place);
}

/** `caddy.header.X-Frame-Options: SAMEORIGIN`, `caddy.header.-Server:`. */
function readHeaders(site: Site) {
  return site.directives.flatMap((label) => {
    const [first, name] = label.parts;
    const value = knownValue(label.value);
    if (first?.toLowerCase() !== "header" || name === undefined || value === undefined) return [];
    const removed = name.startsWith("-");
    const shown = name.replace(/^[-+?>]/, "").toLowerCase();
    return [{ name: shown, value: removed ? null : value.replace(/^"(.*)"$/, "$1"), place: label.place }];
  });
}
