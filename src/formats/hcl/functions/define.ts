import type { Place, Source } from "../../../lib/place.ts";
import type { Budget } from "../value/budget.ts";
import { asBoolean, asNumber, asText } from "../value/convert.ts";
import { firstUnknown } from "../value/first-unknown.ts";
import { failing, type HclValue, madeOf } from "../value/value.ts";

/** What a function may ask of the world: files of the repository, and the work that is left. */
export interface FunctionSurroundings {
  readonly budget: Budget;
  readonly files: TemplateFiles;
  /** The value of a text that is a template, with these names and no others in it. `source`: the file that it is. */
  template(text: string, source: Source | undefined, names: ReadonlyMap<string, HclValue>, place: Place): HclValue;
}

/** Files as the configuration names them: relative to the folder in which the program runs. */
export interface TemplateFiles {
  /** The text of a file, or a clause why it cannot be told. */
  read(
    path: string,
  ): { readonly text: string; readonly source: Source } | { readonly why: string; readonly missing: boolean };
  /** Paths of the files below a folder, relative to it; a clause where they cannot be told. */
  below(folder: string): readonly string[] | { readonly why: string };
}

export type HclFunction = (given: readonly HclValue[], place: Place, surroundings: FunctionSurroundings) => HclValue;

export type HclFunctions = Readonly<Record<string, HclFunction>>;

/** What a parameter takes; `?` marks one that may be left out. */
export type Parameter = "text" | "number" | "boolean" | "list" | "map" | "collection" | "any";

/** Arguments that were checked against their parameters: all of them known, none null. */
export class Arguments {
  readonly #values: readonly HclValue[];
  readonly place: Place;
  readonly budget: Budget;

  constructor(values: readonly HclValue[], place: Place, budget: Budget) {
    this.#values = values;
    this.place = place;
    this.budget = budget;
  }

  get count(): number {
    return this.#values.length;
  }

  get all(): readonly HclValue[] {
    return this.#values;
  }

  text(at: number): string {
    const value = this.#values[at];
    return value?.kind === "text" ? value.value : "";
  }

  number(at: number): number {
    const value = this.#values[at];
    return value?.kind === "number" ? value.value : 0;
  }

  boolean(at: number): boolean {
    const value = this.#values[at];
    return value?.kind === "boolean" && value.value;
  }

  items(at: number): readonly HclValue[] {
    const value = this.#values[at];
    return value?.kind === "list" ? value.items : [];
  }

  map(at: number): Extract<HclValue, { kind: "map" }> {
    const value = this.#values[at];
    return value?.kind === "map" ? value : { kind: "map", entries: new Map(), place: this.place };
  }

  value(at: number): HclValue {
    return this.#values[at] ?? { kind: "null", place: this.place };
  }
}

export interface Signature {
  readonly takes: readonly Parameter[];
  /** What any number of further arguments are. */
  readonly rest?: Parameter;
  /** How many of `takes` may be left out. */
  readonly optional?: number;
}

/**
 * A function that needs all of its arguments: what cannot be told of one cannot be told of the result. Sensitivity and
 * names pass from arguments to result.
 */
export function total(
  { takes, rest, optional = 0 }: Signature,
  make: (given: Arguments, surroundings: FunctionSurroundings) => HclValue,
): HclFunction {
  return (given, place, surroundings) => {
    const { budget } = surroundings;
    if (given.length < takes.length - optional || (given.length > takes.length && rest === undefined)) {
      return failing("the function is called with a wrong number of arguments", place);
    }
    const converted: HclValue[] = [];
    for (const [at, value] of given.entries()) {
      const wanted = convertedTo(value, takes[at] ?? rest ?? "any");
      const reason = firstUnknown(wanted, budget);
      if (reason !== undefined) return madeOf(withoutPartial(reason, place), given);
      if (wanted.kind === "null") return failing("a function is given null", place);
      converted.push(wanted);
    }
    return madeOf(make(new Arguments(converted, place, budget), surroundings), given);
  };
}

function convertedTo(value: HclValue, parameter: Parameter): HclValue {
  switch (parameter) {
    case "text":
      return asText(value);
    case "number":
      return asNumber(value);
    case "boolean":
      return asBoolean(value);
    case "any":
      return value;
    default:
      return collection(value, parameter);
  }
}

function collection(value: HclValue, parameter: "list" | "map" | "collection"): HclValue {
  if (value.kind === "unknown" || value.kind === "null" || value.kind === parameter) return value;
  if (parameter === "collection" && (value.kind === "list" || value.kind === "map")) return value;
  return failing("a collection of another kind is wanted", value.place);
}

/** What cannot be told of an argument, as it stands for the result. */
export function withoutPartial(reason: Extract<HclValue, { kind: "unknown" }>, place: Place): HclValue {
  const { partial: _, ...rest } = reason;
  return rest.fails === true ? { ...rest, place } : rest;
}
