import { seenCommand, seenEntrypoint } from "../../facts/command-words.ts";
import { type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { Container } from "../../facts/subjects.ts";

/**
 * A setting that a program takes from a variable or an option, as text: `ATLANTIS_REPO_ALLOWLIST` or
 * `--repo-allowlist`. The option counts where both are given. `unstated` only where neither can be there.
 */
export function settingOf(container: Container, variable: string, option: string): Fact<string> {
  const { environment, command, entrypoint } = container;
  const seen = seenCommand(container);
  const doubt = seen.hidden ?? seen.open.find(({ name }) => name === option);
  if (doubt !== undefined) return unknown(doubt.why, doubt.place);
  const given = optionIn(seen.words, option);
  if (given !== undefined) return stated(given, command.place);
  const begun = seenEntrypoint(container);
  const unsaid = begun.hidden ?? begun.open.find(({ name }) => name === option);
  if (unsaid !== undefined) return unknown(unsaid.why, unsaid.place);
  const started = optionIn(begun.words, option);
  if (started !== undefined) return stated(started, entrypoint.place);
  const entry = environment.items.findLast(({ name }) => name === variable);
  if (entry !== undefined) {
    if (entry.value.kind === "unstated")
      return unknown("it comes from the environment of whoever starts it", entry.place);
    return entry.value.kind === "unknown"
      ? unknown(entry.value.why, entry.place)
      : stated(entry.value.value.reveal(), entry.place);
  }
  return environment.complete ? unstated(container.place) : unknown(environment.why, environment.place);
}

/** `--name=value`, `--name value`, and `--name` alone, which is `true`. */
function optionIn(words: readonly string[], option: string): string | undefined {
  const all = words.flatMap((word) => word.split(/\s+/)).filter((word) => word !== "");
  const at = all.findIndex((word) => word === option || word.startsWith(`${option}=`));
  const word = all[at];
  if (word === undefined) return undefined;
  const next = all[at + 1];
  if (word !== option) return word.slice(option.length + 1).replace(/^["']|["']$/g, "");
  return next === undefined || next.startsWith("-") ? "true" : next.replace(/^["']|["']$/g, "");
}

/** Whether a setting is switched on, as Go's `strconv.ParseBool` takes it; undefined where that cannot be told. */
export function isOn(fact: Fact<string>): boolean | undefined {
  if (fact.kind === "unknown") return undefined;
  return fact.kind !== "unstated" && /^(?:1|t|true)$/i.test(fact.value.trim());
}
