/**
 * How an image seems to drop root after it has started. Programs for that are brought into it, and most entrypoints that
 * call them are scripts that are copied; those that every image has count where something that is started names them.
 */
import { pipelinesOf } from "../shell/command.ts";
import { lexShell } from "../shell/lex.ts";
import type { Instruction } from "./parse.ts";
import { jsonWords } from "./words.ts";

const brought = /\b(gosu|su-exec|s6-overlay|s6-setuidgid|chpst|fixuid)\b/;
const everywhere = /\b(setpriv|runuser)\b/;

/** The program that an instruction of the image's own stages says so by. */
export function dropperIn(instruction: Instruction): string | undefined {
  const { keyword, text, flags, onBuild } = instruction;
  if (onBuild) return undefined;
  switch (keyword) {
    case "ENTRYPOINT":
    case "CMD":
      return named(text);
    case "COPY":
    case "ADD":
      return named([...flags.map(({ value }) => value), withoutComments(text)].join("\n"));
    case "RUN":
      return brought.test(text) || everywhere.test(text) ? inScript(text) : undefined;
    default:
      return undefined;
  }
}

/** What a step of the build runs by itself says nothing of the start; what it installs, or writes into a script, does. */
function inScript(text: string): string | undefined {
  const words = jsonWords(text);
  if (words !== undefined) return named(words.slice(1).join(" "));
  for (const { arguments: rest, command } of [...pipelinesOf(lexShell(text))].flat()) {
    const given = [...rest, ...command.inputs].map((word) => withoutComments(word.text)).join("\n");
    const found = brought.exec(command.words.map(({ text: word }) => word).join("\n"))?.[1] ?? named(given);
    if (found !== undefined) return found;
  }
  return undefined;
}

function named(text: string): string | undefined {
  return (brought.exec(text) ?? everywhere.exec(text))?.[1];
}

/** Lines of a script that is written out (`COPY <<EOF`) without those that only say something. */
function withoutComments(text: string): string {
  return text.includes("#") ? text.replace(/^[ \t]*#[^\n]*/gm, "") : text;
}
