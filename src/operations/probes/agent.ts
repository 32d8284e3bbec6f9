/**
 * The part of a probe that runs inside another network namespace: it opens connections, or answers them, and tells what
 * happened. It is given orders as JSON lines on standard input and answers in JSON lines; it needs nothing of the
 * container, since it is the host's own Node.js with only the network exchanged.
 */
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { connect, createServer } from "node:net";
import { z } from "zod";
import { ask, keptConnections, requestSchema } from "./agent-http.ts";

export const attemptSchema = z.object({
  id: z.number().int(),
  protocol: z.enum(["tcp", "udp"]),
  address: z.string(),
  port: z.number().int().min(1).max(65535),
});
export type AgentAttempt = z.infer<typeof attemptSchema>;

export const jobSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("connect"),
    attempts: z.array(attemptSchema),
    timeoutMs: z.number().int().min(10),
    /** Sent by UDP, and expected back from a listener that is ours. */
    token: z.string(),
    concurrency: z.number().int().min(1),
  }),
  /** Asks over HTTP: one after another, each on a connection of its own; or several at once, over kept ones. */
  z.object({
    kind: z.literal("ask"),
    requests: z.array(requestSchema),
    timeoutMs: z.number().int().min(10),
    concurrency: z.number().int().min(1),
  }),
  /** Resolves names with the given server, as a process there would. */
  z.object({
    kind: z.literal("resolve"),
    names: z.array(z.string()),
    server: z.string(),
    timeoutMs: z.number().int().min(10),
  }),
  /** Listens on a free TCP and UDP port of every address and answers with the token until standard input ends. */
  z.object({ kind: z.literal("listen"), token: z.string() }),
]);
export type AgentJob = z.infer<typeof jobSchema>;

/** A line to the agent: a job under a number, or that the job of a number is to end. */
export const orderSchema = z.union([
  z.object({ number: z.number().int(), job: jobSchema }),
  z.object({ number: z.number().int(), stop: z.literal(true) }),
]);
export type AgentOrder = z.infer<typeof orderSchema>;

/** A line from the agent: an answer to the job of a number, or that it is done. */
export const replySchema = z.union([
  z.object({ number: z.number().int(), answer: z.unknown(), done: z.undefined().optional() }),
  z.object({ number: z.number().int(), done: z.literal(true), complaint: z.string().optional() }),
]);
export type AgentReply = z.infer<typeof replySchema>;

export const outcomeSchema = z.object({
  id: z.number().int(),
  /** `open`: a connection, or our token back. `refused`: the target's kernel said no. `silent`: nothing came in time. */
  outcome: z.enum(["open", "refused", "unreachable", "silent", "error"]),
  milliseconds: z.number(),
  detail: z.string(),
});
export type AgentOutcome = z.infer<typeof outcomeSchema>;

export const resolutionSchema = z.object({ name: z.string(), addresses: z.array(z.string()), detail: z.string() });
export type AgentResolution = z.infer<typeof resolutionSchema>;

export const listeningSchema = z.object({ tcp: z.number().int(), udp: z.number().int() });
export type AgentListening = z.infer<typeof listeningSchema>;

/** Runs one job; resolves when it is done, for `listen` when `ended` resolves. */
export async function runAgent(job: AgentJob, answer: (answer: unknown) => void, ended: Promise<void>): Promise<void> {
  switch (job.kind) {
    case "listen": {
      const listener = await listen(job.token);
      answer(listener.ports);
      await ended;
      listener.close();
      return;
    }
    case "resolve": {
      const resolver = new Resolver({ timeout: job.timeoutMs, tries: 1 });
      resolver.setServers([job.server]);
      return eachAtMost(job.names, 16, async (name) => answer(await resolveName(resolver, name)));
    }
    case "ask": {
      const kept = job.concurrency === 1 ? undefined : keptConnections(job.concurrency);
      await eachAtMost(job.requests, job.concurrency, async (request) =>
        answer(await ask(request, job.timeoutMs, kept)),
      );
      kept?.destroy();
      return;
    }
    case "connect":
      return eachAtMost(job.attempts, job.concurrency, async (attempt) => {
        const begun = performance.now();
        const result = await (attempt.protocol === "tcp"
          ? tryTcp(attempt, job.timeoutMs)
          : tryUdp(attempt, job.timeoutMs, job.token));
        answer({ id: attempt.id, ...result, milliseconds: Math.round(performance.now() - begun) });
      });
  }
}

