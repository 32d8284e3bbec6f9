import type { Named } from "../../facts/configuration/proxy.ts";
import type { OpenDoorway, ServiceConfiguration } from "../../facts/configuration/service.ts";
import { complete, defaulted, type Fact, type FactList, incomplete, stated, unknown } from "../../facts/fact.ts";
import { listed } from "../../lib/listed.ts";
import { isLoopback } from "../../lib/own-address.ts";
import type { Place } from "../../lib/place.ts";
import { portsIn } from "../own-ports.ts";
import type { MosquittoOption } from "./parse.ts";
import { openValue, switchedOn } from "./values.ts";

/** What listens: the default one when none is named. Options before the first `listener` hold for all, unless they are kept apart. */
interface Listener {
  readonly name: string;
  readonly port: Fact<number>;
  readonly place: Place;
  readonly loopbackOnly: boolean;
  readonly options: readonly MosquittoOption[];
}

/**
 * What a broker's configuration decides about who gets in. Since 2.0 a broker with a `listener` refuses anonymous clients
 * unless told otherwise, and one without listens on the loopback only and takes anybody. Before 2.0 anybody was let in.
 *
 * Source: mosquitto.conf(5) of 2.0.22, and "Migrating from 1.x to 2.0" of the project's documentation.
 */
export function readMosquitto(
  options: readonly MosquittoOption[],
  place: Place,
  unread: string | undefined,
  isBefore2 = false,
): ServiceConfiguration {
  const apart = switchedOn(last(options, "per_listener_settings"));
  const listeners = listenersOf(options, place, isBefore2);
  const unstated = isBefore2 ? { name: "allow_anonymous", value: "true", place } : undefined;
  const scope = (listener: Listener) => (apart ? listener.options : options);
  const items = doorsOf(listeners.flatMap((listener) => anonymousDoor(listener, scope(listener), unstated) ?? []));
  const why = unread ?? wrongIn(options);
  const doors: FactList<OpenDoorway> = why === undefined ? complete(items, place) : incomplete(items, why, place);
  return {
    software: "mosquitto",
    openDoors: doors,
    rightsByUser: rightsOf(options, place, unread),
    ports: unread === undefined ? portsIn(...listeners.flatMap(portBeyond)) : unknown(unread, place),
    ...bridgesOf(options, place, why),
  };
}

/** Where others reach a listener. */
function portBeyond({ loopbackOnly, port }: Listener): readonly Fact<number>[] {
  return loopbackOnly ? [] : [port];
}

function portIn(text: string, place: Place): Fact<number> {
  return /^\d{1,5}$/.test(text) ? stated(Number(text), place) : unknown("it names no port", place);
}

/** Bridges to other brokers that take any certificate; absent where there is no bridge. Source: mosquitto.conf(5), "Bridges". */
function bridgesOf(
  options: readonly MosquittoOption[],
  place: Place,
  why: string | undefined,
): Pick<ServiceConfiguration, "unverifiedUpstreams"> {
  if (!options.some(({ name }) => name === "connection")) return {};
  let bridge = "";
  const items: Named[] = [];
  for (const option of options) {
    if (option.name === "connection") bridge = option.value;
    if (option.name === "bridge_insecure" && switchedOn(option))
      items.push({ name: `the broker of the bridge ${bridge}`, place: option.place });
  }
  return { unverifiedUpstreams: why === undefined ? complete(items, place) : incomplete(items, why, place) };
}

function wrongIn(options: readonly MosquittoOption[]): string | undefined {
  const open = options.map(openValue).find((value) => value !== undefined);
  return open === undefined ? undefined : open.why;
}

