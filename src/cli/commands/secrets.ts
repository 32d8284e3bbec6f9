import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import type { ResolvedSecret, ResolvedStack } from "../../contracts/resolved.ts";
import { RingwallError } from "../../lib/error.ts";
import { didYouMean } from "../../lib/suggest.ts";
import { refuseWhileRotating } from "../../operations/rotation/unfinished.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { AgeStore } from "../../secrets/age-store.ts";
import { generateSecret } from "../../secrets/generate.ts";
import { Secret } from "../../secrets/secret.ts";
import type { Store } from "../../secrets/store.ts";
import { StateFolder } from "../../state/state-folder.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { handingOver } from "../hand-over.ts";
import { readHidden, readInput } from "../secret-input.ts";
import { stackOf } from "../stack-option.ts";

interface Common {
  readonly stack?: string;
}

export function register(command: Command, context: Context): void {
  const stack = () =>
    new Option("-s, --stack <stack>", "the stack's folder or file; the nearest one above when left out");
  command
    .command("list")
    .description("the secrets of the stack, who gets them, and which have no value yet")
    .addOption(stack())
    .addOption(
      new Option("-f, --format <format>", "how the result is written").choices(["text", "json"]).default("text"),
    )
    .action(exits(context, (options: Common & { format: "text" | "json" }) => list(options, context)));
  command
    .command("generate")
    .description("make values for secrets that have none")
    .argument("[names...]", "only these; all that have no value when left out")
    .addOption(stack())
    .addOption(new Option("--replace", "make a new value for a named one that has one"))
    .action(
      exits(context, (names: string[], options: Common & { replace?: boolean }) => generate(names, options, context)),
    );
  command
    .command("set")
    .description("bring a value: typed unseen, from a file, or from standard input")
    .argument("<name>")
    .addOption(stack())
    .addOption(new Option("--file <path>", "take what the file holds"))
    .action(exits(context, (name: string, options: Common & { file?: string }) => set(name, options, context)));
  command
    .command("get")
    .description("print a value into a pipe; on a screen only with --reveal")
    .argument("<name>")
    .addOption(stack())
    .addOption(new Option("--reveal", "show it on the screen"))
    .action(exits(context, (name: string, options: Common & { reveal?: boolean }) => get(name, options, context)));
}

interface Opened {
  readonly folder: string;
  readonly stack: ResolvedStack;
  readonly store: Store;
}

async function open(options: Common, context: Context): Promise<Opened> {
  const { loaded, stack } = await stackOf(options.stack, context);
  const { folder } = loaded.file;
  return { folder, stack, store: new AgeStore(join(folder, ".ringwall")) };
}

async function list(options: Common & { format: "text" | "json" }, context: Context): Promise<ExitCode> {
  const { stack, store } = await open(options, context);
  const known = new Set(await store.list());
  const rows = stack.secrets.map((secret) => ({
    name: secret.name,
    kind: secret.derived === undefined ? secret.kind : "derived",
    state: secret.derived !== undefined ? "follows" : known.has(secret.name) ? "set" : "missing",
    services: servicesOf(stack, secret.name),
  }));
  const unused = [...known].filter((name) => !stack.secrets.some((secret) => secret.name === name));
  if (options.format === "json") {
    context.stdout.write(`${jsonText({ version: 1, store: store.description, secrets: rows, undeclared: unused })}\n`);
    return 0;
  }
  const width = Math.max(4, ...rows.map((row) => row.name.length));
  const kindWidth = Math.max(4, ...rows.map((row) => row.kind.length));
  for (const row of rows) {
    const who = row.services.length === 0 ? "nobody" : row.services.join(", ");
    context.stdout.write(
      `${terminal(`${row.name.padEnd(width)}  ${row.kind.padEnd(kindWidth)}  ${row.state.padEnd(7)}  for ${who}`)}\n`,
    );
  }
  if (unused.length > 0) context.stdout.write(`${terminal(`Kept, but not declared: ${unused.join(", ")}`)}\n`);
  const missing = rows.filter((row) => row.state === "missing").length;
  if (missing > 0)
    context.stdout.write(
      `${missing} ${missing === 1 ? "has" : "have"} no value: \`ringwall secrets generate\` makes those that can be made.\n`,
    );
  return 0;
}

