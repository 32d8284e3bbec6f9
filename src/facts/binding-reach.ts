import { isLoopback, isUnspecified } from "../lib/own-address.ts";
import type { Reach } from "./subjects.ts";

/** How far the address can be reached that a program, or an engine on its behalf, is told to listen on. */
export function reachOfBinding(address: string): Exclude<Reach, "networks"> {
  if (address === "" || address === "*" || isUnspecified(address)) return "everywhere";
  return isLoopback(address) ? "loopback" : "one-address";
}
