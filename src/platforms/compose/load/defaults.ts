/**
 * What Compose fills in by itself: defaults of long forms, and what follows from the whole model.
 *
 * Source: compose-go v2.9.1, `transform/defaults.go` and `loader/normalize.go`.
 */
import { isTrue, type MappingEntry, type MappingNode, type TreeNode } from "../../../formats/tree.ts";
import {
  derived,
  goText,
  implied,
  isNull,
  mapItems,
  mapping,
  mappingOf,
  mapValues,
  scalar,
  textOf,
  valueAt,
  withEntries,
} from "./nodes.ts";
import { applyRules, rulesOf } from "./rules.ts";
import type { Lookup } from "./template.ts";
import { cleanPath } from "./volumes.ts";

const defaults = rulesOf<(node: MappingNode) => readonly MappingEntry[]>({
  "services.*.build": (node) => absent(node, "context", "."),
  "services.*.secrets.*": (node) => absent(node, "target", `/run/secrets/${sourceOf(node)}`),
  "services.*.ports.*": (node) => [...absent(node, "protocol", "tcp"), ...absent(node, "mode", "ingress")],
  "services.*.deploy.resources.reservations.devices.*": deviceCount,
  "services.*.gpus.*": deviceCount,
});

/** The model with the attributes that a long form may leave out. */
export function setDefaults(root: TreeNode): TreeNode {
  return applyRules(root, defaults, (node, missing) => {
    if (node.kind !== "mapping") return node;
    const added = missing(node);
    return added.length === 0 ? node : withEntries(node, ...added);
  });
}

function absent(node: MappingNode, key: string, value: string): MappingEntry[] {
  return node.entries.has(key) ? [] : [implied(key, value, node.place)];
}

function sourceOf(node: MappingNode): string {
  const source = node.entries.get("source")?.value;
  return source?.kind === "scalar" ? goText(source) : "";
}

function deviceCount(node: MappingNode): readonly MappingEntry[] {
  return node.entries.has("device_ids") ? [] : absent(node, "count", "all");
}

/** What follows from the whole model: networks, dependencies, names. */
export function normalise(root: MappingNode, projectName: string, lookup: Lookup): MappingNode {
  const services = valueAt(root, "services");
  let model = withNetworks(root, services);
  if (services?.kind === "mapping") {
    const complete = mapValues(services, (service) =>
      service.kind === "mapping" ? normaliseService(service, lookup) : service,
    );
    const known = model.entries.get("services");
    if (known !== undefined) model = withEntries(model, { ...known, value: complete });
  }
  for (const kind of ["networks", "volumes", "configs", "secrets"]) model = withNames(model, kind, projectName);
  return model;
}

/** Every network that a service uses without having been declared: only `default` is. */
function withNetworks(root: MappingNode, services: TreeNode | undefined): MappingNode {
  if (services?.kind !== "mapping") return root;
  const declared = valueAt(root, "networks");
  if (valueAt(declared, "default") !== undefined) return root;
  const user = [...services.entries.values()].find(
    ({ value }) => value.kind === "mapping" && usesDefaultNetwork(value),
  );
  if (user === undefined) return root;
  const base = declared?.kind === "mapping" ? declared : mapping(new Map(), root.place);
  const networks = withEntries(base, implied("default", null, user.keyPlace));
  const known = root.entries.get("networks");
  return withEntries(
    root,
    known === undefined ? implied("networks", networks, root.place) : { ...known, value: networks },
  );
}

function usesDefaultNetwork(service: MappingNode): boolean {
  if (service.entries.has("provider") || service.entries.has("network_mode")) return false;
  const networks = service.entries.get("networks")?.value;
  if (networks === undefined || isNull(networks)) return true;
  return networks.kind === "mapping" && (networks.entries.size === 0 || networks.entries.has("default"));
}

function normaliseService(service: MappingNode, lookup: Lookup): MappingNode {
  let model = withDefaultNetwork(service);
  model = changed(model, "pull_policy", (node) =>
    node.kind === "scalar" && node.value === "if_not_present" ? derived("missing", node) : node,
  );
  model = changed(model, "build", (node) => normaliseBuild(node, lookup));
  model = changed(model, "environment", (node) => inherit(node, lookup));
  model = changed(model, "volumes", cleanTargets);
  return withDependencies(model);
}

function changed(service: MappingNode, key: string, change: (node: TreeNode) => TreeNode): MappingNode {
  const known = service.entries.get(key);
  if (known === undefined) return service;
  const value = change(known.value);
  return value === known.value ? service : withEntries(service, { ...known, value });
}

function withDefaultNetwork(service: MappingNode): MappingNode {
  if (service.entries.has("provider") || service.entries.has("network_mode")) return service;
  const known = service.entries.get("networks");
  const empty =
    known === undefined || isNull(known.value) || (known.value.kind === "mapping" && known.value.entries.size === 0);
  if (!empty) return service;
  if (known?.value.kind === "mapping" && known.value.incomplete !== undefined) return service;
  const place = known?.keyPlace ?? service.place;
  const networks = mappingOf(place, implied("default", null, place));
  return withEntries(
    service,
    known === undefined ? implied("networks", networks, place) : { ...known, value: networks },
  );
}

