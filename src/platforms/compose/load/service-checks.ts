import { isIP } from "node:net";
import type { MappingNode, ScalarNode, ScalarValue, TreeNode } from "../../../formats/tree.ts";
import type { Place } from "../../../lib/place.ts";
import { isNull, textOf, valueAt } from "./nodes.ts";
import type { Session } from "./session.ts";
import { shownText } from "./shown-text.ts";

/** Reports the contradictions within one service. Source: compose-go v2.9.1, `loader/validate.go`. */
export function checkService(name: string, service: MappingNode, place: Place, session: Session): void {
  if (service.incomplete === undefined && !["image", "build", "provider"].some((key) => has(service, key))) {
    session.error(
      `The service "${name}" has neither \`image\` nor \`build\`.`,
      place,
      "Compose cannot run it without one of them.",
    );
  }
  checkBuild(name, service, session);
  checkNetworkMode(name, service, session);
  checkHealthcheck(service, session);
  for (const port of itemsOf(service, "ports")) checkPort(name, port, session);
  checkLimits(name, service, session);
  checkScale(name, service, session);
  checkMounts(name, service, session);
  for (const watch of itemsOf(valueAt(service, "develop"), "watch")) checkWatch(name, watch, session);
}

function checkBuild(name: string, service: MappingNode, session: Session): void {
  const inline = valueAt(service, "build", "dockerfile_inline");
  if (inline !== undefined && valueAt(service, "build", "dockerfile") !== undefined) {
    session.error(
      `The service "${name}" has both \`dockerfile\` and \`dockerfile_inline\`.`,
      inline.place,
      "Keep one of them.",
    );
  }
}

function checkNetworkMode(name: string, service: MappingNode, session: Session): void {
  const mode = service.entries.get("network_mode");
  const networks = service.entries.get("networks");
  if (mode === undefined || isNull(mode.value) || networks === undefined || networks.implied === true) return;
  if (networks.value.kind !== "mapping" || networks.value.entries.size === 0) return;
  session.error(
    `The service "${name}" has both \`network_mode\` and \`networks\`.`,
    mode.keyPlace,
    "Keep one of them.",
  );
}

function checkHealthcheck(service: MappingNode, session: Session): void {
  const test = valueAt(service, "healthcheck", "test");
  const first = test?.kind === "sequence" ? test.items[0] : undefined;
  if (first?.kind !== "scalar" || first.unresolved !== undefined) return;
  if (["CMD", "CMD-SHELL", "NONE"].includes(String(first.value))) return;
  session.error(
    "`healthcheck.test` begins with a word that is no kind of check.",
    first.place,
    "Begin the list with CMD, CMD-SHELL or NONE.",
  );
}

function checkPort(name: string, port: TreeNode, session: Session): void {
  if (port.kind !== "mapping") return;
  if (!has(port, "target"))
    session.error(`A port of the service "${name}" has no \`target\`.`, port.place, "Name the port of the container.");
  const address = valueAt(port, "host_ip");
  const text = textOf(address);
  if (text !== undefined && address !== undefined && isKnown(address) && text !== "" && isIP(text) === 0) {
    session.error(`${shownText(text)} is no IP address.`, address.place);
  }
  for (const key of ["target", "published"]) {
    const node = valueAt(port, key);
    if (node?.kind !== "scalar" || !isKnown(node) || node.value === null) continue;
    const numbers = String(node.value).split("-").map(Number);
    if (numbers.some((number) => number > 65_535)) {
      session.error(`${shownText(node.value)} is no port; ports end at 65535.`, node.place);
    }
  }
}

const limits = [
  ["cpus", "cpus"],
  ["mem_limit", "memory"],
  ["pids_limit", "pids"],
] as const;

