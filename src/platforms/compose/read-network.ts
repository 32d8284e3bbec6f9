import { defaulted, type Fact, type FactList, incomplete, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Attachment, Network, NetworkMode } from "../../facts/subjects.ts";
import { asBoolean, asText, Fields, type Item, listOf, scalarFact, textItem } from "../../formats/fields.ts";
import type { TreeNode } from "../../formats/tree.ts";
import type { Place } from "../../lib/place.ts";
import { shownText } from "./load/shown-text.ts";
import type { ProjectContext } from "./read-context.ts";
import { networkRef } from "./refs.ts";

/** Every network of the project, with the implicit default network when a service is on it and nobody declared it. */
export function readNetworks(project: ProjectContext, used: ReadonlySet<string>): readonly Network[] {
  const networks = project.root.fields("networks");
  const declared = networks.entries.map((entry) =>
    readNetwork(project, entry.key, Fields.of(entry.value, entry.keyPlace, entry.key, networks.hidden)),
  );
  const missing = used.has("default") && networks.entry("default") === undefined;
  if (!missing) return declared;
  const place = project.services.place;
  return [...declared, readNetwork(project, "default", Fields.of(undefined, place, "default", networks.hidden))];
}

function readNetwork(project: ProjectContext, name: string, fields: Fields): Network {
  const external = readExternal(fields);
  const elsewhere = external.kind === "stated" && external.value;
  const hidden = elsewhere ? "it is made elsewhere (`external`), and nothing here describes it" : undefined;
  const options = fields.fields("driver_opts");
  const driver = described(hidden, external, fields, () =>
    fields.fact("driver", asText, "a driver's name", (at) => defaulted("bridge", "platform", at)),
  );
  const flag = (key: string) =>
    described(hidden, external, fields, () =>
      fields.fact(key, asBoolean, "true or false", (at) => defaulted(false, "platform", at)),
    );
  const internal = flag("internal");
  return {
    kind: "network",
    ref: networkRef(project.system, name),
    lens: project.lens,
    platform: "compose",
    place: fields.place,
    driver: namedDriver(fields, elsewhere) ?? driver,
    internal,
    external,
    subnets: hidden === undefined ? readSubnets(fields) : incomplete([], hidden, external.place),
    attachable: flag("attachable"),
    memberTraffic: described(hidden, external, fields, () =>
      options.fact("com.docker.network.bridge.enable_icc", asBoolean, "true or false", (at) =>
        defaulted(true, "platform", at),
      ),
    ),
    hostAccess: described(hidden, external, fields, () => readHostAccess(driver, internal, fields, options)),
  };
}

/** `external: true`, or the older `external: {name: …}`. */
function readExternal(fields: Fields): Fact<boolean> {
  const node = fields.node("external");
  if (node?.kind === "mapping") return stated(true, node.place);
  return fields.fact("external", asBoolean, "true or false", (at) => defaulted(false, "platform", at));
}

function described<T>(
  hidden: string | undefined,
  external: Fact<boolean>,
  fields: Fields,
  read: () => Fact<T>,
): Fact<T> {
  if (hidden !== undefined) return unknown(hidden, external.place);
  if (external.kind === "unknown") return unknown(`whether it is made elsewhere: ${external.why}`, fields.place);
  return read();
}

/** The engine's own networks `host`, `none` and `bridge` are known though they are external. */
function namedDriver(fields: Fields, elsewhere: boolean): Fact<string> | undefined {
  const name = elsewhere ? engineNetworkName(fields) : undefined;
  if (name === undefined) return undefined;
  return stated(name === "none" ? "null" : name, fields.keyPlace("name"));
}

function engineNetworkName(fields: Fields): "host" | "none" | "bridge" | undefined {
  const name = fields.fact("name", asText, "a text", unstated);
  const value = name.kind === "stated" ? name.value : undefined;
  return value === "host" || value === "none" || value === "bridge" ? value : undefined;
}

/**
 * Members of a bridge reach the host's own listeners through its gateway address, `internal` or not, unless the bridge
 * is given no address: on an internal network by `inhibit_ipv4`, which every engine knows and which says nothing of
 * IPv6, or by `gateway_mode_… isolated` (Docker Engine 28 and later). Members of a macvlan or ipvlan do not reach their
 * parent host.
 */
function readHostAccess(driver: Fact<string>, internal: Fact<boolean>, fields: Fields, options: Fields): Fact<boolean> {
  if (driver.kind === "unknown") return driver;
  const name = driver.kind === "unstated" ? "bridge" : driver.value;
  if (name === "macvlan" || name === "ipvlan") return defaulted(false, "platform", driver.place);
  if (name !== "bridge")
    return unknown(`what the driver \`${name}\` lets through to the host is not known`, driver.place);
  const gateway = (family: "ipv4" | "ipv6") =>
    options.fact(`com.docker.network.bridge.gateway_mode_${family}`, asText, "a text", unstated);
  const mode = gateway("ipv4");
  const inhibited = options.fact("com.docker.network.bridge.inhibit_ipv4", asBoolean, "true or false", unstated);
  const four = [mode, inhibited].find(
    (fact) => fact.kind === "stated" && (fact.value === "isolated" || fact.value === true),
  );
  if (four === undefined) {
    if (mode.kind === "unknown") return mode;
    return inhibited.kind === "unknown" ? inhibited : defaulted(true, "platform", fields.place);
  }
  if (internal.kind === "unknown") return internal;
  if (internal.kind === "unstated" || !internal.value) return defaulted(true, "platform", fields.place);
  const withSix = fields.fact("enable_ipv6", asBoolean, "true or false", (at) => defaulted(false, "platform", at));
  if (withSix.kind === "unknown") return withSix;
  if (withSix.kind === "unstated" || !withSix.value) return stated(false, four.place);
  const six = gateway("ipv6");
  if (six.kind === "unknown") return six;
  return six.kind === "stated" && six.value === "isolated"
    ? stated(false, six.place)
    : defaulted(true, "platform", fields.place);
}

