import type { Workload } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { TreeNode } from "../tree.ts";
import { entriesOf, option } from "./options.ts";

/** Who defines something: its name stands behind the `@`. */
export type Provider = "docker" | "file" | "kubernetescrd";

const providers: readonly string[] = ["docker", "file", "kubernetescrd"] satisfies readonly Provider[];

/** Routers, services and the like of one file, of one container's labels, or of a cluster's objects. */
export interface DynamicSource {
  readonly provider: Provider;
  readonly root: TreeNode;
  /** The workload whose labels they are. */
  readonly owner?: Workload;
}

export interface Defined {
  readonly name: string;
  readonly provider: Provider;
  readonly node: TreeNode;
  readonly owner: Workload | undefined;
  readonly place: Place;
}

export type DefinedKind = "routers" | "services" | "middlewares" | "serversTransports";

type Layer = "http" | "tcp";

/** A definition, or why it cannot be told, as a clause. */
export type Found = Defined | { readonly why: string };

/** Definitions of one kind in the order they stand, and by provider and name: `file/secured`. The first of a name counts. */
interface Definitions {
  readonly all: readonly Defined[];
  readonly byName: ReadonlyMap<string, Defined>;
  readonly byOwner: ReadonlyMap<Workload, Defined>;
}

/** Everything that the providers of one Traefik define. */
export class Registry {
  readonly #sources: readonly DynamicSource[];
  /** Why a provider may define more: a file that is not in this folder. */
  readonly #unseen: ReadonlyMap<Provider, string>;
  /** Middlewares of HTTP that are defined beside all that is at hand. */
  readonly #elsewhere: ((provider: Provider, name: string) => Found | undefined) | undefined;
  readonly #definitions = new Map<string, Definitions>();
  #tlsOptions: ReadonlyMap<string, TreeNode> | undefined;

  constructor(
    sources: readonly DynamicSource[],
    unseen: ReadonlyMap<Provider, string> = new Map(),
    elsewhere?: (provider: Provider, name: string) => Found | undefined,
  ) {
    this.#sources = sources;
    this.#unseen = unseen;
    this.#elsewhere = elsewhere;
  }

  unseen(provider: Provider): string | undefined {
    return this.#unseen.get(provider);
  }

  /** Every definition of a kind, by `http` or `tcp`. */
  all(layer: Layer, kind: DefinedKind): readonly Defined[] {
    return this.#of(layer, kind).all;
  }

  /** The first definition of a kind in a container's labels. */
  ownedBy(owner: Workload, layer: Layer, kind: DefinedKind): Defined | undefined {
    return this.#of(layer, kind).byOwner.get(owner);
  }

  /** What a name means where it is used: `secured` beside its definition, `secured@file` from elsewhere. */
  find(layer: Layer, kind: DefinedKind, written: string, from: Provider): Found {
    const { name, provider } = nameOf(written, from);
    const noun = kind.replace(/s$/, "");
    if (!isProvider(provider)) {
      return { why: `the ${noun} \`${written}\` is defined by the provider ${provider}, which is not read` };
    }
    const found = this.#of(layer, kind).byName.get(`${provider}/${name.toLowerCase()}`);
    if (found !== undefined) return found;
    const unseen = this.#unseen.get(provider);
    // Labels and objects come from all of an engine or a cluster; of files those count that are not seen.
    const mayBeElsewhere = provider !== "file" || unseen !== undefined;
    const other =
      mayBeElsewhere && layer === "http" && kind === "middlewares" ? this.#elsewhere?.(provider, name) : undefined;
    if (other !== undefined) return other;
    return {
      why:
        unseen === undefined
          ? `the ${noun} \`${written}\` is defined nowhere in this folder`
          : `the ${noun} \`${written}\` is not seen: ${unseen}`,
    };
  }

  /** The TLS options of a name; those of every source count, the last one wins. `default` is one for all providers. */
  tlsOptions(written: string, from: Provider): TreeNode | { readonly why: string } | undefined {
    const { name, provider } = nameOf(written, from);
    const isDefault = name.toLowerCase() === "default";
    this.#tlsOptions ??= tlsOptionsIn(this.#sources);
    const found = this.#tlsOptions.get(isDefault ? "default" : `${provider}/${name.toLowerCase()}`);
    if (found !== undefined) return found;
    const unseen = isDefault ? this.#unseen.get("file") : isProvider(provider) && this.#unseen.get(provider);
    if (typeof unseen === "string") return { why: unseen };
    return isDefault ? undefined : { why: `the TLS options \`${written}\` are defined nowhere in this folder` };
  }

  #of(layer: Layer, kind: DefinedKind): Definitions {
    const key = `${layer}/${kind}`;
    const known = this.#definitions.get(key) ?? definitionsIn(this.#sources, layer, kind);
    this.#definitions.set(key, known);
    return known;
  }
}

function isProvider(name: string): name is Provider {
  return providers.includes(name);
}

function nameOf(written: string, from: Provider): { readonly name: string; readonly provider: string } {
  const at = written.lastIndexOf("@");
  return at === -1
    ? { name: written, provider: from }
    : { name: written.slice(0, at), provider: written.slice(at + 1).toLowerCase() };
}

function definitionsIn(sources: readonly DynamicSource[], layer: Layer, kind: DefinedKind): Definitions {
  const all = sources.flatMap(({ provider, root, owner }) =>
    entriesOf(option(root, layer, kind)).map(
      ({ key, keyPlace, value }): Defined => ({ name: key, provider, node: value, owner, place: keyPlace }),
    ),
  );
  const byName = new Map<string, Defined>();
  const byOwner = new Map<Workload, Defined>();
  for (const each of all) {
    const key = `${each.provider}/${each.name.toLowerCase()}`;
    if (!byName.has(key)) byName.set(key, each);
    if (each.owner !== undefined && !byOwner.has(each.owner)) byOwner.set(each.owner, each);
  }
  return { all, byName, byOwner };
}

function tlsOptionsIn(sources: readonly DynamicSource[]): ReadonlyMap<string, TreeNode> {
  const found = new Map<string, TreeNode>();
  for (const { provider, root } of sources) {
    for (const { key, value } of entriesOf(option(root, "tls", "options"))) {
      const name = key.toLowerCase();
      found.set(name === "default" ? name : `${provider}/${name}`, value);
    }
  }
  return found;
}
