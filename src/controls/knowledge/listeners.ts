import { knownValue } from "../../facts/fact.ts";
import type { Listener, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { type Administration, administrations } from "./administration.ts";
import { datastorePorts, directPorts, plaintextPorts } from "./ports.ts";
import { type Product, productOf } from "./products.ts";

/** What a listener is, as far as its owner's image and its port tell; exactly one control judges its publication. */
export type ListenerUse =
  | { readonly kind: "datastore"; readonly name: string }
  | { readonly kind: "engine"; readonly name: string }
  | { readonly kind: "administration"; readonly interface: Administration }
  | { readonly kind: "plaintext"; readonly protocol: string; readonly instead: string }
  | { readonly kind: "edge" }
  | { readonly kind: "direct"; readonly protocol: string }
  | { readonly kind: "service" }
  /** The owner's image cannot be resolved, and the port says nothing. */
  | { readonly kind: "unknown"; readonly why: string };

const edgePorts = new Set([80, 443, 8080, 8443, 8000, 4443]);
const cache = new WeakMap<Listener, ListenerUse>();

export function useOf(listener: Listener, system: System): ListenerUse {
  const known = cache.get(listener);
  if (known !== undefined) return known;
  const use = derive(listener, system);
  cache.set(listener, use);
  return use;
}

function derive(listener: Listener, system: System): ListenerUse {
  const owner = system.workload(listener.owner);
  if (owner === undefined) return { kind: "unknown", why: "the service that listens is not described" };
  const product = productOf(owner, system);
  const port = knownValue(listener.port);
  const protocol = knownValue(listener.protocol);
  if (port === undefined || protocol === undefined) {
    const byRole = useByRole(product, owner);
    return byRole ?? { kind: "unknown", why: "its port cannot be resolved" };
  }
  if (product.roles.has("engine-proxy") || (protocol === "tcp" && (port === 2375 || port === 2376))) {
    return {
      kind: "engine",
      name: product.roles.has("engine-proxy") ? "the engine's socket proxy" : "the engine's API",
    };
  }
  const administration = administrationOf(product, port);
  if (administration !== undefined) return { kind: "administration", interface: administration };
  const direct = directPorts.get(`${port}/${protocol}`);
  if (direct !== undefined) return { kind: "direct", protocol: direct };
  const byRole = useByRole(product, owner);
  if (byRole !== undefined) return byRole;
  if (protocol === "tcp") {
    const store = datastorePorts.get(port);
    if (store !== undefined) return { kind: "datastore", name: store };
    const plaintext = plaintextPorts.get(port);
    if (plaintext !== undefined) return { kind: "plaintext", ...plaintext };
  }
  if (product.roles.has("proxy")) return edgePorts.has(port) ? { kind: "edge" } : { kind: "service" };
  return product.certain ? { kind: "service" } : { kind: "unknown", why: "its image cannot be resolved" };
}

function useByRole(product: Product, owner: Workload): ListenerUse | undefined {
  return product.roles.has("datastore") ? { kind: "datastore", name: owner.ref.name } : undefined;
}

function administrationOf(product: Product, port: number): Administration | undefined {
  const found = administrations.get(product.image);
  return found !== undefined && (found.ports === undefined || found.ports.includes(port)) ? found : undefined;
}

/** How a published listener is reached, in words: `on every address`. */
export function publishedWhere(listener: Listener): string {
  const port =
    (listener.hostPort === undefined ? undefined : knownValue(listener.hostPort)) ?? knownValue(listener.port);
  const shown = port === undefined ? "a port" : `port ${port}`;
  const address = listener.hostAddress === undefined ? undefined : knownValue(listener.hostAddress);
  return knownValue(listener.reach) === "one-address"
    ? `${shown} is published on ${address ?? "one address"}`
    : `${shown} is published on every address`;
}
