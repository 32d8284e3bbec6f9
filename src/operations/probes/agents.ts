import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { RingwallError } from "../../lib/error.ts";
import { type AgentJob, type AgentOrder, replySchema } from "./agent-protocol.ts";

/** Where an agent runs: the host's own network, that of a process, or a namespace made with `ip netns`. */
export type NetworkPlace =
  | { readonly kind: "host" }
  | { readonly kind: "process"; readonly pid: number }
  | { readonly kind: "named"; readonly name: string };

/** The command that starts an agent in the host's network; handed in by whoever knows how this program was started. */
export type AgentCommand = readonly [string, ...string[]];

/** A job that runs: its answers as they come, and a way to end it early. */
export interface RunningJob {
  /** Resolves when the job is done; rejects with a RingwallError when the agent ended before, or failed. */
  readonly done: Promise<void>;
  stop(): void;
}

/** One agent for each place, started when first needed and kept: starting one takes longer than most jobs. */
export class Agents {
  readonly #command: AgentCommand;
  readonly #running = new Map<string, Agent>();
  #closed = false;

  constructor(command: AgentCommand) {
    this.#command = command;
  }

  run(place: NetworkPlace, job: AgentJob, hear: (answer: unknown) => void): RunningJob {
    if (this.#closed) {
      const done = Promise.reject(new RingwallError("interrupted", "The probe was interrupted."));
      return { done, stop: () => undefined };
    }
    const key = describe(place);
    const agent = this.#running.get(key) ?? new Agent(place, this.#command);
    this.#running.set(key, agent);
    return agent.run(job, hear);
  }

  /** Ends the agent of a place; nothing happens when there is none. Resolves when it is gone. */
  async leave(place: NetworkPlace): Promise<void> {
    const key = describe(place);
    const agent = this.#running.get(key);
    this.#running.delete(key);
    await agent?.close();
  }

  /** Ends every agent, and with them every listener; from then on none is started. */
  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#running.values()];
    this.#running.clear();
    await Promise.all(all.map((agent) => agent.close()));
  }
}

interface Hearer {
  readonly hear: (answer: unknown) => void;
  readonly resolve: () => void;
  readonly reject: (error: RingwallError) => void;
}

class Agent {
  readonly #place: NetworkPlace;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #hearers = new Map<number, Hearer>();
  readonly #ended: Promise<void>;
  #complaint = "";
  #number = 0;
  #failure: RingwallError | undefined;

  constructor(place: NetworkPlace, agent: AgentCommand) {
    this.#place = place;
    const [program, ...args] = commandIn(place, agent);
    this.#child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
    this.#child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      this.#complaint = (this.#complaint + chunk).slice(-2_000);
    });
    this.#child.stdin.on("error", () => undefined);
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#heard(line));
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#fail(`could not be started: ${error.message}`);
        resolve();
      });
      this.#child.once("close", (code) => {
        this.#fail(`ended with code ${code ?? "?"}: ${lastComplaint(this.#complaint)}`);
        resolve();
      });
    });
  }

  run(job: AgentJob, hear: (answer: unknown) => void): RunningJob {
    const number = ++this.#number;
    const done = new Promise<void>((resolve, reject) => {
      if (this.#failure === undefined) this.#hearers.set(number, { hear, resolve, reject });
      else reject(this.#failure);
    });
    this.#order({ number, job });
    return { done, stop: () => this.#order({ number, stop: true }) };
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  #order(order: AgentOrder): void {
    if (this.#failure === undefined) this.#child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  #heard(line: string): void {
    const reply = replySchema.safeParse(parsed(line)).data;
    const hearer = reply === undefined ? undefined : this.#hearers.get(reply.number);
    if (reply === undefined || hearer === undefined) return;
    if (reply.done !== true) {
      hearer.hear(reply.answer);
      return;
    }
    this.#hearers.delete(reply.number);
    if (reply.complaint === undefined) hearer.resolve();
    else hearer.reject(this.#error(`failed: ${reply.complaint}`));
  }

  #fail(what: string): void {
    this.#failure ??= this.#error(what);
    for (const { reject } of this.#hearers.values()) reject(this.#failure);
    this.#hearers.clear();
  }

  #error(what: string): RingwallError {
    return new RingwallError("network", `The probe ${describe(this.#place)} ${what}.`);
  }
}

function commandIn(place: NetworkPlace, agent: AgentCommand): readonly [string, ...string[]] {
  switch (place.kind) {
    case "host":
      return agent;
    case "process":
      return ["nsenter", "--target", String(place.pid), "--net", "--", ...agent];
    case "named":
      return ["ip", "netns", "exec", place.name, ...agent];
  }
}

/** The line of an uncaught error or of a program's own complaint, not the stack around it. */
function lastComplaint(text: string): string {
  const lines = text.trim().split("\n");
  return (lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0] ?? "").replace(/[.]$/, "");
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Names a place, in messages and as a key. */
export function describe(place: NetworkPlace): string {
  switch (place.kind) {
    case "host":
      return "on the host";
    case "process":
      return `in the network of process ${place.pid}`;
    case "named":
      return `in the namespace ${place.name}`;
  }
}
