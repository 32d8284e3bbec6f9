import type { OpenDoorway, Unverified } from "../../facts/configuration/service.ts";
import { complete, defaulted, type FactList, incomplete, knownValue, unstated } from "../../facts/fact.ts";
import { isLoopback, isPrivateAddress } from "../../lib/own-address.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asBoolean, asInteger, asText } from "../fields.ts";
import { portsIn } from "../own-ports.ts";
import { leadsOf, routeSubjects } from "../proxy/proxy-route.ts";
import { readClient } from "./client.ts";
import { formOf } from "./form.ts";
import { routesOf } from "./proxies.ts";

/**
 * frpc: which services the client of frp hands to its server, where visitors come in though nothing is published here.
 *
 * Source: frp 0.65, `pkg/config/v1/client.go` and `proxy.go`, `conf/frpc_full_example.toml`, and
 * `conf/legacy/frpc_legacy_full.ini` for the form before 0.52.
 */
export const frpcFormat: ConfigFormat = {
  name: "frpc configuration",
  mayBe: (path) => /(?:^|\/)(?:frpc[^/]*|frp\/[^/]+)\.(?:toml|ini|ya?ml|json)$/i.test(path),
  recognises: (path, text) =>
    formOf(path, text) === "ini"
      ? /^[^\S\r\n]*server_(?:addr|port)[ \t]*=/m.test(text)
      : /(?:^|[{,\s"])serverAddr\b/.test(text) &&
        /^[^\S\r\n]*\[\[proxies\]\]|^proxies[ \t]*[:=]|"proxies"\s*:|\bincludes\b/m.test(text),
  startsAt: /^(?:\/etc)?\/frp\/frpc\.(?:toml|ini|ya?ml|json)$/,
  leadsOn: true,
  readBy: { software: ["frpc"], named: /frp/i, places: /^(?:\/etc)?\/frp\// },
  readsOthers: (text) => /\bincludes\b/.test(text),
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const client = readClient(input);
  const routes = routesOf(client);
  return {
    subjects: [
      ...routeSubjects(routes, input),
      configurationFile(input, { software: "frpc", openDoors: doorsOf(client), unverifiedUpstreams: plainTo(client) }),
    ],
    problems: client.problems,
    sources: client.sources,
    leads: () => leadsOf(routes, input),
  };
}

/**
 * Its server, where TLS is switched off to one that is not at home. That its certificate is not verified without
 * `trustedCaFile` is how frp comes, and its server's own is made anew at each start.
 *
 * Source: frp 0.65, `pkg/config/v1/client.go` (`transport.tls.enable` is true since 0.50) and `conf/frpc_full_example.toml`
 * (`transport.protocol`: `quic` and `wss` are TLS).
 */
function plainTo({ server, transport }: ReturnType<typeof readClient>): FactList<Unverified> {
  const enabled = transport
    .fields("tls")
    .fact("enable", asBoolean, "true or false", (place) => defaulted(true, "program", place));
  const protocol = transport.fact("protocol", asText, "a text", (place) => defaulted("tcp", "program", place));
  const address = knownValue(server);
  const own = address !== undefined && (isLoopback(address) || isPrivateAddress(address));
  if (own || knownValue(enabled) === true || /^(?:quic|wss)$/.test(knownValue(protocol) ?? ""))
    return complete([], transport.place);
  const open = [enabled, protocol, server].find(({ kind }) => kind === "unknown");
  if (open?.kind === "unknown") return incomplete([], open.why, open.place);
  const name = address === undefined ? "its server" : `its server ${address}`;
  return complete([{ name, place: enabled.place, plain: true }], transport.place);
}

/**
 * Its own page takes orders on 127.0.0.1 unless told otherwise, and asks for a name and a password where it has them.
 *
 * Source: frp 0.65, `pkg/config/v1/common.go` (`WebServerConfig.Complete`: an empty address is 127.0.0.1; without a port
 * there is no page) and `pkg/util/http/server.go`.
 */
function doorsOf({ webServer }: ReturnType<typeof readClient>): FactList<OpenDoorway> {
  const port = webServer.fact("port", asInteger, "a number", unstated);
  const address = webServer.fact("addr", asText, "a text", (place) => defaulted("127.0.0.1", "program", place));
  const secrets = ["user", "password"].map((name) => webServer.fact(name, asText, "a text", unstated));
  const isOff = port.kind === "unstated" || knownValue(port) === 0;
  const host = knownValue(address);
  const isOwn = host !== undefined && (host === "" || isLoopback(host));
  if (isOff || isOwn || secrets.some((fact) => (knownValue(fact) ?? "") !== "")) return complete([], webServer.place);
  const open = [port, address, ...secrets].find(({ kind }) => kind === "unknown");
  if (open?.kind === "unknown") return incomplete([], open.why, open.place);
  const what = "anybody gives it orders on its own page, and so has other services handed to the server";
  return complete(
    [{ what, allows: "orders", name: "webServer", ports: portsIn(port), place: port.place }],
    webServer.place,
  );
}
