/**
 * Where a script starts k3s, or has its install script do so, and what k3s is told there.
 *
 * Source: docs.k3s.io, "Configuration Options" ("Configuration with install script"): `INSTALL_K3S_EXEC` and the arguments
 * of the script come one after the other, variables of the same shell count, those before `curl` do not reach it; and
 * install.sh of k3s v1.33 (setup_env): without a command it is `agent` where `K3S_URL` is set, else `server`.
 */
import type { Place } from "../../lib/place.ts";
import { pipelinesOf, type SimpleCommand } from "../shell/command.ts";
import { lexShell } from "../shell/lex.ts";

export interface StartWord {
  readonly text: string;
  readonly place: Place;
  /** Whether the shell puts something else in the place of a part of it. */
  readonly expands: boolean;
}

export interface K3sStart {
  readonly command: "server" | "agent";
  readonly words: readonly StartWord[];
  readonly environment: ReadonlyMap<string, StartWord>;
  readonly place: Place;
}

/** A text that has none of these starts none. */
export const mayStart = /get\.k3s\.io|INSTALL_K3S_|\bk3s["']?(?:[ \t]|\\\n)+["']?(?:server|agent)\b/;

const shells = /^(?:sh|bash|ash|dash|zsh)$/;

/** Scripts that run one after another in one shell: what one of them exports the next has. */
export class K3sStarts {
  readonly found: K3sStart[] = [];
  readonly #exported = new Map<string, StartWord>();
  /** Variables that are set more than once: which value they have where they are used is not followed. */
  readonly #changed = new Set<string>();

  script(text: string, placeOf: (offset: number) => Place): void {
    if (!/k3s/i.test(text)) return;
    for (const pipeline of pipelinesOf(lexShell(text))) {
      const isFetched = pipeline.some(({ command }) => command.words.some((word) => word.text.includes("get.k3s.io")));
      for (const command of pipeline) this.#command(command, isFetched, placeOf);
    }
  }

  #command(command: SimpleCommand, isFetched: boolean, placeOf: (offset: number) => Place): void {
    const { name, arguments: words, assignments } = command;
    const own = new Map(
      assignments.map(({ name: variable, value, word }) => [
        variable,
        { text: value, place: placeOf(word.offset), expands: word.expands },
      ]),
    );
    if (name === "") {
      for (const [variable, value] of own) {
        if (this.#exported.has(variable)) this.#changed.add(variable);
        this.#exported.set(variable, value);
      }
      return;
    }
    const environment = new Map([...this.#exported, ...own]);
    const given = words.map(({ text, offset, expands }) => ({ text, place: placeOf(offset), expands }));
    const place = placeOf(command.command.offset);
    const [first] = given;
    if (name === "k3s" && (first?.text === "server" || first?.text === "agent")) {
      this.found.push({ command: first.text, words: given.slice(1), environment, place });
      return;
    }
    const isInstaller = own.has("INSTALL_K3S_EXEC") || (isFetched && shells.test(name)) || /k3s.{0,40}\.sh$/.test(name);
    if (isInstaller && (shells.test(name) || /\.sh$/.test(name))) this.#installed(given, environment, place);
  }

  /** The words of a variable that the script has set, once and before. */
  #filledIn(word: StartWord, depth = 0): readonly StartWord[] {
    const name = word.expands || depth > 0 ? /^\$\{?([A-Za-z_]\w*)\}?$/.exec(word.text)?.[1] : undefined;
    const value = name === undefined || this.#changed.has(name) ? undefined : this.#exported.get(name);
    if (value === undefined || depth > 3) return [word];
    return wordsOf(value).flatMap((inner) => this.#filledIn(inner, depth + 1));
  }

  #installed(given: readonly StartWord[], environment: ReadonlyMap<string, StartWord>, place: Place): void {
    const all = [...wordsOf(environment.get("INSTALL_K3S_EXEC")), ...afterShell(given)].flatMap((word) =>
      this.#filledIn(word),
    );
    const [first] = all;
    const isNamed = first?.text === "server" || first?.text === "agent";
    const otherwise = environment.has("K3S_URL") ? "agent" : "server";
    const command = isNamed ? (first.text as "server" | "agent") : otherwise;
    this.found.push({ command, words: isNamed ? all.slice(1) : all, environment, place });
  }
}

/** The words of a text that a shell splits once more. */
function wordsOf(variable: StartWord | undefined): readonly StartWord[] {
  if (variable === undefined) return [];
  const { text, place } = variable;
  return lexShell(text).flatMap((pipeline) =>
    pipeline.flatMap(({ words }) => words.map((word) => ({ text: word.text, place, expands: word.expands }))),
  );
}

/** The arguments of a script that a shell reads from a pipe (`sh -s - server`), or from a file. */
function afterShell(words: readonly StartWord[]): readonly StartWord[] {
  const at = words.findIndex(({ text }) => /^-[a-z]*s$/.test(text));
  const rest = at === -1 ? words : words.slice(at + 1);
  const isPath = at === -1 && rest[0]?.text.startsWith("-") === false;
  return rest.slice(isPath || rest[0]?.text === "-" || rest[0]?.text === "--" ? 1 : 0);
}