function listenersOf(options: readonly MosquittoOption[], place: Place, isBefore2: boolean): readonly Listener[] {
  const starts = options.flatMap(({ name }, index) => (name === "listener" ? [index] : []));
  const named = starts.map((start, index): Listener => {
    const own = options.slice(start, starts[index + 1]);
    const { value = "", place: at = place } = own[0] ?? {};
    const [port = "?", address = ""] = value.split(/\s+/);
    const bound = last(own, "bind_interface")?.value === "lo" || isLoopback(address);
    return {
      name: `listener ${port}`,
      port: portIn(port, at),
      place: at,
      loopbackOnly: bound || port === "0",
      options: own,
    };
  });
  const old = last(options, "port");
  if (old !== undefined)
    return [
      ...named,
      {
        name: `port ${old.value}`,
        port: portIn(old.value, old.place),
        place: old.place,
        loopbackOnly: false,
        options: options.slice(0, starts[0]),
      },
    ];
  const usual = defaulted(1883, "platform" as const, place);
  return named.length > 0
    ? named
    : [{ name: "the default listener", port: usual, place, loopbackOnly: !isBefore2, options }];
}

/**
 * A certificate of the client's own, a plug-in or a pre-shared key tell who comes as well as a password does. Since 2.1 a
 * listener names its plug-ins (`plugin_use`), and may say `listener_allow_anonymous` for itself.
 */
const otherSignIns = ["psk_file", "auth_plugin", "plugin", "global_plugin"];

/** A listener whose clients need no name, the option that says so, and for which topics. */
interface AnonymousDoor {
  readonly listener: Listener;
  readonly anonymous: MosquittoOption;
  /** Whether nobody states it. */
  readonly byDefault: boolean;
  readonly topics: string;
}

/** One door for each option that opens it, however many listeners it holds for. */
function doorsOf(found: readonly AnonymousDoor[]): readonly OpenDoorway[] {
  const options = new Set(found.map(({ anonymous }) => anonymous));
  return [...options].map((option) => {
    const doors = found.filter(({ anonymous }) => anonymous === option);
    const names = doors.map(({ listener }) => listener.name);
    const why = doors.every(({ byDefault }) => byDefault)
      ? ", as every version before 2.0 does that is not told otherwise"
      : "";
    return {
      what: `${listed(names)} ${names.length === 1 ? "takes" : "take"} clients that give no name${doors[0]?.topics ?? ""}${why}`,
      allows: "orders",
      name: names[0] ?? "",
      ports: portsIn(...doors.map(({ listener }) => listener.port)),
      place: option.place,
    };
  });
}

/** `byDefault`: what stands for an option that is left out. */
function anonymousDoor(
  listener: Listener,
  scope: readonly MosquittoOption[],
  byDefault: MosquittoOption | undefined,
): AnonymousDoor | undefined {
  if (listener.loopbackOnly) return undefined;
  const stated = last(listener.options, "listener_allow_anonymous") ?? last(scope, "allow_anonymous");
  const anonymous = stated ?? byDefault;
  if (anonymous === undefined || !switchedOn(anonymous)) return undefined;
  const certificate = switchedOn(last(listener.options, "require_certificate"));
  const aclForAnonymous = last(scope, "acl_file");
  if (certificate || last(listener.options, "plugin_use") !== undefined) return undefined;
  if (otherSignIns.some((name) => last(scope, name) !== undefined)) return undefined;
  return {
    listener,
    anonymous,
    byDefault: stated === undefined,
    topics: aclForAnonymous === undefined ? ", for every topic" : "",
  };
}

function rightsOf(options: readonly MosquittoOption[], place: Place, unread: string | undefined): Fact<boolean> {
  const decides = ["acl_file", "plugin", "global_plugin", "auth_plugin"].map((name) => last(options, name));
  const found = decides.find((option) => option !== undefined);
  if (found !== undefined) return stated(true, found.place);
  return unread === undefined ? defaulted(false, "platform", place) : { kind: "unknown", why: unread, place };
}

function last(options: readonly MosquittoOption[], name: string): MosquittoOption | undefined {
  return options.findLast((option) => option.name === name);
}
