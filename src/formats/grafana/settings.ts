import type { Named } from "../../facts/configuration/proxy.ts";
import type { OpenDoorway, ServiceConfiguration } from "../../facts/configuration/service.ts";
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
} from "../../facts/fact.ts";
import { isGuessable } from "../../facts/guessable.ts";
import { type Place, type Source, wholeFile } from "../../lib/place.ts";
import type { ConfigInput } from "../config-format.ts";
import { asText, Fields } from "../fields.ts";
import { parseIni } from "../ini/parse.ts";
import { portsIn, unlessMoved } from "../own-ports.ts";

/**
 * What `grafana.ini` decides about who gets in. A variable `GF_SECTION_KEY` of the workload goes before the file.
 *
 * Source: Grafana 12.0 `conf/defaults.ini` for every default, and "Configure Grafana" (arguments `cfg:` go before both).
 */
export function readGrafanaSettings(input: ConfigInput): ServiceConfiguration {
  const settings = new Settings(input);
  return {
    software: "grafana",
    openDoors: doorsOf(settings),
    guessingLimited: negated(settings.flag("security", "disable_brute_force_login_protection", false)),
    unverifiedUpstreams: unverified(settings),
    weakSecrets: weakSecrets(settings),
    ports: unlessMoved(portsOf(settings), input, /\bcfg:(?:default\.)?server\.(?:http_port|protocol)\b/),
  };
}

function portsOf(settings: Settings): Fact<readonly number[]> {
  const protocol = settings.text("server", "protocol", "http");
  if (protocol.kind === "unknown") return protocol;
  if (!/^(?:https?|h2)$/.test(knownValue(protocol) ?? ""))
    return unknown("it answers on a socket, or in a way that is not known", protocol.place);
  return portsIn(mapFact(settings.text("server", "http_port", "3000"), Number));
}

class Settings {
  readonly #root: Fields;
  readonly #input: ConfigInput;
  readonly place: Place;

  constructor(input: ConfigInput) {
    this.place = wholeFile(input.file.source);
    this.#input = input;
    this.#root = Fields.of(parseIni(input.file.source, input.file.text), this.place, "the file");
  }

  get source(): Source {
    return this.#input.file.source;
  }

  get sections(): readonly string[] {
    return this.#root.entries.map(({ key }) => key);
  }

  text(section: string, key: string, fallback: string): Fact<string> {
    const name = `GF_${section}_${key}`.toUpperCase().replace(/[.-]/g, "_");
    const variable = this.#input.environment?.(name);
    if (variable?.kind === "unknown") return variable;
    const given = variable === undefined ? undefined : knownValue(variable);
    // Grafana passes over an empty variable, and an empty value of the file.
    if (variable !== undefined && given !== undefined && given.reveal() !== "")
      return stated(given.reveal(), variable.place);
    const unset = (place: Place) => defaulted(fallback, "platform" as const, place);
    const written = this.#root.fields(section).fact(key, asText, "a text", unset);
    return written.kind === "stated" && written.value === "" ? unset(written.place) : written;
  }

  /** What Grafana makes of anything but these differs from one setting to the next (`MustBool`), so that it is not known. */
  flag(section: string, key: string, fallback: boolean): Fact<boolean> {
    const fact = this.text(section, key, String(fallback));
    if (fact.kind !== "stated" && fact.kind !== "defaulted") return fact;
    const value = booleanOf(fact.value.trim());
    return value === undefined
      ? unknown(`\`${key}\` of \`[${section}]\` is neither true nor false`, fact.place)
      : { ...fact, value };
  }
}

/** `parseBool` of gopkg.in/ini.v1, which knows these spellings and no others. */
function booleanOf(text: string): boolean | undefined {
  if (/^(?:1|[tT]|true|TRUE|True|YES|yes|Yes|y|ON|on|On)$/.test(text)) return true;
  return /^(?:0|[fF]|false|FALSE|False|NO|no|No|n|OFF|off|Off)$/.test(text) ? false : undefined;
}

