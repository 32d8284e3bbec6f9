import type { TrustedForwarders } from "../../facts/configuration/proxy.ts";
import type { OpenDoorway } from "../../facts/configuration/service.ts";
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
  whyUnknown,
} from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asInteger, asText, Fields, textItem } from "../fields.ts";
import { portsIn } from "../own-ports.ts";
import { isWideNetwork } from "../wide-network.ts";
import { readYamlFile } from "../yaml-file.ts";
import { asSwitch, withOtherFiles } from "./own-tags.ts";

/**
 * Home Assistant: from where nobody is asked for a password, and whether it bans those who guess.
 *
 * Source: home-assistant.io, "Authentication Providers" (`trusted_networks`, `allow_bypass_login`) and "HTTP"
 * (`server_port` is 8123, `use_x_forwarded_for` false, `ip_ban_enabled` true, `login_attempts_threshold` -1, by which nobody is banned). From
 * 2026 on `http:` is taken once, and what is set on its page counts afterwards.
 */
export const homeAssistantFormat: ConfigFormat = {
  name: "Home Assistant configuration",
  mayBe: (path) => /(?:^|\/)configuration\.ya?ml$/i.test(path),
  recognises: (_path, text) =>
    /^(?:homeassistant:[ \t]*(?:#.*|!include.*)?$|default_config:)/m.test(text) &&
    !/^(?:serial|permit_join|advanced):/m.test(text),
  startsAt: /^\/config\/configuration\.ya?ml$/,
  readsOthers: () => false,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { root, problems } = readYamlFile(input.file);
  const core = sectionOf(root, "homeassistant");
  const http = sectionOf(root, "http");
  const guessing = guessingLimited(http);
  return {
    subjects: [
      configurationFile(input, {
        software: "home-assistant",
        openDoors: doorsOf(core, http),
        trustedForwarders: forwardersOf(http),
        ports: portsOf(http, input),
        ...(guessing === undefined ? {} : { guessingLimited: guessing }),
      }),
    ],
    problems,
    sources: [],
  };
}

/** As far as its image's tag is one before 2026. */
function portsOf(http: Fields, { imageTag = "" }: ConfigInput): Fact<readonly number[]> {
  if (!/^(?:0\.\d|20(?:1\d|2[0-5])\.)/.test(imageTag))
    return unknown("what is set on its page may go before the file", http.place);
  return portsIn(http.fact("server_port", asInteger, "a number", (place) => defaulted(8123, "program", place)));
}

/** A section, in which what a tag takes from elsewhere is not known. */
function sectionOf(root: Fields, name: string): Fields {
  const node = root.node(name);
  return Fields.of(node === undefined ? undefined : withOtherFiles(node), root.place, name, root.hidden);
}

function doorsOf(core: Fields, http: Fields): FactList<OpenDoorway> {
  const providers = core.list("auth_providers", (node) => ({ value: Fields.of(node, node.place, "a provider") }));
  const items: OpenDoorway[] = [];
  let why = providers.complete ? undefined : providers.why;
  for (const provider of providers.items) {
    const type = provider.fact("type", asText, "a text", unstated);
    if (type.kind === "unknown") why ??= type.why;
    if (knownValue(type) !== "trusted_networks") continue;
    const networks = provider.list("trusted_networks", networkItem);
    if (!networks.complete) why ??= networks.why;
    const [wide] = networks.items.filter(({ text }) => isWideNetwork(text));
    if (wide !== undefined) items.push(door(`whoever comes from ${wide.text} is asked for no password`, wide.place));
    else if (networks.items.length > 0) {
      const believed = forwardersOf(http);
      if (believed.kind === "unknown") why ??= believed.why;
      if (knownValue(believed) !== "everybody") continue;
      const what =
        "whoever writes an address of its trusted networks into `X-Forwarded-For` is asked for no password, for everybody is believed as a proxy";
      items.push(door(what, believed.place));
    }
  }
  return why === undefined ? complete(items, providers.place) : incomplete(items, why, providers.place);
}

const networkItem = textItem((written, place) => {
  const text = written.trim();
  return /^[\da-f:.]+(?:\/\d+)?$/i.test(text) ? { value: { text, place } } : { why: "one of the networks is none" };
});

function door(what: string, place: Place): OpenDoorway {
  return { what, allows: "orders", name: "trusted_networks", place };
}

/** From whom `X-Forwarded-For` is taken. */
function forwardersOf(http: Fields): Fact<TrustedForwarders> {
  const taken = http.fact("use_x_forwarded_for", asSwitch, "true or false", (place) =>
    defaulted(false, "program", place),
  );
  if (taken.kind === "unknown") return taken;
  if (knownValue(taken) !== true) return stated("nobody", taken.place);
  const proxies = http.list("trusted_proxies", networkItem);
  const wide = proxies.items.find(({ text }) => isWideNetwork(text));
  if (wide !== undefined) return stated("everybody", wide.place);
  if (!proxies.complete) return { kind: "unknown", why: proxies.why, place: proxies.place };
  return proxies.items.length === 0
    ? stated("nobody", proxies.place)
    : stated(
        proxies.items.map(({ text }) => text),
        proxies.place,
      );
}

/** Said only where the file speaks of it: it bans nobody as it comes, and few switch that on. */
function guessingLimited(http: Fields): Fact<boolean> | undefined {
  const on = http.fact("ip_ban_enabled", asSwitch, "true or false", unstated);
  const threshold = http.fact("login_attempts_threshold", asInteger, "a number", unstated);
  if (on.kind === "unstated" && threshold.kind === "unstated") return undefined;
  const why = whyUnknown([on, threshold]);
  if (why !== undefined) return { kind: "unknown", why, place: http.place };
  if (knownValue(on) === false) return on;
  return threshold.kind === "unstated" ? undefined : mapFact(threshold, (attempts) => attempts > 0);
}
