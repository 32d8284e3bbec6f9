import { knownValue } from "../../facts/fact.ts";
import type { Place } from "../../lib/place.ts";
import { namedEntryPoints } from "./encryption.ts";
import { type Chain, chainOf, hiddenChain, joined } from "./middlewares.ts";
import { listBelow, option } from "./options.ts";
import type { Defined, Registry } from "./registry.ts";
import { defaultEntryPoints, type EntryPoint, type TraefikStatic } from "./static.ts";

/** The entry points that a router is served on, or why they cannot be told. */
export type Served = readonly EntryPoint[] | { readonly why: string; readonly place: Place };

export interface ServedRouter {
  readonly router: Defined;
  readonly served: Served;
  /** All that its requests pass. */
  readonly chain: Chain;
}

export function servedRouter(
  router: Defined,
  { settings, registry }: { readonly settings: TraefikStatic; readonly registry: Registry },
  layer: "http" | "tcp",
): ServedRouter {
  const served = servedOn(router, settings);
  return { router, served, chain: wholeChain(router, served, registry, layer) };
}

function servedOn(router: Defined, settings: TraefikStatic): Served {
  const named = namedEntryPoints(router);
  const place = named?.items[0]?.place ?? router.place;
  if (settings.root === undefined) return { why: settings.why ?? "Traefik's own configuration is not seen", place };
  if (named?.why !== undefined) return { why: named.why, place };
  if (named === undefined) return carrying(defaultEntryPoints(settings));
  const found = named.items.map(({ text }) =>
    settings.entryPoints.find(({ name }) => name.toLowerCase() === text.toLowerCase()),
  );
  const missing = named.items.find((_, index) => found[index] === undefined);
  if (missing !== undefined)
    return { why: `the entry point \`${missing.text}\` is defined nowhere`, place: missing.place };
  return carrying(found.flatMap((each) => each ?? []));
}

/**
 * Those that requests reach the router on: what an entry point redirects is gone before any router sees it, as long as
 * the redirection has the priority that Traefik gives it (https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/,
 * v3.6). All of them where each redirects.
 */
function carrying(points: readonly EntryPoint[]): readonly EntryPoint[] {
  const left = points.filter(
    ({ redirectsToTls, node }) =>
      knownValue(redirectsToTls) !== true ||
      option(node, "http", "redirections", "entryPoint", "priority") !== undefined,
  );
  return left.length === 0 ? points : left;
}

/** What entry points put before every router, then what the router names itself. */
function wholeChain(router: Defined, served: Served, registry: Registry, layer: "http" | "tcp"): Chain {
  const own = chainOf(listBelow(router.node, "middlewares"), router.provider, registry, layer);
  return "why" in served || layer === "tcp" ? own : joined(entryPointChain(served, registry), own);
}

/** Only what all of them put before it is certain. */
function entryPointChain(served: readonly EntryPoint[], registry: Registry): Chain {
  const chains = served.map((point) => chainOf(point.middlewares, "file", registry));
  const [first, ...others] = chains;
  if (first === undefined) return { middlewares: [], doubt: undefined };
  const alike = others.every(
    (chain) =>
      chain.middlewares.length === first.middlewares.length &&
      chain.middlewares.every(({ node }, index) => node === first.middlewares[index]?.node),
  );
  if (alike) return first;
  const place = served[0]?.place ?? { kind: "nowhere", why: "it is served on no entry point" };
  return hiddenChain("its entry points put different middlewares before it", place);
}
