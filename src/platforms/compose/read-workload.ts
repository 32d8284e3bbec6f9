import type { FactList } from "../../facts/fact.ts";
import { complete, defaulted, type Fact, incomplete, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Attachment, Label, Workload } from "../../facts/subjects.ts";
import {
  asInteger,
  asText,
  type Fields,
  type Item,
  type ItemParser,
  scalarFact,
  textItem,
} from "../../formats/fields.ts";
import type { ServiceContext } from "./read-context.ts";
import { readComposeExtension } from "./read-extension.ts";
import { readRestart } from "./read-limits.ts";
import { containerRef, workloadRef } from "./refs.ts";

/** A service as one workload of one container, replicas or not. */
export function readWorkload(context: ServiceContext, attachments: FactList<Attachment>): Workload {
  const { system, service, fields, lens, place, networkMode } = context;
  const dormant = context.dormant.get(service);
  return {
    kind: "workload",
    ref: workloadRef(system, service),
    lens,
    platform: "compose",
    place,
    containers: [containerRef(system, service)],
    networkMode,
    attachments,
    hostPid: hostNamespace(fields, "pid"),
    hostIpc: hostNamespace(fields, "ipc"),
    hostUts: hostNamespace(fields, "uts"),
    hostUsers: hostNamespace(fields, "userns_mode"),
    cgroupParent: fields.fact("cgroup_parent", asText, "a text", unstated),
    restart: readRestart(fields),
    isolation: readIsolation(fields),
    onlyWith: fields.list(
      "profiles",
      textItem((value) => ({ value })),
    ).items,
    ...(dormant !== undefined && { dormant }),
    labels: readLabels(fields),
    replicas: readReplicas(fields),
    dependsOn: readDependsOn(fields),
    compose: readComposeExtension(context),
  };
}

/** Whether a namespace is the host's; Docker gives each container its own unless told otherwise. */
function hostNamespace(fields: Fields, key: string): Fact<boolean> {
  return fields.fact(
    key,
    (node) => asText(node)?.trim() === "host",
    "a text",
    (at) => defaulted(false, "platform", at),
  );
}

/** Runtimes that put the container into a virtual machine (Kata Containers); gVisor is none. */
const machineRuntimes = /^(kata|kata-.*|io\.containerd\.kata.*|krun|crun-vm)$/;

function readIsolation(fields: Fields): Fact<"container" | "vm"> {
  return fields.fact(
    "runtime",
    (node) => (machineRuntimes.test(asText(node) ?? "") ? "vm" : "container"),
    "a text",
    (at) => defaulted("container", "platform", at),
  );
}

/**
 * `labels`, as a mapping or as `name=value` texts. Under Swarm a proxy reads those of the service, `deploy.labels`, and
 * whoever writes some for a proxy there means Swarm: they count beside the container's own.
 *
 * Source: Traefik's manual, "Docker Swarm": with Swarm, labels are put on the service and not on its containers.
 */
export function readLabels(fields: Fields): FactList<Label> {
  const own = fields.list("labels", label);
  const service = fields.fields("deploy").list("labels", label);
  const forProxies = service.items.filter(({ name }) => /^(?:traefik\.|caddy(?:[._]|$))/i.test(name));
  if (forProxies.length === 0) return own;
  const items = [...own.items, ...forProxies];
  return own.complete ? complete(items, own.place) : incomplete(items, own.why, own.place);
}

const label: ItemParser<Label> = (node, key): Item<Label> => {
  if (key !== undefined) {
    const value = node.kind === "scalar" && node.value === null && node.unresolved === undefined;
    const fact = value ? stated("", node.place) : scalarFact(node, asText, "the label is not a text");
    return { value: { name: key, value: fact, place: node.place } };
  }
  if (node.kind !== "scalar") return { why: "a label is not a text" };
  const text = asText(node) ?? "";
  const at = text.indexOf("=");
  const name = at === -1 ? text : text.slice(0, at);
  if (node.unresolved !== undefined && at === -1) return { why: node.unresolved };
  const value: Fact<string> =
    node.unresolved === undefined
      ? stated(at === -1 ? "" : text.slice(at + 1), node.place)
      : unknown(node.unresolved, node.place);
  return { value: { name, value, place: node.place } };
};

function readReplicas(fields: Fields): Fact<number> {
  const deployed = fields.fields("deploy").fact("replicas", asInteger, "a whole number", unstated);
  if (deployed.kind !== "unstated") return deployed;
  return fields.fact("scale", asInteger, "a whole number", (at) => defaulted(1, "platform", at));
}

function readDependsOn(fields: Fields): readonly string[] {
  const names = fields.list("depends_on", (node, key): Item<string> => {
    if (key !== undefined) return { value: key };
    const text = node.kind === "scalar" && node.unresolved === undefined ? asText(node) : undefined;
    return text === undefined ? "nothing" : { value: text };
  });
  return names.items;
}
