/**
 * All that one entry of Flux leads to: the Kustomizations that stand in some files, what each applies, the Kustomizations
 * among that, and so on. Source: kustomize-controller v1.9.4; fluxcd/pkg `kustomize/kustomize_generator.go`.
 */
import { posix } from "node:path";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Catalogue } from "../catalogue.ts";
import { buildKustomization } from "../kustomize/build.ts";
import { idOf, keyOf, type Resource } from "../kustomize/resource.ts";
import { type Text, textAt } from "../nodes.ts";
import { toObject } from "../objects-in.ts";
import type { LoadSession } from "../session.ts";
import { amended, isFluxKustomization, pathOf, sourceOf, withCommonMetadata } from "./flux-kustomization.ts";
import { substitute } from "./substitute.ts";
import { type VariableSource, variableSources, variablesOf } from "./variables.ts";

export interface FluxWorld {
  readonly session: LoadSession;
  readonly catalogue: Catalogue;
  /** The folder within the root that an object of some file means by a path of its source; undefined for none there. */
  readonly locate: (path: string, object: KubernetesObject) => string | undefined;
  /** An object of the repository that no Kustomization seems to apply, by kind and name; undefined for none or several. */
  readonly loose: (source: VariableSource) => KubernetesObject | undefined;
}

/** Kustomizations that are followed at most: more are a circle of names that change. */
const mostKustomizations = 5000;

export class FluxCluster {
  readonly #world: FluxWorld;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #done = new Set<string>();
  /** The folders that Kustomizations lead to, within the root. */
  readonly folders = new Set<string>();
  #waiting: KubernetesObject[] = [];
  #deferred: KubernetesObject[] = [];

  constructor(world: FluxWorld) {
    this.#world = world;
  }

  get objects(): readonly KubernetesObject[] {
    return [...this.#objects.values()];
  }

  /** Adds objects and follows the Kustomizations among them. */
  apply(objects: readonly KubernetesObject[]): void {
    this.#add(objects);
    while (this.#waiting.length > 0 || this.#deferred.length > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) this.#last();
      else if (this.#done.size < mostKustomizations) this.#follow(next, false);
    }
  }

  /** What waited for its variables' source no longer does: nothing more brings it. */
  #last(): void {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const kustomization of deferred) this.#follow(kustomization, true);
  }

  #add(objects: readonly KubernetesObject[]): void {
    for (const object of objects) {
      const key = keyOf(idOf(object.node));
      if (this.#objects.has(key)) continue;
      this.#objects.set(key, object);
      if (isFluxKustomization(object)) this.#waiting.push(object);
    }
  }

  #follow(kustomization: KubernetesObject, isLast: boolean): void {
    const waits = variableSources(kustomization).some((source) => this.#inCluster(source) === undefined);
    if (waits && !isLast) {
      this.#deferred.push(kustomization);
      return;
    }
    const key = keyOf(idOf(kustomization.node));
    if (this.#done.has(key)) return;
    this.#done.add(key);
    const folder = this.#folderOf(kustomization);
    if (folder !== undefined) this.#add(this.#applied(kustomization, folder));
  }

  /** The folder within the root that it builds; undefined once it is noted that it cannot be seen. */
  #folderOf(kustomization: KubernetesObject): string | undefined {
    const path = pathOf(kustomization);
    if (path === undefined) return this.#unseen(kustomization, "its path cannot be told");
    const { kind, name } = sourceOf(kustomization);
    if (this.#isElsewhere(kustomization, path.text))
      return this.#unseen(kustomization, `it takes them from the ${kind} ${name}`);
    const folder = this.#world.locate(path.text, kustomization);
    if (folder !== undefined) return folder;
    return this.#unseen(kustomization, `its path ${path.text === "" ? "" : `\`${path.text}\` `}is not in this folder`);
  }

  /**
   * Whether its source is another repository. `flux-system` is this one; others are it too when their URL is the same, or
   * when nothing is known of them and their path leads somewhere.
   */
  #isElsewhere(kustomization: KubernetesObject, path: string): boolean {
    const { kind, name } = sourceOf(kustomization);
    if (name === "flux-system") return false;
    const urls = [name, "flux-system"].map((each) => this.#urlOf(kind, each));
    const [own, main] = urls;
    return own === undefined || main === undefined ? path === "" : own !== main;
  }

  #urlOf(kind: string, name: string): string | undefined {
    for (const object of this.#objects.values()) {
      if (object.kind === kind && object.name === name && object.group === "source.toolkit.fluxcd.io") {
        return repositoryName(textAt(object.node, "spec", "url"));
      }
    }
    return undefined;
  }

  #unseen({ name, namespace, node }: KubernetesObject, clause: string): undefined {
    const why = `${clause}; give the output of \`flux build\` with --rendered`;
    const what = `Kustomization ${namespace === undefined ? "" : `${namespace}/`}${name}`;
    this.#world.session.unseen.push({ kind: "elsewhere", what, why, namespace: undefined, place: node.place });
  }

  #applied(kustomization: KubernetesObject, folder: string): readonly KubernetesObject[] {
    const { session } = this.#world;
    this.folders.add(folder);
    const resources = buildKustomization(session, folder, {
      anyFile: true,
      amend: (own) => amended(own, kustomization),
      generated: this.#filesOf(folder, kustomization.place),
    });
    const variables = variablesOf(kustomization, (source) => this.#inCluster(source) ?? this.#world.loose(source));
    const refused = (place: Place): void =>
      session.warning(
        "Flux cannot substitute its variables in this text, and applies nothing of this Kustomization.",
        place,
        "Write `$${` for a brace that is not Flux's, or annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled.",
      );
    return resources.flatMap(({ node }: Resource) => {
      const substituted = variables === undefined ? node : substitute(node, variables, refused);
      const object = toObject(withCommonMetadata(substituted, kustomization));
      return object === undefined ? [] : [{ ...object, appliedBy: kustomization }];
    });
  }

  #inCluster({ kind, name, namespace }: VariableSource): KubernetesObject | undefined {
    return this.#objects.get(keyOf({ group: "", version: "v1", kind, name, namespace }));
  }

  /** What Flux takes of a folder without a kustomization: everything below, and folders that have one as a whole. */
  #filesOf(folder: string, place: Place): readonly Text[] {
    const { catalogue } = this.#world;
    if (catalogue.kustomizations.has(folder)) return [];
    const texts: Text[] = [];
    const look = (below: string): void => {
      for (const path of catalogue.folders.get(below) ?? []) {
        const text = posix.relative(folder === "" ? "." : folder, path);
        if (catalogue.kustomizations.has(path)) texts.push({ text, place });
        else if (catalogue.folders.has(path)) look(path);
        else if (catalogue.manifests.has(path) && /\.ya?ml$/.test(path)) texts.push({ text, place });
      }
    };
    look(folder);
    return texts;
  }
}

/** One spelling for the ways to name a repository: `https://host/a/b.git`, `ssh://git@host/a/b`, `git@host:a/b`. */
function repositoryName(url: string | undefined): string | undefined {
  return url
    ?.toLowerCase()
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^/@]*@/, "")
    .replace(/^([^/:]+):(?:\d+\/)?/, "$1/")
    .replace(/(?:\.git)?\/?$/, "");
}
