import { randomBytes } from "node:crypto";
import { type Command, Option } from "commander";
import type { ResolvedSecret, ResolvedStack } from "../../contracts/resolved.ts";
import { RingwallError } from "../../lib/error.ts";
import { besideOf } from "../../operations/rotation/engine.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { generateSecret } from "../../secrets/generate.ts";
import { Secret } from "../../secrets/secret.ts";
import { absentVersion } from "../../secrets/store.ts";
import { StateFolder } from "../../state/state-folder.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { recorded, recordedSecret } from "../recorded.ts";
import { recordedAccounts } from "../recorded-accounts.ts";
import { type DecryptOptions, decryptFile, type EncryptOptions, encryptFile } from "../secrets/crypt.ts";
import { type EditOptions, edit, refuseReadOnly } from "../secrets/edit.ts";
import { type MoveOptions, move } from "../secrets/move.ts";
import {
  type Common,
  declared,
  followsFromOthers,
  looksLikeValue,
  type Opened,
  openSecrets,
  refuseMidRotation,
} from "../secrets/opened.ts";
import {
  addRecipient,
  applyRecipients,
  listRecipients,
  type RecipientOptions,
  removeRecipient,
} from "../secrets/recipients.ts";
import { type RememberAge, rememberingAges } from "../secrets/remember-age.ts";
import { type ScopesOptions, scopes } from "../secrets/scopes.ts";
import { broughtValue, type ValueOptions } from "../secrets/value.ts";

const asIs = () => new Option("--as-is", "take a value that is short, weak, or has several lines");

export function register(command: Command, context: Context): void {
  const stack = () =>
    new Option("-s, --stack <stack>", "the stack's folder or file; the nearest one above when left out");
  registerValues(command, stack, context);
  registerFiles(command, stack, context);
  registerMove(command, stack, context);
  registerScopes(command, stack, context);
  registerRecipients(command.command("recipients"), stack, context);
}

function registerValues(command: Command, stack: () => Option, context: Context): void {
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
    .argument("[value...]", "never: it would be seen by others on this machine")
    .addOption(stack())
    .addOption(new Option("--file <path>", "take what the file holds"))
    .addOption(asIs())
    .action(
      exits(context, (name: string, values: string[], options: Common & ValueOptions) => {
        if (values.length > 0) throw looksLikeValue();
        return set(name, options, context);
      }),
    );
  command
    .command("get")
    .description("print a value into a pipe; on a screen only with --reveal")
    .argument("<name>")
    .addOption(stack())
    .addOption(new Option("--reveal", "show it on the screen"))
    .action(exits(context, (name: string, options: Common & { reveal?: boolean }) => get(name, options, context)));
  command
    .command("edit")
    .description("edit a value, or a SOPS file, in $VISUAL or $EDITOR; nothing of it stays on the disk")
    .argument("<name-or-file>")
    .addOption(stack())
    .addOption(asIs())
    .addOption(new Option("--identity <path>", "for a file: open it with this identity"))
    .action(exits(context, (named: string, options: EditOptions) => edit(named, options, context)));
}

function registerFiles(command: Command, stack: () => Option, context: Context): void {
  command
    .command("encrypt")
    .description("encrypt a file in place by the nearest .sops.yaml")
    .argument("<file>")
    .addOption(stack())
    .addOption(new Option("--age", "as FILE.age beside it instead, for the stack's recipients"))
    .action(exits(context, (file: string, options: EncryptOptions) => encryptFile(file, options, context)));
  command
    .command("decrypt")
    .description("open a SOPS or age file: into a pipe, or where --output says")
    .argument("<file>")
    .addOption(new Option("--identity <path>", "open it with this identity"))
    .addOption(new Option("--output <path>", "write it there, readable by you alone"))
    .addOption(new Option("--in-place", "leave a SOPS file in clear text"))
    .addOption(new Option("--reveal", "show it on the screen"))
    .action(exits(context, (file: string, options: DecryptOptions) => decryptFile(file, options, context)));
}

