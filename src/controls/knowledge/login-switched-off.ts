import { seenStart } from "../../facts/command-words.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";
import { openArguments, openVariableName, openVariables } from "./open-doors.ts";

/** Switches that turn the login of the whole program off, and nothing closes again. */
const variables = openVariables.filter(
  ({ store, port, unless, closedBy, leftToProxy, more }) =>
    (store ?? port ?? unless ?? closedBy ?? leftToProxy ?? more) === undefined,
);
const options = openArguments.filter(({ port }) => port === undefined);

/** Whether a program that asks for a login as it is delivered was told not to, as far as its variables and options are seen. */
export function switchesLoginOff(container: Container): boolean {
  const byVariable = container.environment.items.some(({ name, value }) => {
    if (!openVariableName.test(name)) return false;
    const text = knownValue(value)?.reveal().trim();
    return text !== undefined && variables.some((door) => door.name.test(name) && door.value.test(text));
  });
  if (byVariable) return true;
  const text = seenStart(container).words.join(" ");
  return options.some(({ pattern }) => pattern.test(text));
}
