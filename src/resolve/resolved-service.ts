import type { ConfigFile, ResolvedHostMount, ResolvedService, ResolvedVolume } from "../contracts/resolved.ts";
import type { ResolvedImage } from "./images.ts";
import type { Model, ServiceModel } from "./model.ts";
import { userOf } from "./service-user.ts";

const megabyte = 1024 * 1024;
/** For a service that says nothing: enough for a small API, little enough for a small host. */
const defaultResources = { cpus: 1, memoryBytes: 256 * megabyte, pids: 128 };
const defaultVolumeMode = 0o700;

/** What of a service is found by looking at the whole stack. */
export interface Parts {
  readonly image: ResolvedImage;
  readonly networks: readonly string[];
  readonly config: readonly ConfigFile[];
  readonly dependsOn: readonly string[];
}

/** A service with every default, but without the files that its component makes of the whole stack. */
export function resolvedService(model: Model, service: ServiceModel, parts: Parts): ResolvedService {
  const { declared, component } = service;
  const user = userOf(model.declaration.name, service);
  return {
    name: service.name,
    component: component?.name,
    roles: component?.roles ?? [],
    zones: service.zones,
    networks: parts.networks,
    image: parts.image,
    command: declared.command,
    entrypoint: declared.entrypoint,
    environment: declared.environment ?? {},
    ...user,
    readOnlyRoot: declared.readOnlyRoot ?? true,
    capabilities: [...(component?.image.capabilities ?? []), ...(declared.capabilities ?? []).map((own) => own.name)],
    writable: [...new Set([...(component?.image.writable ?? []), ...(declared.writable ?? [])])].sort(),
    ports: service.ports.map(({ metricsOnly: _, published, ...port }) => ({
      ...port,
      ...(published === undefined ? {} : { published }),
    })),
    talksTo: (model.talks.get(service.name) ?? []).map(({ needed: _, ...talk }) => talk),
    outbound: service.outbound,
    volumes: volumesOf(service, user),
    hostMounts: hostMountsOf(service),
    secrets: model.uses.get(service.name) ?? [],
    config: parts.config,
    resources: {
      cpus: declared.resources?.cpus ?? component?.resources.cpus ?? defaultResources.cpus,
      memoryBytes: declared.resources?.memory ?? component?.resources.memoryBytes ?? defaultResources.memoryBytes,
      pids: declared.resources?.pids ?? component?.resources.pids ?? defaultResources.pids,
    },
    health: declared.health ?? component?.image.health,
    reload: declared.reload ?? component?.reload ?? "restart",
    restart: declared.restart ?? "unless-stopped",
    isolation: declared.isolation ?? "container",
    dependsOn: parts.dependsOn,
    scrape: service.scrape === undefined ? undefined : { port: service.scrape.port, path: service.scrape.path },
    settings: service.settings,
    gaps: [],
    place: model.places.key(service.path),
  };
}

function volumesOf(service: ServiceModel, user: { uid: number; gid: number }): ResolvedVolume[] {
  const volumes = new Map<string, ResolvedVolume>();
  for (const { name, target } of service.component?.volumes ?? []) {
    volumes.set(name, { name: `${service.name}-${name}`, target, ...user, mode: defaultVolumeMode, backup: true });
  }
  for (const [name, { target, mode, backup }] of Object.entries(service.declared.volumes ?? {})) {
    volumes.set(name, { name: `${service.name}-${name}`, target, ...user, mode: mode ?? defaultVolumeMode, backup });
  }
  return [...volumes.values()];
}

function hostMountsOf(service: ServiceModel): ResolvedHostMount[] {
  const asked = (service.component?.hostMounts ?? []).map((mount) => ({ ...mount, readOnly: true }));
  return [...asked, ...(service.declared.hostMounts ?? [])];
}
