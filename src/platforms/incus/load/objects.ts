import { type Fact, knownValue, unstated } from "../../../facts/fact.ts";
import { asText, Fields } from "../../../formats/fields.ts";
import type { TofuConfiguration, TofuResource } from "../../../formats/hcl/module/configuration.ts";
import { append } from "../../../lib/append.ts";
import { type IncusKind, kindOf } from "./kinds.ts";

/** One object that a configuration asks Incus or LXD for. */
export interface IncusObject {
  readonly kind: IncusKind;
  readonly flavour: "incus" | "lxd";
  readonly resource: TofuResource;
  readonly fields: Fields;
  readonly name: Fact<string>;
  /** The project that it is in; `default` where none is stated. */
  readonly project: Fact<string>;
}

/** All objects of a configuration, found by kind, by address and by name. */
export class IncusObjects {
  readonly configuration: TofuConfiguration;
  readonly #byKind = new Map<IncusKind, IncusObject[]>();
  readonly #byAddress = new Map<string, IncusObject>();
  readonly #byName = new Map<string, IncusObject[]>();
  readonly #data = new Map<string, IncusObject>();

  constructor(configuration: TofuConfiguration) {
    this.configuration = configuration;
    for (const resource of configuration.resources) {
      const found = kindOf(resource.type);
      if (found === undefined) continue;
      const fields = Fields.of(resource.attributes, resource.place, resource.address);
      const name = fields.fact("name", asText, "a text", unstated);
      const project = fields.fact("project", asText, "a text", unstated);
      const object: IncusObject = { ...found, resource, fields, name, project };
      if (resource.mode === "data") {
        this.#data.set(resource.address, object);
        continue;
      }
      append(this.#byKind, found.kind, object);
      this.#byAddress.set(resource.address, object);
      const called = knownValue(name);
      if (called !== undefined) append(this.#byName, `${found.kind} ${called}`, object);
    }
  }

  all(kind: IncusKind): readonly IncusObject[] {
    return this.#byKind.get(kind) ?? [];
  }

  /** The object that a text was taken from, by the address that it bears as a name. */
  at(names: readonly string[] | undefined, kind: IncusKind): IncusObject | undefined {
    for (const name of names ?? []) {
      const object = this.#byAddress.get(name);
      if (object?.kind === kind) return object;
    }
    return undefined;
  }

  /** What a `data` block says that a text was taken from. */
  dataAt(names: readonly string[] | undefined, kind: IncusKind): IncusObject | undefined {
    for (const name of names ?? []) {
      const object = this.#data.get(name);
      if (object?.kind === kind) return object;
    }
    return undefined;
  }

  /** The object of a name; of several in different projects the one in the same project. */
  named(kind: IncusKind, name: string, project?: Fact<string>): IncusObject | undefined {
    const same = this.#byName.get(`${kind} ${name}`) ?? [];
    const wanted = project === undefined ? undefined : knownValue(project);
    return same.find((object) => knownValue(object.project) === wanted) ?? same[0];
  }

  /** Why there may be objects that are not described here; undefined when all of the configuration was seen. */
  get incomplete(): string | undefined {
    return this.configuration.incomplete;
  }
}
