/**
 * Variables of a script that the shell takes for texts, and whose texts are read once more afterwards: as a program, or as
 * the variables of the steps that follow.
 *
 * Source: docs.github.com, "Workflow commands", sections "Setting an environment variable", "Adding a system path" (a line
 * for each variable, or `NAME<<DELIMITER` with the lines of its value).
 */
import { pipelinesOf } from "../shell/command.ts";
import { lexShell, type ShellWord } from "../shell/lex.ts";
import { printedInto, wordsReadAgain } from "../shell/read-again.ts";

export interface ReadAgain {
  readonly name: string;
  readonly as: "program" | "variables";
  /** In the script, of the word that it stands in. */
  readonly offset: number;
}

const longest = 20_000;
const worthALook = /eval|ssh|\||-[a-z]*[cer]\b|GITHUB_(?:ENV|PATH)/;
/** Texts that may have several lines; a title and a branch's name have one. */
const hasLines = /\.(?:body|message)$|^toJSON/i;

/** `untrusted`: the names of variables with a text of others, and which. Every name and use once. */
export function variablesReadAgain(
  script: string,
  untrusted: ReadonlyMap<string, { readonly context: string }>,
): readonly ReadAgain[] {
  if (script.length > longest || !worthALook.test(script)) return [];
  const pipelines = [...pipelinesOf(lexShell(script))];
  const printed = pipelines.flatMap(printedInto).filter(({ name }) => /^GITHUB_(?:ENV|PATH)$/.test(name));
  const delimiters = printed.flatMap(({ words }) => words).filter(({ text }) => /^\w+<</.test(text));
  // With a delimiter that nobody can guess, every line is the value's.
  const guarded = delimiters.some(({ expands }) => expands);
  const mayHaveLines = (name: string) => hasLines.test(untrusted.get(name)?.context ?? "");
  const setting = printed.flatMap(({ name: file, words, first }) =>
    words.flatMap((word) =>
      plainNames(word)
        .filter((name) => {
          if (file === "GITHUB_PATH") return true;
          if (guarded) return false;
          return mayHaveLines(name) || (delimiters.length === 0 && first.includes(word) && word.text.startsWith("$"));
        })
        .map((name): ReadAgain => ({ name, as: "variables", offset: word.offset })),
    ),
  );
  const running = pipelines
    .flatMap(wordsReadAgain)
    .flatMap((word) => plainNames(word).map((name): ReadAgain => ({ name, as: "program", offset: word.offset })));
  return distinct([...running, ...setting].filter(({ name }) => untrusted.has(name)));
}

/** The variables that a word takes as they are: what is cut or replaced in one (`${X//[^a-z]/}`) may be harmless. */
function plainNames({ text, expands }: ShellWord): readonly string[] {
  if (!expands) return [];
  return [...text.matchAll(/\$(?:\{([A-Za-z_]\w{0,100})\}|([A-Za-z_]\w{0,100}))/g)].map(([, a, b]) => a ?? b ?? "");
}

function distinct(all: readonly ReadAgain[]): readonly ReadAgain[] {
  return [...new Map(all.map((each) => [`${each.name} ${each.as}`, each] as const)).values()];
}
