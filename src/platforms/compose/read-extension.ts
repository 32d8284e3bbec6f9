import type { BuildArgument, ComposeServiceExtension } from "../../facts/extensions.ts";
import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import { asBoolean, asText, type Fields, type Item, textItem } from "../../formats/fields.ts";
import type { Place } from "../../lib/place.ts";
import type { ServiceContext } from "./read-context.ts";
import { sensitiveFact } from "./read-environment.ts";
import { readHooks } from "./read-hooks.ts";
import { readSecurityOptions } from "./read-security-options.ts";

/** What no other platform has. Prohibitions have Docker's defaults, the rest is unstated where nobody wrote it. */
export function readComposeExtension(context: ServiceContext): ComposeServiceExtension {
  const { service, fields, swarm } = context;
  const hooks = readHooks(fields, context);
  const build = fields.fields("build");
  const no = (place: Place) => defaulted(false, "platform", place);
  return {
    service,
    containerName: fields.fact("container_name", asText, "a text", unstated),
    buildArguments: readBuildArguments(build),
    buildSecrets: build.list("secrets", secretName).items,
    buildPrivileged: readBuildPrivileged(build),
    links: fields.list(
      "links",
      textItem((value) => ({ value })),
    ),
    usesDockerSocketProxy: usesSocketProxy(fields),
    usesApiSocket: fields.fact("use_api_socket", asBoolean, "true or false", no),
    init: fields.fact("init", asBoolean, "true or false", no),
    cgroupNamespace: fields.fact("cgroup", asCgroupNamespace, "`host` or `private`", (at) =>
      defaulted("private", "platform", at),
    ),
    systemPaths: readSecurityOptions(fields, no(fields.place)).systemPaths,
    deviceCgroupRules: fields.list(
      "device_cgroup_rules",
      textItem((rule, place) => ({ value: { rule, place } })),
    ),
    gpus: readGpus(fields),
    oomKillDisabled: fields.fact("oom_kill_disable", asBoolean, "true or false", no),
    runtime: fields.fact("runtime", asText, "a text", unstated),
    standardInputOpen: fields.fact("stdin_open", asBoolean, "true or false", no),
    terminal: fields.fact("tty", asBoolean, "true or false", no),
    volumesFrom: fields.list("volumes_from", textItem(parseVolumesFrom)),
    extraHosts: fields.list("extra_hosts", extraHost),
    sharesProcessesWith: sharedNamespace(fields, "pid"),
    sharesIpcWith: sharedNamespace(fields, "ipc"),
    ...(hooks.length > 0 && { hooks }),
    ...(swarm && { swarm }),
  };
}

/** `build.args`, as a mapping or as `NAME=value` texts. */
export function readBuildArguments(build: Fields): readonly BuildArgument[] {
  return build.list("args", (node, key): Item<BuildArgument> => {
    const interpolated = node.kind === "scalar" && (node.interpolates?.length ?? 0) > 0;
    if (key !== undefined) {
      const value = sensitiveFact(node);
      return { value: { name: key, value, literal: value.kind === "stated" && !interpolated, place: node.place } };
    }
    const text = node.kind === "scalar" ? (asText(node) ?? "") : "";
    const at = text.indexOf("=");
    const name = at === -1 ? text : text.slice(0, at);
    if (name === "" || node.kind !== "scalar") return "nothing";
    const value = sensitiveFact({ ...node, value: at === -1 ? null : text.slice(at + 1) });
    return { value: { name, value, literal: value.kind === "stated" && !interpolated, place: node.place } };
  }).items;
}

function secretName(node: Parameters<typeof sensitiveFact>[0]): Item<string> {
  const name = node.kind === "mapping" ? node.entries.get("source")?.value : node;
  const text = name?.kind === "scalar" && name.unresolved === undefined ? asText(name) : undefined;
  return text === undefined ? "nothing" : { value: text };
}

function readBuildPrivileged(build: Fields): Fact<boolean> {
  const plain = build.fact("privileged", asBoolean, "true or false", (at) => defaulted(false, "platform", at));
  if (plain.kind === "unknown" || knownValue(plain) === true) return plain;
  const entitlements = build.list(
    "entitlements",
    textItem((name, place) => ({ value: { name, place } })),
  );
  const insecure = entitlements.items.find((item) => item.name === "security.insecure");
  if (insecure !== undefined) return stated(true, insecure.place);
  return entitlements.complete ? plain : unknown(entitlements.why, entitlements.place);
}

function asCgroupNamespace(node: Parameters<typeof asText>[0]): "host" | "private" | undefined {
  return node.value === "host" || node.value === "private" ? node.value : undefined;
}

function readGpus(fields: Fields): Fact<boolean> {
  const gpus = fields.node("gpus");
  if (gpus !== undefined) {
    if (gpus.kind === "scalar" && gpus.unresolved !== undefined) return unknown(gpus.unresolved, gpus.place);
    return stated(true, gpus.place);
  }
  const reservations = fields.fields("deploy").fields("resources").fields("reservations");
  const devices = reservations.node("devices");
  if (devices !== undefined) return stated(true, devices.place);
  return reservations.hidden === undefined
    ? defaulted(false, "platform", fields.place)
    : unknown(reservations.hidden, reservations.place);
}

/** `db`, `db:ro`, `container:legacy`, `container:legacy:ro`. */
export function parseVolumesFrom(text: string, place: Place) {
  const parts = text.split(":");
  const mode = parts.at(-1);
  const named = mode === "ro" || mode === "rw" ? parts.slice(0, -1) : parts;
  return { value: { name: named.join(":"), readOnly: mode === "ro", place } };
}

function extraHost(
  node: Parameters<typeof sensitiveFact>[0],
  key?: string,
): Item<{ host: string; address: string; place: Place }> {
  if (node.kind === "sequence" && key !== undefined) {
    const first = node.items[0];
    return first === undefined ? "nothing" : extraHost(first, key);
  }
  if (node.kind !== "scalar") return { why: "an extra host is not a text" };
  if (node.unresolved !== undefined) return { why: node.unresolved };
  const text = asText(node) ?? "";
  if (key !== undefined) return { value: { host: key, address: text, place: node.place } };
  const match = /^([^=:]+)[=:](.+)$/.exec(text);
  if (match === null) return { why: "an extra host has no address" };
  return { value: { host: match[1] ?? "", address: match[2] ?? "", place: node.place } };
}

/** `service:x` or `container:x`; unstated when the namespace is the container's own or the host's. */
function sharedNamespace(fields: Fields, key: string): Fact<string> {
  const mode = fields.fact(key, asText, "a text", unstated);
  if (mode.kind !== "stated") return mode;
  return /^(service|container):/.test(mode.value) ? mode : unstated(mode.place);
}

/** The engine is reached over TCP (`DOCKER_HOST=tcp://…`), at a service of the project or elsewhere. */
function usesSocketProxy(fields: Fields): boolean {
  const environment = fields.list("environment", (node, key): Item<string> => {
    const text = node.kind === "scalar" ? String(node.value ?? "") : "";
    return { value: key === undefined ? text : `${key}=${text}` };
  });
  return environment.items.some((text) => /^DOCKER_HOST=tcp:\/\//.test(text));
}
