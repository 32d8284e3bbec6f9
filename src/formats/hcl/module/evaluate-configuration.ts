import { posix } from "node:path";
import type { InputProblem } from "../../../facts/system.ts";
import type { Place, Source } from "../../../lib/place.ts";
import { type ConfinedFiles, normalise } from "../../../repository/files.ts";
import { child, type MappingNode, type TreeNode } from "../../tree.ts";
import type { HclBlock } from "../ast.ts";
import { Budget, Exhausted } from "../value/budget.ts";
import { mapTree, toTree } from "../value/to-tree.ts";
import { type HclValue, unknown } from "../value/value.ts";
import { bodyValues } from "./body-values.ts";
import type { TofuConfiguration, TofuResource, TofuVariable, UnseenModule } from "./configuration.ts";
import { type ModuleCall, ModuleInstance, type ModuleLoader } from "./module-instance.ts";
import { isModuleFile, type ModuleSource, readModule } from "./module-source.ts";
import { type ModuleSettings, settingsOf } from "./settings.ts";
import { functionSurroundings } from "./template-files.ts";
import { type GivenVariables, givenVariables } from "./variable-files.ts";

/** The files of a repository, and their names by folder. */
export interface ModuleFiles {
  readonly files: ConfinedFiles;
  readonly paths: readonly string[];
  readonly byFolder: ReadonlyMap<string, readonly string[]>;
}

/**
 * Evaluates the configuration whose root module lies in a folder, with the modules that it calls and that lie in the
 * repository. Nothing runs, no provider is asked, no variable is taken from the environment. Never throws.
 */
export function evaluateConfiguration(from: ModuleFiles, folder: string): TofuConfiguration {
  const budget = new Budget();
  const loader = new FolderLoader(from);
  const gathering = new Gathering(budget);
  const surroundings = functionSurroundings(from.files, from.paths, folder, budget);
  const names = from.byFolder.get(folder) ?? [];
  const source = loader.module(folder);
  let given: GivenVariables = { values: new Map(), incomplete: undefined, files: [], problems: [], sources: [] };
  try {
    given = givenVariables(from.files, folder, names, surroundings);
    const input = (name: string, place: Place) =>
      given.values.get(name) ?? (given.incomplete === undefined ? undefined : unknown(given.incomplete, place));
    gathering.module(new ModuleInstance({ source, address: "", root: folder, surroundings, loader, input }));
    gathering.given(given);
  } catch (error) {
    if (!(error instanceof Exhausted)) throw error;
    gathering.exhausted(source);
  }
  return gathering.result(folder, given, loader.loaded);
}

/** Finds modules by the folder that a call names. */
class FolderLoader implements ModuleLoader {
  readonly #from: ModuleFiles;
  readonly #loaded = new Map<string, ModuleSource>();

  constructor(from: ModuleFiles) {
    this.#from = from;
  }

