import { defaulted, type Fact, type FactList, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Container, Device, EnvironmentVariable, HealthCheck, UserIdentity } from "../../facts/subjects.ts";
import type { Stage } from "../../formats/dockerfile/stage.ts";
import { asBoolean, asText, Fields, type Item, type ItemParser, listOf, textItem } from "../../formats/fields.ts";
import type { TreeNode } from "../../formats/tree.ts";
import type { Place } from "../../lib/place.ts";
import { filledInUnder, wordsUnder } from "../argument-words.ts";
import type { ServiceContext } from "./read-context.ts";
import { readArguments, readEnvironment } from "./read-environment.ts";
import { readLimits, readUlimits } from "./read-limits.ts";
import { readSecurityOptions } from "./read-security-options.ts";
import { containerRef, imageRef, workloadRef } from "./refs.ts";

/**
 * What the kernel is told of a service's container. Prohibitions have Docker's own defaults (not privileged, no
 * capability added, the default profiles); protections that nobody wrote are unstated. What nobody wrote and the image
 * brings is known where it is built from a Dockerfile here. An image may still start as root and drop to another user
 * itself: that is not told here, so the `user` of one that is not built here stays unstated.
 */
export function readContainer(context: ServiceContext): Container {
  const { system, service, fields, place, lens, built } = context;
  const privileged = fields.fact("privileged", asBoolean, "true or false", (at) => defaulted(false, "platform", at));
  const limits = readLimits(fields);
  const { noNewPrivileges, seccomp, appArmor, seLinux } = readSecurityOptions(fields, privileged);
  return {
    kind: "container",
    ref: containerRef(system, service),
    lens,
    platform: "compose",
    place,
    workload: workloadRef(system, service),
    image: imageRef(system, service),
    user: orBuilt(readUser(fields), built?.user),
    supplementaryGroups: fields.list(
      "group_add",
      textItem((value) => ({ value })),
    ),
    privileged,
    addedCapabilities: fields.list("cap_add", capability),
    droppedCapabilities: fields.list("cap_drop", capability),
    noNewPrivileges,
    seccomp,
    appArmor,
    seLinux,
    readOnlyRoot: fields.fact("read_only", asBoolean, "true or false", unstated),
    memoryLimit: limits.memory,
    cpuLimit: limits.cpus,
    pidsLimit: limits.pids,
    healthCheck: orBuilt(readHealthCheck(fields), built?.healthCheck),
    environment: withBuilt(readEnvironment(fields, context.composeFiles), built),
    ...readProgram(fields, built),
    devices: fields.list("devices", device),
    sysctls: fields.list("sysctls", sysctl),
    ulimits: readUlimits(fields),
    logDriver: readLogging(fields),
  };
}

/** What nobody wrote is what the image brings, where that is known. */
function orBuilt<T>(written: Fact<T>, built: Fact<T> | undefined): Fact<T> {
  return written.kind === "unstated" && built !== undefined && built.kind !== "unstated" ? built : written;
}

/** The image's variables, but for those that the service sets itself. */
function withBuilt(written: FactList<EnvironmentVariable>, built: Stage | undefined): FactList<EnvironmentVariable> {
  if (built === undefined || built.environment.size === 0) return written;
  const own = new Set(written.items.map(({ name }) => name));
  const brought = [...built.environment.values()].filter(({ name }) => !own.has(name));
  return { ...written, items: [...written.items, ...brought] };
}

/** An entrypoint of the service's own drops the image's command too. */
function readProgram(
  fields: Fields,
  built: Stage | undefined,
): Pick<Container, "command" | "commandWords" | "entrypoint" | "entrypointWords" | "filledInArguments"> {
  const command = readArguments(fields, "command");
  const commandWords = command.kind === "unknown" ? wordsUnder(fields, "command") : undefined;
  const entrypoint = readArguments(fields, "entrypoint");
  const entrypointWords = entrypoint.kind === "unknown" ? wordsUnder(fields, "entrypoint") : undefined;
  const filledIn = [...filledInUnder(fields, "command"), ...filledInUnder(fields, "entrypoint")];
  const words = {
    ...(commandWords && { commandWords }),
    ...(entrypointWords && { entrypointWords }),
    ...(filledIn.length > 0 && { filledInArguments: filledIn }),
  };
  if (entrypoint.kind !== "unstated") return { command, entrypoint, ...words };
  return {
    command: orBuilt(command, built?.command),
    ...words,
    entrypoint: orBuilt(entrypoint, built?.entrypoint),
  };
}

/** `CAP_NET_ADMIN` and `net_admin` are `NET_ADMIN`. */
const capability = textItem((text, place) => ({
  value: { name: text.trim().toUpperCase().replace(/^CAP_/, ""), place },
}));

