import { RingwallError } from "../lib/error.ts";
import type { Context } from "./command.ts";

/** Longer values are mistakes: a disk image, a log. */
const longest = 1024 * 1024;

/** All of standard input as text. Throws `not-text` for what is no UTF-8: it would be kept as something else. */
export async function readInput(context: Context): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of context.stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > longest) throw new RingwallError("too-large", "A secret of more than 1 MB is not taken.");
    chunks.push(bytes);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new RingwallError("not-text", "What came from standard input is no UTF-8 text; nothing was changed.", {
      hint: "Encode what is binary first, for example with `base64`.",
      cause: error,
    });
  }
}

interface RawTerminal {
  setRawMode(on: boolean): unknown;
}

function isRawTerminal(stream: object): stream is RawTerminal {
  return "setRawMode" in stream && typeof stream.setRawMode === "function";
}

/** One line from the keyboard that is not shown. Ctrl-C leaves with `interrupted`; the terminal is as before in any case. */
export async function readHidden(context: Context, prompt: string): Promise<string> {
  const { stdin } = context;
  if (!isRawTerminal(stdin)) throw new RingwallError("usage", "This terminal cannot hide what is typed: use `--file`.");
  context.stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    return await typedLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    context.stderr.write("\n");
  }
}

function typedLine(stdin: Context["stdin"]): Promise<string> {
  return new Promise((done, fail) => {
    const decoder = new TextDecoder();
    let typed: string[] = [];
    const onData = (chunk: Buffer): void => {
      for (const character of decoder.decode(chunk, { stream: true })) {
        const ends = "\r\n\u0004".includes(character);
        if (ends || character === "\u0003") {
          stdin.off("data", onData);
          if (ends) done(typed.join(""));
          else fail(new RingwallError("interrupted", "Left; nothing was changed."));
          return;
        }
        if (character === "\u007f" || character === "\b") typed = typed.slice(0, -1);
        else typed.push(character);
      }
    };
    stdin.on("data", onData);
  });
}
