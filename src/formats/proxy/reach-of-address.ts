import { reachOfBinding } from "../../facts/binding-reach.ts";
import type { DoorReach } from "../../facts/configuration/proxy.ts";

/** How far a listening address (`:2019`, `localhost:2019`, `unix//run/x.sock`, `[::1]:80`) can be reached. */
export function reachOfAddress(address: string): DoorReach {
  const text = address.trim().replace(/^(?:tcp[46]?|udp[46]?)\//, "");
  if (/^(?:unix|fd)/.test(text)) return "socket";
  const host = /^(?:\[([^\]]*)\]|([^:]*))(?::[\d-]*)?$/.exec(text);
  return reachOfBinding(host?.[1] ?? host?.[2] ?? "");
}