function readSubnets(fields: Fields): FactList<Fact<string>> {
  const config = fields.fields("ipam").list("config", (node): Item<Fact<string>> => {
    if (node.kind === "scalar") return { why: node.unresolved ?? "`ipam.config` is not a list of mappings" };
    const subnet = node.kind === "mapping" ? node.entries.get("subnet")?.value : undefined;
    if (subnet === undefined) return "nothing";
    return { value: scalarFact(subnet, asText, "`subnet` is not a text") };
  });
  return config;
}

/** Which network a service is in, by `network_mode` and by the external network that is the host's own. */
export function readNetworkMode(
  project: ProjectContext,
  service: Fields,
  containerNames: ReadonlyMap<string, string>,
): Fact<NetworkMode> {
  const mode = service.fact("network_mode", asText, "a network mode", unstated);
  if (mode.kind === "unknown") return mode;
  if (mode.kind !== "unstated") return parseNetworkMode(mode.value, mode.place, containerNames);
  const onHost = attachedEntries(service).find((entry) => isHostNetwork(project, entry.name));
  if (onHost !== undefined) return stated({ kind: "host" }, onHost.place);
  return defaulted({ kind: "networks" }, "platform", service.place);
}

function isHostNetwork(project: ProjectContext, network: string): boolean {
  const networks = project.root.fields("networks");
  const fields = networks.fields(network);
  const external = readExternal(fields);
  return external.kind === "stated" && external.value && engineNetworkName(fields) === "host";
}

function parseNetworkMode(text: string, place: Place, containerNames: ReadonlyMap<string, string>): Fact<NetworkMode> {
  const [kind, ...rest] = text.split(":");
  const name = rest.join(":");
  switch (kind) {
    case "host":
      return stated({ kind: "host" }, place);
    case "none":
      return stated({ kind: "none" }, place);
    case "":
      return defaulted({ kind: "networks" }, "platform", place);
    case "bridge":
    case "default":
      return stated({ kind: "default-bridge" }, place);
    case "service":
      return stated({ kind: "shared", with: name }, place);
    case "container":
      return stated({ kind: "shared", with: containerNames.get(name) ?? `container:${name}` }, place);
    default:
      return unknown(
        `\`network_mode\` names ${shownText(text)}, a network of the engine that nothing here describes`,
        place,
      );
  }
}

/**
 * The networks that a service is attached to. A service in another's network is attached where that one is; on a cycle
 * of such services to nothing.
 */
export function readAttachments(
  project: ProjectContext,
  serviceName: string,
  modes: ReadonlyMap<string, Fact<NetworkMode>>,
  seen: ReadonlySet<string> = new Set(),
): FactList<Attachment> {
  const entry = project.services.entry(serviceName);
  const mode = modes.get(serviceName);
  const place = entry?.keyPlace ?? project.services.place;
  if (entry === undefined || mode === undefined) {
    return incomplete([], `\`${serviceName}\` is no service of this project`, place);
  }
  if (mode.kind === "unknown") return incomplete([], mode.why, mode.place);
  const value = mode.kind === "unstated" ? { kind: "networks" as const } : mode.value;
  if (value.kind === "shared") {
    if (seen.has(serviceName))
      return incomplete([], "its services share one another's network in a circle", mode.place);
    const shared = readAttachments(project, value.with, modes, new Set([...seen, serviceName]));
    return {
      ...shared,
      items: shared.items.map((item) => ({ network: item.network, aliases: [], place: mode.place })),
      place: mode.place,
    };
  }
  if (value.kind !== "networks") return { items: [], complete: true, place: mode.place };
  return ownAttachments(project, Fields.of(entry.value, entry.keyPlace, entry.key));
}

function ownAttachments(project: ProjectContext, service: Fields): FactList<Attachment> {
  const node = service.node("networks");
  if (node === undefined) {
    if (service.hidden !== undefined) return incomplete([], service.hidden, service.place);
    const network = networkRef(project.system, "default");
    return { items: [{ network, aliases: [], place: service.place }], complete: true, place: service.place };
  }
  return listOf(node, (member, key): Item<Attachment> => {
    if (key !== undefined) return { value: attachment(project, key, member) };
    if (member.kind !== "scalar") return { why: "an entry of `networks` is not a text" };
    if (member.unresolved !== undefined) return { why: member.unresolved };
    return { value: attachment(project, asText(member) ?? "", undefined, member.place) };
  });
}

function attachment(
  project: ProjectContext,
  name: string,
  node: TreeNode | undefined,
  place: Place = node?.place ?? project.services.place,
): Attachment {
  const fields = Fields.of(node, place, name);
  const aliases = fields.list(
    "aliases",
    textItem((value) => ({ value })),
  ).items;
  const address = fields.fact("ipv4_address", asText, "an address", unstated);
  return {
    network: networkRef(project.system, name),
    aliases,
    ...(address.kind === "stated" ? { address: address.value } : {}),
    place,
  };
}

function attachedEntries(service: Fields): readonly { name: string; place: Place }[] {
  const node = service.node("networks");
  if (node === undefined) return [];
  return listOf(node, (member, key): Item<{ name: string; place: Place }> => {
    if (key !== undefined) return { value: { name: key, place: member.place } };
    const text = member.kind === "scalar" && member.unresolved === undefined ? asText(member) : undefined;
    return text === undefined ? "nothing" : { value: { name: text, place: member.place } };
  }).items;
}