  get loaded(): readonly ModuleSource[] {
    return [...this.#loaded.values()];
  }

  module(folder: string): ModuleSource {
    const known = this.#loaded.get(folder);
    if (known !== undefined) return known;
    const made = readModule(this.#from.files, folder, this.#from.byFolder.get(folder) ?? []);
    this.#loaded.set(folder, made);
    return made;
  }

  load(source: HclValue | undefined, from: ModuleSource): ModuleSource | { readonly why: string } {
    const folder = localFolder(source, from.folder);
    if (typeof folder !== "string") return folder;
    const names = this.#from.byFolder.get(folder) ?? [];
    return names.some(isModuleFile)
      ? this.module(folder)
      : { why: `there is no module in ${folder === "" ? "the folder itself" : folder}` };
  }
}

/** The folder that a call's source names, or why it names none of this repository. */
function localFolder(source: HclValue | undefined, from: string): string | { readonly why: string } {
  if (source === undefined) return { why: "it names no source" };
  if (source.kind === "unknown") return { why: `where it comes from cannot be told: ${source.why}` };
  if (source.kind !== "text") return { why: "its source is no text" };
  const written = source.value;
  if (/^(?:\.\.?\/|\.\.?$)/.test(written)) {
    const folder = normalise(posix.join(from, written));
    return folder ?? { why: "it lies outside the folder that is checked" };
  }
  if (/^(?:git(?:@|::)|github\.com\/|bitbucket\.org\/)|\.git(?:$|\/|\?)/.test(written)) {
    return { why: "it comes from another Git repository" };
  }
  return { why: /^(?:https?|s3|gcs|oci)(?::|:)/.test(written) ? "it is downloaded" : "it comes from a registry" };
}

/** Goes through all modules and gathers what they come to. */
class Gathering {
  readonly #budget: Budget;
  readonly #resources: TofuResource[] = [];
  readonly #unseen: UnseenModule[] = [];
  readonly #variables: TofuVariable[] = [];
  readonly #problems: InputProblem[] = [];
  readonly #given = new Map<string, TreeNode>();
  #settings: ModuleSettings | undefined;
  readonly #providers: ModuleSettings["providers"][number][] = [];
  #incomplete: string | undefined;
  #unread: string | undefined;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  module(module: ModuleInstance, condition?: string): void {
    this.#incomplete ??= module.source.incomplete;
    this.#unread ??= module.source.incomplete;
    const settings = settingsOf(module);
    this.#settings ??= settings;
    this.#providers.push(...settings.providers);
    for (const [name, block] of module.source.variables) this.#variable(module, name, block);
    for (const resource of module.source.resources) {
      const { instances } = module.instancesOf(resource);
      for (const { repeated, attributes, steps } of instances) {
        this.#resources.push({
          mode: resource.mode,
          type: resource.type,
          name: resource.name,
          address: module.addressOf(resource, repeated.key),
          attributes: mapTree(attributes, this.#budget),
          steps: steps.map((step) => ({ ...step, attributes: mapTree(step.attributes, this.#budget) })),
          condition: repeated.condition ?? condition,
          place: resource.block.place,
        });
      }
    }
    for (const [name, block] of module.source.calls) this.#call(module, module.callOf(name, block), condition);
  }

  #call(module: ModuleInstance, call: ModuleCall, condition: string | undefined): void {
    if (call.unseen === undefined) {
      for (const { repeated, module: inner } of call.instances) this.module(inner, repeated.condition ?? condition);
      return;
    }
    const [first] = call.repetition.instances;
    if (first === undefined) return;
    const attributes = mapTree(bodyValues(call.block.body, module.evaluator(first.names)), this.#budget);
    const address = `${module.address === "" ? "" : `${module.address}.`}module.${call.name}`;
    this.#unseen.push({
      address,
      source: child(attributes, "source"),
      version: child(attributes, "version"),
      attributes,
      why: call.unseen,
      place: child(attributes, "source")?.place ?? call.block.place,
    });
    this.#incomplete ??= `${address} cannot be seen here: ${call.unseen}`;
  }

  #variable(module: ModuleInstance, name: string, block: HclBlock): void {
    const otherwise = block.body.attributes.get("default");
    const flag = block.body.attributes.get("sensitive")?.value;
    this.#variables.push({
      address: `${module.address === "" ? "" : `${module.address}.`}var.${name}`,
      name,
      sensitive: flag?.kind === "literal" && flag.value === true,
      otherwise:
        otherwise === undefined ? undefined : toTree(module.evaluator().evaluate(otherwise.value), this.#budget),
      place: block.labels[0]?.place ?? block.place,
    });
  }

  given({ values }: GivenVariables): void {
    for (const [name, value] of values) this.#given.set(name, toTree(value, this.#budget));
  }

  exhausted(source: ModuleSource): void {
    this.#incomplete ??= "evaluating it takes too much work";
    this.#unread ??= this.#incomplete;
    const place: Place =
      source.sources[0] === undefined
        ? { kind: "object", locator: source.folder }
        : { kind: "file", source: source.sources[0], offset: 0 };
    this.#problems.push({
      severity: "error",
      message: "Evaluating this configuration takes more work than any honest one does; only part of it was read.",
      hint: "Look for lists that multiply one another.",
      place,
    });
  }

  result(folder: string, given: GivenVariables, modules: readonly ModuleSource[]): TofuConfiguration {
    const sources: Source[] = [...modules.flatMap((module) => module.sources), ...given.sources];
    const encryption: MappingNode | undefined = this.#settings?.encryption;
    return {
      folder,
      resources: this.#resources,
      unseen: this.#unseen,
      variables: this.#variables,
      providers: this.#providers,
      requiredProviders: this.#settings?.requiredProviders ?? [],
      backend: this.#settings?.backend,
      encryption,
      folders: modules.map((module) => module.folder),
      variableFiles: given.files,
      given: this.#given,
      incomplete: this.#incomplete,
      unread: this.#unread,
      problems: [...modules.flatMap((module) => module.problems), ...given.problems, ...this.#problems],
      sources,
    };
  }
}
