import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parse } from "yaml";
import { RingwallError } from "../../lib/error.ts";
import { terminal } from "../../report/escape.ts";
import type { Secret } from "../../secrets/secret.ts";
import { absentVersion, isSecretName, type Store } from "../../secrets/store.ts";
import { type StoreChoice, storeSchema } from "../../stack/store-schema.ts";
import { openChosenStore } from "../../stores/open-store.ts";
import type { Context, ExitCode } from "../command.ts";
import { handingOver } from "../hand-over.ts";
import { recorded } from "../recorded.ts";
import { storeAround } from "../stack-store.ts";
import { refuseReadOnly } from "./edit.ts";
import { type Common, looksLikeValue, openSecrets, refuseMidRotation } from "./opened.ts";

export interface MoveOptions extends Common {
  readonly to: string;
  readonly from?: string;
  /** Leaves the values where they were as well. */
  readonly keep?: boolean;
}

/**
 * Moves secrets from one store to another: all are copied, then all are read back through a store that is opened anew,
 * and only then they are removed where they were. A value that the other store has already must be the same. What was
 * cut off is completed by the same command.
 */
export async function move(names: readonly string[], options: MoveOptions, context: Context): Promise<ExitCode> {
  const { folder, stack, store } = await openSecrets(options, context);
  const around = storeAround(folder, context);
  const open = async (named: string) => openChosenStore(await choiceOf(named, context), stack.name, around);
  const source = options.from === undefined ? store : await open(options.from);
  const target = await open(options.to);
  if (source.description === target.description) {
    throw new RingwallError("usage", `Both stores are ${target.description}.`, {
      hint: "Name another one with `--to`.",
    });
  }
  refuseReadOnly(target.readOnly === true, target.description);
  if (options.keep !== true) refuseReadOnly(source.readOnly === true, source.description);
  await refuseMidRotation({ folder, stack });
  if (names.some((name) => !isSecretName(name))) throw looksLikeValue();
  const wanted = names.length === 0 ? await source.list() : names;
  const secrets = await read(wanted, source, target);
  const detail = { secrets: secrets.map(({ name }) => name).join(" "), from: source.description };
  const what = { action: "secret.move", target: { kind: "store", name: target.description }, detail };
  await recorded(context, { folder, stack: stack.name }, what, () =>
    handingOver(folder, async () => {
      for (const secret of secrets) await copy(secret, target);
      await verify(secrets, await open(options.to));
      if (options.keep === true) return;
      for (const { name } of secrets) await source.remove(name);
    }),
  );
  for (const { name } of secrets)
    context.stdout.write(`${terminal(`${options.keep === true ? "Copied" : "Moved"}: ${name}`)}\n`);
  context.stdout.write(`${terminal(`To ${target.description}. Name it under \`store\` in the declaration.`)}\n`);
  return 0;
}

/** All values before anything is changed; a name that was moved by an earlier run is passed over. */
async function read(names: readonly string[], source: Store, target: Store): Promise<readonly Secret[]> {
  const found: Secret[] = [];
  for (const name of names) {
    const secret = await source.get(name);
    if (secret !== undefined) found.push(secret);
    else if ((await target.get(name)) === undefined) {
      throw new RingwallError("secret-missing", `"${name}" has no value in ${source.description}; nothing was moved.`, {
        hint: "`ringwall secrets list` shows which have one.",
      });
    }
  }
  return found;
}

async function copy(secret: Secret, target: Store): Promise<void> {
  const there = await target.get(secret.name);
  if (there?.expose() === secret.expose()) return;
  if (there !== undefined) {
    throw new RingwallError("conflict", `"${secret.name}" has another value in ${target.description}.`, {
      hint: "Remove the one that is not to count; nothing was removed yet.",
    });
  }
  await target.set(secret, target.versionOf === undefined ? {} : { expectVersion: absentVersion });
}

async function verify(secrets: readonly Secret[], target: Store): Promise<void> {
  for (const secret of secrets) {
    if ((await target.get(secret.name))?.expose() === secret.expose()) continue;
    throw new RingwallError("conflict", `"${secret.name}" does not come back from ${target.description} as it was.`, {
      hint: "Nothing was removed; look at what else writes there.",
    });
  }
}

/** `age`, `sops:FILE`, `kubernetes:FOLDER`, or a YAML file that holds a `store` as a declaration does. */
async function choiceOf(named: string, context: Context): Promise<StoreChoice> {
  if (named === "age") return { age: {} };
  const short = /^(sops|kubernetes):(.+)$/.exec(named);
  if (short?.[1] === "sops") return { sops: { file: resolve(context.cwd, short[2] ?? "") } };
  if (short?.[1] === "kubernetes") return { kubernetes: { folder: resolve(context.cwd, short[2] ?? "") } };
  const text = await readFile(resolve(context.cwd, named), "utf8").catch(() => {
    throw new RingwallError("usage", `"${named}" is neither a store nor a file that describes one.`, {
      hint: "Expected `age`, `sops:FILE`, `kubernetes:FOLDER`, or a YAML file with `store:` as in a declaration.",
    });
  });
  const found = storeSchema.safeParse(storeIn(text, named));
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw new RingwallError(
    "invalid",
    `${named}: \`store${(issue?.path ?? []).map((key) => `.${String(key)}`).join("")}\`: ${issue?.message ?? "wrong"}.`,
    {
      hint: "docs/secrets.md shows what each store takes.",
    },
  );
}

function storeIn(text: string, named: string): unknown {
  try {
    const whole: unknown = parse(text, { maxAliasCount: 0 });
    return typeof whole === "object" && whole !== null && "store" in whole ? whole.store : undefined;
  } catch {
    throw new RingwallError("syntax", `${named} is no YAML.`, { hint: "Expected `store:` as in a declaration." });
  }
}
