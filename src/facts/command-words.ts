/** What can be told of a command of which not every word is known. */

import type { Place } from "../lib/place.ts";
import { knownValue } from "./fact.ts";
import type { CommandWord, Container } from "./subjects.ts";

type Command = Pick<Container, "command" | "commandWords">;

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
  if (command.kind !== "unknown")
    return { words: (knownValue(command) ?? []).map((word) => word.reveal()), open: [], hidden: undefined };
  if (commandWords === undefined) return { words: [], open: [], hidden: command };
  const notKnown = commandWords.flatMap((word) => notKnownOf(word));
  return {
    words: commandWords.map(({ text, why }) => (why === undefined ? text.reveal() : unseenWord)),
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
