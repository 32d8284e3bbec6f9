import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../../facts/fact.ts";
import type { Mount, MountKind } from "../../../facts/subjects.ts";
import { asInteger, asMode } from "../../../formats/fields.ts";
import type { IncusDevice } from "../load/composition.ts";
import { namesIn } from "../load/nodes.ts";
import type { IncusObject, IncusObjects } from "../load/objects.ts";
import { type InstanceContext, isVm, refOf } from "./context.ts";
import { endpointOf } from "./proxy-address.ts";
import { hostRootIsMapped } from "./raw-lxc.ts";
import { asIncusBoolean, asSetText } from "./values.ts";

/** Disks besides the root disk, and sockets of the host that a proxy device leads to. */
export function readMounts(context: InstanceContext): readonly Mount[] {
  const found = context.composition.devices.flatMap((device) => mountOf(device, context) ?? []);
  return [...found, ...unseenMount(context)];
}

/** One that stands for those which a profile out of sight may bring. */
function unseenMount(context: InstanceContext): readonly Mount[] {
  const { composition, place } = context;
  const why = composition.incomplete;
  if (why === undefined) return [];
  const hidden = <T>() => unknown<T>(why, place);
  return [
    {
      ...bare(context, "(other disks)", place),
      type: hidden(),
      source: hidden(),
      target: hidden(),
      readOnly: hidden(),
      propagation: hidden(),
    },
  ];
}

function mountOf(device: IncusDevice, context: InstanceContext): Mount | undefined {
  if (device.type === "proxy") return socketMount(device, context);
  if (device.type !== "disk") return undefined;
  const { properties, place } = device;
  const target = properties.fact("path", asSetText, "a path", unstated);
  if (knownValue(target) === "/") return undefined;
  const source = properties.fact("source", asSetText, "a path or a volume", unstated);
  const type = diskType(device, source);
  return {
    ...bare(context, `${knownValue(target) ?? device.name}`, place),
    type,
    source,
    target,
    readOnly: properties.fact("readonly", asIncusBoolean, "true or false", (at) => defaulted(false, "platform", at)),
    propagation: properties.fact("propagation", asSetText, "a text", (at) => defaulted("private", "platform", at)),
    ...(knownValue(type) === "bind" ? { asNobody: asNobody(device, context) } : {}),
    ...(knownValue(type) === "volume" ? volumeFacts(device, context) : {}),
  };
}

function bare(context: InstanceContext, what: string, place: Mount["place"]) {
  const { system, lens, name } = context;
  return {
    kind: "mount" as const,
    ref: refOf("mount", system, `${name}:${what}`),
    lens,
    platform: "incus" as const,
    place,
    owner: refOf("container", system, name),
  };
}

/**
 * A disk with a pool is a volume; one without is a path of the host, or an address that is mounted. A block device of the
 * host is a path too: a container gets the file system on it, a virtual machine the whole disk (Incus,
 * `doc/reference/devices_disk.md`).
 */
function diskType({ properties }: IncusDevice, source: Fact<string>): Fact<MountKind> {
  const pool = properties.fact("pool", asSetText, "a text", unstated);
  if (pool.kind === "unknown" && source.kind === "unknown") return unknown(source.why, source.place);
  if (pool.kind !== "unstated") return stated("volume", pool.place);
  if (properties.hidden !== undefined) return unknown(properties.hidden, properties.place);
  const path = knownValue(source);
  if (path === undefined)
    return source.kind === "unknown" ? unknown(source.why, source.place) : stated("other", source.place);
  return stated(path.startsWith("/") ? "bind" : "other", source.place);
}

/**
 * An unprivileged container's users are all nobody to the owners of the host's files, unless the mount is shifted
 * (Incus, `doc/reference/devices_disk.md`) or the host's root is mapped in. A virtual machine's root is root to what it is
 * given.
 */
function asNobody(device: IncusDevice, context: InstanceContext): Fact<boolean> {
  if (isVm(context)) return defaulted(false, "platform", device.place);
  const privileged = context.config.fact("security.privileged", asIncusBoolean, "true or false", (at) =>
    defaulted(false, "platform", at),
  );
  if (privileged.kind === "unknown") return unknown(privileged.why, privileged.place);
  if (knownValue(privileged) === true) return { ...privileged, value: false } as Fact<boolean>;
  const mapped = hostRootIsMapped(context);
  if (mapped.kind === "unknown") return mapped;
  if (knownValue(mapped) === true) return { ...mapped, value: false } as Fact<boolean>;
  const shift = device.properties.fact("shift", asIncusBoolean, "true or false", (at) =>
    defaulted(false, "platform", at),
  );
  return shift.kind === "unknown" ? shift : ({ ...shift, value: knownValue(shift) !== true } as Fact<boolean>);
}

/** Whose the root of a volume is from the start, and its mode: `initial.uid`, `initial.mode`. */
function volumeFacts(device: IncusDevice, { objects }: InstanceContext): Pick<Mount, "sourceOwner" | "sourceMode"> {
  const volume = volumeOf(device, objects);
  if (volume === undefined) return {};
  const config = volume.fields.fields("config");
  return {
    sourceOwner: config.fact("initial.uid", asInteger, "a number", (at) => defaulted(0, "platform", at)),
    sourceMode: config.fact("initial.mode", asMode, "a mode", (at) => defaulted(0o711, "platform", at)),
  };
}

/** The described volume that a disk is. */
export function volumeOf({ properties }: IncusDevice, objects: IncusObjects): IncusObject | undefined {
  const node = properties.node("source");
  const direct = objects.at(namesIn(node), "volume");
  if (direct !== undefined || node?.kind !== "scalar" || node.unresolved !== undefined) return direct;
  const pool = knownValue(properties.fact("pool", asSetText, "a text", unstated));
  return objects
    .all("volume")
    .find(
      (volume) =>
        knownValue(volume.name) === node.value &&
        knownValue(volume.fields.fact("pool", asSetText, "a text", unstated)) === pool,
    );
}

/** A proxy device that binds inside and connects to a socket of the host hands that socket in. */
function socketMount(device: IncusDevice, context: InstanceContext): Mount | undefined {
  const { properties, place } = device;
  const bind = knownValue(properties.fact("bind", asSetText, "a side", unstated));
  if (bind !== "instance" && bind !== "guest" && bind !== "container") return undefined;
  const connect = properties.fact("connect", asSetText, "an address", unstated);
  const listen = properties.fact("listen", asSetText, "an address", unstated);
  const source = endpointOf(knownValue(connect) ?? "");
  if (source?.kind !== "unix") return undefined;
  const target = endpointOf(knownValue(listen) ?? "");
  return {
    ...bare(context, source.path, place),
    type: stated("bind", connect.place),
    source: stated(source.path, connect.place),
    target: target?.kind === "unix" ? stated(target.path, listen.place) : unstated(listen.place),
    readOnly: defaulted(false, "platform", place),
    propagation: defaulted("private", "platform", place),
    asNobody: defaulted(false, "platform", place),
  };
}
