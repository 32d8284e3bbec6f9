/**
 * How subjects of a Compose project are named, so that a file, the running engine and a probe name the same one alike.
 */
import type { Ref } from "../../facts/subjects.ts";

/** A service. */
export function workloadRef(system: string, service: string): Ref<"workload"> {
  return { kind: "workload", system, name: service };
}

/** The container of a service; its replicas are one subject. */
export function containerRef(system: string, service: string): Ref<"container"> {
  return { kind: "container", system, name: service };
}

export function imageRef(system: string, service: string): Ref<"image"> {
  return { kind: "image", system, name: service };
}

/** A network by its key under `networks`, not by the name that the engine gives it. */
export function networkRef(system: string, network: string): Ref<"network"> {
  return { kind: "network", system, name: network };
}

/** `web/0.0.0.0:443/tcp` for a published port. */
export function publishedListenerRef(
  system: string,
  service: string,
  published: { readonly address: string; readonly port: number | string; readonly protocol: string },
): Ref<"listener"> {
  const address = published.address.includes(":") ? `[${published.address}]` : published.address;
  return { kind: "listener", system, name: `${service}/${address}:${published.port}/${published.protocol}` };
}

/** `db/5432/tcp` for a port inside the service's networks. */
export function insideListenerRef(
  system: string,
  service: string,
  port: number | string,
  protocol: string,
): Ref<"listener"> {
  return { kind: "listener", system, name: `${service}/${port}/${protocol}` };
}

/** `db:/var/lib/postgresql`. */
export function mountRef(system: string, service: string, target: string): Ref<"mount"> {
  return { kind: "mount", system, name: `${service}:${target}` };
}

/** `db/db_password` for a secret by its name, `db/POSTGRES_PASSWORD` for an environment variable. */
export function secretRef(system: string, service: string, secret: string): Ref<"secret-reference"> {
  return { kind: "secret-reference", system, name: `${service}/${secret}` };
}

/** `web/example.org/api` for the host and path of a route. */
export function routeRef(system: string, service: string, route: string): Ref<"route"> {
  return { kind: "route", system, name: `${service}/${route}` };
}
