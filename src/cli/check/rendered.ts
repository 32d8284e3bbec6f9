import { resolve } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import { readTextFile } from "../../lib/read-text-file.ts";
import type { RenderedText } from "../../platforms/read-paths.ts";
import type { Context } from "../command.ts";

/** Bytes of one text; what a cluster's charts make together is far less. */
const largest = 64 * 1024 * 1024;

/**
 * The texts that were given as rendered manifests: files by their names, standard input for `-`. Throws a `RingwallError`
 * for one that cannot be read.
 */
export async function readRenderedTexts(names: readonly string[], context: Context): Promise<readonly RenderedText[]> {
  const texts: RenderedText[] = [];
  for (const name of new Set(names)) {
    if (name === "-") texts.push({ name: "standard input", text: await readInput(context) });
    else texts.push({ name, text: await readFile(name, context) });
  }
  return texts;
}

async function readFile(name: string, context: Context): Promise<string> {
  const text = await readTextFile(resolve(context.cwd, name), name, largest);
  if (text !== undefined) return text;
  throw new RingwallError("not-found", `${name} is not there.`, {
    hint: "Name a file that holds the output of `helm template`, `kubectl kustomize` or `flux build`, or `-`.",
  });
}

async function readInput({ stdin }: Context): Promise<string> {
  if (stdin.isTTY === true) {
    throw new RingwallError("usage", "`--rendered -` reads standard input, and nothing is piped into it.", {
      hint: "For example: helm template … | ringwall check . --rendered -",
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > largest) throw new RingwallError("too-large", "Standard input is larger than 64 MiB; it is not read.");
    chunks.push(bytes);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new RingwallError("not-text", "Standard input is not valid UTF-8.", { cause: error });
  }
}
