import { RingwallError } from "../../lib/error.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { withoutRecipient, withRecipient } from "../../secrets/age-recipients.ts";
import { AgeStore } from "../../secrets/age-store.ts";
import type { Context, ExitCode } from "../command.ts";
import { handingOver } from "../hand-over.ts";
import { recorded } from "../recorded.ts";
import { markDepartures } from "./mark-departures.ts";
import { type Common, openSecrets, refuseMidRotation } from "./opened.ts";
import { applySopsRecipients, listSopsRecipients, sopsStack } from "./sops-recipients.ts";

export interface RecipientOptions extends Common {
  readonly format?: "text" | "json";
  readonly comment?: string;
}

interface AgeStack {
  readonly folder: string;
  readonly stack: string;
  readonly store: AgeStore;
}

async function ageStack(options: Common, context: Context): Promise<AgeStack> {
  const { folder, stack, store } = await openSecrets(options, context);
  if (store instanceof AgeStore) return { folder, stack: stack.name, store };
  throw new RingwallError("unsupported", `${store.description} has no recipients that are kept here.`, {
    hint: "For SOPS files, write them into .sops.yaml, then `ringwall secrets recipients apply`; Vault and Infisical have policies and roles.",
  });
}

/** The same where files are to be encrypted anew: who leaves in the midst of a rotation would know the value to come. */
async function ageStackAtRest(options: Common, context: Context): Promise<AgeStack> {
  const found = await ageStack(options, context);
  await refuseMidRotation({ folder: found.folder, stack: { name: found.stack } });
  return found;
}

export async function listRecipients(options: RecipientOptions, context: Context): Promise<ExitCode> {
  const encrypted = await sopsStack(options, context);
  if (encrypted !== undefined) return await listSopsRecipients(encrypted, options.format ?? "text", context);
  const { store } = await ageStack(options, context);
  const [recipients, departed, pending] = [
    await store.recipients(),
    await store.departures(),
    await store.reencryptionPending(),
  ];
  if (options.format === "json") {
    context.stdout.write(`${jsonText({ version: 1, recipients, departed, pending })}\n`);
    return 0;
  }
  for (const { key, comment } of recipients) context.stdout.write(`${terminal(`${key}  ${comment}`.trimEnd())}\n`);
  if (recipients.length === 0) context.stdout.write("Nobody yet: the first value makes an identity.\n");
  for (const { key, comment, at, names } of departed) {
    const who = comment === "" ? key : comment;
    context.stdout.write(`${terminal(`Left ${at.slice(0, 10)}: ${who}, who still knows ${names.join(", ")}`)}\n`);
  }
  if (pending) context.stdout.write("Not every file is encrypted for them yet: `ringwall secrets recipients apply`.\n");
  return 0;
}

export async function addRecipient(key: string, options: RecipientOptions, context: Context): Promise<ExitCode> {
  const { folder, stack, store } = await ageStackAtRest(options, context);
  const wanted = withRecipient(await store.recipients(), { key, comment: options.comment ?? "" }, "The list");
  const what = { action: "recipient.add", target: { kind: "recipient", name: key } };
  return await recorded(context, { folder, stack }, what, async () => {
    await handingOver(folder, () => store.setRecipients(wanted));
    return await applyTo({ folder, stack, store }, context);
  });
}

export async function removeRecipient(named: string, options: RecipientOptions, context: Context): Promise<ExitCode> {
  const { folder, stack, store } = await ageStackAtRest(options, context);
  const wanted = withoutRecipient(await store.recipients(), named);
  const what = { action: "recipient.remove", target: { kind: "recipient", name: named } };
  return await recorded(context, { folder, stack }, what, async () => {
    await handingOver(folder, () => store.setRecipients(wanted));
    return await applyTo({ folder, stack, store }, context);
  });
}

/** Encrypts every file for the list as it stands: after it was edited by hand, or when an earlier run was cut off. */
export async function applyRecipients(options: RecipientOptions, context: Context): Promise<ExitCode> {
  const encrypted = await sopsStack(options, context);
  if (encrypted !== undefined) return await applySopsRecipients(encrypted, context);
  const { folder, stack, store } = await ageStackAtRest(options, context);
  const what = { action: "recipients.apply", target: { kind: "recipients", name: stack } };
  return await recorded(context, { folder, stack }, what, () => applyTo({ folder, stack, store }, context));
}

async function applyTo({ folder, stack, store }: AgeStack, context: Context): Promise<ExitCode> {
  const names = await handingOver(folder, () => store.reencrypt(context.now()));
  const departures = await store.departures();
  await handingOver(folder, () => markDepartures({ folder, stack, departures }, context));
  const recipients = await store.recipients();
  context.stdout.write(`Encrypted anew: ${names.length} of ${names.length}, for ${recipients.length}.\n`);
  const known = [...new Set(departures.flatMap((departure) => departure.names))].sort();
  if (known.length > 0) {
    context.stdout.write(
      `${terminal(`Known to who left, and to be replaced: \`ringwall rotate ${known.join(" ")}\`, or \`secrets set\` for those that are brought.`)}\n`,
    );
  }
  return 0;
}
