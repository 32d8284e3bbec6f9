import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../../facts/fact.ts";
import { Sensitive } from "../../../facts/sensitive.ts";
import type { Container, Device, SeccompProfile, Ulimit, UserIdentity } from "../../../facts/subjects.ts";
import { asInteger, asText } from "../../../formats/fields.ts";
import type { Place } from "../../../lib/place.ts";
import { type InstanceContext, isVm, refOf } from "./context.ts";
import { readEnvironment } from "./environment.ts";
import { rawLxc } from "./raw-lxc.ts";
import { allowanceOf, asIncusBoolean, asSetText, bytesOf, cpusOf } from "./values.ts";

/** What Incus gives a virtual machine that states no limit. */
const vmMemory = 1024 ** 3;

/** What the kernel is told of an instance. Each has one container in the words of the facts: itself. */
export function readContainer(context: InstanceContext, hasImage: boolean): Container {
  const { system, lens, name, config, place } = context;
  const off = (at: Place) => defaulted(false, "platform", at);
  return {
    kind: "container",
    ref: refOf("container", system, name),
    lens,
    platform: "incus",
    place,
    workload: refOf("workload", system, name),
    image: hasImage ? refOf("image", system, name) : undefined,
    user: readUser(context),
    supplementaryGroups: complete([], place),
    privileged: isVm(context)
      ? defaulted(false, "platform", place)
      : config.fact("security.privileged", asIncusBoolean, "true or false", off),
    addedCapabilities: complete([], place),
    droppedCapabilities: complete([], place),
    noNewPrivileges: unstated(place),
    seccomp: readSeccomp(context),
    appArmor: readAppArmor(context),
    seLinux: defaulted({ kind: "default" }, "platform", place),
    readOnlyRoot: unstated(place),
    memoryLimit: readMemory(context),
    cpuLimit: readCpus(context),
    pidsLimit: config.fact("limits.processes", asInteger, "a number", unstated),
    healthCheck: unstated(place),
    environment: readEnvironment(context),
    command: unstated(place),
    entrypoint: readEntrypoint(context),
    devices: readDevices(context),
    sysctls: readSysctls(context),
    ulimits: readUlimits(context),
    logDriver: unstated(place),
  };
}

/** Of an OCI image `oci.uid`, else the image's own user; an init system is root, and a guest's users are its own. */
function readUser({ config, kind, place }: InstanceContext): Fact<UserIdentity> {
  if (knownValue(kind) === "system") return defaulted({ text: "root", uid: 0 }, "platform", place);
  const uid = config.fact("oci.uid", asInteger, "a number", unstated);
  const gid = knownValue(config.fact("oci.gid", asInteger, "a number", unstated));
  if (uid.kind !== "stated") return uid.kind === "unknown" ? uid : unstated(uid.place);
  const text = gid === undefined ? String(uid.value) : `${uid.value}:${gid}`;
  return stated({ text, uid: uid.value, ...(gid === undefined ? {} : { gid }) }, uid.place);
}

/** The server's own list of refused calls, unless it is switched off or a list of one's own takes its place. */
function readSeccomp({ config }: InstanceContext): Fact<SeccompProfile> {
  const raw = config.fact("raw.seccomp", asSetText, "a text", unstated);
  if (raw.kind === "stated") return stated({ kind: "custom", name: "in raw.seccomp" }, raw.place);
  const allow = config.fact("security.syscalls.allow", asSetText, "a text", unstated);
  if (allow.kind === "stated") return stated({ kind: "custom", name: "of allowed calls" }, allow.place);
  const on = config.fact("security.syscalls.deny_default", asIncusBoolean, "true or false", (place) =>
    defaulted(true, "platform", place),
  );
  if (on.kind === "unknown") return on;
  if (knownValue(on) === false) return { ...on, value: { kind: "unconfined" } } as Fact<SeccompProfile>;
  return { ...on, value: { kind: "default" } } as Fact<SeccompProfile>;
}

function readAppArmor(context: InstanceContext): Fact<SeccompProfile> {
  const raw = rawLxc(context);
  if (raw.kind === "unknown") return raw;
  const line = (knownValue(raw) ?? []).findLast(
    ({ key }) => key === "lxc.apparmor.profile" || key === "lxc.aa_profile",
  );
  if (line === undefined) return defaulted({ kind: "default" }, "platform", raw.place);
  return stated(
    line.value === "unconfined" ? { kind: "unconfined" } : { kind: "custom", name: line.value },
    line.place,
  );
}

