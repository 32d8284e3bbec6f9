import type { Place } from "../../../lib/place.ts";
import { failing, type HclValue, madeOf, unknown } from "../value/value.ts";
import { addressFunctions } from "./addresses.ts";
import { collectionFunctions } from "./collections.ts";
import type { FunctionSurroundings, HclFunctions } from "./define.ts";
import { encodingFunctions } from "./encodings.ts";
import { fileFunctions } from "./files.ts";
import { hashFunctions } from "./hashes.ts";
import { numberFunctions } from "./numbers.ts";
import { setFunctions } from "./sets.ts";
import { textFunctions } from "./texts.ts";
import { typeFunctions } from "./types.ts";

export type { FunctionSurroundings } from "./define.ts";

/** Every function that is evaluated here: opentofu.org/docs/language/functions, as of OpenTofu 1.10. */
const functions: HclFunctions = {
  ...addressFunctions,
  ...collectionFunctions,
  ...encodingFunctions,
  ...fileFunctions,
  ...hashFunctions,
  ...numberFunctions,
  ...setFunctions,
  ...textFunctions,
  ...typeFunctions,
};

/** Functions whose result is another each time, or lies outside the files. */
const unpredictable: Readonly<Record<string, string>> = {
  timestamp: "it is the time at which it runs",
  plantimestamp: "it is the time at which it runs",
  uuid: "it is another each time",
  bcrypt: "it is another each time",
  abspath: "it depends on where the repository lies",
  pathexpand: "it depends on who runs it",
};

/** Calls a function by name; one that is not evaluated here gives what cannot be told. */
export function callFunction(
  name: string,
  given: readonly HclValue[],
  place: Place,
  surroundings: FunctionSurroundings,
): HclValue {
  const plain = name.startsWith("core::") ? name.slice(6) : name;
  if (Object.hasOwn(unpredictable, plain))
    return madeOf(unknown(`${plain}() is not told: ${unpredictable[plain]}`, place), given);
  if (!Object.hasOwn(functions, plain))
    return madeOf(unknown(`the function ${plain.slice(0, 40)} is not evaluated here`, place), given);
  return functions[plain]?.(given, place, surroundings) ?? failing("there is no such function", place);
}
