import type { Place } from "../../../lib/place.ts";
import type { HclConditional, HclExpression, HclObject, HclTemplate } from "../ast.ts";
import { callFunction, type FunctionSurroundings } from "../functions/call.ts";
import { type Budget, maxNesting } from "../value/budget.ts";
import { asBoolean, asText } from "../value/convert.ts";
import { equal } from "../value/equal.ts";
import {
  boolean,
  failing,
  type HclValue,
  list,
  type MapEntry,
  madeOf,
  map,
  number,
  text,
  unknown,
} from "../value/value.ts";
import { evaluateFor } from "./for-expression.ts";
import { binary, unary } from "./operators.ts";
import { asValue, type Namespace, type Scope } from "./scope.ts";
import { evaluateTemplate } from "./template.ts";
import { indexed, member } from "./traverse.ts";

/** Evaluates expressions in one scope, as far as they are static. Never throws but `Exhausted`. */
export class Evaluator {
  readonly scope: Scope;
  readonly surroundings: FunctionSurroundings;

  constructor(scope: Scope, surroundings: FunctionSurroundings) {
    this.scope = scope;
    this.surroundings = surroundings;
  }

  get budget(): Budget {
    return this.surroundings.budget;
  }

  /** An evaluator that sees another scope. */
  within(scope: Scope): Evaluator {
    return new Evaluator(scope, this.surroundings);
  }

  /** `item` is what a splat goes through. */
  evaluate(expression: HclExpression, item?: HclValue): HclValue {
    return asValue(this.#bound(expression, item), expression.place);
  }

  #bound(expression: HclExpression, item: HclValue | undefined): HclValue | Namespace {
    const { budget } = this;
    budget.spend(1);
    if (!budget.enter()) return unknown(`it nests more than ${maxNesting} deep`, expression.place);
    const value = this.#within(expression, item);
    budget.leave();
    return value;
  }

  #within(expression: HclExpression, item: HclValue | undefined): HclValue | Namespace {
    const { place } = expression;
    switch (expression.kind) {
      case "literal":
        return literal(expression.value, place);
      case "template":
        return this.#template(expression, item);
      case "variable":
        return this.scope.lookup(expression.name) ?? failing(`nothing here is called ${expression.name}`, place);
      case "member":
        return member(this.#bound(expression.on, item), expression.name, place);
      case "index":
        return indexed(this.#bound(expression.on, item), this.evaluate(expression.key, item), place);
      case "splat":
        return this.#splat(this.evaluate(expression.on, item), expression.each, place);
      case "splat-item":
        return item ?? failing("there is no item here", place);
      case "call":
        return this.#call(expression, item);
      case "tuple":
        return list(
          expression.items.map((each) => this.evaluate(each, item)),
          place,
        );
      case "object":
        return this.#object(expression, item);
      case "for":
        return evaluateFor(expression, this, item);
      case "conditional":
        return this.#conditional(expression, item);
      case "binary": {
        const left = this.evaluate(expression.left, item);
        return binary(expression.operator, left, this.evaluate(expression.right, item), place, this.budget);
      }
      case "unary":
        return unary(expression.operator, this.evaluate(expression.operand, item), place);
      case "parentheses":
        return this.#bound(expression.inner, item);
    }
  }

  #template(template: HclTemplate, item: HclValue | undefined): HclValue {
    return evaluateTemplate(template.parts, template.place, this, item);
  }

  #splat(on: HclValue, each: HclExpression, place: Place): HclValue {
    if (on.kind === "unknown") return on;
    if (on.kind === "null") return madeOf(list([], place), [on]);
    const items = on.kind === "list" ? on.items : [on];
    const made = items.map((item) => this.evaluate(each, item));
    const incomplete = on.kind === "list" ? on.incomplete : undefined;
    return madeOf(list(made, place, incomplete), [on]);
  }

  #call(call: Extract<HclExpression, { kind: "call" }>, item: HclValue | undefined): HclValue {
    const given = call.arguments.map((argument) => this.evaluate(argument, item));
    const last = given.at(-1);
    if (call.expands && last !== undefined) {
      if (last.kind === "unknown") return last;
      if (last.kind !== "list") return failing("a list is wanted before ...", call.place);
      if (last.incomplete !== undefined) return unknown(last.incomplete, call.place);
      given.splice(-1, 1, ...last.items);
    }
    this.budget.spend(given.length);
    return callFunction(call.name, given, call.place, this.surroundings);
  }

  #object(object: HclObject, item: HclValue | undefined): HclValue {
    const entries = new Map<string, MapEntry>();
    let incomplete: string | undefined;
    for (const { key, value } of object.entries) {
      const name = asText(this.evaluate(key, item));
      if (name.kind === "text") entries.set(name.value, { keyPlace: key.place, value: this.evaluate(value, item) });
      else incomplete ??= name.kind === "unknown" ? name.why : "a key is null";
    }
    return map(entries, object.place, incomplete);
  }

  #conditional({ condition, whenTrue, whenFalse, place }: HclConditional, item: HclValue | undefined) {
    const decided = asBoolean(this.evaluate(condition, item));
    if (decided.kind === "boolean") {
      const [chosen, other] = decided.value ? [whenTrue, whenFalse] : [whenFalse, whenTrue];
      const value = this.evaluate(chosen, item);
      const unified = isConvertible(value) && this.evaluate(other, item).kind === "text" ? asText(value) : value;
      return decided.sensitive === true ? madeOf(unified, [{ ...decided, from: [] }]) : unified;
    }
    const one = this.evaluate(whenTrue, item);
    const other = this.evaluate(whenFalse, item);
    if (equal(one, other, this.budget) === true) return one;
    if (decided.kind !== "unknown") return failing("a condition is neither true nor false", place);
    const { partial: _, ...reason } = decided;
    return madeOf<HclValue>({ ...reason, place }, [one, other]);
  }
}

/** Whether a value becomes a text where the other result of a condition is one. */
function isConvertible(value: HclValue): boolean {
  return value.kind === "number" || value.kind === "boolean";
}

function literal(value: string | number | boolean | null, place: Place): HclValue {
  if (typeof value === "string") return text(value, place);
  if (typeof value === "number") return number(value, place);
  return value === null ? { kind: "null", place } : boolean(value, place);
}
