import type { Component } from "../contracts/component.ts";
import type {
  ConfigFile,
  DeclaredException,
  ResolvedHostMount,
  ResolvedService,
  ResolvedStack,
  ResolvedVolume,
} from "../contracts/resolved.ts";
import { DeclarationErrors } from "../lib/error.ts";
import { buildModel } from "./build-model.ts";
import { renderedPath } from "./config-files.ts";
import { dependenciesOf } from "./dependencies.ts";
import { isExampleDomain } from "./domains.ts";
import { imagesOf, type ResolvedImage } from "./images.ts";
import type { LoadedStack } from "./load.ts";
import type { StackLock } from "./lock.ts";
import type { Model, ServiceModel } from "./model.ts";
import { networksOf } from "./networks.ts";
import type { Path } from "./places.ts";
import { inOrder, Problems } from "./problems.ts";
import { userOf } from "./service-user.ts";

const megabyte = 1024 * 1024;
/** For a service that says nothing: enough for a small API, little enough for a small host. */
const defaultResources = { cpus: 1, memoryBytes: 256 * megabyte, pids: 128 };
const defaultVolumeMode = 0o700;

export interface ResolveOptions {
  /** Digests and addresses that were decided before. */
  readonly lock?: StackLock;
  /** Local images in place of upstream ones, beside the stack's own `images:`; unused names are no mistakes. */
  readonly standIns?: Readonly<Record<string, string>>;
}

/**
 * Fills in everything that a declaration leaves open: components, secure defaults, networks and their addresses,
 * images, configuration files. Pure: the same declaration, components and lock give the same stack.
 *
 * Two passes: everything but the components' files first, then those, which may read all of the stack.
 * Throws `DeclarationErrors` with every mistake of reference.
 */
export function resolveStack(
  loaded: LoadedStack,
  components: readonly Component[],
  options: ResolveOptions = {},
): ResolvedStack {
  const problems = new Problems(loaded.places);
  const model = buildModel(loaded.declaration, components, loaded.places, problems);
  const images = imagesOf(model, options.standIns ?? {}, options.lock, problems);
  const { zones, networks } = networksOf(model, options.lock, problems);
  if (problems.found.length > 0) throw new DeclarationErrors(inOrder(problems.found));

  const depends = dependenciesOf(model);
  const joined = new Map<string, string[]>([...model.services.keys()].map((name) => [name, []]));
  for (const network of networks) for (const member of network.members) joined.get(member)?.push(network.name);
  const first = [...model.services.values()].map((service): ResolvedService => {
    const own = joined.get(service.name) ?? [];
    return serviceOf(model, service, {
      image: images.get(service.name),
      networks: own,
      config: loaded.config.get(service.name) ?? [],
      dependsOn: depends.get(service.name) ?? [],
    });
  });
  const { declaration } = loaded;
  const stack: ResolvedStack = {
    name: declaration.name,
    domain: declaration.domain,
    platform: declaration.platform,
    operators: declaration.operators,
    zones,
    networks,
    services: first,
    routes: model.routes,
    secrets: model.secrets,
    exceptions: exceptionsOf(model),
    policies: { hostAccess: declaration.policies?.hostAccess ?? "open" },
    backups:
      declaration.backups === undefined
        ? undefined
        : {
            schedule: declaration.backups.schedule,
            keepDays: Math.ceil((declaration.backups.keep ?? 7 * 86_400) / 86_400),
          },
    monitoring: {
      scrapeIntervalSeconds: declaration.monitoring?.scrapeInterval ?? 30,
      retentionDays: Math.ceil((declaration.monitoring?.retention ?? 30 * 86_400) / 86_400),
      alertReceivers: (declaration.monitoring?.alerts ?? []).map(({ name, webhook, webhookSecret }) => ({
        name,
        ...(webhook === undefined ? {} : { webhookUrl: webhook }),
        ...(webhookSecret === undefined ? {} : { webhookSecret }),
      })),
    },
    todos: todosOf(model, first),
    place: loaded.places.value([]),
  };
  return { ...stack, services: first.map((service) => withComponentFiles(service, stack, model)) };
}

