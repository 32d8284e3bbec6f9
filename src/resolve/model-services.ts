import type { Component } from "../contracts/component.ts";
import type { ServiceDeclaration } from "../stack/schema.ts";
import { expectation, sentenceEnd } from "./issue-sentences.ts";
import { implicitZone, type ModelContext, type ModelPort, type ServiceModel, type ZoneModel } from "./model.ts";
import type { Path } from "./places.ts";

/** Zones as declared, and one more for services that name none. */
export function zonesOf(context: ModelContext): Map<string, ZoneModel> {
  const zones = new Map<string, ZoneModel>();
  for (const [name, declared] of Object.entries(context.declaration.zones)) {
    zones.set(name, { name, declared, path: ["zones", name] });
  }
  const homeless = Object.values(context.declaration.services).some(
    (s) => s.zone === undefined && s.zones === undefined,
  );
  if (homeless && !zones.has(implicitZone)) {
    const declared = { purpose: "Services that name no zone", outside: "both", members: "declared" } as const;
    zones.set(implicitZone, { name: implicitZone, declared, path: ["services"] });
  }
  return zones;
}

/** Every service with its component, zones and ports. */
export function servicesOf(context: ModelContext, zones: ReadonlyMap<string, ZoneModel>): Map<string, ServiceModel> {
  const services = new Map<string, ServiceModel>();
  for (const [name, declared] of Object.entries(context.declaration.services)) {
    services.set(name, serviceOf(context, name, declared, zones));
  }
  checkPublishedClashes(context, services);
  return services;
}

/** Words that stand for something else in network names and in facts. */
const reservedNames = new Set(["ingress", "outbound", "alone", "zone", "outside", "host"]);

function serviceOf(
  context: ModelContext,
  name: string,
  declared: ServiceDeclaration,
  zones: ReadonlyMap<string, ZoneModel>,
): ServiceModel {
  const path: Path = ["services", name];
  const { problems } = context;
  if (reservedNames.has(name)) problems.at(path, `A service cannot be called "${name}": the word has a meaning here.`);
  const component = declared.use === undefined ? undefined : context.components.get(declared.use);
  const hasSource = declared.use !== undefined || declared.image !== undefined;
  if (!hasSource && !context.unread.touches([...path, "use"]) && !context.unread.touches([...path, "image"])) {
    problems.at(
      path,
      `The service "${name}" has neither \`use\` nor \`image\`.`,
      "Name a component (`use: caddy`) or an image.",
    );
  }
  const settings = settingsOf(context, path, declared, component);
  const ports = portsOf(context, path, declared, component, settings);
  const inZones = serviceZones(context, path, declared, zones);
  const outbound = declared.outbound ?? component?.needsOutbound(settings, context.declaration.domain) ?? false;
  checkPolicy(context, path, name, { inZones, outbound, ports }, zones);
  return {
    name,
    path,
    declared,
    component,
    settings,
    zones: inZones,
    ports,
    outbound,
    scrape: scrapeOf(declared, component),
  };
}

function settingsOf(
  context: ModelContext,
  path: Path,
  declared: ServiceDeclaration,
  component: Component | undefined,
): Readonly<Record<string, unknown>> {
  if (component === undefined) {
    if (declared.settings !== undefined && declared.image !== undefined && !context.unread.touches([...path, "use"])) {
      context.problems.at(
        [...path, "settings"],
        "Only components have `settings`; an image of your own has `environment` and `config`.",
      );
    }
    return {};
  }
  const read = component.settings.safeParse(declared.settings ?? {});
  if (read.success) return read.data;
  for (const issue of read.error.issues) {
    const inner = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
    const where = [...path, "settings", ...inner];
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys)
        context.problems.unknownKey([...where, key], `setting of ${component.name}`, key, settingNames(component));
    } else {
      context.problems.at(where, `A setting of ${component.name} is not right: ${sentenceEnd(expectation(issue))}`);
    }
  }
  const defaults = component.settings.safeParse({});
  return defaults.success ? defaults.data : {};
}

function settingNames(component: Component): string[] {
  const shape: unknown = "shape" in component.settings ? component.settings.shape : undefined;
  return typeof shape === "object" && shape !== null ? Object.keys(shape) : [];
}

function serviceZones(
  context: ModelContext,
  path: Path,
  declared: ServiceDeclaration,
  zones: ReadonlyMap<string, ZoneModel>,
): string[] {
  if (declared.zone !== undefined && declared.zones !== undefined) {
    context.problems.at([...path, "zones"], "A service has either `zone` or `zones`.");
  }
  const unreadZone = context.unread.touches([...path, "zone"]) || context.unread.touches([...path, "zones"]);
  if (unreadZone && declared.zone === undefined && declared.zones === undefined) return [];
  const named = declared.zones ?? (declared.zone === undefined ? [implicitZone] : [declared.zone]);
  named.forEach((zone, index) => {
    if (zones.has(zone) || context.unread.zones.has(zone)) return;
    const where = declared.zones === undefined ? [...path, "zone"] : [...path, "zones", index];
    context.problems.unknownName(where, "zone", zone, zones.keys());
  });
  return [...new Set(named.filter((zone) => zones.has(zone)))];
}

