import type { Fact } from "../../facts/fact.ts";
import { classifySecret } from "../../facts/secret-like.ts";
import type { Sensitive } from "../../facts/sensitive.ts";

/** What a variable is where a program's configuration names it: its text, `unset`, or why it cannot be told. */
export type Variable = { readonly text: string } | "unset" | { readonly why: string };

/** Looks a variable up in the environment that a program starts with. */
export type Environment = (name: string) => Variable;

/** An environment of which nothing is known. */
export const unknownEnvironment: Environment = (name) => ({
  why: `\`${name}\` is set where the program is started, which is not seen here`,
});

/** The variables of a workload as texts; one that holds a secret stays untold, so that it gets into no message. */
export function environmentOf(lookUp: ((name: string) => Fact<Sensitive>) | undefined): Environment {
  if (lookUp === undefined) return unknownEnvironment;
  return (name) => {
    const fact = lookUp(name);
    if (fact.kind === "unknown") return { why: fact.why };
    if (fact.kind === "unstated") return "unset";
    if (classifySecret(name, fact.value) !== "none")
      return { why: `\`${name}\` holds a secret, which is not looked at` };
    return { text: fact.value.reveal() };
  };
}