function readUser(service: Fields): Fact<UserIdentity> {
  const text = service.fact("user", asText, "a user", unstated);
  if (text.kind === "unknown" || text.kind === "unstated") return text;
  if (text.value.trim() === "") return unstated(text.place);
  const user = parseUser(text.value.trim());
  return user === undefined ? unknown("`user` is neither a name nor a number", text.place) : stated(user, text.place);
}

/** `1000`, `1000:1000`, `nobody`, `nobody:nogroup`; `root` is 0. Undefined for anything else. */
export function parseUser(text: string): UserIdentity | undefined {
  const match = /^([^:]+)(?::([^:]*))?$/.exec(text);
  if (match === null) return undefined;
  const who = match[1] ?? "";
  const group = match[2];
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(who)) return undefined;
  const uid = numericId(who);
  const gid = group === undefined ? undefined : numericId(group);
  return {
    text,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(/^\d+$/.test(who) ? {} : { name: who }),
  };
}

function numericId(text: string): number | undefined {
  if (text === "root") return 0;
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function readHealthCheck(service: Fields): Fact<HealthCheck> {
  const node = service.node("healthcheck");
  const check = service.fields("healthcheck");
  if (node === undefined)
    return check.hidden === undefined ? unstated(check.place) : unknown(check.hidden, check.place);
  const disabled = check.fact("disable", asBoolean, "true or false", unstated);
  if (disabled.kind === "unknown") return disabled;
  if (disabled.kind === "stated" && disabled.value) return stated({ kind: "disabled" }, disabled.place);
  const test = check.node("test");
  if (test === undefined) return check.hidden === undefined ? unstated(node.place) : unknown(check.hidden, node.place);
  return healthTest(test);
}

function healthTest(test: TreeNode): Fact<HealthCheck> {
  const words = listOf(
    test,
    textItem((value) => ({ value })),
  );
  if (!words.complete) return unknown(words.why, test.place);
  const command = test.kind === "scalar" ? ["CMD-SHELL", ...words.items] : words.items;
  if (command[0] === "NONE") return stated({ kind: "disabled" }, test.place);
  // A test with no command of its own leaves the image's.
  if (command.length === 0 || command.every((word) => word.trim() === "")) return unstated(test.place);
  return stated({ kind: "command", command }, test.place);
}

const device: ItemParser<Device> = (node): Item<Device> => {
  if (node.kind === "mapping") {
    const fields = Fields.of(node, node.place, "devices");
    const source = fields.fact("source", asText, "a path", unstated);
    if (source.kind !== "stated") return { why: source.kind === "unknown" ? source.why : "a device has no source" };
    const permissions = fields.fact("permissions", asText, "a text", (at) => defaulted("rwm", "platform", at));
    if (permissions.kind === "unknown") return { why: permissions.why };
    return { value: { source: source.value, permissions: valueOr(permissions, "rwm"), place: source.place } };
  }
  if (node.kind !== "scalar") return { why: "a device is not a text" };
  if (node.unresolved !== undefined) return { why: node.unresolved };
  const [source = "", second, third] = (asText(node) ?? "").split(":");
  const permissions = third ?? (second !== undefined && /^[rwm]+$/.test(second) ? second : "rwm");
  return source === "" ? "nothing" : { value: { source, permissions, place: node.place } };
};

const sysctl: ItemParser<{ name: string; value: string; place: Place }> = (node, key) => {
  if (node.kind !== "scalar") return { why: "a sysctl is not a text" };
  if (node.unresolved !== undefined) return { why: node.unresolved };
  const text = asText(node) ?? "";
  if (key !== undefined) return { value: { name: key, value: text, place: node.place } };
  const at = text.indexOf("=");
  return at === -1
    ? { why: `the sysctl \`${text}\` has no value` }
    : { value: { name: text.slice(0, at), value: text.slice(at + 1), place: node.place } };
};

function readLogging(service: Fields): Container["logDriver"] {
  const node = service.node("logging");
  const logging = service.fields("logging");
  if (node === undefined) {
    return logging.hidden === undefined ? unstated(logging.place) : unknown(logging.hidden, logging.place);
  }
  const driver = logging.fact("driver", asText, "a text", (at) => defaulted("json-file", "platform", at));
  if (driver.kind === "unknown") return driver;
  const options = logging.list("options", (value, name): Item<readonly [string, string]> => {
    if (name === undefined || value.kind !== "scalar") return { why: "`options` is not a mapping of texts" };
    return value.unresolved === undefined ? { value: [name, asText(value) ?? ""] } : { why: value.unresolved };
  });
  if (!options.complete) return unknown(options.why, options.place);
  const known = { driver: valueOr(driver, "json-file"), options: Object.fromEntries(options.items) };
  return stated(known, driver.kind === "stated" ? driver.place : node.place);
}

function valueOr<T>(fact: Fact<T>, otherwise: T): T {
  return knownValue(fact) ?? otherwise;
}
