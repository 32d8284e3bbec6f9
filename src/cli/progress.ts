import type { OperationEvent } from "../contracts/operation.ts";
import { terminal } from "../report/escape.ts";
import { styleFor } from "../report/style.ts";
import type { Context } from "./command.ts";

/** Tells an operation's events on stderr as they come: one line for each step, and below it what it reports. */
export function progressTeller(context: Context): (event: OperationEvent) => void {
  const style = styleFor(context.env, context.stderr.isTTY);
  const write = (text: string) => void context.stderr.write(`${text}\n`);
  return (event) => {
    switch (event.kind) {
      case "step-started":
        return write(`${style.bold("→")} ${terminal(event.title)}`);
      case "step-progress":
        return write(style.dim(`    ${terminal(event.text)}`));
      case "step-done":
        // What took no time to notice needs no line of its own.
        return event.milliseconds < 1000 ? undefined : write(`  ${style.good("✓")} ${seconds(event.milliseconds)}`);
      case "step-failed":
        return write(`  ${style.bad("✗")} ${terminal(event.message)}`);
      case "step-skipped":
        return write(style.dim(`  skipped: ${terminal(event.why)}`));
    }
  };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
