import type { OpenDoorway } from "../../facts/configuration/service.ts";
import { complete, defaulted, type Fact, type FactList, incomplete, knownValue } from "../../facts/fact.ts";
import { wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asInteger, asText, Fields } from "../fields.ts";
import { parseIni } from "../ini/parse.ts";
import { portsIn, portVariable, unlessMoved } from "../own-ports.ts";
import { isFilledIn } from "../refused.ts";
import { isWideNetwork } from "../wide-network.ts";

/**
 * qBittorrent: from where its pages ask nobody for a password.
 *
 * Source: qbittorrent/qBittorrent, `src/base/preferences.cpp` (`WebUI/AuthSubnetWhitelistEnabled` is false, `WebUI/LocalHostAuth`
 * true, `WebUI/Port` 8080), `src/webui/webapplication.cpp` (`isAuthNeeded`: none of those networks is asked, nor the loopback without it) and `src/app/cmdoptions.cpp`
 * (`--webui-port` and `QBT_WEBUI_PORT` go before the file); linuxserver/docker-qbittorrent, `svc-qbittorrent/run`
 * (`--webui-port` is `WEBUI_PORT`, and 8080 without it, whatever the file says).
 */
export const qbittorrentFormat: ConfigFormat = {
  name: "qBittorrent configuration",
  mayBe: (path) => /\.conf$/i.test(path) && /qbittorrent/i.test(path),
  recognises: (_path, text) => /^[ \t]*WebUI\\/m.test(text),
  startsAt: /^\/config\/qBittorrent\/(?:config\/)?qBittorrent\.conf$/,
  readsOthers: () => false,
  read(input: ConfigInput): ConfigFacts {
    const { source, text } = input.file;
    const preferences = Fields.of(parseIni(source, text), wholeFile(source), "the file").fields("Preferences");
    const openDoors = both(whitelistDoor(preferences), loopbackDoor(preferences));
    const ports = unlessMoved(portsOf(preferences, input), input, /--webui-port\b/);
    return {
      subjects: [configurationFile(input, { software: "qbittorrent", openDoors, ports })],
      problems: [],
      sources: [],
    };
  },
};

/** Each that it may be: images hand a port over that goes before the file's. */
function portsOf(preferences: Fields, input: ConfigInput): Fact<readonly number[]> {
  const usual = (place: Fields["place"]) => defaulted(8080, "program" as const, place);
  const written = preferences.fact("WebUI\\Port", asInteger, "a number", usual);
  const given = ["QBT_WEBUI_PORT", "WEBUI_PORT"].flatMap((name) => portVariable(input, name) ?? []);
  return portsIn(written, ...(given.length > 0 ? given : [usual(written.place)]));
}

function both(first: FactList<OpenDoorway>, second: FactList<OpenDoorway>): FactList<OpenDoorway> {
  const items = [...first.items, ...second.items];
  const short = [first, second].find((list) => !list.complete);
  return short?.complete === false ? incomplete(items, short.why, short.place) : complete(items, first.place);
}

/** Those who share its network, as behind a VPN's container, and whoever a proxy on the same machine hands on. */
function loopbackDoor(preferences: Fields): FactList<OpenDoorway> {
  const asks = preferences.fact("WebUI\\LocalHostAuth", asText, "a text", (place) =>
    defaulted("true", "program", place),
  );
  if (asks.kind === "unknown") return incomplete([], asks.why, asks.place);
  if (isFilledIn(knownValue(asks) ?? "")) return incomplete([], "another program fills it in", asks.place);
  if (!/^\s*(?:false|0)\s*$/i.test(knownValue(asks) ?? "")) return complete([], asks.place);
  const what = "whoever comes over the loopback is asked for no password: all that share its network";
  return complete([{ what, allows: "orders", name: "loopback", elsewhere: true, place: asks.place }], asks.place);
}

function whitelistDoor(preferences: Fields): FactList<OpenDoorway> {
  const unset = (value: string) => (place: Fields["place"]) => defaulted(value, "program" as const, place);
  const enabled = preferences.fact("WebUI\\AuthSubnetWhitelistEnabled", asText, "a text", unset("false"));
  const listed = preferences.fact("WebUI\\AuthSubnetWhitelist", asText, "a text", unset(""));
  const on = knownValue(enabled)?.trim() ?? "";
  const networks = (knownValue(listed) ?? "").split(",").map((each) => each.trim().replace(/^"|"$/g, ""));
  if (enabled.kind === "unknown") return incomplete([], enabled.why, enabled.place);
  if (isFilledIn(on)) return incomplete([], "another program fills it in", enabled.place);
  if (!/^(?:true|1)$/i.test(on)) return complete([], enabled.place);
  if (listed.kind === "unknown") return incomplete([], listed.why, listed.place);
  const wide = networks.find(isWideNetwork);
  if (wide !== undefined) {
    const what = `whoever comes from ${wide} is asked for no password, and may have it run programs`;
    return complete([{ what, allows: "orders", name: "whitelist", place: listed.place }], preferences.place);
  }
  return networks.some(isFilledIn)
    ? incomplete([], "another program fills it in", listed.place)
    : complete([], listed.place);
}
