import { resolve } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import { terminal } from "../../report/escape.ts";
import { Secret } from "../../secrets/secret.ts";
import { absentVersion } from "../../secrets/store.ts";
import type { Context, ExitCode } from "../command.ts";
import { recorded, recordedSecret } from "../recorded.ts";
import { sopsEditor } from "./encrypted-file.ts";
import { type Common, declared, followsFromOthers, openSecrets, refuseMidRotation } from "./opened.ts";
import { editPrivately } from "./private-editor.ts";
import { rememberingAges } from "./remember-age.ts";
import { assertWorth, withoutNewline } from "./value.ts";

export interface EditOptions extends Common {
  readonly asIs?: boolean;
  /** For a file: another identity than the usual ones. */
  readonly identity?: string;
}

/** Edits the value of a secret, or an encrypted file where a path is named. */
export async function edit(named: string, options: EditOptions, context: Context): Promise<ExitCode> {
  return /[./]/.test(named) ? await editFile(named, options, context) : await editValue(named, options, context);
}

async function editValue(name: string, options: EditOptions, context: Context): Promise<ExitCode> {
  const { folder, stack, store } = await openSecrets(options, context);
  const secret = declared(stack, name);
  if (secret.derived !== undefined) throw followsFromOthers(secret);
  refuseReadOnly(store.readOnly === true, store.description);
  await refuseMidRotation({ folder, stack });
  const version = await store.versionOf?.(name);
  const before = (await store.get(name))?.expose();
  const edited = withoutNewline(await editPrivately(before ?? "", `${name}.txt`, context));
  if (edited === before || (before === undefined && edited === "")) {
    context.stdout.write("Nothing changed.\n");
    return 0;
  }
  assertWorth(name, edited, options.asIs === true);
  const expected = version === undefined ? {} : { expectVersion: before === undefined ? absentVersion : version };
  const what = recordedSecret("secret.edit", name, store);
  await rememberingAges({ folder, stack }, context, async (remember) => {
    await recorded(context, { folder, stack: stack.name }, what, () => store.set(new Secret(name, edited), expected));
    context.stdout.write(`${terminal(`Set: ${name}`)}\n`);
    await remember(name);
  });
  return 0;
}

async function editFile(path: string, options: EditOptions, context: Context): Promise<ExitCode> {
  const changed = await sopsEditor(context, options.identity).edit(resolve(context.cwd, path), (plain) =>
    editPrivately(plain.exposeText(), nameOf(path), context),
  );
  context.stdout.write(`${terminal(changed ? `Encrypted again: ${path}` : "Nothing changed.")}\n`);
  return 0;
}

/** The file's own name, so that the editor knows its format. */
function nameOf(path: string): string {
  return path.split("/").at(-1) ?? "secrets";
}

export function refuseReadOnly(readOnly: boolean, description: string): void {
  if (!readOnly) return;
  throw new RingwallError("unsupported", `${description} is only read; nothing can be changed in it.`, {
    hint: "Change the value where it comes from, or name another store under `store`.",
  });
}
