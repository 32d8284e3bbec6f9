/**
 * Builds a kustomization as `kubectl kustomize` does, as far as the files of this folder go. What it cannot see (remote
 * bases, charts, plug-ins) is noted as unseen; what kustomize would refuse is said, and the rest goes on.
 *
 * Source: kustomize v5.7.1, `api/internal/target/kusttarget.go`.
 */
import { posix } from "node:path";
import type { MappingNode, TreeNode } from "../../../../formats/tree.ts";
import { type Place, Source, wholeFile } from "../../../../lib/place.ts";
import type { FileFailure } from "../../../../repository/file-failure.ts";
import type { TextFile } from "../../../../repository/files.ts";
import { kustomizeChart } from "../charts.ts";
import { isNothing, itemsOf, scalar, type Text, textAt, valueAt, without, withValue, withValueAt } from "../nodes.ts";
import { isObjectWithoutVersion, refusedByKubectl } from "../refused-objects.ts";
import type { LoadSession } from "../session.ts";
import { type Configuration, joined, noConfiguration, readConfigurations } from "./configurations.ts";
import { fixReferences } from "./fix-references.ts";
import { generate } from "./generate.ts";
import { contentHash } from "./hash.ts";
import { emptyKustomization, type Kustomization, kustomizationNames, readKustomization } from "./kustomization.ts";
import { nameReferences } from "./name-references.ts";
import { type Beyond, Patcher } from "./patches.ts";
import { isRemote } from "./remote.ts";
import { applyReplacements } from "./replacements.ts";
import { describeId, Resource } from "./resource.ts";
import { ResourceSet } from "./resource-set.ts";
import { TargetFiles } from "./target-files.ts";
import {
  addAnnotations,
  addLabels,
  addPrefix,
  addSuffix,
  setImages,
  setNamespace,
  setReplicas,
  withoutLocal,
} from "./transform.ts";
import { resolveVars } from "./vars.ts";

export interface BuildOptions {
  /** Flux lets a kustomization name files outside its folder; kustomize does not unless told to. */
  readonly anyFile?: true;
  /** What is laid over the kustomization of the folder itself, before it is built. */
  readonly amend?: (kustomization: Kustomization) => Kustomization;
  /** The files of a folder that has no kustomization, for a builder that makes one up. */
  readonly generated?: readonly Text[];
}

/** What has been gathered, with what the end of the build still needs to know. */
interface Gathered {
  readonly resources: readonly Resource[];
  readonly configuration: Configuration;
  readonly vars: readonly MappingNode[];
  /** How many things the session had not seen before the first of them was looked for. */
  readonly unseenBefore?: number;
}

const nothing: Gathered = { resources: [], configuration: noConfiguration, vars: [] };

/** The objects that the kustomization of a folder (relative to the root) makes. */
export function buildKustomization(
  session: LoadSession,
  folder: string,
  options: BuildOptions = {},
): readonly Resource[] {
  return new Build(session, options).run(folder);
}

/** Folders inside folders: more are a circle that was not seen. */
const mostNested = 60;
/** Bases that are read in one build, each as often as it is named. */
const mostBases = 5000;

class Build {
  readonly #session: LoadSession;
  readonly #options: BuildOptions;
  #bases = 0;

  constructor(session: LoadSession, options: BuildOptions) {
    this.#session = session;
    this.#options = options;
  }

  run(folder: string): readonly Resource[] {
    const own = this.#kustomizationOf(folder);
    const kustomization = own ?? (this.#options.generated === undefined ? undefined : this.#madeUp(folder));
    if (kustomization === undefined) return [];
    const amended = this.#options.amend?.(kustomization) ?? kustomization;
    const { resources, configuration, vars } = this.#target(amended, nothing, [folder]);
    for (const resource of resources) addHash(resource);
    const more = configuration.nameReferences;
    fixReferences(resources, more.length === 0 ? nameReferences : [...nameReferences, ...more]);
    for (const entry of resolveVars(resources, vars, configuration.variables)) {
      this.#session.error(
        `The variable \`${textAt(entry, "name") ?? ""}\` stands for no field of one object.`,
        entry.place,
      );
    }
    for (const resource of resources) dropEmptyAnnotations(resource);
    return withoutLocal(resources);
  }