/** A limit of the service and one of `deploy` contradict each other unless they are equal. */
function checkLimits(name: string, service: MappingNode, session: Session): void {
  const resources = valueAt(service, "deploy", "resources");
  const pairs: (readonly [string, string, string])[] = limits.map(([own, deployed]) => [own, "limits", deployed]);
  for (const [own, group, deployed] of [...pairs, ["mem_reservation", "reservations", "memory"] as const]) {
    const first = valueAt(service, own);
    const container = valueAt(resources, group);
    if (first?.kind !== "scalar" || !isKnown(first) || isZero(first.value) || container === undefined) continue;
    const second = valueAt(container, deployed);
    if (second?.kind === "scalar" && (!isKnown(second) || String(second.value) === String(first.value))) continue;
    session.error(
      `The service "${name}" sets \`${own}\` and, differently, \`deploy.resources.${group}.${deployed}\`.`,
      first.place,
      "Keep one of them, or make them equal.",
    );
  }
}

function checkScale(name: string, service: MappingNode, session: Session): void {
  const scale = numberAt(service, "scale");
  const replicas = numberAt(valueAt(service, "deploy"), "replicas");
  if (scale !== undefined && replicas !== undefined && scale.value !== replicas.value) {
    session.error(
      `The service "${name}" sets \`scale\` and, differently, \`deploy.replicas\`.`,
      scale.place,
      "Keep one of them.",
    );
  }
  const count = scale ?? replicas;
  if (count !== undefined && Number(count.value) < 0)
    session.error("A number of replicas is zero or more.", count.place);
  if (count !== undefined && Number(count.value) > 1 && has(service, "container_name")) {
    session.error(
      `The service "${name}" runs more than once and cannot have a \`container_name\`.`,
      count.place,
      "Remove `container_name`.",
    );
  }
}

function checkMounts(name: string, service: MappingNode, session: Session): void {
  const targets = new Set<string>();
  const add = (target: string, node: TreeNode): void => {
    if (!isKnown(node)) return;
    if (targets.has(target))
      session.error(`Two mounts of the service "${name}" have the target ${target}.`, node.place, "Keep one of them.");
    targets.add(target);
  };
  for (const item of itemsOf(service, "tmpfs")) {
    const text = textOf(item);
    if (text !== undefined) add(text.split(":", 1)[0] ?? "", item);
  }
  for (const item of itemsOf(service, "volumes")) {
    const target = valueAt(item, "target");
    const text = textOf(target);
    if (text !== undefined && target !== undefined) add(text, target);
    const source = valueAt(item, "source");
    if (textOf(valueAt(item, "type")) === "bind" && source === undefined) {
      session.error(
        `A bind mount of the service "${name}" has no \`source\`.`,
        item.place,
        "Name the path on the host.",
      );
    }
  }
}

function checkWatch(name: string, watch: TreeNode, session: Session): void {
  const action = textOf(valueAt(watch, "action"));
  if (watch.kind !== "mapping" || has(watch, "target") || action === "rebuild" || action === "restart") return;
  session.error(
    `A \`develop.watch\` of the service "${name}" has no \`target\`.`,
    watch.place,
    "Name the path in the container.",
  );
}

function has(node: MappingNode, key: string): boolean {
  const value = node.entries.get(key)?.value;
  if (value === undefined) return false;
  if (value.kind !== "scalar") return true;
  return value.unresolved !== undefined || (value.value !== null && value.value !== "");
}

function isKnown(node: TreeNode): boolean {
  return node.kind !== "scalar" || node.unresolved === undefined;
}

function isZero(value: ScalarValue): boolean {
  return value === null || value === 0 || value === "0" || value === "";
}

function numberAt(node: TreeNode | undefined, key: string): ScalarNode | undefined {
  const value = valueAt(node, key);
  return value?.kind === "scalar" && typeof value.value === "number" && value.unresolved === undefined
    ? value
    : undefined;
}

function itemsOf(node: TreeNode | undefined, key: string): readonly TreeNode[] {
  const list = valueAt(node, key);
  return list?.kind === "sequence" ? list.items : [];
}
