import { Fields } from "../../../formats/fields.ts";
import type { MappingEntry, MappingNode, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import { blocks, hidden, mappingOf, namesIn } from "./nodes.ts";
import type { IncusObject, IncusObjects } from "./objects.ts";

/** One device of an instance, after its profiles were laid over one another. */
export interface IncusDevice {
  readonly name: string;
  /** Why its name cannot be told; then it may take the place of any other. */
  readonly unnamed?: string;
  readonly type: string | undefined;
  /** Why its type cannot be told. */
  readonly doubt: string | undefined;
  readonly properties: Fields;
  /** The profile that it comes from; undefined for the instance's own. */
  readonly profile: string | undefined;
  readonly place: Place;
}

/** What an instance comes to: its own settings over those of its profiles, in their order, as Incus lays them. */
export interface Composition {
  readonly config: Fields;
  readonly devices: readonly IncusDevice[];
  /** Why there may be other settings and devices: a profile that is made elsewhere. */
  readonly incomplete: string | undefined;
  /** Devices that a later profile, or the instance, takes the place of. */
  readonly replaced: readonly { readonly device: IncusDevice; readonly by: IncusDevice }[];
}

/** A profile, or the instance itself. */
interface Layer {
  readonly profile: string | undefined;
  readonly object: IncusObject | undefined;
  /** The devices of a profile that the platform makes itself. */
  readonly builtIn?: readonly IncusDevice[];
  /** Why it cannot be seen. */
  readonly unseen: string | undefined;
}

/**
 * Lays an instance over its profiles: a later profile over an earlier one, the instance over all; of devices of one name
 * the last counts as a whole (Incus, `doc/profiles.md`). Without `profiles` it has the profile `default`; with an empty
 * list none (provider documentation of `incus_instance`). A `default` that is not described is taken to be as
 * `incus admin init` made it; any other profile that is not described leaves what it may say unknown.
 */
export function compose(instance: IncusObject, objects: IncusObjects): Composition {
  const config = new ConfigLayers(instance.resource.place);
  const devices = new DeviceLayers();
  for (const layer of [
    ...profileLayers(instance, objects),
    { profile: undefined, object: instance, unseen: undefined },
  ]) {
    config.lay(layer);
    devices.lay(layer);
  }
  for (const device of attachedDevices(instance, objects)) devices.put(device);
  const incomplete = config.incomplete ?? devices.incomplete;
  return {
    config: Fields.of(config.node, instance.fields.keyPlace("config"), "config"),
    devices: devices.all,
    incomplete,
    replaced: devices.replaced,
  };
}

function profileLayers(instance: IncusObject, objects: IncusObjects): readonly Layer[] {
  const node = instance.resource.attributes.entries.get("profiles")?.value;
  const unstatedList = node === undefined || (node.kind === "scalar" && node.value === null && !node.unresolved);
  if (unstatedList) {
    const why = instance.fields.hidden;
    return why === undefined ? [profileLayer("default", instance, objects)] : [unseenLayer("?", why)];
  }
  if (node.kind !== "sequence") {
    return [unseenLayer("?", (node.kind === "scalar" ? node.unresolved : undefined) ?? "`profiles` is not a list")];
  }
  const layers = node.items.map((item) => layerOf(item, instance, objects));
  return node.incomplete === undefined ? layers : [...layers, unseenLayer("?", node.incomplete)];
}

function layerOf(item: TreeNode, instance: IncusObject, objects: IncusObjects): Layer {
  const direct = objects.at(namesIn(item), "profile");
  if (item.kind !== "scalar") return unseenLayer("?", "an entry of `profiles` is not a text");
  if (direct !== undefined) {
    return { profile: String(item.value ?? direct.resource.address), object: direct, unseen: undefined };
  }
  if (item.unresolved !== undefined) return unseenLayer("?", item.unresolved);
  return profileLayer(String(item.value), instance, objects);
}

function profileLayer(name: string, instance: IncusObject, objects: IncusObjects): Layer {
  const object = objects.named("profile", name, instance.project);
  if (object !== undefined) return { profile: name, object, unseen: undefined };
  if (name === "default" && inDefaultProject(instance)) {
    return { profile: name, object: undefined, unseen: undefined, builtIn: devicesAtInit(instance) };
  }
  return unseenLayer(name, `the profile ${name} is not described in these files`);
}

/** A project of one's own has a profile `default` of its own, which is empty until somebody fills it. */
function inDefaultProject({ project }: IncusObject): boolean {
  return project.kind === "unstated" || (project.kind === "stated" && project.value === "default");
}

/** What `incus admin init` puts into the profile `default`: the root disk, and an interface on the first bridge. */
function devicesAtInit({ flavour, resource }: IncusObject): readonly IncusDevice[] {
  const { place } = resource;
  const device = (name: string, type: string, properties: Readonly<Record<string, string>>): IncusDevice => {
    const entries = Object.entries(properties).map(
      ([key, value]) => [key, { key, keyPlace: place, value: { kind: "scalar" as const, value, place } }] as const,
    );
    const node = mappingOf(new Map(entries), place, undefined);
    return {
      name,
      type,
      doubt: undefined,
      properties: Fields.of(node, place, "properties"),
      profile: "default",
      place,
    };
  };
  return [
    device("root", "disk", { path: "/", pool: "default" }),
    device("eth0", "nic", { network: flavour === "lxd" ? "lxdbr0" : "incusbr0" }),
  ];
}

function unseenLayer(profile: string, unseen: string): Layer {
  return { profile, object: undefined, unseen };
}

/** `config`, and the old `limits` of LXD's provider, whose keys are those under `limits.`. */
class ConfigLayers {
  readonly #entries = new Map<string, MappingEntry>();
  readonly #place: Place;
  #incomplete: string | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  get incomplete(): string | undefined {
    return this.#incomplete;
  }

  get node(): MappingNode {
    return mappingOf(this.#entries, this.#place, this.#incomplete);
  }

  lay({ object, unseen, builtIn }: Layer): void {
    if (builtIn !== undefined) return;
    if (object === undefined) {
      this.#doubt(unseen ?? "a profile cannot be seen");
      return;
    }
    const { entries } = object.resource.attributes;
    this.#layNode(entries.get("config")?.value, "");
    this.#layNode(entries.get("limits")?.value, "limits.");
    if (object.fields.hidden !== undefined && !entries.has("config")) this.#doubt(object.fields.hidden);
  }

  #layNode(node: TreeNode | undefined, prefix: string): void {
    if (node === undefined || (node.kind === "scalar" && node.value === null && node.unresolved === undefined)) return;
    if (node.kind !== "mapping") {
      this.#doubt((node.kind === "scalar" ? node.unresolved : node.incomplete) ?? "`config` is not a mapping");
      return;
    }
    if (node.incomplete !== undefined) this.#doubt(node.incomplete);
    for (const [key, entry] of node.entries) this.#entries.set(`${prefix}${key}`, { ...entry, key: `${prefix}${key}` });
  }

  /** Whatever lies below what cannot be seen may be written over by it. */
  #doubt(why: string): void {
    this.#incomplete ??= why;
    for (const [key, entry] of this.#entries)
      this.#entries.set(key, { ...entry, value: hidden(why, entry.value.place) });
  }
}

