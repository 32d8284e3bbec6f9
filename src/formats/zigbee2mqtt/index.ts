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
} from "../../facts/fact.ts";
import { isLoopback } from "../../lib/own-address.ts";
import type { Place } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asBoolean, asInteger, asText, Fields, listOf } from "../fields.ts";
import { portsIn, portVariable } from "../own-ports.ts";
import { isFilledIn } from "../refused.ts";
import { secretsPart } from "../secrets-part.ts";
import { readYamlFile } from "../yaml-file.ts";

/**
 * Zigbee2MQTT: whether its pages ask for a token, and whether its radio network has a key of its own.
 *
 * Source: zigbee2mqtt.io, "Frontend" (without `auth_token` nobody is asked; on 0.0.0.0 unless `host` says otherwise, and
 * off unless the section is there, from 2.0 on unless `enabled` is true; `port` is 8080) and "Zigbee network" (`network_key`);
 * Koenkk/zigbee2mqtt, `lib/util/settings.ts` (variables `ZIGBEE2MQTT_CONFIG_SECTION_KEY` go before the file).
 */
export const zigbee2mqttFormat: ConfigFormat = {
  name: "Zigbee2MQTT configuration",
  mayBe: (path) => /\.ya?ml$/i.test(path) && /(?:^|\/)configuration\.ya?ml$|zigbee2mqtt/i.test(path),
  recognises: (_path, text) =>
    /^mqtt:/m.test(text) &&
    /^(?:serial|permit_join|advanced|device_options):/m.test(text) &&
    !/^(?:apiVersion|services|default_config):/m.test(text),
  startsAt: /^\/app\/data\/configuration\.yaml$/,
  readsOthers: () => false,
  read,
};

function read(input: ConfigInput): ConfigFacts {
  const { root, problems } = readYamlFile(input.file, "1.2");
  const key = keyOf(root.fields("advanced"), input);
  const file = configurationFile(input, {
    software: "zigbee2mqtt",
    openDoors: doorsOf(root, input),
    ports: portsOf(root, input),
    weakSecrets: { ...key, items: key.items.filter(isWellKnown).map(({ place }) => ({ name: "network_key", place })) },
  });
  const own = key.items.filter((each) => !isWellKnown(each));
  const secrets = own.map(({ place }) => ({ what: "the key of a radio network", nearBy: true as const, place }));
  return {
    subjects: own.length === 0 ? [file] : [file, secretsPart(file, "network key", secrets, input)],
    problems,
    sources: [],
  };
}

/** What a variable of the workload says instead of the file; an empty one says nothing. */
function variable(input: ConfigInput, ...path: readonly string[]): Fact<string> | undefined {
  const given = input.environment?.(`ZIGBEE2MQTT_CONFIG_${path.join("_").toUpperCase()}`);
  if (given?.kind === "unknown") return given;
  const value = given === undefined ? undefined : knownValue(given)?.reveal();
  return given === undefined || value === undefined || value === "" ? undefined : stated(value, given.place);
}

function portsOf(root: Fields, input: ConfigInput): Fact<readonly number[]> {
  const place = root.keyPlace("frontend");
  const whole = variable(input, "frontend");
  if (whole !== undefined) return unknown("a variable holds all of `frontend`", whole.place);
  const given = portVariable(input, "ZIGBEE2MQTT_CONFIG_FRONTEND_PORT");
  const section = root.node("frontend");
  const usual = defaulted(8080, "program" as const, place);
  if (section?.kind === "scalar" && section.unresolved === undefined) return portsIn(given ?? usual);
  return portsIn(given ?? root.fields("frontend").fact("port", asInteger, "a number", () => usual));
}

function doorsOf(root: Fields, input: ConfigInput): FactList<OpenDoorway> {
  const section = root.node("frontend");
  const place = root.keyPlace("frontend");
  const whole = variable(input, "frontend");
  if (whole !== undefined) return incomplete([], "a variable holds all of `frontend`", whole.place);
  // `frontend: true` is the short form of 1.x.
  const short = section?.kind === "scalar" && typeof section.value === "boolean" ? section.value : undefined;
  const frontend =
    section === undefined || short !== undefined
      ? Fields.of(undefined, place, "frontend", section === undefined ? root.hidden : undefined)
      : root.fields("frontend");
  // Files of 2.x have a version; without one it is an older file, in which the section alone switches the pages on.
  const on = section !== undefined && (short ?? root.node("version") === undefined);
  return doorOf(frontend, place, on, input);
}

/** A switch by a variable: `true` in whatever case, and nothing else, is on. */
function switchedBy(input: ConfigInput, ...path: readonly string[]): Fact<boolean> | undefined {
  const given = variable(input, ...path);
  return given && mapFact(given, (text) => text.toLowerCase() === "true");
}

function doorOf(frontend: Fields, place: Place, on: boolean, input: ConfigInput): FactList<OpenDoorway> {
  const enabled =
    switchedBy(input, "frontend", "enabled") ??
    frontend.fact("enabled", asBoolean, "true or false", (at) => defaulted(on, "program", at));
  const host =
    variable(input, "frontend", "host") ??
    frontend.fact("host", asText, "a text", (at) => defaulted("0.0.0.0", "program", at));
  const token = variable(input, "frontend", "auth_token") ?? frontend.fact("auth_token", asText, "a text", unstated);
  if (knownValue(enabled) === false) return complete([], place);
  const address = knownValue(host);
  if (address !== undefined && (isLoopback(address) || address.startsWith("/"))) return complete([], place);
  const text = knownValue(token);
  if (text !== undefined && text !== "" && !isFilledIn(text)) return complete([], token.place);
  if (text !== undefined && text !== "") return incomplete([], "its token is filled in when it starts", token.place);
  const open = [token, enabled, host].find(({ kind }) => kind === "unknown");
  if (open?.kind === "unknown") return incomplete([], open.why, open.place);
  const what = "whoever reaches its pages switches every device, and takes new ones into the network";
  return complete(
    [{ what, allows: "orders", name: "frontend", place: token.kind === "stated" ? token.place : place }],
    place,
  );
}

/** The key that every network has to which none was given: it stands in the documentation. */
const wellKnownKey = "1,3,5,7,9,11,13,15,0,2,4,6,8,10,12,13";

function isWellKnown({ bytes }: NetworkKey): boolean {
  return bytes === wellKnownKey;
}

interface NetworkKey {
  readonly bytes: string;
  readonly place: Place;
}

/** The key of the radio network, written out; none where it is made at the first start or stands elsewhere. */
function keyOf(advanced: Fields, input: ConfigInput): FactList<NetworkKey> {
  const node = advanced.node("network_key");
  const given = variable(input, "advanced", "network_key");
  if (given?.kind === "unknown") return incomplete([], given.why, given.place);
  // A variable that is stated goes before the file, and is judged with the service.
  if (given !== undefined || node === undefined) {
    return advanced.hidden === undefined || given !== undefined
      ? complete([], advanced.place)
      : incomplete([], advanced.hidden, advanced.place);
  }
  if (node.kind !== "sequence") {
    return node.kind === "scalar" && node.unresolved !== undefined
      ? incomplete([], node.unresolved, node.place)
      : complete([], node.place);
  }
  const bytes = listOf(node, (item) => {
    const value = item.kind === "scalar" && item.unresolved === undefined ? Number(item.value) : Number.NaN;
    return Number.isInteger(value) ? { value } : { why: "a part of the key is no number" };
  });
  if (!bytes.complete) return incomplete([], bytes.why, bytes.place);
  return complete([{ bytes: bytes.items.join(","), place: node.place }], node.place);
}
