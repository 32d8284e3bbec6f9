import { posix } from "node:path";
import type { Place } from "../../../lib/place.ts";
import type { HclBlock } from "../ast.ts";
import { Evaluator } from "../evaluate/evaluator.ts";
import { type Namespace, type Scope, withNames } from "../evaluate/scope.ts";
import type { FunctionSurroundings } from "../functions/define.ts";
import {
  failing,
  type HclValue,
  list,
  type MapEntry,
  type MapValue,
  madeOf,
  map,
  text,
  unknown,
} from "../value/value.ts";
import { bodyValues, type StepValues, stepValues } from "./body-values.ts";
import { computed } from "./computed.ts";
import type { ModuleSource, ResourceBlock } from "./module-source.ts";
import { type Repeated, type Repetition, repetition } from "./repetition.ts";
import { constrained, typeConstraint } from "./type-constraint.ts";

/** What a module asks of whoever loads modules. */
export interface ModuleLoader {
  /** The module that a call's source names, or a clause why it cannot be seen. */
  load(source: HclValue | undefined, from: ModuleSource): ModuleSource | { readonly why: string };
}

/** A resource block with its instances. */
export interface ResourceInstances {
  readonly resource: ResourceBlock;
  readonly repetition: Repetition;
  readonly instances: readonly {
    readonly repeated: Repeated;
    readonly attributes: MapValue;
    readonly steps: readonly StepValues[];
  }[];
}

/** A module call with the instances of the module. */
export interface ModuleCall {
  readonly name: string;
  readonly block: HclBlock;
  readonly repetition: Repetition;
  readonly instances: readonly { readonly repeated: Repeated; readonly module: ModuleInstance }[];
  /** Why the module cannot be seen; then there are no instances. */
  readonly unseen: string | undefined;
}

/** What a module, and one instance of a resource, cost of the work that one configuration may ask for. */
const moduleCost = 50;
const instanceCost = 20;

/** One module with its inputs: everything in it is evaluated once, when it is asked for. */
export class ModuleInstance {
  readonly source: ModuleSource;
  /** Empty for the root, `module.caddy` for one that it calls. */
  readonly address: string;
  readonly #root: string;
  readonly #surroundings: FunctionSurroundings;
  readonly #loader: ModuleLoader;
  readonly #input: (name: string, place: Place) => HclValue | undefined;
  /** The folders of the modules that it lies in, its own too. */
  readonly #around: ReadonlySet<string>;
  readonly #memo = new Map<string, HclValue>();
  readonly #resources = new Map<ResourceBlock, ResourceInstances>();
  readonly #calls = new Map<string, ModuleCall>();
  readonly #running = new Set<unknown>();
  readonly #scope: Scope = { lookup: (name) => this.#lookup(name) };

  constructor(init: {
    readonly source: ModuleSource;
    readonly address: string;
    /** The root module's folder. */
    readonly root: string;
    readonly surroundings: FunctionSurroundings;
    readonly loader: ModuleLoader;
    /** The value that a variable is given; undefined for none. */
    readonly input: (name: string, place: Place) => HclValue | undefined;
    readonly around?: ReadonlySet<string>;
  }) {
    this.source = init.source;
    this.address = init.address;
    this.#root = init.root;
    this.#surroundings = init.surroundings;
    this.#loader = init.loader;
    this.#input = init.input;
    this.#around = new Set([...(init.around ?? []), init.source.folder]);
    init.surroundings.budget.spend(moduleCost);
  }

