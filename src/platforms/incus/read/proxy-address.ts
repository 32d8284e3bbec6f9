import type { Protocol } from "../../../facts/subjects.ts";

/** One side of a proxy device: `tcp:0.0.0.0:80`, `udp:[::]:53,5353`, `unix:/run/app.sock`. */
export type Endpoint =
  | {
      readonly kind: "network";
      readonly protocol: Protocol;
      readonly address: string;
      readonly ports: readonly number[];
    }
  | { readonly kind: "unix"; readonly path: string };

/** Ports of one device that are told one by one; more are a range that somebody opened wholesale. */
const mostPorts = 64;

/** The parts of an address (Incus, `doc/reference/devices_proxy.md`); undefined for what is none. */
export function endpointOf(text: string): Endpoint | undefined {
  const [, type = "", rest = ""] = /^(tcp|udp|unix):(.+)$/s.exec(text.trim()) ?? [];
  if (type === "unix") return { kind: "unix", path: rest };
  const colon = rest.lastIndexOf(":");
  if (type === "" || colon === -1) return undefined;
  const address = rest.slice(0, colon).replace(/^\[|\]$/g, "");
  const ports = portsOf(rest.slice(colon + 1));
  return ports === undefined ? undefined : { kind: "network", protocol: type as Protocol, address, ports };
}

/** `80`, `80-90`, `80,443` */
export function portsOf(text: string): readonly number[] | undefined {
  if (!/^\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*$/.test(text)) return undefined;
  const ports: number[] = [];
  for (const part of text.split(",")) {
    const [first = 0, last = first] = part.split("-").map(Number);
    for (let port = first; port <= last && ports.length < mostPorts; port++) ports.push(port);
  }
  return ports;
}