async function generate(
  names: readonly string[],
  options: Common & { replace?: boolean },
  context: Context,
): Promise<ExitCode> {
  const { folder, stack, store } = await open(options, context);
  const known = new Set(await store.list());
  const wanted =
    names.length === 0
      ? stack.secrets.filter((secret) => !known.has(secret.name))
      : names.map((name) => declared(stack, name));
  const left: string[] = [];
  for (const secret of wanted) {
    if (secret.derived !== undefined) {
      if (names.length > 0) throw followsFromOthers(secret);
      continue;
    }
    if (!secret.generated || secret.kind === "external") {
      left.push(secret.name);
      continue;
    }
    if (known.has(secret.name) && options.replace !== true) {
      throw new RingwallError("conflict", `"${secret.name}" has a value already.`, {
        hint: "`--replace` makes a new one; services keep the old until `ringwall up`, and databases until they are told.",
      });
    }
    if (known.has(secret.name)) await refuseWhileRotating(new StateFolder(folder).journals, "set-secret", stack.name);
    const { name, kind, length, names: hosts } = secret;
    const made = generateSecret({ name, kind, length, names: hosts }, randomBytes, context.now());
    await handingOver(folder, () => store.set(made));
    context.stdout.write(`${terminal(`Made: ${name} (${kind})`)}\n`);
  }
  if (wanted.length === 0) context.stdout.write("Every secret has a value.\n");
  for (const name of left)
    context.stdout.write(`${terminal(`To bring: ${name}, by \`ringwall secrets set ${name}\``)}\n`);
  return 0;
}

async function set(name: string, options: Common & { file?: string }, context: Context): Promise<ExitCode> {
  const { folder, stack, store } = await open(options, context);
  const secret = declared(stack, name);
  if (secret.derived !== undefined) {
    throw followsFromOthers(secret);
  }
  await refuseWhileRotating(new StateFolder(folder).journals, "set-secret", stack.name);
  const value = await valueFor(name, options, context);
  if (value === "") throw new RingwallError("invalid", `The value of "${name}" is empty; nothing was changed.`);
  await handingOver(folder, () => store.set(new Secret(name, value)));
  context.stdout.write(`${terminal(`Set: ${name}`)}\n`);
  return 0;
}

function followsFromOthers({ name, derived }: ResolvedSecret): RingwallError {
  const others = derived?.entries.map(({ secret }) => secret).join(", ") ?? "";
  return new RingwallError("usage", `"${name}" is made of other secrets whenever it is delivered.`, {
    hint: `Give a value to those: ${others}.`,
  });
}

/** The value without the one newline that editors and `echo` put at the end. */
async function valueFor(name: string, options: { file?: string }, context: Context): Promise<string> {
  if (options.file !== undefined) {
    const path = resolve(context.cwd, options.file);
    try {
      return withoutNewline(await readFile(path, "utf8"));
    } catch (error) {
      throw new RingwallError("not-found", `${options.file} cannot be read.`, { cause: error });
    }
  }
  if (context.stdin.isTTY !== true) return withoutNewline(await readInput(context));
  const first = await readHidden(context, `Value of ${name}: `);
  if ((await readHidden(context, "Once more: ")) !== first) {
    throw new RingwallError("invalid", "The two differ; nothing was changed.");
  }
  return first;
}

function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, "");
}

async function get(name: string, options: Common & { reveal?: boolean }, context: Context): Promise<ExitCode> {
  const { stack, store } = await open(options, context);
  const found = await store.get(name);
  if (found === undefined) {
    const secret = declared(stack, name);
    throw new RingwallError(
      "secret-missing",
      `"${name}" has no value${secret.derived === undefined ? " yet" : " of its own"}.`,
      {
        hint:
          secret.derived === undefined
            ? `\`ringwall secrets ${secret.generated ? "generate" : "set"} ${name}\` gives it one.`
            : "It is made of others when it is delivered.",
      },
    );
  }
  if (context.stdout.isTTY && options.reveal !== true) {
    throw new RingwallError("usage", `"${name}" is not shown on a screen unasked.`, {
      hint: "`--reveal` shows it; into a pipe it goes as it is.",
    });
  }
  context.stdout.write(context.stdout.isTTY ? `${found.expose()}\n` : found.expose());
  return 0;
}

function declared(stack: ResolvedStack, name: string): ResolvedSecret {
  const found = stack.secrets.find((secret) => secret.name === name);
  if (found !== undefined) return found;
  const names = stack.secrets.map((secret) => secret.name);
  throw new RingwallError("usage", `The stack has no secret "${name}".${didYouMean(name, names)}`, {
    hint: names.length === 0 ? "Declare it under `secrets` first." : `It has: ${names.join(", ")}.`,
  });
}

/** Who receives it, itself or hashed within a secret that follows from it. */
function servicesOf(stack: ResolvedStack, name: string): string[] {
  const within = stack.secrets.filter((secret) => secret.derived?.entries.some((entry) => entry.secret === name));
  const names = new Set([name, ...within.map((secret) => secret.name)]);
  return stack.services
    .filter((service) => service.secrets.some((use) => names.has(use.secret)))
    .map((service) => service.name);
}
