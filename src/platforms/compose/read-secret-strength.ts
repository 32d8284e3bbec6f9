import { type Fact, stated, unstated } from "../../facts/fact.ts";
import { classifySecret, namesSecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import { asText, type Fields } from "../../formats/fields.ts";
import { assignmentsIn } from "../../repository/assignments.ts";
import type { ServiceContext } from "./read-context.ts";

/** What is longer is no password that anybody would try. */
const longest = 2_000;

/**
 * Whether a secret that comes from a file is one that anybody would try; undefined where no file of the folder has it. A file
 * of one line is the value itself, one of assignments holds several.
 */
export function readGuessable(context: ServiceContext, secret: string, source: Fields): Fact<boolean> | undefined {
  const file = source.fact("file", asText, "a path", unstated);
  if (file.kind !== "stated") return undefined;
  const text = context.readFile?.(file.value)?.slice(0, longest).trim();
  if (text === undefined || text === "") return undefined;
  const guesses = () => [context.service, context.system, ...secret.split(/[^a-z0-9]+/i)];
  const isWeak = (name: string, value: Sensitive) => classifySecret(name, value, guesses) === "weak-default";
  const assigned = assignmentsIn(text).filter(({ name }) => namesSecret(name));
  const weak =
    assigned.length > 0
      ? assigned.some(({ name, value }) => isWeak(name, value))
      : !text.includes("\n") && isWeak(namesSecret(secret) ? secret : "password", new Sensitive(text));
  return stated(weak, file.place);
}
