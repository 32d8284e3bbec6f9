import { type Command, Option } from "commander";
import { writeFileAtomic } from "../../lib/atomic-write.ts";
import { childPrograms } from "../../lib/child-program.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import { terminal } from "../../report/escape.ts";
import { lockAfter, type PinnedImage, pinImages } from "../../resolve/image-pins.ts";
import { formatLock } from "../../resolve/lock.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { handingOver } from "../hand-over.ts";
import { digestOfFile, recorded } from "../recorded.ts";
import { stackOf } from "../stack-option.ts";

interface PinOptions {
  readonly images?: string;
}

export function register(command: Command, context: Context): void {
  command
    .argument("[stack]", "the stack's folder or file; the nearest one above when left out")
    .addOption(new Option("--images <file>", "local images in place of upstream ones"))
    .action(
      exits(context, (stack: string | undefined, options: PinOptions) =>
        pin(stack, options, context, childPrograms(context.env)),
      ),
    );
}

/** Writes `stack.lock` beside the stack. 3 when an image has no digest and had none before. */
export async function pin(
  named: string | undefined,
  options: PinOptions,
  context: Context,
  run: RunProgram,
): Promise<ExitCode> {
  const { loaded, stack, lock, lockPath } = await stackOf(named, context, options);
  const pinned = await pinImages(stack, lock, (program, args, more) =>
    run(program, args, { ...more, signal: context.signal }),
  );
  const declared = new Set(
    Object.entries(loaded.declaration.zones).flatMap(([name, zone]) => (zone.cidr === undefined ? [] : [name])),
  );
  const text = formatLock(lockAfter(stack, pinned, declared));
  const unchanged = lock !== undefined && formatLock(lock) === text;
  if (!unchanged) {
    const { folder } = loaded.file;
    const what = { action: "stack.pin", target: { kind: "stack", name: stack.name }, digest: digestOfFile(lockPath) };
    await recorded(context, { folder, stack: stack.name }, what, () =>
      handingOver(folder, () => writeFileAtomic(lockPath, text, { mode: 0o644 })),
    );
  }
  for (const image of pinned) context.stdout.write(`${terminal(sentenceOf(image))}\n`);
  context.stdout.write(unchanged ? "stack.lock is as it was.\n" : "Written: stack.lock. Keep it in Git.\n");
  return pinned.some(({ outcome }) => outcome.kind === "failed" && outcome.kept === undefined) ? 3 : 0;
}

function sentenceOf({ image, services, outcome }: PinnedImage): string {
  const who = `${image} (${services.join(", ")})`;
  switch (outcome.kind) {
    case "pinned": {
      const from = outcome.by === "engine" ? ", as the engine's copy has it" : "";
      if (outcome.before === outcome.digest) return `${who}: ${short(outcome.digest)}, as before`;
      const change = outcome.before === undefined ? "" : ` (was ${short(outcome.before)})`;
      return `${who}: ${short(outcome.digest)}${change}${from}`;
    }
    case "local":
      return `${who}: not pinned: ${outcome.why}.`;
    case "failed":
      return `${who}: not pinned: ${outcome.why}.${outcome.kept === undefined ? "" : ` The earlier ${short(outcome.kept)} stays.`}`;
  }
}

function short(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
