import { append } from "../../../../lib/append.ts";
import { absorbed } from "./generate.ts";
import { keyOf, type Resource } from "./resource.ts";

/** Objects while they are gathered: in order, and no two with one id. Not to be used once their ids change. */
export class ResourceSet {
  readonly #list: Resource[];
  readonly #present = new Set<string>();
  /** By every id that they have or had; made when it is first asked for. */
  #byAnyId: Map<string, Resource[]> | undefined;

  constructor(resources: readonly Resource[]) {
    this.#list = [...resources];
    for (const { id } of resources) this.#present.add(keyOf(id));
  }

  get resources(): readonly Resource[] {
    return this.#list;
  }

  /** False for an object whose id another one has; it is not taken. */
  add(resource: Resource): boolean {
    const key = keyOf(resource.id);
    if (this.#present.has(key)) return false;
    this.#present.add(key);
    this.#list.push(resource);
    if (this.#byAnyId !== undefined) for (const id of resource.ids) append(this.#byAnyId, keyOf(id), resource);
    return true;
  }

  /** Lays what a generator makes over the object that has or had its id; false when there is none. */
  absorb(made: Resource): boolean {
    const index = this.#index();
    const old = index.get(keyOf(made.id))?.[0];
    if (old === undefined) return false;
    const result = absorbed(old, made);
    this.#list[this.#list.indexOf(old)] = result;
    for (const id of old.ids) {
      const list = index.get(keyOf(id)) ?? [];
      index.set(
        keyOf(id),
        list.map((each) => (each === old ? result : each)),
      );
    }
    return true;
  }

  #index(): Map<string, Resource[]> {
    this.#byAnyId ??= indexByAnyId(this.#list);
    return this.#byAnyId;
  }
}

/** Objects by every id that they have or had. */
export function indexByAnyId(resources: readonly Resource[]): Map<string, Resource[]> {
  const index = new Map<string, Resource[]>();
  for (const resource of resources) {
    for (const key of new Set(resource.ids.map(keyOf))) append(index, key, resource);
  }
  return index;
}
