import { type Command, Option } from "commander";
import type { ControlDescription } from "../../contracts/control.ts";
import { rings } from "../../contracts/verdict.ts";
import { allControls } from "../../controls/registry.ts";
import { reservedControls } from "../../controls/reserved.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { counted, padOrCut, wrap } from "../../report/layout.ts";
import { type Style, styleFor } from "../../report/style.ts";
import { type Context, exits } from "../command.ts";
import { formatOption, oneOf } from "../options.ts";

interface Options {
  readonly format: string;
  readonly ring?: string;
}

/** Every control that can be named, those of the evaluator itself at the end. */
export const describedControls: readonly ControlDescription[] = [...allControls, ...reservedControls];

export function register(command: Command, context: Context): void {
  command
    .addOption(formatOption(["text", "json"]))
    .addOption(new Option("--ring <ring>", "only those of one ring").choices(rings).argParser(oneOf(rings)))
    .action(
      exits(context, (options: Options) => {
        const { ring } = options;
        const chosen = describedControls.filter((control) => ring === undefined || control.ring === ring);
        const { stdout } = context;
        if (options.format === "json") stdout.write(jsonText(chosen.map(listed)));
        else stdout.write(controlsText(chosen, styleFor(context.env, stdout.isTTY), stdout.columns ?? 120));
        return 0;
      }),
    );
}

function listed({ id, ring, severity, title, claim, remedy, frameworks }: ControlDescription): unknown {
  return { id, ring, severity, title, claim, remedy, frameworks };
}

function controlsText(controls: readonly ControlDescription[], style: Style, width: number): string {
  let text = "";
  const idWidth = Math.max(10, ...controls.map((control) => control.id.length)) + 2;
  const besides = width - idWidth - 12 >= 30;
  for (const ring of rings) {
    const members = controls.filter((control) => control.ring === ring);
    if (members.length === 0) continue;
    text += `${style.bold(ring)}\n`;
    for (const { id, severity, title } of members) {
      const badge = style.severity(severity, padOrCut(severity, 9));
      const lead = `  ${badge} ${padOrCut(id, idWidth)}`;
      const lines = wrap(terminal(title), besides ? width - idWidth - 12 : width - 12);
      if (besides) text += `${lead}${lines.join(`\n${" ".repeat(idWidth + 12)}`)}\n`;
      else text += `${lead.trimEnd()}\n${lines.map((line) => `            ${line}\n`).join("")}`;
    }
  }
  return `${text}${style.dim(`${counted(controls.length, "control")}. ringwall explain CONTROL tells more of one.`)}\n`;
}
