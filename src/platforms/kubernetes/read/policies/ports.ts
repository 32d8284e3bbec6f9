import { asInteger, type Fields } from "../../../../formats/fields.ts";
import { protocolOf } from "../cluster-pods.ts";
import { itemsIn, textIn, whyIncomplete } from "../context.ts";
import { everyPort, type PortRange, type Ports } from "./policy.ts";

/** The `ports` of a rule: none named is every port. A port by name is one that cannot be told here. */
export function portsOfRule(rule: Fields, key = "ports"): Ports {
  const items = itemsIn(rule, key);
  const hidden = whyIncomplete(rule, key);
  if (items.length === 0) return hidden === undefined ? everyPort : { every: false, ranges: [], doubt: hidden };
  const found = items.map(rangeOf);
  if (found.includes("every")) return everyPort;
  const named = found.includes("named") ? "a port is named, and not numbered" : undefined;
  return {
    every: false,
    ranges: found.filter((range) => typeof range !== "string"),
    doubt: hidden ?? named,
  };
}

function rangeOf(item: Fields): PortRange | "every" | "named" {
  const port = item.fact("port", asInteger, "a port", (place) => ({ kind: "unstated", place }));
  if (port.kind === "unstated") return "every";
  if (port.kind !== "stated") return "named";
  const end = item.fact("endPort", asInteger, "a port", (place) => ({ kind: "unstated", place }));
  const last = end.kind === "stated" && end.value > 0 ? end.value : port.value;
  const protocol = textIn(item, "protocol");
  // Cilium's port 0 is every port of the protocol.
  if (port.value === 0) return "every";
  return { first: port.value, last, protocol: protocol === "ANY" ? "any" : protocolOf(protocol) };
}