  /** Evaluates in the module's own scope, with names of one instance before it. */
  evaluator(names?: ReadonlyMap<string, HclValue | Namespace>): Evaluator {
    const scope = names === undefined || names.size === 0 ? this.#scope : withNames(this.#scope, names);
    return new Evaluator(scope, this.#surroundings);
  }

  variable(name: string, place: Place): HclValue {
    const block = this.source.variables.get(name);
    if (block === undefined) return this.#undefined(`there is no variable ${name}`, place);
    return this.#once(`var.${name}`, place, () => this.#variable(name, block, place));
  }

  output(name: string, place: Place): HclValue {
    const block = this.source.outputs.get(name);
    const value = block?.body.attributes.get("value");
    if (block === undefined || value === undefined) return this.#undefined(`there is no output ${name}`, place);
    return this.#once(`output.${name}`, place, () => {
      const made = this.evaluator().evaluate(value.value);
      return isTrue(block, "sensitive") ? { ...made, sensitive: true } : made;
    });
  }

  /** The instances of a resource, each with its attributes. */
  instancesOf(resource: ResourceBlock): ResourceInstances {
    const known = this.#resources.get(resource);
    if (known !== undefined) return known;
    const evaluator = this.evaluator();
    const repeated = repetition(resource.block, evaluator);
    this.#surroundings.budget.spend(repeated.instances.length * instanceCost);
    const instances = repeated.instances.map((one) => ({
      repeated: one,
      attributes: bodyValues(resource.block.body, this.evaluator(one.names)),
      steps: stepValues(resource.block.body, this.evaluator(one.names)),
    }));
    const made = { resource, repetition: repeated, instances };
    this.#resources.set(resource, made);
    return made;
  }

  /** `module.caddy.incus_instance.this["a"]` */
  addressOf({ mode, type, name }: ResourceBlock, key: number | string | undefined): string {
    const prefix = this.address === "" ? "" : `${this.address}.`;
    return `${prefix}${mode === "data" ? "data." : ""}${type}.${name}${keyed(key)}`;
  }

  /** The instances of a module that is called. */
  callOf(name: string, block: HclBlock): ModuleCall {
    const known = this.#calls.get(name);
    if (known !== undefined) return known;
    const evaluator = this.evaluator();
    const repeated = repetition(block, evaluator);
    const source = block.body.attributes.get("source");
    const found = this.#loader.load(source && evaluator.evaluate(source.value), this.source);
    const loaded =
      !("why" in found) && this.#around.has(found.folder)
        ? { why: "it calls itself, through others or directly" }
        : found;
    const made: ModuleCall =
      "why" in loaded
        ? { name, block, repetition: repeated, instances: [], unseen: loaded.why }
        : {
            name,
            block,
            repetition: repeated,
            instances: repeated.instances.map((one) => ({
              repeated: one,
              module: this.#child(name, block, loaded, one),
            })),
            unseen: undefined,
          };
    this.#calls.set(name, made);
    return made;
  }

  #child(name: string, block: HclBlock, source: ModuleSource, repeated: Repeated): ModuleInstance {
    const inputs = new Map<string, HclValue>();
    const input = (wanted: string): HclValue | undefined => {
      const known = inputs.get(wanted);
      const attribute = block.body.attributes.get(wanted);
      if (known !== undefined || attribute === undefined) return known;
      const value = this.evaluator(repeated.names).evaluate(attribute.value);
      inputs.set(wanted, value);
      return value;
    };
    return new ModuleInstance({
      source,
      address: `${this.address === "" ? "" : `${this.address}.`}module.${name}${keyed(repeated.key)}`,
      root: this.#root,
      surroundings: this.#surroundings,
      loader: this.#loader,
      input,
      around: this.#around,
    });
  }

  #variable(name: string, block: HclBlock, place: Place): HclValue {
    const given = this.#input(name, place);
    const otherwise = block.body.attributes.get("default");
    const evaluate = (expression: Parameters<Evaluator["evaluate"]>[0]) => this.evaluator().evaluate(expression);
    const refusesNull = isFalse(block, "nullable");
    const chosen =
      given !== undefined && !(given.kind === "null" && refusesNull)
        ? given
        : otherwise === undefined
          ? unknown(`var.${name} is given no value in these files`, place)
          : evaluate(otherwise.value);
    const type = typeConstraint(block.body.attributes.get("type")?.value);
    const value = constrained(chosen, type, evaluate, this.#surroundings.budget);
    const sensitive = isTrue(block, "sensitive") || isTrue(block, "ephemeral");
    const named = madeOf(value, [{ kind: "null", place, from: [`var.${name}`] }]);
    return sensitive ? { ...named, sensitive: true } : named;
  }

  #lookup(name: string): HclValue | Namespace | undefined {
    switch (name) {
      case "var":
        return namespace((key, place) => this.variable(key, place));
      case "local":
        return namespace((key, place) => this.#local(key, place));
      case "module":
        return namespace((key, place) => this.#module(key, place));
      case "data":
        return namespace((type) => this.#type("data", type));
      case "resource":
        return namespace((type) => this.#type("managed", type));
      case "ephemeral":
        return namespace((type, place) => unknown(`what ephemeral.${type} gives is known when it is applied`, place));
      case "path":
        return namespace((key, place) => this.#path(key, place));
      case "terraform":
      case "tofu":
        return namespace((key, place) => unknown(`${name}.${key} is known when it is applied`, place));
      case "self":
        return namespace((_, place) => unknown("self is known when it is applied", place));
      default:
        return this.source.resources.some((resource) => resource.type === name)
          ? this.#type("managed", name)
          : undefined;
    }
  }

  #local(name: string, place: Place): HclValue {
    const local = this.source.locals.get(name);
    if (local === undefined) return this.#undefined(`there is no local ${name}`, place);
    return this.#once(`local.${name}`, place, () => this.evaluator().evaluate(local.value));
  }

  #type(mode: ResourceBlock["mode"], type: string): Namespace {
    return namespace((name, place) => this.#resource(mode, type, name, place));
  }

  #resource(mode: ResourceBlock["mode"], type: string, name: string, place: Place): HclValue {
    const resource = this.source.resources.find(
      (each) => each.mode === mode && each.type === type && each.name === name,
    );
    if (resource === undefined) return this.#undefined(`there is no ${type}.${name}`, place);
    return this.#once(`${mode} ${type}.${name}`, place, () => {
      const { instances, repetition: repeated } = this.instancesOf(resource);
      return arranged(
        repeated,
        instances.map(
          ({ repeated: one, attributes }) =>
            [one, this.#computed(resource, this.addressOf(resource, one.key), attributes)] as const,
        ),
        resource.block.place,
      );
    });
  }

  #computed(resource: ResourceBlock, address: string, attributes: MapValue): MapValue {
    const made = computed(resource, address, attributes);
    if (resource.mode !== "data" || resource.type !== "template_file") return made;
    const rendered = this.#rendered(attributes);
    if (rendered === undefined) return made;
    return { ...made, entries: new Map([...made.entries, ["rendered", { keyPlace: made.place, value: rendered }]]) };
  }

  /** What `template_file` makes of its text and `vars`, as `templatefile` does: docs of hashicorp/template 2.2. */
  #rendered(attributes: MapValue): HclValue | undefined {
    const template = attributes.entries.get("template")?.value;
    const given = attributes.entries.get("vars")?.value;
    // Up to Terraform 0.11 it could be written as a block.
    const vars = given?.kind === "list" ? given.items[0] : given;
    if (template?.kind !== "text" || (vars !== undefined && vars.kind !== "map")) return undefined;
    const names = new Map([...(vars?.entries ?? [])].map(([name, { value }]) => [name, value]));
    return this.#surroundings.template(template.value, template.file, names, template.place);
  }

  #module(name: string, place: Place): HclValue | Namespace {
    const block = this.source.calls.get(name);
    if (block === undefined) return this.#undefined(`there is no module ${name}`, place);
    const call = this.callOf(name, block);
    if (call.unseen !== undefined) return unknown(`module.${name} cannot be seen here: ${call.unseen}`, place);
    if (call.repetition.style === "one") {
      const [only] = call.instances;
      return namespace((output, at) => only?.module.output(output, at) ?? failing("there is no such module", at));
    }
    return this.#once(`module.${name}`, place, () =>
      arranged(
        call.repetition,
        call.instances.map(({ repeated, module }) => [repeated, module.outputs(place)] as const),
        block.place,
      ),
    );
  }

  /** All outputs as one value. */
  outputs(place: Place): MapValue {
    const entries = [...this.source.outputs].map(([name, block]): [string, MapEntry] => [
      name,
      { keyPlace: block.place, value: this.output(name, place) },
    ]);
    return map(new Map(entries), place, this.source.incomplete);
  }

  #path(name: string, place: Place): HclValue {
    if (name === "module") return text(posix.relative(this.#root, this.source.folder) || ".", place);
    if (name === "root") return text(".", place);
    return unknown(`path.${name} depends on where the repository lies`, place);
  }

  /** What a file that could not be read may define is not known to be missing. */
  #undefined(why: string, place: Place): HclValue {
    return this.source.incomplete === undefined ? failing(why, place) : unknown(this.source.incomplete, place);
  }

  /** Evaluates once; whatever refers to itself meanwhile cannot be told. */
  #once(key: string, place: Place, make: () => HclValue): HclValue {
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    if (this.#running.has(key)) return unknown("it refers to itself", place);
    if (!this.#surroundings.budget.enter()) return unknown("it refers to too many others in a row", place);
    this.#running.add(key);
    const value = make();
    this.#running.delete(key);
    this.#surroundings.budget.leave();
    this.#memo.set(key, value);
    return value;
  }
}

