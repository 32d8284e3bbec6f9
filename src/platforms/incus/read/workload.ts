import type {
  IncusDeviceClash,
  IncusInterception,
  IncusSnapshots,
  IncusVolume,
  IncusWorkloadExtension,
} from "../../../facts/extensions-incus.ts";
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
import type { RestartPolicy, Workload } from "../../../facts/subjects.ts";
import { asText, type Fields } from "../../../formats/fields.ts";
import type { IncusDevice } from "../load/composition.ts";
import { readAttachments, readNetworkMode } from "./attachments.ts";
import { following, type InstanceContext, isVm, refOf } from "./context.ts";
import { volumeOf } from "./mounts.ts";
import { readOpenSecrets } from "./open-secrets.ts";
import { rawLxc, readRawOptions } from "./raw-lxc.ts";
import { readStartCommands } from "./start-commands.ts";
import { asIncusBoolean, asSetText, listed } from "./values.ts";

/** An instance as something that runs. */
export function readWorkload(context: InstanceContext): Workload {
  const { system, lens, name, place, object } = context;
  const shares = (namespace: string) => sharedNamespace(context, namespace);
  return {
    kind: "workload",
    ref: refOf("workload", system, name),
    lens,
    platform: "incus",
    place,
    containers: [refOf("container", system, name)],
    networkMode: readNetworkMode(context),
    attachments: readAttachments(context),
    hostPid: shares("pid"),
    hostIpc: shares("ipc"),
    hostUts: shares("uts"),
    hostUsers: readHostUsers(context),
    cgroupParent: unstated(place),
    restart: readRestart(context),
    isolation: following(
      context.kind,
      (kind) => (kind === "vm" ? ("vm" as const) : ("container" as const)),
      () => defaulted("container", "platform", place),
    ),
    onlyWith: object.resource.condition === undefined ? [] : [object.resource.condition],
    ...notRunning(context),
    labels: complete([], place),
    replicas: stated(1, place),
    dependsOn: [],
    incus: readExtension(context),
  };
}

/** Every container has namespaces of its own, unless `raw.lxc` keeps the host's. */
function sharedNamespace(context: InstanceContext, namespace: string): Fact<boolean> {
  const raw = rawLxc(context);
  if (raw.kind === "unknown") return raw;
  const line = (knownValue(raw) ?? []).find(
    ({ key, value }) =>
      key === `lxc.namespace.share.${namespace}` ||
      (key === "lxc.namespace.keep" && value.split(/\s+/).includes(namespace)),
  );
  return line === undefined ? defaulted(false, "platform", raw.place) : stated(true, line.place);
}

/** A privileged container has the host's users; any other has a range of its own. */
function readHostUsers(context: InstanceContext): Fact<boolean> {
  if (isVm(context)) return defaulted(false, "platform", context.place);
  return context.config.fact("security.privileged", asIncusBoolean, "true or false", (at) =>
    defaulted(false, "platform", at),
  );
}

/**
 * What was running when the server stopped starts with it again, unless `boot.autostart` is false. A program that ends
 * by itself stays down unless `boot.autorestart` is set; an init system does not end.
 */
function readRestart({ config, kind }: InstanceContext): Fact<RestartPolicy> {
  const again = config.fact("boot.autorestart", asIncusBoolean, "true or false", unstated);
  const start = config.fact("boot.autostart", asText, "true or false", unstated);
  if (again.kind === "unknown") return again;
  if (knownValue(again) === true) return stated({ kind: "unless-stopped" }, again.place);
  if (start.kind === "unknown") return start;
  if (/^(?:false|0|no|off)$/i.test(knownValue(start) ?? "")) return stated({ kind: "no" }, start.place);
  if (kind.kind === "unknown") return unknown(kind.why, kind.place);
  if (knownValue(kind) === "application") return unstated(again.place);
  return start.kind === "stated"
    ? stated({ kind: "always" }, start.place)
    : defaulted({ kind: "unless-stopped" }, "platform", start.place);
}

function notRunning({ object }: InstanceContext): Pick<Workload, "dormant"> {
  const running = object.fields.fact("running", asIncusBoolean, "true or false", unstated);
  if (knownValue(running) !== false) return {};
  return { dormant: { why: "`running` is false", which: "which is not started", place: running.place } };
}

function readExtension(context: InstanceContext): IncusWorkloadExtension {
  const { config, object, kind, place } = context;
  const off = (at: typeof place) => defaulted(false, "platform", at) as Fact<boolean>;
  return {
    flavour: object.flavour,
    instanceKind: kind,
    nesting: isVm(context) ? off(place) : config.fact("security.nesting", asIncusBoolean, "true or false", off),
    memoryEnforcement: config.fact(
      "limits.memory.enforce",
      ({ value }) => (value === "soft" ? "soft" : value === "hard" ? "hard" : undefined),
      "hard or soft",
      (at) => defaulted("hard", "platform", at),
    ),
    rawOptions: readRawOptions(context),
    interceptions: readInterceptions(context),
    clashes: readClashes(context),
    snapshots: snapshotsOf(config),
    volumes: readVolumes(context),
    openSecrets: readOpenSecrets(context),
    startCommands: readStartCommands(context),
  };
}