function doorsOf(settings: Settings): FactList<OpenDoorway> {
  const doors = [anonymous(settings), signUp(settings), proxyHeader(settings)];
  const hidden = doors.find((door) => door !== undefined && "why" in door);
  const items = doors.filter((door): door is OpenDoorway => door !== undefined && !("why" in door));
  return hidden !== undefined && "why" in hidden
    ? incomplete(items, hidden.why, settings.place)
    : complete(items, settings.place);
}

type Door = OpenDoorway | { readonly why: string } | undefined;

function anonymous(settings: Settings): Door {
  const on = settings.flag("auth.anonymous", "enabled", false);
  if (on.kind === "unknown") return { why: on.why };
  if (knownValue(on) !== true) return undefined;
  const role = knownValue(settings.text("auth.anonymous", "org_role", "Viewer"));
  const orders = role !== undefined && /^(?:admin|editor)$/i.test(role);
  return {
    what: `visitors need no login${role === undefined ? "" : ` and are ${asPeople(role)}`}`,
    allows: orders ? "orders" : "reading",
    name: "anonymous",
    place: on.place,
  };
}

function asPeople(role: string): string {
  return /^admin$/i.test(role) ? "administrators" : `${role.toLowerCase()}s`;
}

function signUp(settings: Settings): Door {
  const on = settings.flag("users", "allow_sign_up", false);
  if (on.kind === "unknown") return { why: on.why };
  if (knownValue(on) !== true) return undefined;
  return { what: "anybody can make an account", allows: "reading", name: "sign-up", place: on.place };
}

/** The header that names the user is believed from whoever sends it, unless addresses are listed. */
function proxyHeader(settings: Settings): Door {
  const on = settings.flag("auth.proxy", "enabled", false);
  if (on.kind === "unknown") return { why: on.why };
  if (knownValue(on) !== true) return undefined;
  const listed = settings.text("auth.proxy", "whitelist", "");
  if (listed.kind === "unknown") return { why: listed.why };
  if ((knownValue(listed) ?? "").trim() !== "") return undefined;
  const what = "whoever sends the header of the proxy login is who it names, for no `whitelist` says which proxy may";
  return { what, allows: "orders", name: "proxy", place: on.place };
}

/** Every section may have a switch of its own. */
function unverified(settings: Settings): FactList<Named> {
  const switches = [
    ["smtp", "skip_verify"],
    ["database", "skip_verify"],
    ...settings.sections.filter((name) => name.startsWith("auth.")).map((name) => [name, "tls_skip_verify_insecure"]),
  ] as const;
  const items: Named[] = [];
  let why: string | undefined;
  for (const [section = "", key = ""] of switches) {
    const fact = settings.flag(section, key, false);
    if (fact.kind === "unknown") why ??= fact.why;
    if (knownValue(fact) === true) items.push({ name: `[${section}] of Grafana`, place: fact.place });
  }
  return why === undefined ? complete(items, settings.place) : incomplete(items, why, settings.place);
}

/** The administrator's password and the key as the file has them; what a variable gives is judged with the variable. */
function weakSecrets(settings: Settings): FactList<Named> {
  const items: Named[] = [];
  let why: string | undefined;
  for (const name of ["admin_password", "secret_key"]) {
    const secret = settings.text("security", name, "");
    if (secret.kind === "unknown") why ??= secret.why;
    const text = knownValue(secret) ?? "";
    const written = secret.place.kind === "file" && secret.place.source === settings.source;
    if (written && !/\$__\w+\{|\$\{/.test(text) && isGuessable(text, ["grafana", "admin"]))
      items.push({ name, place: secret.place });
  }
  return why === undefined ? complete(items, settings.place) : incomplete(items, why, settings.place);
}

function negated(fact: Fact<boolean>): Fact<boolean> {
  return fact.kind === "stated" || fact.kind === "defaulted" ? { ...fact, value: !fact.value } : fact;
}
