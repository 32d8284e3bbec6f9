/** Traefik's options out of arguments, variables and labels. Source: doc.traefik.io, "Configuration overview"; paerser. */
import type { CommandWord, EnvironmentVariable, Label } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { MappingNode } from "../tree.ts";
import { OptionTree, partsOf } from "./options.ts";

/**
 * `--entrypoints.web.address=:80`, `--api.insecure`; undefined where no argument is an option. Of a word that is not all
 * known the option's name is: its value is not.
 */
export function fromArguments(command: readonly CommandWord[], place: Place): MappingNode | undefined {
  const words = command.flatMap(({ text, place: at, why }) => {
    const word = text.reveal().trim();
    return (why === undefined ? word.split(/(?<!\s)\s+(?=--)/) : [word]).map((each) => ({ word: each, at, why }));
  });
  const tree = new OptionTree(place);
  let found = false;
  for (const [index, { word, at, why: unknown }] of words.entries()) {
    const match = /^--?([A-Za-z][\w.[\]-]*)(?:=(.*))?$/s.exec(word);
    if (match === null) continue;
    const next = words[index + 1]?.word;
    const value = match[2] ?? (next !== undefined && !next.startsWith("-") ? next : "true");
    // Kubernetes fills in `$(NAME)` among the arguments of a container.
    const why = unknown ?? (/\$\(\w+\)/.test(value) ? "a variable of the pod fills it in" : undefined);
    tree.set(partsOf(match[1] ?? ""), value.replace(/^(["'`])(.*)\1$/s, "$2"), at, why);
    found = true;
  }
  return found ? tree.root : undefined;
}

/** `TRAEFIK_ENTRYPOINTS_WEB_ADDRESS=:80`; undefined where no variable is an option. */
export function fromVariables(variables: readonly EnvironmentVariable[], place: Place): MappingNode | undefined {
  const tree = new OptionTree(place);
  let found = false;
  for (const variable of variables) {
    const name = /^TRAEFIK_(.+)$/i.exec(variable.name)?.[1];
    if (name === undefined) continue;
    const { value } = variable;
    const why =
      value.kind === "unknown"
        ? value.why
        : value.kind === "unstated"
          ? "it comes from where Traefik is started"
          : undefined;
    const text = value.kind === "stated" || value.kind === "defaulted" ? value.value.reveal() : "";
    tree.set(name.toLowerCase().split("_"), text, variable.place, why);
    found = true;
  }
  return found ? tree.root : undefined;
}

/** The labels below `traefik.`; undefined where there is none. */
export function fromLabels(labels: readonly Label[], place: Place): MappingNode | undefined {
  const tree = new OptionTree(place);
  let found = false;
  for (const { name, value, place: at } of labels) {
    if (!/^traefik\./i.test(name)) continue;
    const why = value.kind === "unknown" ? value.why : undefined;
    const text = value.kind === "stated" || value.kind === "defaulted" ? value.value : "";
    tree.set(partsOf(name).slice(1), text, at, why);
    found = true;
  }
  return found ? tree.root : undefined;
}
