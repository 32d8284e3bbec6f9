import { RingwallError } from "../lib/error.ts";
import { describePlace, type Place } from "../lib/place.ts";
import { didYouMean } from "../lib/suggest.ts";
import type { Path, Places } from "./places.ts";

/** Collects the mistakes of a declaration, each with its place. */
export class Problems {
  readonly #places: Places;
  readonly #found: RingwallError[] = [];

  constructor(places: Places) {
    this.#places = places;
  }

  get found(): readonly RingwallError[] {
    return this.#found;
  }

  /** A mistake in the value at a path. */
  at(path: Path, message: string, hint?: string): void {
    this.#add(this.#places.value(path), message, hint);
  }

  /** A mistake in the key that a path ends with. */
  atKey(path: Path, message: string, hint?: string): void {
    this.#add(this.#places.key(path), message, hint);
  }

  /** A name that nothing has; suggests the nearest, or lists what there is. */
  unknownName(path: Path, kind: string, name: string, known: Iterable<string>): void {
    this.at(path, `Unknown ${kind} "${name}".`, suggestionFor(kind, name, [...known]));
  }

  /** The same for a name that is a key. */
  unknownKey(path: Path, kind: string, name: string, known: Iterable<string>): void {
    this.atKey(path, `Unknown ${kind} "${name}".`, suggestionFor(kind, name, [...known]));
  }

  #add(place: Place, message: string, hint: string | undefined): void {
    this.#found.push(new RingwallError("invalid", message, { place, ...(hint === undefined ? {} : { hint }) }));
  }
}

function suggestionFor(kind: string, name: string, names: readonly string[]): string {
  const suggestion = didYouMean(name, names).trim();
  if (suggestion !== "") return suggestion;
  return names.length === 0 ? `There is no ${kind} yet.` : `There are: ${names.join(", ")}.`;
}

/** In the order of the file, each once. */
export function inOrder(problems: readonly RingwallError[]): RingwallError[] {
  const unique = new Map(problems.map((problem) => [problem.describe(), problem]));
  return [...unique.values()].sort((a, b) => offsetOf(a) - offsetOf(b));
}

function offsetOf(problem: RingwallError): number {
  if (problem.place?.kind === "file") return problem.place.offset;
  return problem.place === undefined || describePlace(problem.place) === "" ? 0 : Number.MAX_SAFE_INTEGER;
}