function portsOf(
  context: ModelContext,
  path: Path,
  declared: ServiceDeclaration,
  component: Component | undefined,
  settings: Readonly<Record<string, unknown>>,
): ModelPort[] {
  const ports = new Map<string, ModelPort>();
  const isEdge = component?.roles.includes("proxy") ?? false;
  for (const port of component?.ports ?? []) {
    if (component?.opens(port.name, settings) !== true) continue;
    const open = port.audience === "outside" && isEdge && context.declaration.routes.length > 0;
    const published = open
      ? { address: "0.0.0.0", port: port.port, reason: "The edge: every route comes in here." }
      : undefined;
    const metricsOnly = component?.scrape?.port === port.port && component.ports.length > 1;
    ports.set(port.name, { name: port.name, port: port.port, protocol: port.protocol, published, metricsOnly });
  }
  for (const [name, written] of Object.entries(declared.ports ?? {})) {
    const where = [...path, "ports", name];
    const known = ports.get(name);
    const number = written.port ?? known?.port;
    if (number === undefined) {
      context.problems.at(
        where,
        `The port "${name}" has no number.`,
        known === undefined && component !== undefined
          ? `${component.name} has: ${[...ports.keys()].join(", ")}.`
          : undefined,
      );
      continue;
    }
    const published = publishedOf(context, where, written.publish, known, number, isEdge);
    const protocol = written.protocol ?? known?.protocol ?? "tcp";
    ports.set(name, { name, port: number, protocol, published, metricsOnly: known?.metricsOnly ?? false });
  }
  checkInnerClashes(context, path, declared, [...ports.values()]);
  return [...ports.values()].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

type Publish = NonNullable<ServiceDeclaration["ports"]>[string]["publish"];

function publishedOf(
  context: ModelContext,
  where: Path,
  publish: Publish,
  known: ModelPort | undefined,
  number: number,
  isEdge: boolean,
): ModelPort["published"] {
  if (publish === false) return undefined;
  if (publish === undefined) return known?.published;
  const reason = publish.reason ?? (isEdge ? (known?.published?.reason ?? "The edge.") : undefined);
  if (reason === undefined && !context.unread.touches([...where, "publish", "reason"])) {
    context.problems.at(
      [...where, "publish"],
      "A port that is published past the edge needs a `reason`.",
      "Say what for, and why it cannot go through a route; documents print it.",
    );
  }
  return { address: publish.address ?? "0.0.0.0", port: publish.port ?? number, reason: reason ?? "" };
}

function checkInnerClashes(
  context: ModelContext,
  path: Path,
  declared: ServiceDeclaration,
  ports: readonly ModelPort[],
): void {
  const seen = new Map<string, string>();
  for (const port of ports) {
    const key = `${port.port}/${port.protocol}`;
    const other = seen.get(key);
    if (other !== undefined) {
      const mine = declared.ports?.[port.name] === undefined ? other : port.name;
      context.problems.at([...path, "ports", mine], `The ports "${other}" and "${port.name}" are both ${key}.`);
    }
    seen.set(key, port.name);
  }
}

/** Two services cannot have the same port of the host; `0.0.0.0` and `::` take it on every address of their kind. */
function checkPublishedClashes(context: ModelContext, services: ReadonlyMap<string, ServiceModel>): void {
  const taken: { service: string; port: ModelPort; address: string }[] = [];
  for (const service of services.values()) {
    for (const port of service.ports) {
      if (port.published === undefined) continue;
      const { address } = port.published;
      const other = taken.find(
        (t) =>
          t.port.published?.port === port.published?.port &&
          t.port.protocol === port.protocol &&
          overlap(t.address, address),
      );
      if (other !== undefined) {
        context.problems.at(
          [...service.path, "ports", port.name],
          `Port ${port.published.port}/${port.protocol} of the host is taken by "${other.service}" already.`,
          "Publish one of them on another port or address.",
        );
      }
      taken.push({ service: service.name, port, address });
    }
  }
}

function overlap(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.includes(":") !== b.includes(":")) return false;
  return a === "0.0.0.0" || b === "0.0.0.0" || a === "::" || b === "::";
}

function scrapeOf(declared: ServiceDeclaration, component: Component | undefined): ServiceModel["scrape"] {
  if (declared.scrape !== undefined) return { ...declared.scrape, stated: true };
  return component?.scrape === undefined ? undefined : { ...component.scrape, stated: false };
}

/** What a service wants of outside must be allowed by one of its zones. */
function checkPolicy(
  context: ModelContext,
  path: Path,
  name: string,
  service: { inZones: readonly string[]; outbound: boolean; ports: readonly ModelPort[] },
  zones: ReadonlyMap<string, ZoneModel>,
): void {
  const policies = service.inZones.flatMap((zone) => zones.get(zone)?.declared.outside ?? []);
  if (policies.length === 0) return;
  const list = service.inZones.map((zone) => `"${zone}"`).join(", ");
  if (service.outbound && !policies.some((outside) => outside === "outbound" || outside === "both")) {
    context.problems.at(
      [...path, "outbound"],
      `"${name}" calls out, but its zone ${list} lets nothing out.`,
      `Set \`outside: outbound\` on one of its zones, or \`outbound: false\` on the service.`,
    );
  }
  const published = service.ports.find((port) => port.published !== undefined);
  if (published !== undefined && !policies.some((outside) => outside === "ingress" || outside === "both")) {
    context.problems.at(
      [...path, "ports", published.name],
      `"${name}" publishes port ${published.published?.port}, but its zone ${list} lets nothing in.`,
      "Set `outside: ingress` on one of its zones.",
    );
  }
}
