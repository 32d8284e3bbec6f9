import type { Place } from "../../../lib/place.ts";
import type { HclTemplatePart } from "../ast.ts";
import { asBoolean, asText } from "../value/convert.ts";
import { failing, type HclValue, madeOf, text, type UnknownValue } from "../value/value.ts";
import { describeExpression } from "./describe.ts";
import type { Evaluator } from "./evaluator.ts";
import { namesOf, roundsOf } from "./for-expression.ts";
import { withNames } from "./scope.ts";

/** Characters of one text; more is refused. */
const longestText = 1024 * 1024;

/** The text that a template comes to. A template that is one interpolation is that value, whatever it is. */
export function evaluateTemplate(
  parts: readonly HclTemplatePart[],
  place: Place,
  evaluator: Evaluator,
  item: HclValue | undefined,
): HclValue {
  const [only] = parts;
  if (parts.length === 1 && only?.kind === "interpolation") return evaluator.evaluate(only.value, item);
  const writing = new Writing(place);
  writeParts(parts, evaluator, item, writing);
  return writing.result();
}

/** A text while it is put together. */
class Writing {
  readonly #place: Place;
  readonly #pieces: string[] = [];
  readonly #sources: HclValue[] = [];
  #length = 0;
  #doubt: UnknownValue | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  piece(written: string): void {
    this.#length += written.length;
    if (this.#length <= longestText) this.#pieces.push(written);
    else this.#doubt ??= failing("it is longer than a text may be here", this.#place);
  }

  /** A value that takes part; `shown` is what stands for it where it cannot be told. */
  value(value: HclValue, shown: string): void {
    this.#sources.push(value);
    const written = asText(value);
    if (written.kind === "text") this.piece(written.value);
    else if (written.kind === "unknown") {
      this.doubt(written);
      this.piece(written.partial ?? `\${${shown}}`);
    } else this.doubt(failing("null stands in a text", this.#place));
  }

  doubt(reason: UnknownValue): void {
    this.#doubt ??= reason;
  }

  /** What a part may add of which nothing is known: its mark stands for it. */
  hidden(reason: UnknownValue, mark: "if" | "for"): void {
    this.doubt(reason);
    const startsLine = /(?:^|\n)[ \t]*$/.test(this.#pieces.at(-1) ?? "");
    this.piece(startsLine ? `%{ ${mark} … }\n` : "${…}");
  }

  source(value: HclValue): void {
    this.#sources.push(value);
  }

  result(): HclValue {
    const written = this.#pieces.join("");
    if (this.#doubt === undefined) return madeOf(text(written, this.#place), this.#sources);
    const { why, fails } = this.#doubt;
    const value: UnknownValue = { kind: "unknown", why, partial: written, place: this.#place };
    return madeOf(fails === true ? { ...value, fails } : value, this.#sources);
  }
}

function writeParts(
  parts: readonly HclTemplatePart[],
  evaluator: Evaluator,
  item: HclValue | undefined,
  writing: Writing,
): void {
  for (const part of parts) {
    evaluator.budget.spend(1);
    writePart(part, evaluator, item, writing);
  }
}

function writePart(part: HclTemplatePart, evaluator: Evaluator, item: HclValue | undefined, writing: Writing): void {
  switch (part.kind) {
    case "text":
      evaluator.budget.spendOnText(part.text.length);
      writing.piece(part.text);
      break;
    case "interpolation":
      writing.value(evaluator.evaluate(part.value, item), describeExpression(part.value));
      break;
    case "if": {
      const condition = asBoolean(evaluator.evaluate(part.condition, item));
      writing.source(condition);
      if (condition.kind === "unknown") writing.hidden(condition, "if");
      else if (condition.kind !== "boolean") writing.doubt(failing("an if wants true or false", condition.place));
      else writeParts(condition.value ? part.whenTrue : part.whenFalse, evaluator, item, writing);
      break;
    }
    case "for":
      writeFor(part, evaluator, item, writing);
      break;
  }
}

function writeFor(
  part: Extract<HclTemplatePart, { kind: "for" }>,
  evaluator: Evaluator,
  item: HclValue | undefined,
  writing: Writing,
): void {
  const collection = evaluator.evaluate(part.collection, item);
  if (collection.kind === "unknown") {
    writing.hidden(collection, "for");
    return;
  }
  if (collection.kind !== "list" && collection.kind !== "map") {
    writing.doubt(failing("a for wants a collection", collection.place));
    return;
  }
  if (collection.incomplete !== undefined) {
    writing.doubt({ kind: "unknown", why: collection.incomplete, place: collection.place });
  }
  for (const round of roundsOf(collection)) {
    const inner = evaluator.within(withNames(evaluator.scope, namesOf(part, round)));
    writeParts(part.body, inner, item, writing);
  }
}
