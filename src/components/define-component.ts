import { type ZodType, z } from "zod";
import type { Component } from "../contracts/component.ts";
import type { ResolvedService, ResolvedStack } from "../contracts/resolved.ts";

type Settings = Readonly<Record<string, unknown>>;

/** A component as its folder writes it: `settings` typed by its own schema, and what is usual left out. */
export interface ComponentDefinition<S extends Settings>
  extends Omit<
    Component,
    | "settings"
    | "scrape"
    | "secretsOf"
    | "accounts"
    | "opens"
    | "needsOutbound"
    | "command"
    | "environment"
    | "config"
    | "gaps"
  > {
  readonly settings: ZodType<S>;
  readonly scrape?: Component["scrape"];
  secretsOf?(settings: S, alertSecrets: readonly string[]): ReturnType<Component["secretsOf"]>;
  accounts?(settings: S): ReturnType<Component["accounts"]>;
  opens?(port: string, settings: S): boolean;
  needsOutbound?(settings: S, domain: string): boolean;
  command?(settings: S, service: ResolvedService, stack: ResolvedStack): ReturnType<Component["command"]>;
  environment?(settings: S, service: ResolvedService, stack: ResolvedStack): ReturnType<Component["environment"]>;
  config?(settings: S, service: ResolvedService, stack: ResolvedStack): readonly { target: string; content: string }[];
  gaps?(settings: S, service: ResolvedService, stack: ResolvedStack): readonly string[];
}

/** For a component that has no settings. */
export const noSettings: ZodType<Settings> = z.strictObject({});

/** Makes a component of its definition; settings are read by its schema wherever they are needed. */
export function defineComponent<S extends Settings>(definition: ComponentDefinition<S>): Component {
  const { settings, secretsOf, accounts, opens, needsOutbound, command, environment, config, gaps, scrape, ...rest } =
    definition;
  const read = (value: Settings): S => settings.parse(value);
  return {
    ...rest,
    settings,
    scrape,
    secretsOf: (value, alertSecrets) => secretsOf?.(read(value), alertSecrets) ?? [],
    accounts: (value) => accounts?.(read(value)) ?? [],
    opens: (port, value) => opens?.(port, read(value)) ?? true,
    needsOutbound: (value, domain) => needsOutbound?.(read(value), domain) ?? false,
    command: (service, stack) => command?.(read(service.settings), service, stack),
    environment: (service, stack) => environment?.(read(service.settings), service, stack) ?? {},
    config: (service, stack) =>
      (config?.(read(service.settings), service, stack) ?? []).map((file) => ({ path: file.target.slice(1), ...file })),
    gaps: (service, stack) => gaps?.(read(service.settings), service, stack) ?? [],
  };
}
