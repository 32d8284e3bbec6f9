import type { Workload } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { TreeNode } from "../tree.ts";
import { entriesOf, option } from "./options.ts";

/** Who defines something: its name stands behind the `@`. */
export type Provider = "docker" | "file" | "kubernetescrd";

/** Routers, services and the like of one file, or of one container's labels. */
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

/** A definition, or why it cannot be told, as a clause. */
export type Found = Defined | { readonly why: string };

/** Everything that the providers of one Traefik define. */
export class Registry {
  readonly #sources: readonly DynamicSource[];
  /** Why a provider may define more: a file that is not in this folder. */
  readonly #unseen: ReadonlyMap<Provider, string>;

  constructor(sources: readonly DynamicSource[], unseen: ReadonlyMap<Provider, string> = new Map()) {
    this.#sources = sources;
    this.#unseen = unseen;
  }

  get sources(): readonly DynamicSource[] {
    return this.#sources;
  }

  unseen(provider: Provider): string | undefined {
    return this.#unseen.get(provider);
  }

  /** Every definition of a kind, by `http` or `tcp`. */
  all(layer: "http" | "tcp", kind: DefinedKind): readonly Defined[] {
    return this.#sources.flatMap(({ provider, root, owner }) =>
      entriesOf(option(root, layer, kind)).map(({ key, keyPlace, value }) => ({
        name: key,
        provider,
        node: value,
        owner,
        place: keyPlace,
      })),
    );
  }

  /** What a name means where it is used: `secured` beside its definition, `secured@file` from elsewhere. */
  find(layer: "http" | "tcp", kind: DefinedKind, written: string, from: Provider): Found {
    const at = written.lastIndexOf("@");
    const name = at === -1 ? written : written.slice(0, at);
    const provider = (at === -1 ? from : written.slice(at + 1)).toLowerCase();
    const noun = kind.replace(/s$/, "");
    if (provider !== "docker" && provider !== "file" && provider !== "kubernetescrd") {
      return { why: `the ${noun} \`${written}\` is defined by the provider ${provider}, which is not read` };
    }
    for (const source of this.#sources) {
      if (source.provider !== provider) continue;
      const found = entriesOf(option(source.root, layer, kind)).find(
        ({ key }) => key === name || key.toLowerCase() === name.toLowerCase(),
      );
      if (found !== undefined) return { name, provider, node: found.value, owner: source.owner, place: found.keyPlace };
    }
    const unseen = this.#unseen.get(provider);
    return {
      why:
        unseen === undefined
          ? `the ${noun} \`${written}\` is defined nowhere in this folder`
          : `the ${noun} \`${written}\` is not seen: ${unseen}`,
    };
  }

  /** The TLS options of a name; those of every file count, the last one wins. */
  tlsOptions(written: string, from: Provider): TreeNode | { readonly why: string } | undefined {
    const at = written.lastIndexOf("@");
    const name = at === -1 ? written : written.slice(0, at);
    const provider = at === -1 ? from : written.slice(at + 1).toLowerCase();
    const wanted = name.toLowerCase() === "default" ? undefined : provider;
    const found = this.#sources
      .filter((source) => wanted === undefined || source.provider === wanted)
      .flatMap(({ root }) =>
        entriesOf(option(root, "tls", "options")).filter(({ key }) => key.toLowerCase() === name.toLowerCase()),
      );
    const last = found.at(-1)?.value;
    if (last !== undefined) return last;
    const unseen = this.#unseen.get(wanted === undefined ? "file" : (wanted as Provider));
    if (unseen !== undefined) return { why: unseen };
    return wanted === undefined
      ? undefined
      : { why: `the TLS options \`${written}\` are defined nowhere in this folder` };
  }
}
