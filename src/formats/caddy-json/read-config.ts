/** Caddy's JSON as the model of this folder. What the JSON does not say has Caddy's own defaults. */
import { child, isTrue, type MappingNode, type TreeNode } from "../tree.ts";
import type { CaddyAdmin, CaddyConfig, CaddyServer, TlsPolicy, TrustedProxies } from "./model.ts";
import { entriesOf, isNoFlag, itemsOf, numberOf, type TextReader, textNode, textsOf } from "./nodes.ts";
import { readRoutes } from "./read-routes.ts";

/** The configuration that a whole JSON document is. */
export function readCaddyJson(root: TreeNode, read: TextReader): CaddyConfig {
  const http = child(child(root, "apps"), "http");
  const servers = entriesOf(child(http, "servers"));
  return {
    admin: readAdmin(root, read),
    httpPort: numberOf(child(http, "http_port")) ?? 80,
    httpsPort: numberOf(child(http, "https_port")) ?? 443,
    servers: servers.flatMap(({ value }) => (value.kind === "mapping" ? [readServer(value, read)] : [])),
    accessLog: servers.some(({ value }) => child(value, "logs") !== undefined),
    place: root.place,
  };
}

function readAdmin(root: TreeNode, read: TextReader): CaddyAdmin {
  const admin = child(root, "admin");
  const listen = textNode(child(admin, "listen"), read);
  return {
    disabled: isTrue(child(admin, "disabled")),
    ...(listen === undefined || listen.text === "" ? {} : { listen }),
    place: admin?.place ?? root.place,
  };
}

function readServer(node: MappingNode, read: TextReader): CaddyServer {
  const automatic = child(node, "automatic_https");
  const wrong = ["disable", "disable_redirects"].find((name) => isNoFlag(child(automatic, name)));
  const policies = child(node, "tls_connection_policies");
  const named = entriesOf(child(node, "named_routes")).flatMap(({ key, value }) => {
    const [route] = readRoutes([value], read);
    return route === undefined ? [] : [[key, route] as const];
  });
  return {
    listen: textsOf(child(node, "listen"), read),
    routes: readRoutes(itemsOf(child(node, "routes")), read),
    namedRoutes: new Map(named),
    tlsPolicies: policies?.kind === "sequence" ? policies.items.map((each) => readPolicy(each)) : undefined,
    automaticHttps: {
      disabled: isTrue(child(automatic, "disable")),
      redirectsDisabled: isTrue(child(automatic, "disable_redirects")),
      skip: new Set(textsOf(child(automatic, "skip"), read).map(({ text }) => text)),
      ...(wrong === undefined ? {} : { doubt: `\`${wrong}\` is neither true nor false` }),
    },
    trustedProxies: readTrusted(child(node, "trusted_proxies"), read),
    place: node.place,
  };
}

function readTrusted(node: TreeNode | undefined, read: TextReader): TrustedProxies | undefined {
  if (node === undefined) return undefined;
  const source = child(node, "source");
  const isStatic = source?.kind === "scalar" && source.value === "static";
  return { ranges: isStatic ? textsOf(child(node, "ranges"), read) : undefined, place: node.place };
}

function readPolicy(node: TreeNode): TlsPolicy {
  const plain: TextReader = (text) => ({ text });
  const minimum = child(node, "protocol_min");
  const clients = child(node, "client_authentication");
  const mode = child(clients, "mode");
  const modeText = mode?.kind === "scalar" ? String(mode.value) : "";
  const trusts = ["ca", "trusted_ca_certs", "trusted_leaf_certs", "trusted_ca_certs_pem_files", "verifiers"];
  return {
    names: textsOf(child(child(node, "match"), "sni"), plain).map(({ text }) => text),
    minimum: minimum?.kind === "scalar" && minimum.value === "tls1.3" ? "1.3" : "1.2",
    // Without a mode a client must show a certificate of the authority that is named, if one is.
    clientCertificate:
      modeText === ""
        ? trusts.some((key) => child(clients, key) !== undefined)
        : modeText === "require" || modeText === "require_and_verify",
    place: node.place,
  };
}
