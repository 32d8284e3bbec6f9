import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { RingwallError } from "../../lib/error.ts";
import { renderedFolder, renderStack } from "../../operations/render/render-stack.ts";
import { writeRendered } from "../../operations/render/write.ts";
import { gaps, guarantees } from "../../platforms/compose/guarantees.ts";
import { terminal } from "../../report/escape.ts";
import { counted, wrap } from "../../report/layout.ts";
import { styleFor } from "../../report/style.ts";
import { writeReport } from "../check/formats.ts";
import { judgePaths } from "../check/judge.ts";
import { readProfile } from "../check/profile.ts";
import { type Context, type ExitCode, exits } from "../command.ts";
import { stackOf } from "../stack-option.ts";

/** The example that a clone of the repository has; the published package has none. */
const quickstart = fileURLToPath(new URL("../../../examples/quickstart", import.meta.url));

export function register(command: Command, context: Context): void {
  command
    .option("-o, --output <file>", "where to write the page", "report.html")
    .addHelpText("after", "\nNeeds no engine, no root and no network; `npm start` in a clone runs it.")
    .action(exits(context, (options: { readonly output: string }) => demo(options.output, context)));
}

/** The main job on the quickstart: check what it declares, render it, check what was rendered, write the page. */
async function demo(output: string, context: Context): Promise<ExitCode> {
  if (!existsSync(quickstart)) {
    throw new RingwallError("not-found", "The quickstart is part of the repository, not of the installed package.", {
      hint: "Clone the repository and run `npm ci && npm start` there.",
    });
  }
  const { stack, loaded } = await stackOf(quickstart, context);
  const files = renderStack(stack);
  const folder = renderedFolder(loaded.file.folder, stack);
  await writeRendered(folder, files, { force: true });
  const result = await judgePaths(
    {
      paths: [relative(context.cwd, quickstart) || "."],
      failOn: "high",
      profile: await readProfile("homelab", context.cwd),
      keepSystems: true,
      exceptions: undefined,
    },
    context,
  );
  const { writeFileAtomic } = await import("../../lib/atomic-write.ts");
  const page = join(context.cwd, output);
  const parts = await writeReport("html", result.input, {
    style: styleFor({}, false),
    width: Number.POSITIVE_INFINITY,
    all: false,
  });
  await writeFileAtomic(page, parts, { mode: 0o644 });

  const style = styleFor(context.env, context.stdout.isTTY);
  const width = Math.min(context.stdout.columns ?? 100, 100);
  const here = (path: string): string => terminal(relative(context.cwd, path) || ".");
  const { passed, failed, unknown, waived } = totals(result.input.tallies.values());
  const holds = guarantees.flatMap((guarantee) => guarantee.statements(stack));
  const open = gaps.flatMap((gap) => gap.statements(stack));
  const lines = [
    `${style.bold(`${stack.name}`)}: ${counted(stack.services.length, "service")} in ${counted(stack.zones.length, "zone")}, declared in ${here(join(quickstart, "stack.yaml"))}`,
    "",
    `  ${style.good("✓")} checked    ${passed} checks hold, ${failed} fail, ${unknown} cannot be told, ${waived} accepted with a reason`,
    `  ${style.good("✓")} rendered   ${counted(files.length, "file")} in ${here(folder)}, with no secret in them`,
    `  ${style.good("✓")} reported   ${here(page)}: rings, network map, findings`,
    "",
    style.bold(`Brought up, ${holds.length} guarantees hold and are measured by \`probe\`, such as`),
    ...holds
      .slice(0, 60)
      .filter((_, index) => index % Math.ceil(holds.length / 5) === 0)
      .flatMap((text) => listed(text, style.good("✓"), width)),
    style.bold(`and ${open.length} things that Docker cannot enforce are said, such as`),
    ...open.slice(0, 1).flatMap((text) => listed(text, style.doubt("!"), width)),
    "",
    style.bold("Next"),
    `  npx ringwall plan ${here(quickstart)}     what \`up\` would change, and every guarantee and gap`,
    `  npx ringwall up ${here(quickstart)}       with Docker Engine and Compose v2; \`probe\` then measures it`,
    "  npx ringwall check ~/my-stack              any repository of yours",
    "",
  ];
  context.stdout.write(lines.join("\n"));
  return result.input.counting.size > 0 ? 1 : 0;
}

function listed(text: string, mark: string, width: number): string[] {
  return wrap(terminal(text), width - 4).map((line, index) => (index === 0 ? `  ${mark} ${line}` : `    ${line}`));
}

function totals(tallies: Iterable<{ passed: number; failed: number; unknown: number; waived: number }>): {
  passed: number;
  failed: number;
  unknown: number;
  waived: number;
} {
  const sum = { passed: 0, failed: 0, unknown: 0, waived: 0 };
  for (const tally of tallies) {
    sum.passed += tally.passed;
    sum.failed += tally.failed;
    sum.unknown += tally.unknown;
    sum.waived += tally.waived;
  }
  return sum;
}
