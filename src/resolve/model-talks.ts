/** Who opens connections to whom, and why: what is declared, and what follows from routes, scrapes and alerts. */
import type { ResolvedRoute } from "../contracts/resolved.ts";
import type { ModelContext, ServiceModel, Talk, ZoneModel } from "./model.ts";
import { type RouteModel, targetsOf } from "./model-routes.ts";
import type { Path } from "./places.ts";

export interface Talks {
  readonly talks: ReadonlyMap<string, readonly Talk[]>;
  readonly unscraped: readonly string[];
}

export function talksOf(
  context: ModelContext,
  services: ReadonlyMap<string, ServiceModel>,
  routes: readonly RouteModel[],
  zones: ReadonlyMap<string, ZoneModel>,
): Talks {
  const found = new Found(services);
  const unscraped: string[] = [];
  for (const service of services.values()) declaredTalks(context, service, services, found);
  for (const { route, path } of routes) routeTalk(context, route, [...path, "to"], services, found);
  scrapeTalks(context, services, found, unscraped);
  zoneTalks(services, zones, found);
  return { talks: found.all, unscraped };
}

function routeTalk(
  context: ModelContext,
  route: ResolvedRoute,
  path: Path,
  services: ReadonlyMap<string, ServiceModel>,
  found: Found,
): void {
  const from = services.get(route.edge);
  const to = services.get(route.service);
  if (from === undefined || to === undefined || !requireCommonZone(context, path, from, to)) return;
  const because = `${route.host}${route.path === "/" ? "" : route.path} is routed to it`;
  found.add(from.name, { service: to.name, port: route.port, protocol: "tcp", because, needed: false });
}

/** Talks by who opens them, each target and port once, with every reason. */
class Found {
  readonly all = new Map<string, Talk[]>();

  constructor(services: ReadonlyMap<string, ServiceModel>) {
    for (const name of services.keys()) this.all.set(name, []);
  }

  add(from: string, talk: Talk): void {
    const list = this.all.get(from);
    if (list === undefined || from === talk.service) return;
    const known = list.findIndex(
      (t) => t.service === talk.service && t.port === talk.port && t.protocol === talk.protocol,
    );
    const before = list[known];
    if (before === undefined) list.push(talk);
    else if (before.because !== talk.because)
      list[known] = { ...before, needed: before.needed || talk.needed, because: `${before.because}; ${talk.because}` };
  }
}

function declaredTalks(
  context: ModelContext,
  service: ServiceModel,
  services: ReadonlyMap<string, ServiceModel>,
  found: Found,
): void {
  service.declared.talksTo?.forEach((text, index) => {
    const path: Path = [...service.path, "talksTo", index];
    const targets = targetsOf(context, text, path, services) ?? [];
    for (const { service: to, port } of targets) {
      if (to.name === service.name) {
        context.problems.at(path, `"${service.name}" need not name itself.`);
        return;
      }
      if (!requireCommonZone(context, path, service, to)) return;
      const because = `${service.name} declares it`;
      found.add(service.name, { service: to.name, port: port.port, protocol: port.protocol, because, needed: true });
    }
  });
}

/** Services of different zones never talk; one of them has to be in both. */
function requireCommonZone(context: ModelContext, path: Path, from: ServiceModel, to: ServiceModel): boolean {
  if (sharesZone(from, to)) return true;
  if (from.zones.length === 0 || to.zones.length === 0) return false;
  context.problems.at(
    path,
    `"${from.name}" (${from.zones.join(", ")}) and "${to.name}" (${to.zones.join(", ")}) share no zone, so they cannot talk.`,
    `Put one of them in both: \`zones: [${[...new Set([...from.zones, ...to.zones])].join(", ")}]\`.`,
  );
  return false;
}

function sharesZone(a: ServiceModel, b: ServiceModel): boolean {
  return a.zones.some((zone) => b.zones.includes(zone));
}

/** Each Prometheus reads every service that it shares a zone with, and tells each Alertmanager. */
function scrapeTalks(
  context: ModelContext,
  services: ReadonlyMap<string, ServiceModel>,
  found: Found,
  unscraped: string[],
): void {
  const readers = [...services.values()].filter((service) => service.declared.use === "prometheus");
  for (const reader of readers) {
    for (const target of services.values()) {
      if (target.name === reader.name) continue;
      if (target.scrape !== undefined) scrapeTalk(context, reader, target, target.scrape, found, unscraped);
      if (target.declared.use === "alertmanager" && sharesZone(reader, target)) {
        found.add(reader.name, {
          service: target.name,
          port: 9093,
          protocol: "tcp",
          because: `${reader.name} sends alerts there`,
          needed: false,
        });
      }
    }
  }
  const stated = [...services.values()].find((service) => service.scrape?.stated === true);
  if (readers.length === 0 && stated !== undefined) {
    unscraped.push(
      `"${stated.name}" says where its metrics are, but the stack has no service with \`use: prometheus\`.`,
    );
  }
}

function scrapeTalk(
  context: ModelContext,
  reader: ServiceModel,
  target: ServiceModel,
  scrape: NonNullable<ServiceModel["scrape"]>,
  found: Found,
  unscraped: string[],
): void {
  if (sharesZone(reader, target)) {
    found.add(reader.name, {
      service: target.name,
      port: scrape.port,
      protocol: "tcp",
      because: `${reader.name} reads its metrics`,
      needed: false,
    });
  } else if (scrape.stated) {
    requireCommonZone(context, [...target.path, "scrape"], reader, target);
  } else {
    unscraped.push(`"${reader.name}" shares no zone with "${target.name}" and does not read its metrics.`);
  }
}

/** In a zone with `members: all`, everyone may talk to every port of everyone. */
function zoneTalks(
  services: ReadonlyMap<string, ServiceModel>,
  zones: ReadonlyMap<string, ZoneModel>,
  found: Found,
): void {
  for (const zone of zones.values()) {
    if (zone.declared.members !== "all") continue;
    const members = [...services.values()].filter((service) => service.zones.includes(zone.name));
    for (const from of members) {
      for (const to of members) {
        const known = new Set(found.all.get(from.name)?.map((talk) => `${talk.service} ${talk.port}/${talk.protocol}`));
        for (const port of to.ports) {
          if (known.has(`${to.name} ${port.port}/${port.protocol}`)) continue;
          const because = `all of the zone ${zone.name} may talk to one another`;
          found.add(from.name, { service: to.name, port: port.port, protocol: port.protocol, because, needed: false });
        }
      }
    }
  }
}
