import type { Named, ProxyDoor, TrustedForwarders, UnverifiedUpstream } from "../../facts/configuration/proxy.ts";
import type { TraefikConfiguration } from "../../facts/configuration/traefik.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  mapFact,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { portsIn } from "../own-ports.ts";
import { isEverybody } from "../proxy/ranges.ts";
import { reachOfAddress } from "../proxy/reach-of-address.ts";
import type { TreeNode } from "../tree.ts";
import { entriesOf, flagFact, listOf, option, scalarOf, textFact } from "./options.ts";
import type { Registry } from "./registry.ts";
import type { TraefikRoute } from "./routes.ts";
import type { TraefikStatic } from "./static.ts";

/**
 * What Traefik is told as a whole. `routes` are those whose way to Traefik's own API no route to a workload tells: where
 * Traefik is no workload that is seen.
 */
export function traefikSettings(
  settings: TraefikStatic,
  registry: Registry,
  routes: readonly TraefikRoute[],
): TraefikConfiguration {
  const { root, why, place } = settings;
  const unseen = why ?? registry.unseen("file");
  const list = <T>(items: readonly T[], doubt: string | undefined): FactList<T> =>
    doubt === undefined ? complete(items, place) : incomplete(items, doubt, place);
  return {
    software: "traefik",
    doors: list([...(root === undefined ? [] : doors(root, settings)), ...routes.flatMap(routedDoor)], why),
    trustedForwarders: root === undefined ? unknown(why ?? "", place) : trustedForwarders(settings),
    unverifiedUpstreams: unverified(
      [...(root === undefined ? [] : staticTransports(root)), ...dynamicTransports(registry)],
      place,
      unseen,
    ),
    listings: complete<Named>([], place),
    servedSecrets: complete<Named>([], place),
    accessLog: root === undefined ? unknown(why ?? "", place) : isOn(option(root, "accessLog"), place),
    exposedByDefault: root === undefined ? unknown(why ?? "", place) : exposedByDefault(root, place),
    openDashboard: root === undefined ? unknown(why ?? "", place) : openDashboard(root, settings),
    place,
  };
}

/** An option that is on by being there, unless it says `false`. */
function isOn(node: TreeNode | undefined, place: Place): Fact<boolean> {
  if (node === undefined) return defaulted(false, "program", place);
  const scalar = scalarOf(node);
  if (scalar === undefined || scalar.value === null) return stated(true, node.place);
  const flag = flagFact(node, node.place);
  return flag.kind === "unstated" ? stated(true, node.place) : flag;
}

/** `api.insecure` puts dashboard and API on the entry point `traefik`, port 8080 unless that is defined otherwise. */
function doors(root: TreeNode, { entryPoints }: TraefikStatic): readonly ProxyDoor[] {
  const found: ProxyDoor[] = [];
  const own = ownEntryPoint(entryPoints);
  const address =
    own === undefined ? undefined : textFact(option(own.node, "address") ?? scalarOf(own.node), own.place);
  const add = (name: string, allows: ProxyDoor["allows"], written: TreeNode | undefined): void => {
    const flag = written === undefined ? undefined : flagFact(written, written.place);
    if (written === undefined || flag === undefined || knownValue(flag) === false || flag.kind === "unstated") return;
    const { place } = flag;
    const open: ProxyDoor["reach"] =
      address === undefined || address.kind === "unstated"
        ? defaulted("everywhere", "program", place)
        : mapFact(address, reachOfAddress);
    found.push({
      name,
      allows,
      ports: own === undefined ? defaulted([8080], "program", place) : portsIn(own.port),
      reach: flag.kind === "unknown" ? flag : open,
      signIn: defaulted(false, "program", place),
      place,
    });
  };
  add("the dashboard and API", "reading", option(root, "api", "insecure"));
  add("the API of the REST provider", "orders", option(root, "providers", "rest", "insecure"));
  return found;
}

/** A router to the dashboard is a door of its own, unless it answers some networks only. */
export function routedDoor(route: TraefikRoute): readonly ProxyDoor[] {
  const { isOwnApi, audience, authentication, place, host, delegation } = route;
  if (!isOwnApi || knownValue(audience)?.kind === "networks") return [];
  const signIn: Fact<boolean> =
    authentication.kind === "unknown"
      ? authentication
      : stated(authentication.kind !== "unstated", authentication.place);
  const asked = delegation === undefined ? {} : { delegation, host };
  const reach: ProxyDoor["reach"] = audience.kind === "unknown" ? audience : stated("everywhere", place);
  return [
    {
      name: `the dashboard on ${knownValue(host) ?? "a host name"}`,
      allows: "reading",
      reach,
      signIn,
      ...asked,
      place,
    },
  ];
}