class DeviceLayers {
  readonly #devices = new Map<string, IncusDevice>();
  readonly replaced: { readonly device: IncusDevice; readonly by: IncusDevice }[] = [];
  #incomplete: string | undefined;
  #unnamed = 0;

  get all(): readonly IncusDevice[] {
    return [...this.#devices.values()].filter((device) => device.type !== "none");
  }

  get incomplete(): string | undefined {
    return this.#incomplete;
  }

  lay({ object, unseen, profile, builtIn }: Layer): void {
    for (const device of builtIn ?? []) this.put(device);
    if (builtIn !== undefined) return;
    if (object === undefined) {
      this.#incomplete ??= unseen;
      return;
    }
    const found = blocks(object.resource.attributes.entries.get("device")?.value);
    const missing = object.resource.attributes.entries.has("device") ? undefined : object.fields.hidden;
    this.#incomplete ??= found.incomplete ?? missing;
    for (const node of found.items) this.put(deviceOf(node, profile, ++this.#unnamed));
  }

  put(device: IncusDevice): void {
    const before = this.#devices.get(device.name);
    if (before !== undefined) this.replaced.push({ device: before, by: device });
    this.#devices.set(device.name, device);
  }
}

function deviceOf(node: MappingNode, profile: string | undefined, count: number): IncusDevice {
  const name = textAt(node, "name");
  const type = textAt(node, "type");
  const properties = Fields.of(node.entries.get("properties")?.value, node.place, "properties", node.incomplete);
  const typeNode = node.entries.get("type")?.value;
  const nameNode = node.entries.get("name")?.value;
  return {
    name: name ?? `(device ${count})`,
    ...(name === undefined
      ? { unnamed: (nameNode?.kind === "scalar" ? nameNode.unresolved : undefined) ?? "it has no name" }
      : {}),
    type,
    doubt:
      type === undefined
        ? ((typeNode?.kind === "scalar" ? typeNode.unresolved : undefined) ?? "it has no type")
        : undefined,
    properties,
    profile,
    place: node.entries.get("name")?.value.place ?? node.place,
  };
}

function textAt(node: MappingNode, key: string): string | undefined {
  const value = node.entries.get(key)?.value;
  return value?.kind === "scalar" && value.unresolved === undefined && value.value !== null
    ? String(value.value)
    : undefined;
}

/** Devices that LXD's provider attaches by a resource of their own. */
function attachedDevices(instance: IncusObject, objects: IncusObjects): readonly IncusDevice[] {
  return objects.all("instance-device").flatMap((object, at) => {
    const { entries } = object.resource.attributes;
    const of = entries.get("instance_name")?.value ?? entries.get("instance")?.value;
    return belongsTo(of, instance, objects) ? [deviceOf(object.resource.attributes, undefined, 1000 + at)] : [];
  });
}

/** Whether a text names an instance: by the resource that it was taken from, or by its name. */
export function belongsTo(node: TreeNode | undefined, instance: IncusObject, objects: IncusObjects): boolean {
  const direct = objects.at(namesIn(node), "instance");
  if (direct !== undefined) return direct === instance;
  if (node?.kind !== "scalar" || node.unresolved !== undefined) return false;
  return instance.name.kind === "stated" && instance.name.value === node.value;
}