/** A percentage is a limit too, though its size hangs on the host: it counts as one byte, which no text shows. */
function readMemory(context: InstanceContext): Fact<number> {
  const limit = context.config.fact("limits.memory", asSetText, "a size", unstated);
  if (limit.kind === "unstated") return isVm(context) ? defaulted(vmMemory, "platform", limit.place) : limit;
  if (limit.kind !== "stated") return limit.kind === "unknown" ? limit : unstated(limit.place);
  if (/^\d{1,3}(?:\.\d+)?%$/.test(limit.value.trim())) return stated(Number.POSITIVE_INFINITY, limit.place);
  const bytes = bytesOf(limit.value);
  return bytes === undefined ? unknown("`limits.memory` is no size", limit.place) : stated(bytes, limit.place);
}

function readCpus(context: InstanceContext): Fact<number> {
  const { config } = context;
  const count = config.fact("limits.cpu", asSetText, "a number of CPUs", unstated);
  if (count.kind === "stated") {
    const cpus = cpusOf(count.value);
    return cpus === undefined ? unknown("`limits.cpu` is no number of CPUs", count.place) : stated(cpus, count.place);
  }
  if (count.kind === "unknown") return count;
  if (isVm(context)) return defaulted(1, "platform", count.place);
  const allowance = config.fact("limits.cpu.allowance", asSetText, "a share", unstated);
  if (allowance.kind === "unknown") return allowance;
  const share = allowanceOf(knownValue(allowance) ?? "");
  return share === undefined ? unstated(count.place) : stated(share, allowance.place);
}

function readEntrypoint({ config }: InstanceContext): Fact<readonly Sensitive[]> {
  const line = config.fact("oci.entrypoint", asText, "a text", unstated);
  if (line.kind !== "stated") return line.kind === "unknown" ? line : unstated(line.place);
  return stated([new Sensitive(line.value)], line.place);
}

/** Kinds of devices that are the host's own; a virtual machine that is given one is meant to have it. */
const hostDevices: Readonly<Record<string, string>> = {
  gpu: "/dev/dri",
  usb: "/dev/bus/usb",
  "unix-hotplug": "/dev/bus/usb",
  infiniband: "/dev/infiniband",
};

function readDevices(context: InstanceContext): FactList<Device> {
  const { composition, place } = context;
  let why = composition.incomplete;
  const items: Device[] = [];
  for (const device of isVm(context) ? [] : composition.devices) {
    if (device.type === undefined) why ??= device.doubt;
    if (device.type === "unix-char" || device.type === "unix-block") {
      const source = device.properties.fact("source", asSetText, "a path", unstated);
      const path = source.kind === "unstated" ? device.properties.fact("path", asSetText, "a path", unstated) : source;
      const known = knownValue(path);
      if (known === undefined) why ??= path.kind === "unknown" ? path.why : "a device has no path";
      else items.push({ source: known, permissions: "rw", place: path.place });
      continue;
    }
    const source =
      device.type !== undefined && Object.hasOwn(hostDevices, device.type) ? hostDevices[device.type] : undefined;
    if (source !== undefined) items.push({ source, permissions: "rw", place: device.place });
  }
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

function readSysctls({ config, place }: InstanceContext): Container["sysctls"] {
  return prefixed(config, "linux.sysctl.", place, (name, value, at) => ({ name, value, place: at }));
}

/** `limits.kernel.nofile = "1024:2048"`, `unlimited`. */
function readUlimits({ config, place }: InstanceContext): FactList<Ulimit> {
  const number = (text: string) => (text.trim() === "unlimited" ? -1 : Number(text));
  return prefixed(config, "limits.kernel.", place, (name, value, at) => {
    const [soft = "", hard = soft] = value.split(":");
    return { name, soft: number(soft), hard: number(hard), place: at };
  });
}

/** Every key under a prefix that is known; what is not makes the list incomplete. */
export function prefixed<T>(
  config: InstanceContext["config"],
  prefix: string,
  place: Place,
  make: (name: string, value: string, place: Place) => T,
): FactList<T> {
  const items: T[] = [];
  let why = config.hidden;
  for (const { key, value } of config.entries) {
    if (!key.startsWith(prefix) || value.kind !== "scalar") continue;
    if (value.unresolved !== undefined) why ??= value.unresolved;
    else if (value.value !== null) items.push(make(key.slice(prefix.length), String(value.value), value.place));
  }
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}