/** What an interception lets an instance do (Incus, `doc/syscall-interception.md`). */
const interceptions: Readonly<Record<string, string>> = {
  "security.syscalls.intercept.bpf": "load programs into the kernel",
  "security.syscalls.intercept.bpf.devices": "load programs that decide over its devices",
  "security.syscalls.intercept.mount": "have file systems mounted",
  "security.syscalls.intercept.sched_setscheduler": "take priority over the host's processes",
};

function readInterceptions(context: InstanceContext): FactList<IncusInterception> {
  const { config, place } = context;
  const items: IncusInterception[] = [];
  let why = config.hidden;
  for (const [key, does] of Object.entries(interceptions)) {
    const on = config.fact(key, asIncusBoolean, "true or false", unstated);
    if (on.kind === "unknown") why ??= on.why;
    if (knownValue(on) !== true) continue;
    const list = config.fact(`${key}.allowed`, asSetText, "a list", unstated);
    if (list.kind === "unknown") why ??= list.why;
    const allowed = listed(knownValue(list) ?? "");
    // Without a list only what is redirected to FUSE is mounted, which runs inside.
    if (key.endsWith(".mount") && allowed.length === 0) continue;
    items.push({ key, does: allowed.length === 0 ? does : `${does} (${allowed.join(", ")})`, place: on.place });
  }
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

/** Interfaces that a later profile takes the place of although they lead elsewhere. */
function readClashes({ composition, place }: InstanceContext): FactList<IncusDeviceClash> {
  const items: IncusDeviceClash[] = [];
  let why = composition.incomplete;
  for (const { type, unnamed, profile } of composition.devices) {
    if (type === "nic" && profile !== undefined && unnamed !== undefined)
      why ??= `the name of an interface: ${unnamed}`;
  }
  for (const { device, by } of composition.replaced) {
    if (by.profile === undefined) continue;
    if (device.type !== "nic" || by.type !== "nic") {
      why ??= device.doubt ?? by.doubt;
      continue;
    }
    const [lost, kept] = [networkOf(device), networkOf(by)];
    if (lost.kind === "unknown") why ??= lost.why;
    if (kept.kind === "unknown") why ??= kept.why;
    const [lostName, keptName] = [knownValue(lost), knownValue(kept)];
    if (lostName === undefined || keptName === undefined || lostName === keptName) continue;
    items.push({ device: by.name, lost: lostName, kept: keptName, place: by.place });
  }
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

function networkOf({ properties }: IncusDevice): Fact<string> {
  const network = properties.fact("network", asSetText, "a name", unstated);
  return network.kind === "unstated" ? properties.fact("parent", asSetText, "a name", unstated) : network;
}

export function snapshotsOf(config: Fields): IncusSnapshots {
  return {
    schedule: config.fact("snapshots.schedule", asSetText, "a schedule", unstated),
    expiry: config.fact("snapshots.expiry", asSetText, "a time", unstated),
  };
}

function readVolumes(context: InstanceContext): FactList<IncusVolume> {
  const { composition, place } = context;
  const items = composition.devices.flatMap((device): IncusVolume[] => {
    const { properties } = device;
    const path = knownValue(properties.fact("path", asSetText, "a path", unstated));
    const pool = properties.fact("pool", asSetText, "a text", unstated);
    if (device.type !== "disk" || path === "/" || pool.kind === "unstated") return [];
    const volume = volumeOf(device, context.objects);
    const name = volume === undefined ? undefined : (knownValue(volume.name) ?? volume.resource.address);
    const config = volume?.fields.fields("config");
    const hidden = "the volume is not described in these files";
    return [
      {
        name: name ?? knownValue(properties.fact("source", asSetText, "a text", unstated)) ?? device.name,
        pool,
        described: volume !== undefined,
        readOnly: properties.fact("readonly", asIncusBoolean, "true or false", (at) =>
          defaulted(false, "platform", at),
        ),
        snapshots:
          config === undefined
            ? {
                schedule: { kind: "unknown", why: hidden, place: device.place },
                expiry: { kind: "unknown", why: hidden, place: device.place },
              }
            : snapshotsOf(config),
        place: volume?.resource.place ?? device.place,
      },
    ];
  });
  const doubts = composition.devices.map((device) => (device.type === undefined ? device.doubt : undefined));
  const why = composition.incomplete ?? doubts.find((doubt) => doubt !== undefined);
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}