function normaliseBuild(node: TreeNode, lookup: Lookup): TreeNode {
  if (node.kind !== "mapping") return node;
  const inline = node.entries.has("dockerfile_inline");
  const added = [...absent(node, "context", "."), ...(inline ? [] : absent(node, "dockerfile", "Dockerfile"))];
  const build = added.length === 0 ? node : withEntries(node, ...added);
  return changed(build, "args", (args) => withoutNulls(inherit(args, lookup)));
}

/** Names without a value take it from the project's environment. */
function inherit(node: TreeNode, lookup: Lookup): TreeNode {
  if (node.kind !== "mapping") return node;
  return mapValues(node, (value, key) => {
    if (value.kind !== "scalar" || value.value !== null || value.unresolved !== undefined) return value;
    const found = lookup(key);
    return found === undefined ? value : { ...derived(found, value), interpolates: [key] };
  });
}

function withoutNulls(node: TreeNode): TreeNode {
  if (node.kind !== "mapping") return node;
  const kept = [...node.entries].filter(([, each]) => !isNull(each.value));
  return kept.length === node.entries.size ? node : { ...node, entries: new Map(kept) };
}

function cleanTargets(node: TreeNode): TreeNode {
  if (node.kind !== "sequence") return node;
  return mapItems(node, (volume) => {
    if (volume.kind !== "mapping") return volume;
    return changed(volume, "target", (target) => {
      const text = textOf(target);
      return text === undefined || target.kind !== "scalar"
        ? target
        : derived(text === "" ? "." : cleanPath(text), target);
    });
  });
}

/** Links, shared namespaces and `volumes_from` make a service depend on another. */
function withDependencies(service: MappingNode): MappingNode {
  const added: MappingEntry[] = [];
  const need = (name: string, restart: boolean, node: TreeNode): void => {
    if (!added.some((each) => each.key === name)) added.push(implied(name, dependency(restart, node), node.place));
  };
  for (const item of itemsOf(service, "links")) need(linkTarget(textOf(item) ?? ""), true, item);
  for (const key of ["network_mode", "ipc", "pid", "uts", "cgroup"]) {
    const node = service.entries.get(key)?.value;
    const shared = textOf(node)?.match(/^service:(.*)$/s)?.[1];
    if (shared !== undefined && node !== undefined) need(shared, true, node);
  }
  for (const item of itemsOf(service, "volumes_from")) {
    const text = textOf(item) ?? "";
    if (!text.startsWith("container:")) need(text.split(":", 1)[0] ?? "", false, item);
  }
  if (added.length === 0) return service;
  const known = service.entries.get("depends_on");
  if (known === undefined || isNull(known.value)) {
    return withEntries(service, implied("depends_on", mappingOf(service.place, ...added), service.place));
  }
  const base = known.value;
  if (base.kind !== "mapping") return service;
  return withEntries(service, {
    ...known,
    value: withEntries(base, ...added.filter(({ key }) => !base.entries.has(key))),
  });
}

function linkTarget(link: string): string {
  const parts = link.split(":");
  return parts.length === 2 ? (parts[0] ?? "") : link;
}

function dependency(restart: boolean, node: TreeNode): MappingNode {
  const { place } = node;
  return mappingOf(
    place,
    implied("condition", "service_started", place),
    implied("restart", restart, place),
    implied("required", true, place),
  );
}

function itemsOf(service: MappingNode, key: string): readonly TreeNode[] {
  const node = service.entries.get(key)?.value;
  return node?.kind === "sequence" ? node.items.filter((item) => textOf(item) !== undefined) : [];
}

/** What has no name of its own is named after its key: as it stands when made elsewhere, else behind the project's name. */
function withNames(root: MappingNode, kind: string, projectName: string): MappingNode {
  const known = root.entries.get(kind);
  if (known?.value.kind !== "mapping") return root;
  const entries = new Map<string, MappingEntry>();
  for (const [key, each] of known.value.entries) {
    const base = isNull(each.value) ? mapping(new Map(), each.keyPlace) : each.value;
    entries.set(key, base.kind === "mapping" ? { ...each, value: named(base, key, projectName) } : each);
  }
  return withEntries(root, { ...known, value: { ...known.value, entries } });
}

function named(resource: MappingNode, key: string, projectName: string): MappingNode {
  const name = resource.entries.get("name")?.value;
  if (name !== undefined && !isNull(name)) return resource;
  const external = resource.entries.get("external")?.value;
  const value = scalar(isTrue(external) ? key : `${projectName}_${key}`, resource.place);
  const doubt = external?.kind === "scalar" ? external.unresolved : undefined;
  return withEntries(
    resource,
    implied("name", doubt === undefined ? value : { ...value, unresolved: doubt }, resource.place),
  );
}
