import type { Budget } from "../value/budget.ts";
import { numberText } from "../value/convert.ts";
import type { HclValue, UnknownValue } from "../value/value.ts";
import { sortedEntries } from "../value/value.ts";

/**
 * A value as `yamlencode` writes it: keys sorted, all texts in double quotation marks but those of several lines. `${…}`
 * stands for what is not known, and for entries that may be missing.
 */
export function encodeYaml(value: HclValue, budget: Budget): string | UnknownValue {
  const writer = new YamlWriter(budget);
  writer.write(value, 0, "line");
  const written = writer.text;
  return writer.doubt === undefined ? written : { ...writer.doubt, partial: written };
}

/** Where a value stands: alone on a line, behind a key, or behind the dash of a list. */
type Position = "line" | "key" | "dash";

class YamlWriter {
  readonly #budget: Budget;
  readonly #pieces: string[] = [];
  doubt: UnknownValue | undefined;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  get text(): string {
    return this.#pieces.join("");
  }

  write(value: HclValue, depth: number, position: Position): void {
    this.#budget.spend(1);
    if (value.kind === "list") this.#list(value, depth, position);
    else if (value.kind === "map") this.#map(value, depth, position);
    else {
      if (position !== "line") this.#pieces.push(" ");
      this.#pieces.push(this.#scalar(value, depth, position), "\n");
    }
  }

  #list(value: Extract<HclValue, { kind: "list" }>, depth: number, position: Position): void {
    const mark = this.#missing(value);
    const items = mark === undefined ? value.items : [...value.items, mark];
    if (items.length === 0) {
      this.#pieces.push(position === "line" ? "[]\n" : " []\n");
      return;
    }
    if (position === "key") this.#pieces.push("\n");
    for (const [at, item] of items.entries()) {
      if (position === "dash" && at === 0) this.#pieces.push(" -");
      else this.#pieces.push("  ".repeat(depth), "-");
      this.write(item, depth + 1, "dash");
    }
  }

  #map(value: Extract<HclValue, { kind: "map" }>, depth: number, position: Position): void {
    const mark = this.#missing(value);
    const written = sortedEntries(value).map(([key, entry]) => [key, entry.value] as const);
    const entries = mark === undefined ? written : [...written, ["${…}", mark] as const];
    if (entries.length === 0) {
      this.#pieces.push(position === "line" ? "{}\n" : " {}\n");
      return;
    }
    if (position === "key") this.#pieces.push("\n");
    for (const [at, [key, inside]] of entries.entries()) {
      if (position === "dash" && at === 0) this.#pieces.push(" ");
      else this.#pieces.push("  ".repeat(depth));
      this.#pieces.push(JSON.stringify(key), ":");
      const inner = inside.kind === "list" ? depth : depth + 1;
      this.write(inside, inner, "key");
    }
  }

  #scalar(value: HclValue, depth: number, position: Position): string {
    switch (value.kind) {
      case "text":
        return this.#text(value.value, depth, position);
      case "number":
        return numberText(value.value);
      case "boolean":
        return String(value.value);
      case "unknown":
        this.doubt ??= value;
        return this.#text(value.partial ?? "${…}", depth, position);
      default:
        return "null";
    }
  }

  #text(written: string, depth: number, position: Position): string {
    this.#budget.spendOnText(written.length);
    if (!written.includes("\n") || !/^[^\n ][\t\n\r\x20-\x7e]*$/.test(written)) return JSON.stringify(written);
    const chomping = written.endsWith("\n\n") ? "+" : written.endsWith("\n") ? "" : "-";
    const indentation = "  ".repeat(position === "line" ? 1 : depth);
    const lines = written.replace(/\n+$/, "").split("\n");
    const rest = chomping === "+" ? "\n".repeat(/\n*$/.exec(written)?.[0].length ?? 0).slice(1) : "";
    return `|${chomping}\n${lines.map((line) => (line === "" ? "" : `${indentation}${line}`)).join("\n")}${rest}`;
  }

  /** What stands for entries that may be missing; undefined where none are. */
  #missing({ incomplete, place }: Extract<HclValue, { kind: "list" | "map" }>): UnknownValue | undefined {
    return incomplete === undefined ? undefined : { kind: "unknown", why: incomplete, place };
  }
}
