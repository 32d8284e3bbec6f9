import { createInterface } from "node:readline/promises";
import type { Context } from "./command.ts";

/** Asks a person on the terminal and gives what they typed, trimmed; undefined when nobody is there to ask. */
export async function ask(context: Context, question: string): Promise<string | undefined> {
  if (context.stdin.isTTY !== true || !context.stderr.isTTY) return undefined;
  context.stderr.write(question);
  const lines = createInterface({ input: context.stdin, terminal: false });
  try {
    for await (const line of lines) return line.trim();
    return "";
  } finally {
    lines.close();
  }
}
