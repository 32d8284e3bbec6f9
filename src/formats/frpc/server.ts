import type { Named } from "../../facts/configuration/proxy.ts";
import type { OpenDoorway } from "../../facts/configuration/service.ts";
import { complete, defaulted, type Fact, type FactList, incomplete, knownValue, unstated } from "../../facts/fact.ts";
import { isGuessable } from "../../facts/guessable.ts";
import { isLoopback } from "../../lib/own-address.ts";
import { type ConfigFacts, type ConfigFormat, type ConfigInput, nameOf } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asInteger, asText, type Fields, textItem } from "../fields.ts";
import { portsIn } from "../own-ports.ts";
import { treeOf } from "./client.ts";
import { formOf } from "./form.ts";
import { serverFromLegacy } from "./legacy.ts";

/**
 * frps: who may hand services to the server of frp, and who sees its pages.
 *
 * Source: frp 0.65, `pkg/config/v1/server.go` (`auth.method` is `token`, and an empty token is one that everybody has;
 * there is no page without `webServer.port`; `allowedClientIPs` empty lets everybody connect; clients come to `bindPort`,
 * which is 7000, and to `kcpBindPort`, `quicBindPort` and `sshTunnelGateway.bindPort` where there are any) and `common.go`
 * (`webServer.addr` is 127.0.0.1), `conf/frps_full_example.toml`; for the form before 0.52 `pkg/config/legacy/server.go`
 * (`dashboard_addr` is 0.0.0.0) and `conf/legacy/frps_legacy_full.ini`.
 */
export const frpsFormat: ConfigFormat = {
  name: "frps configuration",
  mayBe: (path) => /(?:^|\/)(?:frps[^/]*|frp\/[^/]+)\.(?:toml|ini|ya?ml|json)$/i.test(path),
  recognises: (path, text) =>
    formOf(path, text) === "ini"
      ? /^[^\S\r\n]*bind_port[ \t]*=/m.test(text)
      : /(?:^|[{,\s"])bindPort\b/.test(text) && !/(?:^|[{,\s"])serverAddr\b/.test(text),
  startsAt: /^(?:\/etc)?\/frp\/frps\.(?:toml|ini|ya?ml|json)$/,
  readsOthers: () => false,
  read(input: ConfigInput): ConfigFacts {
    const { fields, form, problems } = treeOf(input.file, nameOf(input), asServer);
    const openDoors = doorsOf(fields, form === "ini" ? "0.0.0.0" : "127.0.0.1");
    const weakSecrets = weakSecretsOf(fields);
    return {
      subjects: [configurationFile(input, { software: "frps", openDoors, weakSecrets, ports: clientPorts(fields) })],
      problems,
      sources: [],
    };
  },
};

const asServer = { program: "frps", unseen: "whom it serves", legacy: serverFromLegacy };

/** `usual`: where its page is served unless it is stated. */
function doorsOf(root: Fields, usual: string): FactList<OpenDoorway> {
  const [clients, page] = [clientDoor(root), pageDoor(root.fields("webServer"), usual)];
  const items = [...clients.items, ...page.items];
  const short = [clients, page].find(({ complete: whole }) => !whole);
  return short?.complete === false ? incomplete(items, short.why, short.place) : complete(items, root.place);
}

/** Where clients come to it. */
function clientPorts(root: Fields): Fact<readonly number[]> {
  const bound = root.fact("bindPort", asInteger, "a number", (place) => defaulted(7000, "program", place));
  const further = [root.fact("kcpBindPort", asInteger, "a number", unstated)];
  further.push(root.fact("quicBindPort", asInteger, "a number", unstated));
  further.push(root.fields("sshTunnelGateway").fact("bindPort", asInteger, "a number", unstated));
  // 0 switches them off.
  const on = further.filter((fact) => fact.kind !== "unstated" && knownValue(fact) !== 0);
  return portsIn(knownValue(bound) === 0 ? defaulted(7000, "program", bound.place) : bound, ...on);
}

const text = textItem((value) => ({ value }));

/** Whether a client without a token is served: it opens ports of this server, and answers under its names. */
function clientDoor(root: Fields): FactList<OpenDoorway> {
  const auth = root.fields("auth");
  const method = auth.fact("method", asText, "a text", (place) => defaulted("token", "program", place));
  const token = auth.fact("token", asText, "a text", unstated);
  const allowed = root.list("allowedClientIPs", text);
  const isSet = (knownValue(token) ?? "") !== "" || auth.node("tokenSource") !== undefined;
  const byOther = ["token", undefined].includes(knownValue(method)) === false;
  if (isSet || byOther || allowed.items.length > 0 || root.node("httpPlugins") !== undefined) {
    return complete([], auth.place);
  }
  const open = [method, token].find(({ kind }) => kind === "unknown");
  if (open?.kind === "unknown") return incomplete([], open.why, open.place);
  if (!allowed.complete) return incomplete([], allowed.why, allowed.place);
  const what = "whoever reaches its port hands services of his own to it: it opens ports and answers names for him";
  return complete([{ what, allows: "orders", name: "auth", place: token.place }], auth.place);
}

function pageDoor(webServer: Fields, usual: string): FactList<OpenDoorway> {
  const port = webServer.fact("port", asInteger, "a number", unstated);
  const address = webServer.fact("addr", asText, "a text", (place) => defaulted(usual, "program", place));
  const secrets = ["user", "password"].map((name) => webServer.fact(name, asText, "a text", unstated));
  if (port.kind === "unstated" || knownValue(port) === 0) return complete([], webServer.place);
  const host = knownValue(address);
  const isOwn = host !== undefined && isLoopback(host);
  if (isOwn || secrets.some((fact) => (knownValue(fact) ?? "") !== "")) return complete([], webServer.place);
  const open = [port, address, ...secrets].find(({ kind }) => kind === "unknown");
  if (open?.kind === "unknown") return incomplete([], open.why, open.place);
  const what = "anybody sees on its own page who hands what to it";
  return complete(
    [{ what, allows: "reading", name: "webServer", ports: portsIn(port), place: port.place }],
    webServer.place,
  );
}

/** The token and the password of its page stand in the tutorials. */
function weakSecretsOf(root: Fields): FactList<Named> {
  const own = [
    ["auth.token", root.fields("auth").fact("token", asText, "a text", unstated)],
    ["webServer.password", root.fields("webServer").fact("password", asText, "a text", unstated)],
  ] as const;
  const items = own.flatMap(([name, secret]) =>
    isGuessable(knownValue(secret) ?? "", ["frp", "frps"]) ? [{ name, place: secret.place }] : [],
  );
  const open = own.map(([, secret]) => secret).find(({ kind }) => kind === "unknown");
  return open?.kind === "unknown" ? incomplete(items, open.why, open.place) : complete(items, root.place);
}