function namespace(get: Namespace["get"]): Namespace {
  return { kind: "namespace", get };
}

/** `[0]`, `["a"]`, or nothing. */
export function keyed(key: number | string | undefined): string {
  if (key === undefined) return "";
  return typeof key === "number" ? `[${key}]` : `[${JSON.stringify(key)}]`;
}

/** Instances as the value that their block's name stands for: one object, a list of them, or a map. */
function arranged(
  { style, incomplete }: Repetition,
  instances: readonly (readonly [Repeated, MapValue])[],
  place: Place,
): HclValue {
  if (style === "one") return instances[0]?.[1] ?? failing("there is no instance", place);
  const known = instances.filter(([{ condition }]) => condition === undefined);
  if (style === "count") {
    return list(
      known.map(([, value]) => value),
      place,
      incomplete,
    );
  }
  const entries = known.map(([{ key }, value]): [string, MapEntry] => [String(key), { keyPlace: place, value }]);
  return map(new Map(entries), place, incomplete);
}

function isTrue(block: HclBlock, name: string): boolean {
  const value = block.body.attributes.get(name)?.value;
  return value?.kind === "literal" && value.value === true;
}

function isFalse(block: HclBlock, name: string): boolean {
  const value = block.body.attributes.get(name)?.value;
  return value?.kind === "literal" && value.value === false;
}
