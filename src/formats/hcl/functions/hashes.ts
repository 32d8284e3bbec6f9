import { createHash } from "node:crypto";
import { text } from "../value/value.ts";
import { type HclFunction, type HclFunctions, total } from "./define.ts";

/** A digest of a text. What is told of a secret's digest stays as sensitive as the secret. */
function digest(algorithm: string, encoding: "hex" | "base64"): HclFunction {
  return total({ takes: ["text"] }, (given) => {
    given.budget.spendOnText(given.text(0).length);
    return text(createHash(algorithm).update(given.text(0), "utf8").digest(encoding), given.place);
  });
}

export const hashFunctions: HclFunctions = {
  md5: digest("md5", "hex"),
  sha1: digest("sha1", "hex"),
  sha256: digest("sha256", "hex"),
  sha512: digest("sha512", "hex"),
  base64sha256: digest("sha256", "base64"),
  base64sha512: digest("sha512", "base64"),
};
