/** What can be told of a command or an entrypoint of which not every word is known. */

import type { Place } from "../lib/place.ts";
import { type Fact, knownValue, stated } from "./fact.ts";
import type { Sensitive } from "./sensitive.ts";
import type { CommandWord, Container } from "./subjects.ts";

type Command = Pick<Container, "command" | "commandWords">;
type Entrypoint = Pick<Container, "entrypoint" | "entrypointWords">;

/** Why something is not known, and where it stands. */
export interface Unseen {
  readonly why: string;
  readonly place: Place;
}

/** An option of which the name is known, and the value not: `--email=` with a variable behind it. */
export interface OpenOption extends Unseen {
  /** `--email`. */
  readonly name: string;
  /** All that is known of the word: `--email=admin@`. */
  readonly start: string;
}

export interface SeenCommand {
  /** Its words in order; in the place of one that is not known stands a text that is nobody's option. */
  readonly words: readonly string[];
  readonly open: readonly OpenOption[];
  /** Set where a word may be anything: then nothing can be said to be absent. */
  readonly hidden: Unseen | undefined;
}

/** A reference: no value of a secret. */
const unseenWord = "${unseen}";
const optionName = /^(--?[A-Za-z][\w.[\]-]*)=/;

/** A command word by word, whether it is known as a whole or not; no words where none is stated. */
export function seenCommand({ command, commandWords }: Command): SeenCommand {
  return seenWords(command, commandWords);
}

/** The same of an entrypoint. */
export function seenEntrypoint({ entrypoint, entrypointWords }: Entrypoint): SeenCommand {
  return seenWords(entrypoint, entrypointWords);
}

/** All that a container is told to start: the words of its entrypoint, and after them the command's. */
export function seenStart(container: Command & Entrypoint): SeenCommand {
  if (container.entrypoint.kind === "unstated") return seenCommand(container);
  const entrypoint = seenEntrypoint(container);
  const command = seenCommand(container);
  return {
    words: [...entrypoint.words, ...command.words],
    open: [...entrypoint.open, ...command.open],
    hidden: entrypoint.hidden ?? command.hidden,
  };
}

/** Where that stands of it which matches: in the command alone, or in the entrypoint too. */
export function placeInStart(container: Command & Entrypoint, pattern: RegExp): Place {
  const { command, entrypoint } = container;
  return entrypoint.kind === "unstated" || pattern.test(seenCommand(container).words.join(" "))
    ? command.place
    : entrypoint.place;
}

/** The same as one fact, with each word where not all of them are known. */
export function startWords(container: Command & Entrypoint): {
  readonly words: Fact<readonly Sensitive[]>;
  readonly seen?: readonly CommandWord[];
} {
  const { command, commandWords, entrypoint, entrypointWords } = container;
  if (entrypoint.kind === "unstated") return { words: command, ...(commandWords && { seen: commandWords }) };
  const first = eachWord(entrypoint, entrypointWords);
  const second = eachWord(command, commandWords);
  const hidden = entrypoint.kind === "unknown" ? entrypoint : command;
  if (hidden.kind === "unknown") return { words: hidden, ...(first && second && { seen: [...first, ...second] }) };
  const all = [entrypoint, command].flatMap((fact) => knownValue(fact) ?? []);
  return { words: stated(all, command.kind === "unstated" ? entrypoint.place : command.place) };
}

function eachWord(
  fact: Fact<readonly Sensitive[]>,
  words: readonly CommandWord[] | undefined,
): readonly CommandWord[] | undefined {
  if (fact.kind === "unknown") return words;
  return (knownValue(fact) ?? []).map((text) => ({ text, place: fact.place }));
}

const nothing: SeenCommand = { words: [], open: [], hidden: undefined };

function seenWords(fact: Fact<readonly Sensitive[]>, words: readonly CommandWord[] | undefined): SeenCommand {
  if (fact.kind === "unstated") return nothing;
  if (fact.kind !== "unknown")
    return { words: (knownValue(fact) ?? []).map((word) => word.reveal()), open: [], hidden: undefined };
  if (words === undefined) return { words: [], open: [], hidden: fact };
  const notKnown = words.flatMap((word) => notKnownOf(word));
  return {
    words: words.map(({ text, why }) => (why === undefined ? text.reveal() : unseenWord)),
    open: notKnown.filter((each): each is OpenOption => "name" in each),
    hidden: notKnown.find((each) => !("name" in each)),
  };
}

function notKnownOf({ text, why, place }: CommandWord): readonly (Unseen | OpenOption)[] {
  if (why === undefined) return [];
  const start = text.reveal();
  const name = optionName.exec(start)?.[1];
  return [name === undefined ? { why, place } : { why, place, name, start }];
}

/** The open option that would match a pattern if its value were one of these. */
export function openOptionFor(
  { open }: SeenCommand,
  pattern: RegExp,
  values: readonly string[],
): OpenOption | undefined {
  return open.find(({ name, start }) =>
    values.map((value) => `${name}=${value}`).some((word) => word.startsWith(start) && pattern.test(word)),
  );
}