interface Parts {
  readonly image: ResolvedImage | undefined;
  readonly networks: readonly string[];
  readonly config: readonly ConfigFile[];
  readonly dependsOn: readonly string[];
}

function serviceOf(model: Model, service: ServiceModel, parts: Parts): ResolvedService {
  const { declared, component } = service;
  const user = userOf(model.declaration.name, service);
  return {
    name: service.name,
    component: component?.name,
    roles: component?.roles ?? [],
    zones: service.zones,
    networks: parts.networks,
    image: parts.image ?? { repository: "unknown", tag: undefined, digest: undefined, standsInFor: undefined },
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

/** What is declared, and what components and services of the stack need and say why. */
function exceptionsOf(model: Model): DeclaredException[] {
  const declared = model.declaration.exceptions.map((exception, index) => ({
    control: exception.control,
    subject: exception.subject,
    reason: exception.reason,
    owner: exception.owner,
    until: exception.until,
    place: model.places.value(["exceptions", index]),
  }));
  const asked = [...model.services.values()].flatMap((service) =>
    (service.component?.exceptions ?? []).map(({ control, reason }) => ({
      control,
      subject: service.name,
      reason,
      owner: `Ringwall's component ${service.component?.name ?? ""}`,
      until: undefined,
      place: model.places.key(service.path),
    })),
  );
  return [
    ...declared,
    ...asked,
    ...[...model.services.values()].flatMap((service) => reasonedExceptions(model, service)),
  ];
}

/** What a service is given beyond the defaults, each with the reason that stands beside it in the declaration. */
function reasonedExceptions(model: Model, service: ServiceModel): DeclaredException[] {
  const exception = (control: string, reason: string, path: Path): DeclaredException => ({
    control,
    subject: service.name,
    reason,
    owner: `the declaration of ${service.name}`,
    until: undefined,
    place: model.places.value([...service.path, ...path]),
  });
  const isEdge = service.component?.roles.includes("proxy") ?? false;
  const published = service.ports.filter((port) => port.published !== undefined && !isEdge);
  return [
    ...published.map((port) =>
      exception("network.only-proxy-publishes", port.published?.reason ?? "", ["ports", port.name]),
    ),
    ...(service.declared.capabilities ?? []).map(({ reason }, index) =>
      exception("workload.capabilities-added-few", reason, ["capabilities", index]),
    ),
    ...(service.declared.hostMounts ?? []).map(({ reason }, index) =>
      exception("workload.host-paths-unmounted", reason, ["hostMounts", index]),
    ),
  ];
}

function todosOf(model: Model, services: readonly ResolvedService[]): string[] {
  const todos = [...model.unscraped];
  if (isExampleDomain(model.declaration.domain)) {
    todos.push(`The domain is still ${model.declaration.domain}, which nobody outside can reach: set \`domain\`.`);
  }
  const loose = services.filter(
    (service) => service.image.digest === undefined && service.image.standsInFor === undefined,
  );
  if (loose.length > 0) {
    const names = loose.map((service) => service.name).join(", ");
    todos.push(
      `${loose.length === 1 ? "The image" : "The images"} of ${names} ${loose.length === 1 ? "has" : "have"} no digest yet: run \`ringwall pin\`.`,
    );
  }
  if (model.declaration.backups !== undefined) {
    todos.push("Backups are declared, but this version of Ringwall does not run them yet.");
  }
  return todos;
}

/** The second pass: what a component makes of the whole stack. What the declaration says itself wins. */
function withComponentFiles(service: ResolvedService, stack: ResolvedStack, model: Model): ResolvedService {
  const component = model.services.get(service.name)?.component;
  if (component === undefined) return service;
  const own = new Set(service.config.map((file) => file.target));
  const files = component.config(service, stack).filter((file) => !own.has(file.target));
  return {
    ...service,
    command: service.command ?? component.command(service, stack),
    environment: { ...component.environment(service, stack), ...service.environment },
    config: [...files.map((file) => ({ ...file, path: renderedPath(service.name, file.target) })), ...service.config],
    gaps: component.gaps(service, stack),
  };
}
