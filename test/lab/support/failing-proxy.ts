import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface FailingProxy {
  readonly socket: string;
  /** How many connections came before it stopped. */
  readonly connections: number;
  close(): Promise<void>;
}

/**
 * A socket that leads to an engine's own for so many connections, and then stops as an engine does that is killed: every
 * connection ends in the middle of what it says, and nobody listens any more.
 */
export async function failingProxy(engineSocket: string, after: number): Promise<FailingProxy> {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-proxy-"));
  const socket = join(folder, "engine.sock");
  const open = new Set<Socket>();
  let connections = 0;
  const stop = () => {
    server.close();
    for (const each of open) each.destroy();
  };
  const server = createServer((from) => {
    connections += 1;
    if (connections > after) {
      from.destroy();
      stop();
      return;
    }
    const to = connect(engineSocket);
    for (const [end, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(end);
      end.on("error", () => other.destroy());
      end.on("close", () => {
        open.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    get connections() {
      return connections;
    },
    close: async () => {
      stop();
      await new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
