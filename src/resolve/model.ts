/**
 * What a declaration means, before networks and images are filled in: services joined with their components, who talks
 * to whom, routes with their targets. Everything that refers to something else is looked up here, once.
 */
import type { Component } from "../contracts/component.ts";
import type { ResolvedRoute, ResolvedSecret, ResolvedSecretUse, TalksTo } from "../contracts/resolved.ts";
import type { Declaration, ServiceDeclaration, ZoneDeclaration } from "../stack/schema.ts";
import type { Path, Places } from "./places.ts";
import type { Problems } from "./problems.ts";

/** The zone of services that name none, when the declaration has no such zone. */
export const implicitZone = "default";

export interface ModelPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly published: { readonly address: string; readonly port: number; readonly reason: string } | undefined;
  /** True for a port that only serves metrics: `talksTo` without a port does not mean it. */
  readonly metricsOnly: boolean;
}

export interface ServiceModel {
  readonly name: string;
  readonly path: Path;
  readonly declared: ServiceDeclaration;
  readonly component: Component | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly zones: readonly string[];
  readonly ports: readonly ModelPort[];
  readonly outbound: boolean;
  readonly scrape: { readonly port: number; readonly path: string; readonly stated: boolean } | undefined;
}

export interface ZoneModel {
  readonly name: string;
  readonly declared: ZoneDeclaration;
  readonly path: Path;
}

export interface Model {
  readonly declaration: Declaration;
  readonly places: Places;
  readonly zones: ReadonlyMap<string, ZoneModel>;
  readonly services: ReadonlyMap<string, ServiceModel>;
  readonly routes: readonly ResolvedRoute[];
  /** By the service that opens the connections. */
  readonly talks: ReadonlyMap<string, readonly Talk[]>;
  readonly secrets: readonly ResolvedSecret[];
  readonly uses: ReadonlyMap<string, readonly ResolvedSecretUse[]>;
  /** Who is not scraped, and why, as sentences. */
  readonly unscraped: readonly string[];
}

export interface Talk extends TalksTo {
  /** True when the service needs the other to start: what it declared itself. */
  readonly needed: boolean;
}

/** What the parts of the model are built from. */
export interface ModelContext {
  readonly declaration: Declaration;
  readonly places: Places;
  readonly problems: Problems;
  readonly components: ReadonlyMap<string, Component>;
  readonly unread: Unread;
}

/** What stands in the declaration but could not be read: nothing that follows from it is a mistake of its own. */
export interface Unread {
  /** Names that were declared, but whose values are wrong. */
  readonly services: ReadonlySet<string>;
  readonly zones: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
  /** Whether something at a path, or below it, is wrong. */
  touches(path: Path): boolean;
}

export const everythingRead: Unread = {
  services: new Set(),
  zones: new Set(),
  secrets: new Set(),
  touches: () => false,
};
