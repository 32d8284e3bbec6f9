import type { ResolvedStack } from "../../contracts/resolved.ts";
import { isLoopbackAddress, isUnspecified } from "../../lib/own-address.ts";
import type { OutsideWorld } from "./outside.ts";
import type { EdgeDoor } from "./routes.ts";

/**
 * Where an edge is published, as the world beyond the host sees it. Undefined when it publishes nothing, or on the
 * loopback only, where nobody beyond the host can knock.
 */
export function doorOf(stack: ResolvedStack, edge: string, world: OutsideWorld): EdgeDoor | undefined {
  const ports = stack.services.find((service) => service.name === edge)?.ports ?? [];
  const published = (inside: readonly number[], name: string) =>
    ports.find(
      (port) => port.protocol === "tcp" && (port.name === name || inside.includes(port.port)) && port.published,
    )?.published;
  const https = published([443, 8443], "https");
  const http = published([80, 8080], "http");
  const address = [https, http].map((port) => port?.address).find((one) => one !== undefined);
  if (address === undefined || isLoopbackAddress(address)) return undefined;
  const seen = isUnspecified(address) ? world.hostAddresses.find(({ family }) => family === 4)?.address : address;
  return seen === undefined ? undefined : { address: seen, httpsPort: https?.port, httpPort: http?.port };
}
