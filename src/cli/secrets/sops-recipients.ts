import { sopsFormatOf } from "../../formats/sops/document/formats.ts";
import { describeSops, updateKeys } from "../../formats/sops/document/operations.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { sopsFilesOf } from "../../stores/open-store.ts";
import type { SopsFiles } from "../../stores/sops/sops-files.ts";
import type { Context, ExitCode } from "../command.ts";
import { handingOver } from "../hand-over.ts";
import { storeAround } from "../stack-store.ts";
import { type Common, openSecrets, refuseMidRotation } from "./opened.ts";

export interface SopsStack {
  readonly folder: string;
  readonly files: SopsFiles;
  readonly paths: readonly string[];
  /** The secrets in those files. */
  readonly names: readonly string[];
}

/** The encrypted files of a stack that keeps its values in some; undefined for any other stack. */
export async function sopsStack(options: Common, context: Context): Promise<SopsStack | undefined> {
  const { folder, stack, store } = await openSecrets(options, context);
  const found = await sopsFilesOf(stack.store ?? {}, storeAround(folder, context));
  if (found === undefined) return undefined;
  await refuseMidRotation({ folder, stack });
  return { folder, ...found, names: await store.list() };
}

/** Whom each file is for now, whatever `.sops.yaml` says. */
export async function listSopsRecipients(
  { files, paths }: SopsStack,
  format: "text" | "json",
  context: Context,
): Promise<ExitCode> {
  const rows: { path: string; recipients: readonly string[] }[] = [];
  for (const path of paths) {
    const text = await files.read(path);
    if (text === undefined) continue;
    const { groups } = describeSops({ path, format: sopsFormatOf(path), text });
    rows.push({ path, recipients: groups.flatMap(({ age }) => age.map(({ recipient }) => recipient)) });
  }
  if (format === "json") context.stdout.write(`${jsonText({ version: 1, files: rows })}\n`);
  else {
    for (const { path, recipients } of rows) {
      context.stdout.write(`${terminal(path)}\n${recipients.map((key) => `  ${terminal(key)}\n`).join("")}`);
    }
  }
  return 0;
}

/**
 * Brings every file in line with `.sops.yaml`. A file that somebody is taken out of gets a new data key; what they read
 * in it is named, to be replaced. Files are exchanged one by one: a run that was cut off is completed by the next.
 */
export async function applySopsRecipients(
  { folder, files, paths, names }: SopsStack,
  context: Context,
): Promise<ExitCode> {
  const removed = new Set<string>();
  let changed = 0;
  await handingOver(folder, async () => {
    for (const path of paths) {
      await files.change(path, async (text) => {
        if (text === undefined) return undefined;
        const file = { path, format: sopsFormatOf(path), text };
        const after = await updateKeys(file, await files.ruleFor(path), await files.identities(), files.context);
        for (const key of after.removed) removed.add(key);
        if (after.text !== text) changed += 1;
        return after.text;
      });
    }
  });
  context.stdout.write(`Brought in line with .sops.yaml: ${changed} of ${paths.length}.\n`);
  for (const key of removed) context.stdout.write(`${terminal(`Left: ${key}`)}\n`);
  if (removed.size > 0) {
    context.stdout.write(
      `${terminal(`Known to who left, in Git's history too, and to be replaced: \`ringwall rotate ${names.join(" ")}\`, or \`secrets set\` for those that are brought.`)}\n`,
    );
  }
  return 0;
}
