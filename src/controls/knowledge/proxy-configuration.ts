import type { CaddyConfiguration } from "../../facts/configuration/caddy.ts";
import type { NginxConfiguration } from "../../facts/configuration/nginx.ts";
import type { TraefikConfiguration } from "../../facts/configuration/traefik.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { runsOneProgram } from "./one-program.ts";

export type ProxyConfiguration = CaddyConfiguration | NginxConfiguration | TraefikConfiguration;

const programs = { caddy: "Caddy", nginx: "nginx", traefik: "Traefik" } as const;

/** The proxies whose configuration is read. */
export const proxySoftware = ["caddy", "nginx", "traefik"] as const satisfies readonly (keyof typeof programs)[];

/** The configuration of a proxy, with the proxy's name; undefined for other files. */
export function proxyConfigurationOf(
  file: RepositoryFile,
): { readonly configuration: ProxyConfiguration; readonly program: string } | undefined {
  const { configuration } = file;
  if (configuration === undefined || !isProxy(configuration)) return undefined;
  return { configuration, program: programs[configuration.software] };
}

function isProxy(configuration: RepositoryFile["configuration"] & object): configuration is ProxyConfiguration {
  return configuration.software in programs;
}

/**
 * Where a proxy stands, or these ports of it: on the machine itself or nowhere that is seen, published, or behind another.
 */
export function standingOf(
  file: RepositoryFile,
  system: System,
  ports?: readonly number[],
): "machine" | "published" | "inside" {
  if (file.owner === undefined) return "machine";
  const owner = system.workload(file.owner);
  if (owner === undefined) return "inside";
  // What answers on another port of it may lead there too.
  const asked = ports === undefined || runsOneProgram(owner, system) ? ports : undefined;
  return system.reach.exposure(owner, asked).exposure === "published" ? "published" : "inside";
}
