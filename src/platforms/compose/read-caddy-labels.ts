import { knownValue } from "../../facts/fact.ts";
import { softwareOfImage } from "../../facts/knowledge/roles.ts";
import type { AnySubject, Route, Workload } from "../../facts/subjects.ts";
import { System } from "../../facts/system.ts";
import { caddyRoutes } from "../../formats/caddy-json/facts.ts";
import type { CaddyConfig } from "../../formats/caddy-json/model.ts";
import { caddySettings } from "../../formats/caddy-json/settings.ts";
import { adaptCaddyfile } from "../../formats/caddyfile/adapt.ts";
import { isCaddyLabel, labelTokens } from "../../formats/caddyfile/labels.ts";
import { parseTokens } from "../../formats/caddyfile/parse.ts";
import { configurationFile } from "../../formats/configuration-file.ts";
import { type Environment, environmentOf } from "../../formats/proxy/environment.ts";
import { type ProxyRoute, targetsOf } from "../../formats/proxy/proxy-route.ts";
import type { Place } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { NameFinder } from "../name-finder.ts";
import { environmentVariable } from "../workload-environment.ts";
import type { ProjectContext } from "./read-context.ts";

/**
 * The routes that the labels of services ask caddy-docker-proxy for, and what it does as a whole. Those of Traefik are
 * read together with Traefik's own files (`link-traefik.ts`).
 */
export function readCaddyLabels(context: ProjectContext, subjects: readonly AnySubject[]): readonly AnySubject[] {
  const labelled = subjects.filter(
    (subject): subject is Workload =>
      subject.kind === "workload" && subject.labels.items.some(({ name }) => isCaddyLabel(name)),
  );
  const [first] = labelled;
  if (first === undefined) return [];
  const { system: name, lens } = context;
  const reading = new LabelReading(labelled, new System({ name, lens, platform: "compose", subjects }));
  return reading.subjects(first.place);
}

/** A host name that stands for a service itself; `.invalid` is nobody's. */
const ownHost = (index: number) => `labelled-service-${index}.invalid`;
const ownHostPattern = /^labelled-service-(\d{1,6})\.invalid$/;

class LabelReading {
  readonly #labelled: readonly Workload[];
  readonly #system: System;
  readonly #finder: NameFinder;
  readonly #proxy: Workload | undefined;
  readonly #owners: ReadonlyMap<Place, Workload>;
  readonly #environment: Environment;

  constructor(labelled: readonly Workload[], system: System) {
    this.#labelled = labelled;
    this.#system = system;
    this.#finder = new NameFinder(system);
    this.#proxy = proxyIn(system);
    this.#owners = new Map(
      labelled.flatMap((workload) => workload.labels.items.map(({ place }) => [place, workload] as const)),
    );
    const proxy = this.#proxy;
    this.#environment = environmentOf(proxy && ((name) => environmentVariable(name, proxy, system)));
  }

  subjects(place: Place): readonly AnySubject[] {
    const config = this.#config(place);
    const { routes } = caddyRoutes(config);
    return [...routes.flatMap((route) => this.#routes(route, config)), ...this.#settings(config)];
  }

  #config(place: Place): CaddyConfig {
    const containers = this.#labelled.map(({ labels }, index) => ({ labels: labels.items, host: ownHost(index) }));
    const elsewhere = "it imports a snippet that is defined elsewhere";
    const tokens = labelTokens(containers, this.#environment);
    const { tree } = parseTokens(tokens, () => ({ why: elsewhere }), this.#environment);
    const { config } = adaptCaddyfile(tree, place);
    const unseen = config.incomplete ?? this.#base();
    return unseen === undefined ? config : { ...config, incomplete: unseen };
  }

  /** Why there may be more than labels: a Caddyfile that they are added to. */
  #base(): string | undefined {
    const containers = this.#proxy === undefined ? [] : this.#system.containersOf(this.#proxy);
    const named = containers.some(({ environment }) =>
      environment.items.some(({ name }) => name === "CADDY_DOCKER_CADDYFILE_PATH"),
    );
    const words = containers.flatMap(({ command }) => (knownValue(command) ?? []).map((word) => word.reveal()));
    return named || words.some((word) => /^--?caddyfile-path\b/.test(word))
      ? "labels are added to a Caddyfile that is read elsewhere"
      : undefined;
  }

  #routes(route: ProxyRoute, { incomplete }: CaddyConfig): readonly Route[] {
    const { name: system, lens } = this.#system;
    const { upstreams, ...facts } = route;
    const owner = this.#owners.get(route.place);
    const edge = this.#proxy?.ref;
    const host = knownValue(route.host);
    const shown = host === undefined ? "caddy" : `${host}${knownValue(route.path) ?? ""}`;
    const around = {
      find: (name: string) => this.#finder.find(name, undefined),
      resolve: (name: string, port: number) => this.#resolve(name, port),
    };
    return targetsOf({ upstreams }, around).map(
      (target): Route => ({
        kind: "route",
        ref: { kind: "route", system, name: `${owner?.ref.name ?? "caddy"}/${shown}` },
        lens,
        platform: "compose",
        ...facts,
        ...(owner === undefined ? {} : { owner: owner.ref }),
        edge,
        target,
        ...(edge !== undefined && incomplete === undefined ? { whole: true } : {}),
      }),
    );
  }

  #resolve(host: string, port: number) {
    const own = ownHostPattern.exec(host)?.[1];
    const workload = own === undefined ? undefined : this.#labelled[Number(own)];
    return workload === undefined ? this.#finder.resolve(host, port, this.#proxy) : { workload, port };
  }

  /** What labels say of the proxy as a whole, where it is seen. */
  #settings(config: CaddyConfig): readonly AnySubject[] {
    const { place } = config;
    const workload = this.#proxy;
    if (workload === undefined || place.kind !== "file") return [];
    const { name: system, lens } = this.#system;
    const file: TextFile = { ok: true, path: place.source.path, text: "", source: place.source, mode: undefined };
    const subject = configurationFile(
      { system, lens, platform: "compose", owner: workload, file, path: `${workload.ref.name}'s labels` },
      caddySettings(config, this.#environment, []),
    );
    return [{ ...subject, place }];
  }
}

function proxyIn(system: System): Workload | undefined {
  for (const image of system.all("image")) {
    if (softwareOfImage(image)?.name !== "caddy") continue;
    const container = system.get(image.usedBy);
    if (container?.kind === "container") return system.workload(container.workload);
  }
  return undefined;
}