  #madeUp(folder: string): Kustomization {
    const place = wholeFile(new Source(posix.join(folder, "kustomization.yaml"), ""));
    return { ...emptyKustomization(folder, place), resources: this.#options.generated ?? [] };
  }

  /** The kustomization of a folder, or undefined; why not is said by who asks. */
  #kustomizationOf(folder: string): Kustomization | undefined {
    const { files } = this.#session;
    const paths = kustomizationNames.map((name) => posix.join(folder, name)).filter((path) => files.exists(path));
    const [path] = paths;
    if (path === undefined) return undefined;
    // The file itself is read as kubectl reads files, unlike those that it names.
    const [root] = this.#session.documents(path, "kubectl");
    const place = root?.place ?? { kind: "object", locator: path };
    if (paths.length > 1)
      this.#session.error(
        `${folder === "" ? "The folder" : folder} has more than one kustomization file; kustomize refuses that.`,
        place,
      );
    if (root === undefined || isNothing(root)) {
      // Why a text that is not empty gives nothing is said already.
      if (!isBlank(this.#session.files.read(path))) return emptyKustomization(folder, place);
      this.#session.warning(`${path} is empty; kustomize refuses that.`, place);
      return emptyKustomization(folder, place);
    }
    if (root.kind === "mapping")
      return readKustomization(path, root, (message, at, hint) => this.#session.error(message, at, hint));
    this.#session.error(`${path} is no kustomization: a mapping with \`resources:\` and the like is expected.`, place);
    return emptyKustomization(folder, place);
  }

  /** One kustomization with all that it names; a component works on what is there already. */
  #target(kustomization: Kustomization, before: Gathered, way: readonly string[]): Gathered {
    const files = new TargetFiles(this.#session, kustomization.folder, this.#options.anyFile !== true);
    const set = new ResourceSet(before.resources);
    let { configuration, vars } = before;
    const { unseenBefore = this.#session.unseen.length } = before;
    for (const entry of kustomization.resources) {
      const base = this.#resource(entry, set, files, way);
      configuration = joined(configuration, base.configuration);
      vars = [...vars, ...base.vars];
    }
    configuration = joined(configuration, readConfigurations(kustomization, files));
    this.#noteUnseen(kustomization, files);
    const beyond = this.#beyond(unseenBefore, kustomization);
    for (const kind of ["ConfigMap", "Secret"] as const)
      this.#absorb(set, generate(kind, kustomization, files), beyond);
    let gathered: Gathered = { resources: set.resources, configuration, vars, unseenBefore };
    for (const entry of kustomization.components) gathered = this.#component(entry, gathered, files, way);
    const changed = this.#beyond(unseenBefore, kustomization);
    const resources = this.#transformed(gathered.resources, kustomization, gathered.configuration, files, changed);
    return { ...gathered, resources, vars: [...gathered.vars, ...kustomization.vars] };
  }

  #transformed(
    before: readonly Resource[],
    kustomization: Kustomization,
    configuration: Configuration,
    files: TargetFiles,
    beyond: Beyond | undefined,
  ): readonly Resource[] {
    const resources = new Patcher(before, files, beyond).first(kustomization);
    const { namespace, namePrefix, nameSuffix } = kustomization;
    if (namespace !== undefined && namespace.text !== "") setNamespace(resources, namespace, configuration);
    addPrefix(resources, namePrefix?.text ?? "");
    addSuffix(resources, nameSuffix?.text ?? "");
    addLabels(resources, kustomization, configuration);
    addAnnotations(resources, kustomization, configuration);
    const patched = new Patcher(resources, files, beyond).later(kustomization);
    for (const entry of setReplicas(patched, kustomization.replicas, configuration)) {
      const message = `No object is called \`${textAt(entry, "name") ?? ""}\`, whose replicas are set here; kustomize stops here.`;
      this.#session.error(message, entry.place);
    }
    setImages(patched, kustomization.images, configuration);
    applyReplacements(patched, kustomization, files);
    return patched;
  }

  /** Adds what an entry of `resources` leads to, and gives what else comes with it. */
  #resource(entry: Text, set: ResourceSet, files: TargetFiles, way: readonly string[]): Gathered {
    const path = files.resolve(entry.text);
    if (path !== undefined && this.#session.files.isFolder(path)) return this.#base(entry, path, set, way);
    if (path !== undefined && this.#session.files.exists(path)) {
      this.#add(set, this.#objectsOf(files.documents(entry)), entry.place);
    } else if (isRemote(entry.text)) this.#remote(entry, "base");
    else files.open(entry);
    return nothing;
  }

  #objectsOf(documents: readonly TreeNode[]): readonly Resource[] {
    return documents.flatMap((document): readonly Resource[] => {
      if (isNothing(document)) return [];
      if (textAt(document, "kind")?.endsWith("List") === true && document.kind === "mapping") {
        const items = document.entries.get("items")?.value;
        if (items?.kind === "sequence") return this.#objectsOf(itemsOf(items));
      }
      if (document.kind === "mapping" && isNamed(document)) return [new Resource(document)];
      if (document.kind === "mapping" && isObjectWithoutVersion(document)) {
        for (const problem of refusedByKubectl(document)) this.#session.note(problem);
        if (textAt(document, "kind") !== undefined) return [new Resource(document)];
      }
      this.#session.error(
        "This is no Kubernetes object: it needs `apiVersion`, `kind` and `metadata.name`; kustomize stops here.",
        document.place,
      );
      return [];
    });
  }

  #base(entry: Text, folder: string, set: ResourceSet, way: readonly string[]): Gathered {
    const kustomization = this.#enter(entry, folder, way);
    if (kustomization === undefined) return nothing;
    if (kustomization.component) {
      this.#session.error(`\`${entry.text}\` is a component; it belongs under \`components\`.`, entry.place);
      return nothing;
    }
    const base = this.#target(kustomization, nothing, [...way, folder]);
    this.#add(set, base.resources, entry.place);
    return base;
  }

  #component(entry: Text, gathered: Gathered, files: TargetFiles, way: readonly string[]): Gathered {
    const folder = files.resolve(entry.text);
    if (folder === undefined || !this.#session.files.isFolder(folder)) {
      if (isRemote(entry.text)) this.#remote(entry, "component");
      else this.#session.error(`\`${entry.text}\` is no folder with a component.`, entry.place, "Correct the path.");
      return gathered;
    }
    const kustomization = this.#enter(entry, folder, way);
    if (kustomization === undefined) return gathered;
    if (kustomization.component) return this.#target(kustomization, gathered, [...way, folder]);
    this.#session.error(`\`${entry.text}\` is no component; it belongs under \`resources\`.`, entry.place);
    return gathered;
  }

  /** The kustomization of a folder that another one leads to, or undefined once it is said why it is not followed. */
  #enter(entry: Text, folder: string, way: readonly string[]): Kustomization | undefined {
    const around = way.find((visited) => visited === folder || visited.startsWith(folder === "" ? "" : `${folder}/`));
    if (around !== undefined) {
      const message = `\`${entry.text}\` leads back to a folder that this kustomization is in; kustomize refuses that circle.`;
      this.#session.error(message, entry.place, "Put what both need into a base beside them.");
      return undefined;
    }
    this.#bases += 1;
    if (way.length > mostNested || this.#bases > mostBases) {
      this.#session.error(
        "Bases lead to more bases than can be followed; from here on they are not read.",
        entry.place,
      );
      return undefined;
    }
    const kustomization = this.#kustomizationOf(folder);
    if (kustomization !== undefined) return kustomization;
    this.#session.error(
      `\`${entry.text}\` is a folder without a kustomization.`,
      entry.place,
      "Add one, or name its files.",
    );
    return undefined;
  }

  #remote({ text, place }: Text, what: string): void {
    const why = "it is fetched from elsewhere; give what it makes with --rendered";
    this.#session.unseen.push({ kind: "remote", what: `the remote ${what} ${text}`, why, namespace: undefined, place });
  }

  /** Charts and plug-ins: nothing here runs them. */
  #noteUnseen({ helmCharts, generators, transformers, namespace }: Kustomization, files: TargetFiles): void {
    for (const chart of helmCharts) {
      const release = kustomizeChart(chart, namespace?.text, files);
      if (release !== undefined) this.#session.charts.push(release);
      const name = textAt(chart, "releaseName") ?? textAt(chart, "name") ?? "";
      this.#session.unseen.push({
        kind: "chart",
        what: `the Helm chart ${name}`,
        why: "its chart is not rendered here; give the output of `helm template` with --rendered",
        namespace: textAt(chart, "namespace") ?? namespace?.text,
        place: chart.place,
      });
    }
    for (const [entries, verb] of [
      [generators, "makes"],
      [transformers, "changes"],
    ] as const) {
      for (const { text, place } of entries) {
        const what = `the plug-in ${text.split("\n")[0]}`;
        const why = `what it ${verb} is not worked out here, be it built in or a program; give the output of \`kubectl kustomize\` with --rendered`;
        this.#session.unseen.push({ kind: "plugin", what, why, namespace: undefined, place });
      }
    }
  }

  #add(set: ResourceSet, resources: readonly Resource[], place: Place): void {
    for (const resource of resources) {
      if (set.add(resource)) continue;
      this.#session.error(`${describeId(resource.id)} is here already; kustomize refuses a second one.`, place);
    }
  }

  /** Where something that makes objects is not seen here, what is for an object that is not among them may be for one of its. */
  #beyond(unseenBefore: number, { namespace }: Kustomization): Beyond | undefined {
    const brings = this.#session.unseen.slice(unseenBefore).some(({ kind }) => kind !== "elsewhere");
    return brings ? (node) => this.#session.changes.push(inNamespace(node, namespace)) : undefined;
  }

  #absorb(set: ResourceSet, made: readonly Resource[], beyond: Beyond | undefined): void {
    for (const resource of made) {
      const { place } = resource.node;
      if (resource.behavior === "create") this.#add(set, [resource], place);
      else if (set.absorb(resource)) continue;
      else if (beyond !== undefined) beyond(resource.node);
      else {
        const message = `${describeId(resource.id)} is to be changed by a generator, and is not here; kustomize stops here.`;
        this.#session.error(message, place);
      }
    }
  }
}

