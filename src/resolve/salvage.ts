/** Reads as much as possible of a declaration that has mistakes. */
import { type Declaration, stackSchema } from "../stack/schema.ts";
import type { Path, Places } from "./places.ts";
import { type Issue, innermost } from "./schema-problems.ts";

/** Enough for a mistake to climb from the deepest value to its service. */
const attempts = 8;

/**
 * Reads again without what was wrong: first without the wrong value, then without its parent, and so on. The places
 * that it gives are those of the written text, though lists have become shorter.
 */
export function salvage(
  plain: unknown,
  issues: readonly Issue[],
  places: Places,
): { declaration: Declaration | undefined; places: Places } {
  const left: unknown = structuredClone(plain);
  const origins = new Map<unknown, number[]>();
  let wrong = issues;
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const issue of lastFirst(wrong)) drop(left, issue, origins);
    fillIn(left);
    const again = stackSchema.safeParse(left);
    if (again.success) return { declaration: again.data, places: translated(places, left, origins) };
    wrong = again.error.issues.flatMap(innermost);
  }
  return { declaration: undefined, places };
}

/** From the end of each list to its start, so that removing one item moves none that is still to be removed. */
function lastFirst(issues: readonly Issue[]): Issue[] {
  const unique = new Map(issues.map((issue) => [JSON.stringify(pathOf(issue)) + issue.code, issue]));
  return [...unique.values()].sort((a, b) => {
    const [left, right] = [pathOf(a), pathOf(b)];
    for (let index = 0; index < Math.min(left.length, right.length); index++) {
      const [x, y] = [left[index], right[index]];
      if (typeof x === "number" && typeof y === "number" && x !== y) return y - x;
      if (x !== y) return String(x) < String(y) ? -1 : 1;
    }
    return right.length - left.length;
  });
}

/** A stack without a name or services is read all the same, for the sake of its other mistakes. */
function fillIn(root: unknown): void {
  if (!isRecord(root)) return;
  root.name ??= "stack";
  if (!isRecord(root.services) || Object.keys(root.services).length === 0) {
    root.services = { placeholder: { image: "docker.io/library/placeholder:0" } };
  }
}

function drop(root: unknown, issue: Issue, origins: Map<unknown, number[]>): void {
  const path = pathOf(issue);
  if (issue.code === "unrecognized_keys") {
    const owner = valueAt(root, path);
    if (isRecord(owner)) for (const key of issue.keys) delete owner[key];
    return;
  }
  for (let length = path.length; length > 0; length--) {
    const owner = valueAt(root, path.slice(0, length - 1));
    const last = path[length - 1];
    if (Array.isArray(owner) && typeof last === "number" && last < owner.length) {
      const origin = origins.get(owner) ?? owner.map((_, index) => index);
      origin.splice(last, 1);
      origins.set(owner, origin);
      owner.splice(last, 1);
      return;
    }
    if (isRecord(owner) && last !== undefined && Object.hasOwn(owner, last)) {
      delete owner[String(last)];
      return;
    }
  }
}

function translated(places: Places, root: unknown, origins: ReadonlyMap<unknown, number[]>): Places {
  const original = (path: Path): Path =>
    path.map((part, index) => {
      const owner = valueAt(root, path.slice(0, index));
      return typeof part === "number" ? (origins.get(owner)?.[part] ?? part) : part;
    });
  return { value: (path) => places.value(original(path)), key: (path) => places.key(original(path)) };
}

/** What stands at a path of plain data; undefined when nothing does. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return typeof part === "number" ? value[part] : undefined;
    return isRecord(value) ? value[String(part)] : undefined;
  }, root);
}

/** An issue's path, as this project writes paths. */
export function pathOf(issue: Issue): (string | number)[] {
  return issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
