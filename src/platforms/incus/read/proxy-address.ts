import type { PortSpans, Protocol } from "../../../facts/subjects.ts";
import { spansOf } from "./port-spans.ts";

/** One side of a proxy device: `tcp:0.0.0.0:80`, `udp:[::]:53,5353`, `unix:/run/app.sock`. */
export type Endpoint =
  | {
      readonly kind: "network";
      readonly protocol: Protocol;
      readonly address: string;
      readonly ports: PortSpans;
    }
  | { readonly kind: "unix"; readonly path: string };

/** The parts of an address (Incus, `doc/reference/devices_proxy.md`); undefined for what is none. */
export function endpointOf(text: string): Endpoint | undefined {
  const [, type = "", rest = ""] = /^(tcp|udp|unix):(.+)$/s.exec(text.trim()) ?? [];
  if (type === "unix") return { kind: "unix", path: rest };
  const colon = rest.lastIndexOf(":");
  if (type === "" || colon === -1) return undefined;
  const address = rest.slice(0, colon).replace(/^\[|\]$/g, "");
  const ports = spansOf(rest.slice(colon + 1));
  return ports === undefined ? undefined : { kind: "network", protocol: type as Protocol, address, ports };
}
