/** The INI form that frp had alone before 0.52, as the tree of today's. Source: `conf/legacy/frpc_legacy_full.ini`. */
import type { MappingEntry, MappingNode, ScalarNode, TreeNode } from "../tree.ts";

type Way = readonly [path: readonly string[], isList?: true];

const common: ReadonlyMap<string, Way> = new Map(
  Object.entries({
    server_addr: [["serverAddr"]],
    tls_enable: [["transport", "tls", "enable"]],
    protocol: [["transport", "protocol"]],
    admin_addr: [["webServer", "addr"]],
    admin_port: [["webServer", "port"]],
    admin_user: [["webServer", "user"]],
    admin_pwd: [["webServer", "password"]],
    start: [["start"], true],
    includes: [["includes"], true],
  }),
);
/** Source: `conf/legacy/frps_legacy_full.ini`. */
const server: ReadonlyMap<string, Way> = new Map(
  Object.entries({
    bind_port: [["bindPort"]],
    kcp_bind_port: [["kcpBindPort"]],
    quic_bind_port: [["quicBindPort"]],
    token: [["auth", "token"]],
    authentication_method: [["auth", "method"]],
    dashboard_addr: [["webServer", "addr"]],
    dashboard_port: [["webServer", "port"]],
    dashboard_user: [["webServer", "user"]],
    dashboard_pwd: [["webServer", "password"]],
  }),
);
const proxy: ReadonlyMap<string, Way> = new Map(
  Object.entries({
    type: [["type"]],
    local_ip: [["localIP"]],
    local_port: [["localPort"]],
    remote_port: [["remotePort"]],
    custom_domains: [["customDomains"], true],
    subdomain: [["subdomain"]],
    locations: [["locations"], true],
    http_user: [["httpUser"]],
    http_pwd: [["httpPassword"]],
    sk: [["secretKey"]],
    plugin: [["plugin", "type"]],
    plugin_local_addr: [["plugin", "localAddr"]],
  }),
);

export function fromLegacy(sections: MappingNode): MappingNode {
  const { place } = sections;
  const own = [...sections.entries.values()];
  const client = own.find(({ key }) => key === "common")?.value;
  const entries = new Map(client?.kind === "mapping" ? renamed(client, common).entries : []);
  const items = own.flatMap(({ key, keyPlace, value }): readonly TreeNode[] => {
    if (key === "common" || key === "" || value.kind !== "mapping" || textOf(value, "role") === "visitor") return [];
    const told = renamed(value, proxy);
    const name: ScalarNode = { kind: "scalar", value: key, place: keyPlace };
    return [{ ...told, entries: new Map([["name", { key: "name", keyPlace, value: name }], ...told.entries]) }];
  });
  entries.set("proxies", { key: "proxies", keyPlace: place, value: { kind: "sequence", items, place } });
  return { kind: "mapping", entries, place };
}

/** The same of a server's file. */
export function serverFromLegacy(sections: MappingNode): MappingNode {
  const told = sections.entries.get("common")?.value;
  const entries = told?.kind === "mapping" ? renamed(told, server).entries : new Map<string, MappingEntry>();
  return { kind: "mapping", entries, place: sections.place };
}

function textOf(node: MappingNode, key: string): string | undefined {
  const value = node.entries.get(key)?.value;
  return value?.kind === "scalar" ? String(value.value) : undefined;
}

function renamed(node: MappingNode, ways: ReadonlyMap<string, Way>): MappingNode {
  const entries = new Map<string, MappingEntry>();
  for (const { key, keyPlace, value } of node.entries.values()) {
    const way = ways.get(key);
    if (way === undefined) continue;
    const [path, isList] = way;
    put(entries, path, keyPlace, isList === true ? listOf(value) : value);
  }
  return { ...node, entries };
}

function put(
  entries: Map<string, MappingEntry>,
  [first = "", ...rest]: readonly string[],
  keyPlace: MappingEntry["keyPlace"],
  value: TreeNode,
): void {
  if (rest.length === 0) {
    entries.set(first, { key: first, keyPlace, value });
    return;
  }
  const before = entries.get(first)?.value;
  const inner = new Map(before?.kind === "mapping" ? before.entries : []);
  put(inner, rest, keyPlace, value);
  entries.set(first, { key: first, keyPlace, value: { kind: "mapping", entries: inner, place: keyPlace } });
}

/** A list with commas. */
function listOf(node: TreeNode): TreeNode {
  if (node.kind !== "scalar" || typeof node.value !== "string") return node;
  const items = node.value
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  return { kind: "sequence", items: items.map((value): ScalarNode => ({ ...node, value })), place: node.place };
}