function trustedForwarders({ entryPoints, place }: TraefikStatic): Fact<TrustedForwarders> {
  const ranges: string[] = [];
  let where = place;
  let open: string | undefined;
  for (const { node } of entryPoints) {
    for (const name of ["forwardedHeaders", "proxyProtocol"]) {
      const insecure = option(node, name, "insecure");
      const flag = insecure === undefined ? undefined : flagFact(insecure, insecure.place);
      if (flag !== undefined && knownValue(flag) === true) return stated("everybody", flag.place);
      if (flag?.kind === "unknown") open ??= flag.why;
      const trusted = listOf(option(node, name, "trustedIPs"));
      open ??= trusted.why;
      const everybody = trusted.items.find(({ text }) => isEverybody(text));
      if (everybody !== undefined) return stated("everybody", everybody.place);
      for (const { text, place: at } of trusted.items) {
        ranges.push(text);
        where = at;
      }
    }
  }
  if (open !== undefined) return unknown(open, where);
  return ranges.length === 0 ? defaulted("nobody", "program", place) : stated([...new Set(ranges)], where);
}

/** Global switches, and those of the providers that Traefik asks for its routes. */
function staticTransports(root: TreeNode): readonly Skipping[] {
  const asked: readonly (readonly [string, TreeNode | undefined])[] = [
    ["every upstream over TLS", option(root, "serversTransport", "insecureSkipVerify")],
    ["every TCP upstream over TLS", option(root, "tcpServersTransport", "tls", "insecureSkipVerify")],
    ...entriesOf(option(root, "providers")).flatMap(({ key, value }) => [
      [
        `the provider ${key}`,
        option(value, "tls", "insecureSkipVerify") ?? option(value, "endpoint", "tls", "insecureSkipVerify"),
      ] as const,
    ]),
  ];
  return asked.flatMap(([name, node]) => skipping(name, node));
}

export function dynamicTransports(registry: Registry): readonly Skipping[] {
  const transports = (["http", "tcp"] as const).flatMap((layer) => registry.all(layer, "serversTransports"));
  const asking = registry.all("http", "middlewares");
  return [
    ...transports.flatMap(({ name, node }) =>
      skipping(
        `upstreams by \`${name}\``,
        option(node, "insecureSkipVerify") ?? option(node, "tls", "insecureSkipVerify"),
      ),
    ),
    ...asking.flatMap(({ name, node }) =>
      skipping(`the service that \`${name}\` asks`, option(node, "forwardAuth", "tls", "insecureSkipVerify")),
    ),
  ];
}

/** A switch that takes any certificate for good, or what may be one. */
interface Skipping {
  readonly name: string;
  readonly flag: Fact<boolean>;
  readonly place: Place;
}

function skipping(name: string, node: TreeNode | undefined): readonly Skipping[] {
  return node === undefined ? [] : [{ name, flag: flagFact(node, node.place), place: node.place }];
}

/** Those that are on; not whole where one cannot be told. */
export function unverified(switches: readonly Skipping[], place: Place, unseen?: string): FactList<UnverifiedUpstream> {
  const items = switches.flatMap(({ name, flag, place: at }) =>
    knownValue(flag) === true ? [{ name, byDefault: false, place: at }] : [],
  );
  const open = switches.flatMap(({ name, flag }) =>
    flag.kind === "unknown" ? [`\`insecureSkipVerify\` for ${name} cannot be told, for ${flag.why}`] : [],
  );
  const why = unseen ?? open[0];
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

/** `api.insecure`, on an entry point that is at 8080; before Traefik 2, whose options stood at the top, switching the API on was enough. */
function openDashboard(root: TreeNode, { place, entryPoints }: TraefikStatic): Fact<boolean> {
  const older = ["docker", "kubernetes", "web", "defaultEntryPoints"].some((name) => option(root, name) !== undefined);
  if (older) return unknown("it is a configuration of Traefik 1", place);
  const written = option(root, "api", "insecure");
  if (written === undefined) return defaulted(false, "program", place);
  const own = ownEntryPoint(entryPoints);
  const port = own && knownValue(own.port);
  return own !== undefined && port !== undefined && port !== 8080
    ? stated(false, own.place)
    : flagFact(written, written.place);
}

/** The one that Traefik serves itself on; undefined where it is as it comes. */
function ownEntryPoint(entryPoints: TraefikStatic["entryPoints"]): TraefikStatic["entryPoints"][number] | undefined {
  return entryPoints.find(({ name }) => name.toLowerCase() === "traefik");
}

/** Docker, Swarm, Nomad and the like expose every container unless told otherwise. */
function exposedByDefault(root: TreeNode, place: Place): Fact<boolean> {
  const providers = option(root, "providers");
  for (const name of ["docker", "swarm", "consulCatalog", "nomad", "ecs"]) {
    const provider = option(providers, name);
    if (provider === undefined || knownValue(isOn(provider, provider.place)) === false) continue;
    const written = option(provider, "exposedByDefault");
    return written === undefined ? defaulted(true, "program", provider.place) : flagFact(written, written.place);
  }
  return unstated(providers?.place ?? place);
}
