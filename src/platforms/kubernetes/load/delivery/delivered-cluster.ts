/**
 * All that one entry of Flux or Argo CD leads to: the Kustomizations and Applications that stand in some files, what each
 * applies, those among that, and so on.
 *
 * Source: kustomize-controller v1.9.4; fluxcd/pkg `kustomize/kustomize_generator.go`; argo-cd v3.4.
 */
import { posix } from "node:path";
import type { MappingNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import { repositoryName } from "../../../../lib/repository-name.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { Catalogue } from "../catalogue.ts";
import { buildKustomization } from "../kustomize/build.ts";
import type { Kustomization } from "../kustomize/kustomization.ts";
import { describeId, idOf, keyOf } from "../kustomize/resource.ts";
import { type Text, textAt, valueAt } from "../nodes.ts";
import { toObject } from "../objects-in.ts";
import type { LoadSession } from "../session.ts";
import {
  amendedByApplication,
  applicationsOf,
  folderSources,
  inDestination,
  isApplication,
  isApplicationSet,
  unseenSet,
} from "./argo-application.ts";
import { amended, isFluxKustomization, pathOf, sourceOf, withCommonMetadata } from "./flux-kustomization.ts";
import { substitute } from "./substitute.ts";
import { type VariableSource, variableSources, variablesOf } from "./variables.ts";

export interface DeliveryWorld {
  readonly session: LoadSession;
  readonly catalogue: Catalogue;
  /** The folder within the root that an object of some file means by a path of its source; undefined for none there. */
  readonly locate: (path: string, object: KubernetesObject) => string | undefined;
  /** An object of the repository that no Kustomization seems to apply, by kind and name; undefined for none or several. */
  readonly loose: (source: VariableSource) => KubernetesObject | undefined;
}

/** Kustomizations and Applications that are followed at most: more are a circle of names that change. */
const mostFollowed = 5000;

/** How the manifests of a folder are built and changed on the way to the cluster. */
interface Step {
  readonly folder: string;
  readonly by: KubernetesObject;
  readonly amend: (kustomization: Kustomization) => Kustomization;
  readonly generated: readonly Text[];
  readonly finish: (object: MappingNode) => MappingNode;
}

export class DeliveredCluster {
  readonly #world: DeliveryWorld;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #done = new Set<string>();
  /** The folders that Kustomizations lead to, within the root: they say of all that lies in them what is applied. */
  readonly folders = new Set<string>();
  #waiting: KubernetesObject[] = [];
  #deferred: KubernetesObject[] = [];

  constructor(world: DeliveryWorld) {
    this.#world = world;
  }

  get objects(): readonly KubernetesObject[] {
    return [...this.#objects.values()];
  }

  /** Adds objects and follows the Kustomizations and Applications among them. */
  apply(objects: readonly KubernetesObject[]): void {
    this.#add(objects);
    while (this.#waiting.length > 0 || this.#deferred.length > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) this.#last();
      else if (this.#done.size < mostFollowed) this.#follow(next, false);
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
      if (isFluxKustomization(object) || isApplication(object)) this.#waiting.push(object);
      if (isApplicationSet(object)) this.#addSet(object);
    }
  }

  #addSet(set: KubernetesObject): void {
    const { folders } = this.#world.catalogue;
    const made = applicationsOf(set, folders.keys());
    this.#add(made);
    const unseen =
      made.length > 0
        ? undefined
        : unseenSet(set, folders, (path) => this.#world.locate(path.replace(/^\/+/, ""), set));
    if (unseen?.kind === "chart") this.#chart(set, valueAt(set.node, "spec", "template", "spec"));
    else if (unseen !== undefined) this.#unseen(set, unseen.why);
  }

  #follow(object: KubernetesObject, isLast: boolean): void {
    const waits = variableSources(object).some((source) => this.#inCluster(source) === undefined);
    if (waits && !isLast) {
      this.#deferred.push(object);
      return;
    }
    const key = keyOf(idOf(object.node));
    if (this.#done.has(key)) return;
    this.#done.add(key);
    const steps = isApplication(object) ? this.#applicationSteps(object) : this.#kustomizationSteps(object);
    for (const step of steps) this.#add(this.#taken(step));
  }

  #taken({ folder, by, amend, generated, finish }: Step): readonly KubernetesObject[] {
    const resources = buildKustomization(this.#world.session, folder, { anyFile: true, amend, generated });
    return resources.flatMap(({ node }) => {
      const object = toObject(finish(node));
      return object === undefined ? [] : [{ ...object, appliedBy: by }];
    });
  }

  #applicationSteps(application: KubernetesObject): readonly Step[] {
    return folderSources(application).flatMap(({ node, path, recurse }): readonly Step[] => {
      const folder = path === undefined || path.text === "" ? undefined : this.#world.locate(path.text, application);
      if (folder === undefined) {
        this.#unseen(application, "its path is not in this folder");
        return [];
      }
      if (this.#world.session.files.exists(posix.join(folder, "Chart.yaml"))) {
        this.#world.session.chartFolders.push(folder);
        this.#chart(application);
        return [];
      }
      return [
        {
          folder,
          by: application,
          amend: (own) => amendedByApplication(own, node),
          generated: this.#filesOf(folder, node.place, recurse),
          finish: (object) => inDestination(object, application),
        },
      ];
    });
  }

  #chart(application: KubernetesObject, spec = valueAt(application.node, "spec")): void {
    const stated = textAt(spec, "destination", "namespace");
    const namespace = stated?.includes("{{") === true ? undefined : stated;
    const why = "its chart is not rendered here; give its output with --rendered";
    this.#world.session.unseen.push({
      kind: "chart",
      what: nameOf(application),
      why,
      namespace,
      place: application.place,
    });
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
   * Whether its source is another repository. `flux-system` is this one; others are it too when their URL and branch are
   * the same, or when nothing is known of them and their path leads somewhere.
   */
  #isElsewhere(kustomization: KubernetesObject, path: string): boolean {
    const { kind, name } = sourceOf(kustomization);
    if (name === "flux-system") return false;
    const [own, main] = [name, "flux-system"].map((each) => this.#sourceCalled(kind, each));
    if (own === undefined || main === undefined) return path === "";
    const [branch, mainBranch] = [own, main].map((source) => textAt(source.node, "spec", "ref", "branch"));
    const isOtherBranch = branch !== undefined && mainBranch !== undefined && branch !== mainBranch;
    const [url, mainUrl] = [own, main].map((source) => repositoryName(textAt(source.node, "spec", "url") ?? ""));
    return isOtherBranch || url !== mainUrl;
  }

  #sourceCalled(kind: string, name: string): KubernetesObject | undefined {
    for (const object of this.#objects.values()) {
      const isSource = object.kind === kind && object.name === name && object.group === "source.toolkit.fluxcd.io";
      if (isSource && textAt(object.node, "spec", "url") !== undefined) return object;
    }
    return undefined;
  }

  #unseen(object: KubernetesObject, clause: string): undefined {
    const why = `${clause}; give what it applies with --rendered`;
    const { place } = object;
    this.#world.session.unseen.push({ kind: "elsewhere", what: nameOf(object), why, namespace: undefined, place });
  }

  #kustomizationSteps(kustomization: KubernetesObject): readonly Step[] {
    const { session } = this.#world;
    const folder = this.#folderOf(kustomization);
    if (folder === undefined) return [];
    this.folders.add(folder);
    const variables = variablesOf(kustomization, (source) => this.#inCluster(source) ?? this.#world.loose(source));
    const refused = (place: Place): void =>
      session.warning(
        "Flux cannot substitute its variables in this text, and applies nothing of this Kustomization.",
        place,
        "Write `$${` for a brace that is not Flux's, or annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled.",
      );
    return [
      {
        folder,
        by: kustomization,
        amend: (own) => amended(own, kustomization),
        generated: this.#filesOf(folder, kustomization.place, true),
        finish: (object) => {
          const node = variables === undefined ? object : substitute(object, variables, refused);
          return withCommonMetadata(node, kustomization);
        },
      },
    ];
  }

  #inCluster({ kind, name, namespace }: VariableSource): KubernetesObject | undefined {
    return this.#objects.get(keyOf({ group: "", version: "v1", kind, name, namespace }));
  }

  /** What is taken of a folder without a kustomization: with `deep` everything below, folders that have one as a whole. */
  #filesOf(folder: string, place: Place, deep: boolean): readonly Text[] {
    const { catalogue } = this.#world;
    if (catalogue.kustomizations.has(folder)) return [];
    const texts: Text[] = [];
    const look = (below: string): void => {
      for (const path of catalogue.folders.get(below) ?? []) {
        const text = posix.relative(folder === "" ? "." : folder, path);
        if (catalogue.kustomizations.has(path)) {
          if (deep) texts.push({ text, place });
        } else if (catalogue.folders.has(path)) {
          if (deep) look(path);
        } else if (catalogue.manifests.has(path) && /\.ya?ml$/.test(path)) texts.push({ text, place });
      }
    };
    look(folder);
    return texts;
  }
}

function nameOf({ node }: KubernetesObject): string {
  return describeId(idOf(node));
}
