import { isTailnetAddress } from "../lib/own-address.ts";
import { knownValue } from "./fact.ts";
import type { Listener } from "./subjects.ts";

/** Whether a listener is published to some and to nobody else: to stated networks, or on an address of a tailnet. */
export function isNarrowed({ audience, hostAddress }: Listener): boolean {
  if (audience !== undefined && knownValue(audience)?.kind === "networks") return true;
  const address = hostAddress === undefined ? undefined : knownValue(hostAddress);
  return address !== undefined && isTailnetAddress(address);
}
