/**
 * The part of a probe that runs inside another network namespace: it opens connections, or answers them, and tells what
 * happened. It is given orders as JSON lines on standard input and answers in JSON lines; it needs nothing of the
 * container, since it is the host's own Node.js with only the network exchanged.
 */
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { connect, createServer } from "node:net";
import { ask, keptConnections } from "./agent-http.ts";
import { login } from "./agent-login.ts";
import type { AgentAttempt, AgentJob, AgentListening, AgentOutcome, AgentResolution } from "./agent-protocol.ts";

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
    case "login":
      return answer(await login(job.login, job.timeoutMs));
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
