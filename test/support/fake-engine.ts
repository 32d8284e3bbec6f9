import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a fake engine does when it is asked for one path. */
export type FakeAnswer =
  | { readonly json: unknown; readonly status?: number }
  | { readonly text: string; readonly status?: number }
  | { readonly bytes: Buffer }
  /** Ends the connection in the middle of an answer that promises more. */
  | "cut"
  /** Ends the connection before an answer. */
  | "hang-up"
  /** Says nothing. */
  | "silent";

export interface FakeEngine {
  readonly socket: string;
  /** `METHOD path?query` of each request, in order, without the version. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export const versionAnswer: FakeAnswer = { json: { Version: "28.5.2", ApiVersion: "1.51", MinAPIVersion: "1.24" } };

/**
 * A server that speaks HTTP over a unix socket as an engine does, and knows only the paths that it is given (without
 * the version and the query). It answers anything else, and every method but GET, with 599, which no client may take
 * for an answer.
 */
export async function fakeEngine(answers: Readonly<Record<string, FakeAnswer>>): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), "ringwall-fake-"));
  const socket = join(folder, "engine.sock");
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = (request.url ?? "").replace(/^\/v\d+\.\d+/, "");
    requests.push(`${request.method} ${url}`);
    const answer = request.method === "GET" ? answers[decodeURIComponent(url.split("?")[0] ?? "")] : undefined;
    send(
      response,
      answer ?? { json: { message: `the fake engine does not know ${request.method} ${url}` }, status: 599 },
    );
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function send(response: ServerResponse, answer: FakeAnswer): void {
  if (answer === "silent") return;
  if (answer === "hang-up") {
    response.destroy();
    return;
  }
  if (answer === "cut") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"Version": "28', () => response.destroy());
    return;
  }
  if ("bytes" in answer) {
    response.writeHead(200).end(answer.bytes);
    return;
  }
  const body = "json" in answer ? JSON.stringify(answer.json) : answer.text;
  response.writeHead(answer.status ?? 200, { "content-type": "application/json" }).end(body);
}
