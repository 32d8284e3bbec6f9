import type { Command } from "commander";
import type { ControlDescription } from "../../contracts/control.ts";
import { allControls } from "../../controls/registry.ts";
import { RingwallError } from "../../lib/error.ts";
import { didYouMean } from "../../lib/suggest.ts";
import { jsonText, terminal } from "../../report/escape.ts";
import { wrap } from "../../report/layout.ts";
import { type Style, styleFor } from "../../report/style.ts";
import { type Context, exits } from "../command.ts";
import { formatOption } from "../options.ts";
import { describedControls } from "./controls.ts";

export function register(command: Command, context: Context): void {
  command
    .argument("<control>", "its id, as reports print it, or the part after the dot")
    .addOption(formatOption(["text", "json"]))
    .addHelpText("after", "\nExample:\n  ringwall explain network.datastore-unpublished")
    .action(
      exits(context, (name: string, options: { format: string }) => {
        const control = findControl(name);
        const { stdout } = context;
        const style = styleFor(context.env, stdout.isTTY);
        stdout.write(
          options.format === "json"
            ? jsonText(control)
            : explanation(control, style, Math.min(stdout.columns ?? 96, 96)),
        );
        return 0;
      }),
    );
}

function findControl(name: string): ControlDescription {
  const wanted = name.toLowerCase();
  const exact = describedControls.find((control) => control.id === wanted);
  if (exact !== undefined) return exact;
  const [short, another] = describedControls.filter((control) => control.id.split(".")[1] === wanted);
  if (short !== undefined && another === undefined) return short;
  const ids = describedControls.map((control) => control.id);
  const shortNames = ids.map((id) => id.split(".")[1] ?? id);
  const suggestion = didYouMean(wanted, ids) || didYouMean(wanted, shortNames);
  const containing = ids.filter((id) => id.includes(wanted)).slice(0, 3);
  const also = suggestion === "" && containing.length > 0 ? ` Did you mean ${containing.join(" or ")}?` : "";
  throw new RingwallError("usage", `There is no control "${name}".${suggestion}${also}`, {
    hint: '"ringwall controls" lists them.',
  });
}

function explanation(control: ControlDescription, style: Style, width: number): string {
  const sections: readonly (readonly [string, string | undefined])[] = [
    ["Claim", control.claim],
    ["Threat", control.threat],
    ["How it is judged", control.judged],
    ["What it does not see", control.limits],
    ["Remedy", control.remedy],
    ["What mends it", mending(control)],
    ["Answers", frameworks(control)],
  ];
  const badge = style.severity(control.severity, control.severity.toUpperCase());
  let text = `${style.bold(terminal(control.title))}\n${control.id}  ${badge}  ring ${control.ring}\n`;
  for (const [heading, body] of sections) {
    if (body === undefined || body === "") continue;
    text += `\n${style.bold(heading)}\n${wrap(terminal(body), width - 2)
      .map((line) => `  ${line}\n`)
      .join("")}`;
  }
  return text;
}

function mending({ id }: ControlDescription): string | undefined {
  const fix = allControls.find((control) => control.id === id)?.fix;
  if (fix === undefined) return undefined;
  const how = fix.onlyNamed === true ? `\`ringwall check --fix-only ${id}\`.` : "`ringwall check --fix`.";
  return fix.changesBehaviour === undefined ? how : `${how} ${fix.changesBehaviour}`;
}

function frameworks({ frameworks }: ControlDescription): string {
  const named: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["CIS Docker Benchmark", frameworks.cisDocker],
    ["OWASP Docker Top 10", frameworks.owaspDocker],
    ["NIST CSF 2.0", frameworks.nistCsf],
  ];
  return named
    .flatMap(([name, numbers]) =>
      numbers === undefined || numbers.length === 0 ? [] : [`${name} ${numbers.join(", ")}`],
    )
    .join("; ");
}
