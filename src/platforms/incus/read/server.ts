import type { IncusLogTarget, IncusServerExtension } from "../../../facts/extensions-incus.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  unstated,
} from "../../../facts/fact.ts";
import type { Grant, Host, Principal } from "../../../facts/subjects.ts";
import { asText, type Fields } from "../../../formats/fields.ts";
import { type IncusContext, refOf } from "./context.ts";
import { asIncusBoolean, asSetText, listed } from "./values.ts";

/** The settings of each server that is described. */
export function readServers({ objects, system, lens }: IncusContext): readonly Host[] {
  return objects.all("server").map((object): Host => {
    const { place } = object.resource;
    const remote = knownValue(object.fields.fact("remote", asText, "a text", unstated));
    return {
      kind: "host",
      ref: refOf("host", system, remote ?? object.resource.address),
      lens,
      platform: "incus",
      place,
      engineVersion: unstated(place),
      rootless: defaulted(false, "platform", place),
      userNamespaces: defaulted(true, "platform", place),
      remote: unstated(place),
      liveRestore: defaulted(true, "platform", place),
      incus: settingsOf(object.fields.fields("config")),
    };
  });
}

function settingsOf(config: Fields): IncusServerExtension {
  const text = (key: string) => config.fact(key, asSetText, "a text", unstated);
  const flag = (key: string, otherwise: boolean): Fact<boolean> =>
    config.fact(key, asIncusBoolean, "true or false", (at) => defaulted(otherwise, "platform", at));
  return {
    apiAddress: text("core.https_address"),
    metricsAddress: text("core.metrics_address"),
    metricsAuthentication: flag("core.metrics_authentication", true),
    debugAddress: text("core.debug_address"),
    allowedOrigin: text("core.https_allowed_origin"),
    allowedCredentials: flag("core.https_allowed_credentials", false),
    trustsCaCertificates: flag("core.trust_ca_certificates", false),
    logTargets: logTargets(config),
  };
}

/** `logging.NAME.target.address`, and the older `loki.api.url`. */
function logTargets(config: Fields): FactList<IncusLogTarget> {
  const items = config.entries.flatMap(({ key, value, keyPlace }): IncusLogTarget[] => {
    if (key !== "loki.api.url" && !/^logging\..+\.target\.address$/.test(key)) return [];
    const address = config.fact(key, asSetText, "an address", unstated);
    return address.kind === "unstated" ? [] : [{ key, address, place: value.place ?? keyPlace }];
  });
  return config.hidden === undefined ? complete(items, config.place) : incomplete(items, config.hidden, config.place);
}

/** Clients whose certificates the server is told to trust. */
export function readClients({ objects, system, lens }: IncusContext): readonly Principal[] {
  return objects.all("certificate").map((object): Principal => {
    const { fields, resource } = object;
    const restricted = fields.fact("restricted", asIncusBoolean, "true or false", (at) =>
      defaulted(false, "platform", at),
    );
    const type = fields.fact("type", asText, "a text", (at) => defaulted("client", "platform", at));
    const projects = fields.list("projects", (node) =>
      node.kind === "scalar" && node.unresolved === undefined
        ? { value: String(node.value) }
        : { why: (node.kind === "scalar" ? node.unresolved : undefined) ?? "an entry is no text" },
    );
    return {
      kind: "principal",
      ref: refOf("principal", system, knownValue(object.name) ?? resource.address),
      lens,
      platform: "incus",
      place: resource.place,
      roles: complete([], resource.place),
      incus: { type, restricted, projects },
    };
  });
}

/** `0`, `1000,0-99`: ranges of the host's identifiers with root among them. */
const holdsZero = /(?:^|,)\s*0+(?:-\d+)?\s*(?:,|$)/;

/** What a restriction is there to stop, and which value lets it through (Incus, `doc/reference/projects.md`). */
const restrictions: readonly (readonly [key: string, loose: RegExp, gives: string])[] = [
  ["restricted.containers.privilege", /^allow$/, "privileged containers, whose root is the host's"],
  ["restricted.containers.lowlevel", /^allow$/, "raw options for containers"],
  ["restricted.containers.interception", /^full$/, "every interception of system calls"],
  [
    "restricted.containers.nesting",
    /^allow$/,
    "containers that run others inside, which see more of the host's kernel",
  ],
  ["restricted.virtual-machines.lowlevel", /^allow$/, "raw options for virtual machines, which run on the host"],
  ["restricted.devices.disk", /^allow$/, "every path of the host as a disk"],
  ["restricted.devices.unix-block", /^allow$/, "the host's disks as devices"],
  ["restricted.devices.unix-char", /^allow$/, "the host's devices"],
  ["restricted.devices.unix-hotplug", /^allow$/, "the host's devices as they are plugged in"],
  ["restricted.devices.usb", /^allow$/, "the host's USB devices"],
  ["restricted.devices.gpu", /^allow$/, "the host's graphics devices"],
  ["restricted.devices.pci", /^allow$/, "devices on the host's bus"],
  ["restricted.devices.proxy", /^allow$/, "proxy devices, which connect as the host"],
  ["restricted.idmap.uid", holdsZero, "containers in which the host's root is a user"],
  ["restricted.idmap.gid", holdsZero, "containers in which the host's root group is a group"],
];

/** Projects, and what those who may use them may do. */
export function readProjects({ objects, system, lens }: IncusContext): readonly Grant[] {
  return objects.all("project").map((object): Grant => {
    const { resource } = object;
    const name = knownValue(object.name) ?? resource.address;
    const config = object.fields.fields("config");
    return {
      kind: "grant",
      ref: refOf("grant", system, name),
      lens,
      platform: "incus",
      place: resource.place,
      principal: `whoever may use the project ${name}`,
      verbs: complete([], resource.place),
      resources: complete([], resource.place),
      incus: {
        restricted: config.fact("restricted", asIncusBoolean, "true or false", (at) =>
          defaulted(false, "platform", at),
        ),
        loosened: loosenedBy(config),
      },
    };
  });
}

/** Whether disks are kept to some paths: they are prefixes, so that `/` is every one. */
function keepsToFolders(paths: Fact<string>): boolean {
  if (paths.kind !== "stated") return paths.kind === "unknown";
  return !listed(paths.value).some((path) => /^\/+$/.test(path));
}

function loosenedBy(config: Fields): NonNullable<Grant["incus"]>["loosened"] {
  const items: { key: string; value: string; gives: string; place: Fields["place"] }[] = [];
  let why = config.hidden;
  for (const [key, loose, gives] of restrictions) {
    const fact = config.fact(key, asSetText, "a text", unstated);
    if (fact.kind === "unknown") why ??= fact.why;
    if (fact.kind !== "stated" || !loose.test(fact.value)) continue;
    const paths = config.fact("restricted.devices.disk.paths", asSetText, "paths", unstated);
    if (key === "restricted.devices.disk" && paths.kind === "unknown") why ??= paths.why;
    if (key === "restricted.devices.disk" && keepsToFolders(paths)) continue;
    items.push({ key, value: fact.value, gives, place: fact.place });
  }
  return why === undefined ? complete(items, config.place) : incomplete(items, why, config.place);
}
