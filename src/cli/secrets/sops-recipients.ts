import { sopsFormatOf } from "../../formats/sops/document/formats.ts";
import { describeSops } from "../../formats/sops/document/operations.ts";
import { RingwallError } from "../../lib/error.ts";
import { listed } from "../../lib/listed.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { sopsFilesOf } from "../../stores/open-store.ts";
import { SopsEditor } from "../../stores/sops/sops-editor.ts";
import { SopsFiles, type SopsFilesOptions } from "../../stores/sops/sops-files.ts";
import type { Context, ExitCode } from "../command.ts";
import { handingOver } from "../hand-over.ts";
import { recorded } from "../recorded.ts";
import { storeAround } from "../stack-store.ts";
import { markDepartures } from "./mark-departures.ts";
import { type Common, openSecrets, refuseMidRotation } from "./opened.ts";

export interface SopsStack {
  readonly folder: string;
  readonly stack: string;
  readonly options: SopsFilesOptions;
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
  return { folder, stack: stack.name, ...found, names: await store.list() };
}

/** Whom each file is for now, whatever `.sops.yaml` says. */
export async function listSopsRecipients(
  { options, paths }: SopsStack,
  format: "text" | "json",
  context: Context,
): Promise<ExitCode> {
  const files = new SopsFiles(options);
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
 * is named, to be replaced. Files are exchanged one by one: a run that was cut off is completed by the next, which prints
 * only who left the files that were still to be done. So who is to leave stands in the ledger, and what they know in the
 * schedule as due, before the first file is changed.
 */
export async function applySopsRecipients(found: SopsStack, context: Context): Promise<ExitCode> {
  const { folder, stack, options, paths, names } = found;
  const editor = new SopsEditor(options);
  const leaving = await editor.leavingOf(paths);
  const detail = leaving.length === 0 ? {} : { leaving: leaving.join(" ") };
  const what = { action: "recipients.apply", target: { kind: "recipients", name: stack }, detail };
  const outcomes = await recorded(context, { folder, stack }, what, async (add) => {
    const departures = leaving.map((key) => ({ key, comment: "", at: context.now().toISOString(), names }));
    const all = await handingOver(folder, async () => {
      await markDepartures({ folder, stack, departures }, context);
      return await editor.updateKeysOf(paths);
    });
    const keys = (kind: "added" | "removed") =>
      [...new Set(all.flatMap((one) => ("changed" in one ? one.changed[kind] : [])))].sort().join(" ");
    add({ added: keys("added"), removed: keys("removed") });
    return all;
  });
  const done = outcomes.flatMap((one) => ("changed" in one ? [one.changed] : []));
  const changed = done.filter(({ added, removed, rotated }) => rotated || added.length + removed.length > 0);
  context.stdout.write(`Brought in line with .sops.yaml: ${changed.length} of ${paths.length}.\n`);
  tellPlan([...new Set(done.flatMap(({ removed }) => removed))], names, context);
  const failed = outcomes.flatMap((one) => ("failure" in one ? [one] : []));
  if (failed.length === 0) return 0;
  throw new RingwallError("unreadable", `These stayed as they were: ${listed(failed.map(({ path }) => path))}.`, {
    hint: failed[0]?.failure.describe() ?? "",
  });
}

function tellPlan(removed: readonly string[], names: readonly string[], context: Context): void {
  for (const key of removed) context.stdout.write(`${terminal(`Left: ${key}`)}\n`);
  if (removed.length === 0) return;
  const command = `\`ringwall rotate ${names.join(" ")}\``;
  const text = `Known to who left, in Git's history too, and to be replaced: ${command}, or \`secrets set\` for those that are brought.`;
  context.stdout.write(`${terminal(text)}\n`);
}
