import { failing, type HclValue, number } from "../value/value.ts";
import { type Arguments, type HclFunctions, total } from "./define.ts";

function numeric(parameters: number, make: (...values: number[]) => number) {
  return total({ takes: Array.from({ length: parameters }, () => "number" as const) }, (given) =>
    checked(make(...given.all.map((_, at) => given.number(at))), given),
  );
}

function checked(value: number, given: Arguments): HclValue {
  return Number.isFinite(value) ? number(value, given.place) : failing("the result is no number", given.place);
}

function extreme(pick: (...values: number[]) => number) {
  return total({ takes: ["number"], rest: "number" }, (given) =>
    number(
      given.all.map((_, at) => given.number(at)).reduce((one, other) => pick(one, other)),
      given.place,
    ),
  );
}

export const numberFunctions: HclFunctions = {
  abs: numeric(1, Math.abs),
  ceil: numeric(1, Math.ceil),
  floor: numeric(1, Math.floor),
  log: numeric(2, (value = 0, base = 0) => Math.log(value) / Math.log(base)),
  pow: numeric(2, (base = 0, power = 0) => base ** power),
  signum: numeric(1, Math.sign),
  max: extreme(Math.max),
  min: extreme(Math.min),
  parseint: total({ takes: ["text", "number"] }, parseInteger),
  sum: total({ takes: ["list"] }, sum),
};

function parseInteger(given: Arguments): HclValue {
  const base = given.number(1);
  const digits = "0123456789abcdefghijklmnopqrstuvwxyz".slice(0, base);
  const written = given.text(0);
  const valid = base >= 2 && base <= 36 && written.length < 60 && /^[+-]?[0-9a-zA-Z]+$/.test(written);
  const wrong = [...written.replace(/^[+-]/, "").toLowerCase()].some((digit) => !digits.includes(digit));
  return valid && !wrong
    ? number(Number.parseInt(written, base), given.place)
    : failing("the text is no whole number of that base", given.place);
}

function sum(given: Arguments): HclValue {
  let all = 0;
  for (const item of given.items(0)) {
    const value =
      item.kind === "text" && item.value !== "" ? Number(item.value) : item.kind === "number" ? item.value : Number.NaN;
    if (Number.isNaN(value)) return failing("an item is no number", given.place);
    all += value;
  }
  return given.items(0).length === 0 ? failing("there is nothing to add", given.place) : number(all, given.place);
}