/** What a patch changes of an object that is not seen, in the namespace that the kustomization sets. */
function inNamespace(node: MappingNode, namespace: Text | undefined): MappingNode {
  if (namespace === undefined || textAt(node, "metadata", "namespace") !== undefined) return node;
  return withValueAt(node, ["metadata", "namespace"], scalar(namespace.text, namespace.place));
}

function isBlank(file: TextFile | FileFailure): boolean {
  return file.ok && file.text.split("\n").every((line) => /^\s*(?:#|---|$)/.test(line));
}

function isNamed(document: MappingNode): boolean {
  return (
    ["apiVersion", "kind"].every((key) => textAt(document, key) !== undefined) &&
    textAt(document, "metadata", "name") !== undefined
  );
}

function dropEmptyAnnotations(resource: Resource): void {
  const metadata = valueAt(resource.node, "metadata");
  const annotations = valueAt(metadata, "annotations");
  if (metadata?.kind !== "mapping" || annotations?.kind !== "mapping" || annotations.entries.size > 0) return;
  resource.node = withValue(resource.node, "metadata", without(metadata, "annotations"));
}

function addHash(resource: Resource): void {
  if (!resource.needsHash) return;
  resource.remember();
  resource.rename(`${resource.id.name}-${contentHash(resource.node)}`);
}
