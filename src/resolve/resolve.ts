import type { Component } from "../contracts/component.ts";
import type { ResolvedNetwork, ResolvedService, ResolvedStack } from "../contracts/resolved.ts";
import { DeclarationErrors } from "../lib/error.ts";
import type { Declaration } from "../stack/schema.ts";
import { buildModel } from "./build-model.ts";
import { renderedPath } from "./config-files.ts";
import { dependenciesOf } from "./dependencies.ts";
import { exceptionsOf } from "./exceptions.ts";
import { imagesOf, type ResolvedImage } from "./images.ts";
import type { LoadedStack } from "./load.ts";
import type { StackLock } from "./lock.ts";
import type { Model } from "./model.ts";
import { networksOf } from "./networks.ts";
import { inOrder, Problems } from "./problems.ts";
import { resolvedService } from "./resolved-service.ts";
import { todosOf } from "./todos.ts";

const day = 86_400;

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

  const services = servicesWithoutFiles(model, { images, networks, config: loaded.config });
  const stack: ResolvedStack = {
    ...settingsOf(loaded.declaration),
    zones,
    networks,
    services,
    routes: model.routes,
    secrets: model.secrets,
    ...(loaded.declaration.store === undefined ? {} : { store: loaded.declaration.store }),
    exceptions: exceptionsOf(model),
    todos: todosOf(model, services),
    place: loaded.places.value([]),
  };
  return { ...stack, services: services.map((service) => withComponentFiles(service, stack, model)) };
}

/** What the declaration says of the stack as a whole. */
function settingsOf(
  declaration: Declaration,
): Pick<
  ResolvedStack,
  "name" | "domain" | "platform" | "operators" | "policies" | "rotation" | "backups" | "monitoring"
> {
  const { name, domain, platform, operators, policies, rotation, backups, monitoring } = declaration;
  const days = (seconds: number | undefined, otherwise: number): number =>
    Math.ceil((seconds ?? otherwise * day) / day);
  return {
    name,
    domain,
    platform,
    operators,
    policies: { hostAccess: policies?.hostAccess ?? "open" },
    rotation: {
      blackout: rotation?.blackout ?? [],
      jitterSeconds: rotation?.jitter ?? 0,
      timezone: rotation?.timezone ?? "UTC",
    },
    backups: backups === undefined ? undefined : { schedule: backups.schedule, keepDays: days(backups.keep, 7) },
    monitoring: {
      scrapeIntervalSeconds: monitoring?.scrapeInterval ?? 30,
      retentionDays: days(monitoring?.retention, 30),
      alertReceivers: (monitoring?.alerts ?? []).map((receiver) => ({
        name: receiver.name,
        ...(receiver.webhook === undefined ? {} : { webhookUrl: receiver.webhook }),
        ...(receiver.webhookSecret === undefined ? {} : { webhookSecret: receiver.webhookSecret }),
      })),
    },
  };
}

/** The first pass. */
function servicesWithoutFiles(
  model: Model,
  found: {
    readonly images: ReadonlyMap<string, ResolvedImage>;
    readonly networks: readonly ResolvedNetwork[];
    readonly config: LoadedStack["config"];
  },
): ResolvedService[] {
  const depends = dependenciesOf(model);
  const joined = new Map<string, string[]>([...model.services.keys()].map((name) => [name, []]));
  for (const network of found.networks) for (const member of network.members) joined.get(member)?.push(network.name);
  return [...model.services.values()].map((service) => {
    const image = found.images.get(service.name);
    if (image === undefined) throw new Error("a service without an image was let through");
    return resolvedService(model, service, {
      image,
      networks: joined.get(service.name) ?? [],
      config: found.config.get(service.name) ?? [],
      dependsOn: depends.get(service.name) ?? [],
    });
  });
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
