import { resolve } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import { readTextFile } from "../../lib/read-text-file.ts";
import { weaknessOf } from "../../secrets/strength.ts";
import type { Context } from "../command.ts";
import { readHidden, readInput } from "../secret-input.ts";

const largest = 1024 * 1024;

export interface ValueOptions {
  readonly file?: string;
  /** Takes a value that is short, weak or has several lines. */
  readonly asIs?: boolean;
}

/** A value that a person brings, less the one newline that editors and `echo` put at the end. */
export async function broughtValue(name: string, options: ValueOptions, context: Context): Promise<string> {
  const given = await givenText(name, options, context);
  const value = withoutNewline(given);
  if (value !== given) context.stderr.write("The newline at the end was left out.\n");
  assertWorth(name, value, options.asIs === true);
  return value;
}

/** Throws `invalid` for an empty value, and for a weak one that is not to be taken as it is. */
export function assertWorth(name: string, value: string, asIs: boolean): void {
  if (value === "") throw new RingwallError("invalid", `The value of "${name}" is empty; nothing was changed.`);
  const weakness = asIs ? undefined : weaknessOf(value);
  if (weakness === undefined) return;
  throw new RingwallError("invalid", `The value of "${name}" ${weakness}; nothing was changed.`, {
    hint: "Bring another one, or say `--as-is` where somebody else decides what it looks like.",
  });
}

export function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, "");
}

async function givenText(name: string, options: ValueOptions, context: Context): Promise<string> {
  if (options.file !== undefined) {
    const text = await readTextFile(resolve(context.cwd, options.file), options.file, largest);
    if (text === undefined) throw new RingwallError("not-found", `${options.file} cannot be read: it is not there.`);
    return text;
  }
  if (context.stdin.isTTY !== true) return await readInput(context);
  const first = await readHidden(context, `Value of ${name}: `);
  if ((await readHidden(context, "Once more: ")) !== first) {
    throw new RingwallError("invalid", "The two differ; nothing was changed.");
  }
  return first;
}
