/** Entry of the probe's agent: `node agent-main.ts`, with orders on standard input (src/operations/probes/agent.ts). */
import { createInterface } from "node:readline";
import { type AgentReply, orderSchema, runAgent } from "./agent.ts";

/** Runs orders as they come, several at once, until the input ends; then every listener is closed. */
export async function agentMain(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<void> {
  const reply = (line: AgentReply) => output.write(`${JSON.stringify(line)}\n`);
  const stops = new Map<number, () => void>();
  const running = new Set<Promise<void>>();
  for await (const line of createInterface({ input })) {
    const order = orderSchema.parse(JSON.parse(line));
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

if (import.meta.main) await agentMain(process.stdin, process.stdout);