function registerMove(command: Command, stack: () => Option, context: Context): void {
  command
    .command("move")
    .description("bring values to another store; each is read back there before it is removed here")
    .argument("[names...]", "only these; all that have a value when left out")
    .addOption(stack())
    .requiredOption("--to <store>", "age, sops:FILE, kubernetes:FOLDER, or a YAML file with `store:`")
    .addOption(new Option("--from <store>", "from there instead of the stack's own store"))
    .addOption(new Option("--keep", "leave them where they are as well"))
    .action(exits(context, (names: string[], options: MoveOptions) => move(names, options, context)));
}

function registerScopes(command: Command, stack: () => Option, context: Context): void {
  command
    .command("scopes")
    .description(
      "ask issuers what tokens may, and compare that with what is needed; 1 where it is too much or too little",
    )
    .argument("[names...]", "only these; all whose issuer is known, and the store's own token, when left out")
    .addOption(stack())
    .addOption(new Option("--as <issuer>", "who issued the named ones").choices(["github"]))
    .addOption(new Option("--needs <scopes>", "what they are to be able to, with commas between: repo,read:org"))
    .addOption(new Option("--api <url>", "where that issuer answers; its public address when left out"))
    .addOption(
      new Option("-f, --format <format>", "how the result is written").choices(["text", "json"]).default("text"),
    )
    .action(exits(context, (names: string[], options: ScopesOptions) => scopes(names, options, context)));
}

function registerRecipients(command: Command, stack: () => Option, context: Context): void {
  command.description("who can read the stack's age files");
  command
    .command("list")
    .description("whom the files are for, and who left and knows values that were not replaced since")
    .addOption(stack())
    .addOption(
      new Option("-f, --format <format>", "how the result is written").choices(["text", "json"]).default("text"),
    )
    .action(exits(context, (options: RecipientOptions) => listRecipients(options, context)));
  command
    .command("add")
    .description("let somebody read every value")
    .argument("<public-key>", "as `age-keygen -y` prints it")
    .addOption(stack())
    .addOption(new Option("--comment <text>", "whose it is"))
    .action(exits(context, (key: string, options: RecipientOptions) => addRecipient(key, options, context)));
  command
    .command("remove")
    .description("encrypt everything anew without somebody, and say what they knew")
    .argument("<public-key-or-comment>")
    .addOption(stack())
    .action(exits(context, (named: string, options: RecipientOptions) => removeRecipient(named, options, context)));
  command
    .command("apply")
    .description("encrypt everything for the list as it stands, or complete what was cut off")
    .addOption(stack())
    .action(exits(context, (options: RecipientOptions) => applyRecipients(options, context)));
}

