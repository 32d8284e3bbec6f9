/** Entry of the probe's agent: `node agent-main.ts` with a job on standard input (src/operations/probes/agent.ts). */
import { jobSchema, runAgent } from "./agent.ts";

/** Reads one line of JSON from the input, runs it, and lets the rest of the input tell when to stop. */
export async function agentMain(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<void> {
  let first: ((line: string) => void) | undefined;
  let end: (() => void) | undefined;
  const line = new Promise<string>((resolve) => {
    first = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let text = "";
  input.setEncoding("utf8");
  input.on("data", (chunk: string) => {
    text += chunk;
    const newline = text.indexOf("\n");
    if (newline !== -1) first?.(text.slice(0, newline));
  });
  input.on("end", () => {
    first?.(text);
    end?.();
  });
  await runAgent(jobSchema.parse(JSON.parse(await line)), (answer) => output.write(`${answer}\n`), ended);
  input.destroy();
}

if (import.meta.main) await agentMain(process.stdin, process.stdout);
