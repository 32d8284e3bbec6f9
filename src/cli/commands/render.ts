import { relative, resolve } from "node:path";
import type { Command } from "commander";
import { compareRendered, type RenderChange } from "../../operations/render/compare.ts";
import { refuseLinkedFolder } from "../../operations/render/refuse-linked-folder.ts";
import { renderedFolder, renderStack } from "../../operations/render/render-stack.ts";
import { writeRendered } from "../../operations/render/write.ts";
import { terminal } from "../../report/escape.ts";
import { counted } from "../../report/layout.ts";
import { type Style, styleFor } from "../../report/style.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { handingOver } from "../hand-over.ts";
import { stackOf } from "../stack-option.ts";

interface Options {
  readonly check?: boolean;
  readonly output?: string;
  readonly force?: boolean;
  readonly images?: string;
}

export function register(command: Command, context: Context): void {
  command
    .argument("[stack]", "a folder with stack.yaml, or a named file; else the nearest one above")
    .option("--check", "write nothing; end with 1 when the folder differs from what would be written")
    .option("-o, --output <folder>", "where to write; else rendered/compose beside stack.yaml")
    .option("--force", "replace files that somebody changed after they were written")
    .option("--images <file>", "a file of local images in place of upstream ones")
    .addHelpText("after", "\nExamples:\n  ringwall render\n  ringwall render --check        in CI, after a commit")
    .action(exits(context, (named: string | undefined, options: Options) => render(named, options, context)));
}

async function render(named: string | undefined, options: Options, context: Context): Promise<ExitCode> {
  const { loaded, stack } = await stackOf(named, context, { images: options.images });
  for (const text of loaded.migrated) context.stderr.write(`${terminal(text)}\n`);
  const files = renderStack(stack);
  const folder =
    options.output === undefined ? renderedFolder(loaded.file.folder, stack) : resolve(context.cwd, options.output);
  const style = styleFor(context.env, context.stdout.isTTY);
  const shown = terminal(relative(context.cwd, folder) || ".");
  const write = (lines: readonly string[]) => context.stdout.write(`${lines.join("\n")}\n`);

  if (options.check === true) {
    const changes = (await compareRendered(folder, files)).changes.filter(isDifference);
    if (changes.length === 0) {
      write([`${shown} is what ${stack.name} renders to.`]);
      return 0;
    }
    write([
      `${shown} is not what ${stack.name} renders to:`,
      ...changeLines(changes, pending, style),
      "Run `ringwall render` and commit what it writes.",
    ]);
    return 1;
  }

  if (options.output === undefined) await refuseLinkedFolder(loaded.file.folder, folder);
  const changes = await handingOver(loaded.file.folder, () =>
    writeRendered(folder, files, { force: options.force === true }),
  );
  write([`${stack.name} in ${shown}:`, ...changeLines(changes, done, style), ...todoLines(stack.todos)]);
  return 0;
}

/** A clone is without what Git ignores: that this is missing there is no difference. */
function isDifference(change: RenderChange): boolean {
  return change.action !== "keep" && !(change.action === "create" && change.ignoredByGit);
}

type Words = Readonly<Record<RenderChange["action"], string>>;
const done: Words = { create: "created", change: "changed", remove: "removed", keep: "unchanged" };
const pending: Words = { create: "missing", change: "differs", remove: "not rendered any more", keep: "unchanged" };

/** So many files are named one by one. */
const most = 40;

function changeLines(changes: readonly RenderChange[], words: Words, style: Style): readonly string[] {
  const touched = changes.filter((change) => change.action !== "keep");
  const kept = changes.length - touched.length;
  const width = Math.max(0, ...touched.map((change) => words[change.action].length)) + 2;
  const lines = touched
    .slice(0, most)
    .map((change) => `  ${words[change.action].padEnd(width)}${style.bold(terminal(change.path))}`);
  if (touched.length > most) lines.push(`  … and ${touched.length - most} more`);
  if (kept > 0) lines.push(style.dim(`  ${counted(kept, "file")} unchanged`));
  return lines;
}

function todoLines(todos: readonly string[]): readonly string[] {
  return todos.length === 0 ? [] : ["Still to be settled:", ...todos.map((todo) => `  ${terminal(todo)}`)];
}
