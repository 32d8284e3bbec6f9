import type { ResolvedService, ResolvedStack } from "../../contracts/resolved.ts";
import type { ComposeEnvironmentFile, ComposeResources, ComposeSecretFile, ComposeVolume } from "./resources.ts";

/** What facts of one service look up in the whole stack, gathered once. */
export interface ResourceIndex {
  /** The project's name. */
  readonly system: string;
  readonly declared: ReadonlyMap<string, ResolvedService>;
  readonly secretFiles: ReadonlyMap<string, ComposeSecretFile>;
  /** By service. */
  readonly environmentFiles: ReadonlyMap<string, ComposeEnvironmentFile>;
  readonly volumes: ReadonlyMap<string, ComposeVolume>;
  /** Services whose metrics a Prometheus of the stack collects; undefined when the stack has none. */
  readonly scraped: ReadonlySet<string> | undefined;
}

export function indexOf(resources: ComposeResources, stack: ResolvedStack): ResourceIndex {
  const declared = new Map(stack.services.map((service) => [service.name, service]));
  return {
    system: resources.project,
    declared,
    secretFiles: new Map(resources.secretFiles.map((file) => [file.key, file])),
    environmentFiles: new Map(resources.environmentFiles.map((file) => [file.service, file])),
    volumes: new Map(resources.volumes.map((volume) => [volume.key, volume])),
    scraped: scrapedServices(stack, declared),
  };
}

/** Those that say where their metrics are and that a Prometheus may ask there; Prometheus itself among them. */
function scrapedServices(
  stack: ResolvedStack,
  declared: ReadonlyMap<string, ResolvedService>,
): ReadonlySet<string> | undefined {
  const collectors = stack.services.filter((service) => service.component === "prometheus");
  if (collectors.length === 0) return undefined;
  const asked = collectors.flatMap((collector) => [
    ...(collector.scrape === undefined ? [] : [collector.name]),
    ...collector.talksTo
      .filter((flow) => declared.get(flow.service)?.scrape?.port === flow.port)
      .map((flow) => flow.service),
  ]);
  return new Set(asked);
}
