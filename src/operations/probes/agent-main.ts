/** Entry of the probe's agent: `node agent-main.ts`, with orders on standard input (src/operations/probes/agent.ts). */
import { createInterface } from "node:readline";
import { runAgent } from "./agent.ts";
import type { AgentOrder, AgentReply } from "./agent-protocol.ts";

/** Runs orders as they come, several at once, until the input ends; then every listener is closed. */
export async function agentMain(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<void> {
  const reply = (line: AgentReply) => output.write(`${JSON.stringify(line)}\n`);
  const stops = new Map<number, () => void>();
  const running = new Set<Promise<void>>();
  for await (const line of createInterface({ input })) {
    const order: unknown = JSON.parse(line);
    if (!isOrder(order)) throw new Error("this is no order of a probe");
    if ("stop" in order) {
      stops.get(order.number)?.();
      continue;
    }
    const { number, job } = order;
    const stopped = new Promise<void>((resolve) => stops.set(number, resolve));
    const work = runAgent(job, (answer) => reply({ number, answer }), stopped).then(
      () => void reply({ number, done: true }),
      (error: unknown) => void reply({ number, done: true, complaint: String(error) }),
    );
    running.add(work);
    void work.finally(() => running.delete(work));
  }
  for (const stop of stops.values()) stop();
  await Promise.all(running);
}

/** Orders come from the probe that started this process, which made them by their type. */
function isOrder(value: unknown): value is AgentOrder {
  if (typeof value !== "object" || value === null || !("number" in value)) return false;
  return "stop" in value || ("job" in value && typeof value.job === "object" && value.job !== null);
}

if (import.meta.main) await agentMain(process.stdin, process.stdout);