async function eachAtMost<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

async function resolveName(resolver: Resolver, name: string): Promise<AgentResolution> {
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = [four, six].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const complaint =
    four.status === "rejected" && four.reason instanceof Error && "code" in four.reason ? String(four.reason.code) : "";
  return { name, addresses, detail: addresses.length > 0 ? addresses.join(", ") : complaint };
}

type Result = Pick<AgentOutcome, "outcome" | "detail">;

function tryTcp(attempt: AgentAttempt, timeoutMs: number): Promise<Result> {
  return new Promise((resolve) => {
    const socket = connect({ host: attempt.address, port: attempt.port });
    const finish = (result: Result): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on("error", () => undefined);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(
      () => finish({ outcome: "silent", detail: `no answer within ${timeoutMs} ms` }),
      timeoutMs,
    );
    socket.once("connect", () => finish({ outcome: "open", detail: "connection accepted" }));
    socket.once("error", (error: NodeJS.ErrnoException) => finish(fromErrno(error)));
  });
}

function tryUdp(attempt: AgentAttempt, timeoutMs: number, token: string): Promise<Result> {
  return new Promise((resolve) => {
    const socket = createSocket(attempt.address.includes(":") ? "udp6" : "udp4");
    let finished = false;
    const finish = (result: Result): void => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on("error", () => undefined);
      socket.close();
      resolve(result);
    };
    const timer = setTimeout(
      () => finish({ outcome: "silent", detail: `no datagram back within ${timeoutMs} ms` }),
      timeoutMs,
    );
    socket.once("error", (error: NodeJS.ErrnoException) => finish(fromErrno(error)));
    socket.once("message", (message) =>
      finish({
        outcome: "open",
        detail: message.toString() === token ? "our datagram came back" : "a datagram came back",
      }),
    );
    socket.connect(attempt.port, attempt.address, (error?: Error) => {
      if (error === undefined || error === null) socket.send(token);
      else finish(fromErrno(error));
    });
  });
}

function fromErrno(error: NodeJS.ErrnoException): Result {
  switch (error.code) {
    case "ECONNREFUSED":
      return { outcome: "refused", detail: "the target's kernel refused the connection" };
    case "ENETUNREACH":
    case "EHOSTUNREACH":
    case "EACCES":
    case "EPERM":
    case "EADDRNOTAVAIL":
      return { outcome: "unreachable", detail: `no way to the address (${error.code})` };
    case "ECONNRESET":
      return { outcome: "open", detail: "connection accepted, then reset" };
    default:
      return { outcome: "error", detail: error.code ?? error.message };
  }
}

async function listen(token: string): Promise<{ ports: AgentListening; close(): void }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(token);
  });
  const tcp = await bindTcp(server, "::").catch(() => bindTcp(server, "0.0.0.0"));
  const datagrams = await bindUdp("udp6").catch(() => bindUdp("udp4"));
  datagrams.on("message", (message, from) => datagrams.send(message, from.port, from.address));
  return {
    ports: { tcp, udp: datagrams.address().port },
    close() {
      server.close();
      datagrams.close();
    },
  };
}

function bindTcp(server: ReturnType<typeof createServer>, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: 0 }, () => {
      server.removeListener("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("the listener has no port"));
      else resolve(address.port);
    });
  });
}

function bindUdp(type: "udp4" | "udp6"): Promise<ReturnType<typeof createSocket>> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type, ipv6Only: false });
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(0, () => {
      socket.removeAllListeners("error");
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