async function list(options: Common & { format: "text" | "json" }, context: Context): Promise<ExitCode> {
  const { folder, stack, store } = await openSecrets(options, context);
  const known = new Set(await store.list());
  const accountOf = await recordedAccounts(new StateFolder(folder), stack.name, context.env.DATABASE_URL);
  const rows = stack.secrets.map((secret) => ({
    name: secret.name,
    kind: secret.derived === undefined ? secret.kind : "derived",
    state: secret.derived !== undefined ? "follows" : known.has(secret.name) ? "set" : "missing",
    account: accountOf(secret.name) ?? secret.issuedBy?.account ?? null,
    services: servicesOf(stack, secret.name),
  }));
  // What a rotation keeps beside a secret belongs to it.
  const unused = [...known].filter(
    (name) => !stack.secrets.some((secret) => secret.name === (besideOf(name)?.secret ?? name)),
  );
  if (options.format === "json") {
    context.stdout.write(`${jsonText({ version: 1, store: store.description, secrets: rows, undeclared: unused })}\n`);
    return 0;
  }
  const width = Math.max(4, ...rows.map((row) => row.name.length));
  const kindWidth = Math.max(4, ...rows.map((row) => row.kind.length));
  for (const row of rows) {
    const who = row.services.length === 0 ? "nobody" : row.services.join(", ");
    const account = row.account === null ? "" : `, account ${row.account}`;
    context.stdout.write(
      `${terminal(`${row.name.padEnd(width)}  ${row.kind.padEnd(kindWidth)}  ${row.state.padEnd(7)}  for ${who}${account}`)}\n`,
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
  const { folder, stack, store } = await openSecrets(options, context);
  refuseReadOnly(store.readOnly === true, store.description);
  const known = new Set(await store.list());
  const wanted =
    names.length === 0
      ? stack.secrets.filter((secret) => !known.has(secret.name))
      : names.map((name) => declared(stack, name));
  const derived = wanted.find((secret) => secret.derived !== undefined);
  if (names.length > 0 && derived !== undefined) throw followsFromOthers(derived);
  const own = wanted.filter((secret) => secret.derived === undefined);
  const toMake = own.flatMap(canBeMade);
  const taken = toMake.find(({ name }) => known.has(name));
  if (taken !== undefined && options.replace !== true) {
    throw new RingwallError("conflict", `"${taken.name}" has a value already.`, {
      hint: "`--replace` makes a new one; services keep the old until `ringwall up`, and databases until they are told.",
    });
  }
  if (taken !== undefined) await refuseMidRotation({ folder, stack });
  if (toMake.length > 0) {
    await rememberingAges({ folder, stack }, context, async (remember) => {
      for (const secret of toMake) await make(secret, { folder, stack, store }, known, remember, context);
    });
  }
  if (own.length === 0) context.stdout.write("Every secret has a value.\n");
  for (const { name } of own.filter((secret) => canBeMade(secret).length === 0))
    context.stdout.write(`${terminal(`To bring: ${name}, by \`ringwall secrets set ${name}\``)}\n`);
  return 0;
}

type MadeSecret = ResolvedSecret & { readonly kind: Exclude<ResolvedSecret["kind"], "external"> };

/** The secret itself where Ringwall can make its value; nothing where a person brings it. */
function canBeMade(secret: ResolvedSecret): readonly MadeSecret[] {
  const { kind } = secret;
  return secret.generated && kind !== "external" ? [{ ...secret, kind }] : [];
}

async function make(
  { name, kind, length, names }: MadeSecret,
  { folder, stack, store }: Opened,
  known: ReadonlySet<string>,
  remember: RememberAge,
  context: Context,
): Promise<void> {
  const value = generateSecret({ name, kind, length, names }, randomBytes, context.now());
  const isNew = store.versionOf !== undefined && !known.has(name) ? { expectVersion: absentVersion } : {};
  const what = recordedSecret("secret.generate", name, store);
  await recorded(context, { folder, stack: stack.name }, what, () => store.set(value, isNew));
  context.stdout.write(`${terminal(`Made: ${name} (${kind})`)}\n`);
  await remember(name);
}

async function set(name: string, options: Common & ValueOptions, context: Context): Promise<ExitCode> {
  const { folder, stack, store } = await openSecrets(options, context);
  const secret = declared(stack, name);
  if (secret.derived !== undefined) throw followsFromOthers(secret);
  refuseReadOnly(store.readOnly === true, store.description);
  await refuseMidRotation({ folder, stack });
  const value = await broughtValue(name, options, context);
  const what = recordedSecret("secret.set", name, store);
  await rememberingAges({ folder, stack }, context, async (remember) => {
    await recorded(context, { folder, stack: stack.name }, what, () => store.set(new Secret(name, value)));
    context.stdout.write(`${terminal(`Set: ${name}`)}\n`);
    await remember(name);
  });
  return 0;
}

async function get(name: string, options: Common & { reveal?: boolean }, context: Context): Promise<ExitCode> {
  const { folder, stack, store } = await openSecrets(options, context);
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
  let isShown = false;
  const show = async () => {
    isShown = true;
    context.stdout.write(context.stdout.isTTY ? `${found.expose()}\n` : found.expose());
  };
  try {
    await recorded(context, { folder, stack: stack.name }, recordedSecret("secret.get", name, store), show);
  } catch (error) {
    // A full disk must not keep people from their own secrets; whoever has the identity could read them without us.
    if (!(error instanceof RingwallError) || error.code !== "disk") throw error;
    if (!isShown) await show();
    context.stderr.write(`${terminal(`That it was read is not in the ledger: ${error.message}`)}\n`);
  }
  return 0;
}

/** Who receives it, itself or hashed within a secret that follows from it. */
function servicesOf(stack: ResolvedStack, name: string): string[] {
  const within = stack.secrets.filter((secret) => secret.derived?.entries.some((entry) => entry.secret === name));
  const names = new Set([name, ...within.map((secret) => secret.name)]);
  return stack.services
    .filter((service) => service.secrets.some((use) => names.has(use.secret)))
    .map((service) => service.name);
}
