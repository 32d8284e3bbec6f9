import type { Place } from "../../../lib/place.ts";
import type { HclBinaryOperator } from "../ast.ts";
import type { Budget } from "../value/budget.ts";
import { asBoolean, asNumber } from "../value/convert.ts";
import { equal } from "../value/equal.ts";
import { firstUnknown } from "../value/first-unknown.ts";
import { boolean, failing, type HclValue, madeOf, number, unknown } from "../value/value.ts";

/** The value of `left operator right`. */
export function binary(
  operator: HclBinaryOperator,
  left: HclValue,
  right: HclValue,
  place: Place,
  budget: Budget,
): HclValue {
  const value = operate(operator, left, right, place, budget);
  return madeOf(value, [left, right]);
}

function operate(operator: HclBinaryOperator, left: HclValue, right: HclValue, place: Place, budget: Budget): HclValue {
  if (operator === "&&" || operator === "||") return logical(operator, asBoolean(left), asBoolean(right), place);
  if (operator === "==" || operator === "!=") {
    const same = equal(left, right, budget);
    if (same !== undefined) return boolean(same === (operator === "=="), place);
    const reason = firstUnknown(left, budget) ?? firstUnknown(right, budget);
    return reason === undefined ? unknown("it cannot be compared here", place) : { ...reason, place };
  }
  return arithmetic(operator, asNumber(left), asNumber(right), place);
}

/** One side that decides alone decides, whatever the other is. */
function logical(operator: "&&" | "||", left: HclValue, right: HclValue, place: Place): HclValue {
  const deciding = operator === "||";
  for (const side of [left, right]) {
    if (side.kind === "boolean" && side.value === deciding) return boolean(deciding, place);
  }
  for (const side of [left, right]) {
    if (side.kind === "unknown") return withoutText(side);
    if (side.kind !== "boolean") return failing("true or false is wanted", place);
  }
  return boolean(!deciding, place);
}

function arithmetic(operator: HclBinaryOperator, left: HclValue, right: HclValue, place: Place): HclValue {
  for (const side of [left, right]) if (side.kind === "unknown") return withoutText(side);
  if (left.kind !== "number" || right.kind !== "number") return failing("a number is wanted", place);
  const a = left.value;
  const b = right.value;
  switch (operator) {
    case "+":
      return number(a + b, place);
    case "-":
      return number(a - b, place);
    case "*":
      return number(a * b, place);
    case "/":
      return b === 0 ? failing("it divides by zero", place) : number(a / b, place);
    case "%":
      return b === 0 ? failing("it divides by zero", place) : number(a % b, place);
    case "<":
      return boolean(a < b, place);
    case "<=":
      return boolean(a <= b, place);
    case ">":
      return boolean(a > b, place);
    default:
      return boolean(a >= b, place);
  }
}

/** The value of `-operand` and `!operand`. */
export function unary(operator: "-" | "!", operand: HclValue, place: Place): HclValue {
  const wanted = operator === "-" ? asNumber(operand) : asBoolean(operand);
  if (wanted.kind === "number") return madeOf(number(-wanted.value, place), [operand]);
  if (wanted.kind === "boolean") return madeOf(boolean(!wanted.value, place), [operand]);
  return wanted.kind === "unknown" ? withoutText(wanted) : failing("it cannot be negated", place);
}

/** An unknown number or boolean: what was known of a text does not hold for it. */
function withoutText(value: Extract<HclValue, { kind: "unknown" }>): HclValue {
  const { partial: _, ...rest } = value;
  return rest;
}
