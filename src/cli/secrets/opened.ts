import type { ResolvedSecret, ResolvedStack } from "../../contracts/resolved.ts";
import { RingwallError } from "../../lib/error.ts";
import { didYouMean } from "../../lib/suggest.ts";
import { refuseWhileRotating } from "../../operations/rotation/unfinished.ts";
import { isSecretName, type Store } from "../../secrets/store.ts";
import { StateFolder } from "../../state/state-folder.ts";
import type { Context } from "../command.ts";
import { stackOf } from "../stack-option.ts";
import { storeOf } from "../stack-store.ts";

export interface Common {
  readonly stack?: string;
}

export interface Opened {
  readonly folder: string;
  readonly stack: ResolvedStack;
  readonly store: Store;
}

export async function openSecrets(options: Common, context: Context): Promise<Opened> {
  const { loaded, stack } = await stackOf(options.stack, context);
  const { folder } = loaded.file;
  return { folder, stack, store: await storeOf(stack, folder, context) };
}

/** Throws `conflict` while a rotation of the stack is unfinished: it would not know of another new value. */
export async function refuseMidRotation({
  folder,
  stack,
}: {
  readonly folder: string;
  readonly stack: Pick<ResolvedStack, "name">;
}): Promise<void> {
  await refuseWhileRotating(new StateFolder(folder).journals, "set-secret", stack.name);
}

/** The stack's secret of a name. Throws `usage`, and repeats the name only where it looks like one. */
export function declared(stack: ResolvedStack, name: string): ResolvedSecret {
  const found = stack.secrets.find((secret) => secret.name === name);
  if (found !== undefined) return found;
  if (!isSecretName(name)) throw looksLikeValue();
  const names = stack.secrets.map((secret) => secret.name);
  throw new RingwallError("usage", `The stack has no secret "${name}".${didYouMean(name, names)}`, {
    hint: names.length === 0 ? "Declare it under `secrets` first." : `It has: ${names.join(", ")}.`,
  });
}

/** What stands on a command line is seen by everybody on the machine and stays in the shell's history. */
export function looksLikeValue(): RingwallError {
  return new RingwallError(
    "usage",
    "A value is not taken from the command line, where others on this machine see it.",
    {
      hint: "Give the name alone and type the value unseen, or use `--file` or standard input. If that was a secret, take it for seen.",
    },
  );
}

export function followsFromOthers({ name, derived }: ResolvedSecret): RingwallError {
  const others = derived?.entries.map(({ secret }) => secret).join(", ") ?? "";
  return new RingwallError("usage", `"${name}" is made of other secrets whenever it is delivered.`, {
    hint: `Give a value to those: ${others}.`,
  });
}
