/**
 * Where one Traefik takes its static configuration from: a file, else arguments, else variables. They are not laid over
 * one another. Source: doc.traefik.io, "Configuration overview".
 */
import { seenCommand } from "../facts/command-words.ts";
import { type Fact, knownValue } from "../facts/fact.ts";
import type { Sensitive } from "../facts/sensitive.ts";
import type { CommandWord, Container } from "../facts/subjects.ts";
import type { InputProblem } from "../facts/system.ts";
import { readTraefikFile } from "../formats/traefik/files.ts";
import { fromArguments, fromVariables } from "../formats/traefik/sources.ts";
import { readStatic, type TraefikStatic, unseenStatic } from "../formats/traefik/static.ts";
import type { Place } from "../lib/place.ts";
import type { TextFile } from "../repository/files.ts";

export interface OwnStatic {
  readonly settings: TraefikStatic;
  /** The file it stands in, where it is one. */
  readonly file: TextFile | undefined;
  readonly problems: readonly InputProblem[];
}

/** What a Traefik is started with. */
export interface TraefikStart {
  /** All words after the program's own name. */
  readonly words: Fact<readonly Sensitive[]>;
  /** Of words that are not all known each one; without them nothing is seen. */
  readonly seen?: readonly CommandWord[];
  readonly environment: Container["environment"];
  readonly place: Place;
  /** The file that lies at a path of the container; `hidden` where something lies there that cannot be looked into. */
  open(path: string): TextFile | "hidden" | undefined;
}

/** Where Traefik looks for a file by itself. */
const usualFiles = [
  "/etc/traefik/traefik.toml",
  "/etc/traefik/traefik.yaml",
  "/etc/traefik/traefik.yml",
  "/traefik.toml",
  "/traefik.yaml",
  "/traefik.yml",
];

export function ownStatic({ words, seen, environment, place, open }: TraefikStart): OwnStatic {
  const { hidden, open: unknownValues } = seenCommand({ command: words, ...(seen && { commandWords: seen }) });
  // A word that may be any option may set, or lead to, any of it.
  const doubt = hidden ?? unknownValues.find(({ name }) => /^--?configfile$/i.test(name));
  if (doubt !== undefined) return unseen(doubt.why, doubt.place);
  const known: readonly CommandWord[] = (words.kind === "unknown" ? seen : undefined) ?? argumentsOf(words);
  const named = namedFile(known.flatMap(({ text, why }) => (why === undefined ? [text] : [])));
  for (const path of named === undefined ? usualFiles : [named]) {
    const file = open(path);
    if (file !== undefined && file !== "hidden") return fromFile(file, path);
    if (named !== undefined || file === "hidden")
      return unseen("Traefik's configuration file is not in this folder", place);
  }
  const root = fromArguments(known, words.place) ?? fromVariables(environment.items, environment.place);
  if (root !== undefined) return { settings: readStatic(root), file: undefined, problems: [] };
  return unseen("Traefik's own configuration is not seen", place);
}

function argumentsOf(words: Fact<readonly Sensitive[]>): readonly CommandWord[] {
  return (knownValue(words) ?? []).map((text) => ({ text, place: words.place }));
}

/** `--configFile=/x.yml`, or with a blank between. */
function namedFile(words: readonly Sensitive[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const [, path, alone] = /^--configfile(?:=(.+)|($))/i.exec(word.reveal()) ?? [];
    if (path !== undefined) return path;
    if (alone !== undefined) return words[index + 1]?.reveal() ?? "";
  }
  return undefined;
}

export function unseen(why: string, place: Place): OwnStatic {
  return { settings: unseenStatic(why, place), file: undefined, problems: [] };
}

function fromFile(file: TextFile, path: string): OwnStatic {
  const { root, why, problems } = readTraefikFile(file, path);
  const place: Place = { kind: "file", source: file.source, offset: 0 };
  return { settings: root === undefined ? unseenStatic(why ?? "", place) : readStatic(root), file, problems };
}
