import { isIP } from "node:net";
import type { MappingNode, ScalarNode } from "../../../formats/tree.ts";
import { entry, implied, mappingOf } from "./nodes.ts";
import { part } from "./pairs.ts";
import type { Session } from "./session.ts";
import { shownText } from "./shown-text.ts";

interface PortSpec {
  readonly ip: string;
  /** First and last of the host's range; undefined when the host's port is left to the engine. */
  readonly published: readonly [number, number] | undefined;
  readonly target: readonly [number, number];
  readonly protocol: string;
}

/**
 * `[IP:][HOST[-HOST]:]PORT[-PORT][/PROTOCOL]` taken apart, or a clause that says what is wrong with it.
 * Source: docker/go-connections v0.4.0, `nat.ParsePortSpec`.
 */
export function parsePort(text: string): PortSpec | string {
  const parts = text.split(":");
  const [target = "", protocol = "tcp"] = (parts.at(-1) ?? "").split("/");
  const published = parts.at(-2) ?? "";
  const ip = hostAddress(parts.slice(0, -2).join(":"));
  if (ip === undefined) return `${shownText(parts.slice(0, -2).join(":"))} is not an IP address`;
  if (target === "") return "it names no port of the container";
  const targetRange = portRange(target);
  if (targetRange === undefined) return `${shownText(target)} is not a port or a range of ports (0 to 65535)`;
  const publishedRange = published === "" ? undefined : portRange(published);
  if (published !== "" && publishedRange === undefined) {
    return `${shownText(published)} is not a port or a range of ports (0 to 65535)`;
  }
  const targets = targetRange[1] - targetRange[0];
  if (publishedRange !== undefined && targets !== 0 && targets !== publishedRange[1] - publishedRange[0]) {
    return "its two ranges of ports have different lengths";
  }
  const kind = (protocol === "" ? "tcp" : protocol).toLowerCase();
  if (!["tcp", "udp", "sctp"].includes(kind)) return `${shownText(protocol)} is not tcp, udp or sctp`;
  return { ip, published: publishedRange, target: targetRange, protocol: kind };
}

function hostAddress(text: string): string | undefined {
  const bracketed = /^\[(.*)\]$/.exec(text)?.[1];
  const address = bracketed ?? text;
  // Go refuses colons without brackets, and brackets are its only way to write IPv6 here.
  if (bracketed === undefined && address.includes(":")) return undefined;
  return address === "" || isIP(address) !== 0 ? address : undefined;
}

function portRange(text: string): readonly [number, number] | undefined {
  const [first, last] = text.split("-");
  const start = portNumber(first);
  const end = last === undefined ? start : portNumber(last);
  return start === undefined || end === undefined || end < start ? undefined : [start, end];
}

function portNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value <= 65_535 ? value : undefined;
}

/** The long forms of one short-form port, one for each port of the container. */
export function longPorts(node: ScalarNode, spec: PortSpec, session: Session): MappingNode[] {
  const text = String(node.value);
  const lastColon = text.lastIndexOf(":");
  const hostColon = lastColon < 1 ? -1 : text.lastIndexOf(":", lastColon - 1);
  const slash = text.indexOf("/", lastColon + 1);
  const ip = part(node, 0, Math.max(0, hostColon), session);
  const published = part(node, hostColon + 1, Math.max(0, lastColon), session);
  const target = part(node, lastColon + 1, slash === -1 ? text.length : slash, session);
  const protocol = part(node, slash === -1 ? text.length : slash + 1, text.length, session);
  const ports: (readonly [string, MappingNode])[] = [];
  const count = spec.target[1] - spec.target[0] + 1;
  for (let index = 0; index < count; index++) {
    const entries = [implied("mode", "ingress", node.place)];
    if (hostColon !== -1 && (spec.ip !== "" || ip.unresolved !== undefined))
      entries.push(entry("host_ip", { ...ip, value: spec.ip }));
    entries.push(entry("target", { ...target, value: spec.target[0] + index }));
    if (spec.published !== undefined) entries.push(entry("published", { ...published, value: hostPort(spec, index) }));
    else if (lastColon !== -1 && published.unresolved !== undefined)
      entries.push(entry("published", { ...published, value: "" }));
    entries.push(
      slash === -1 ? implied("protocol", "tcp", node.place) : entry("protocol", { ...protocol, value: spec.protocol }),
    );
    ports.push([`${spec.target[0] + index}/`, mappingOf(node.place, ...entries)]);
  }
  // Compose sorts a range by the text of its ports: 10 before 9.
  return ports.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, port]) => port);
}

/** The host's port; a range when one port of the container may land on any of several. */
function hostPort(spec: PortSpec, index: number): string {
  const [start, end] = spec.published ?? [0, 0];
  const single = spec.target[0] === spec.target[1];
  return single && start !== end ? `${start}-${end}` : String(start + index);
}
