import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Witness } from "./witness.ts";

/** A request holds at most 63 hashes and a checkpoint with a few signatures. */
const longestRequest = 64 * 1024;

export interface WitnessServerOptions {
  /** Certificate and key as PEM texts; without them it speaks plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Told of each answer, for a log. */
  readonly onAnswer?: (status: number) => void;
}

/** The HTTP interface of a witness: `POST /add-checkpoint`, and nothing besides. It does not listen yet. */
export function witnessServer(witness: Witness, options: WitnessServerOptions = {}): Server {
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    respond(witness, request, response).then(options.onAnswer, () => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
  const limits = { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8 * 1024 };
  return options.tls === undefined
    ? createServer(limits, handle)
    : createTlsServer({ ...limits, ...options.tls, minVersion: "TLSv1.2" }, handle);
}

async function respond(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<number> {
  const path = (request.url ?? "").split("?")[0];
  if (path !== "/add-checkpoint") return end(response, 404, "There is only /add-checkpoint.\n");
  if (request.method !== "POST") return end(response, 405, "Checkpoints are sent by POST.\n");
  const text = await bodyOf(request);
  if (text === undefined) return end(response, 413, "The request is too long.\n");
  const answer = await witness.answer(text);
  const type = answer.status === 409 ? "text/x.tlog.size" : "text/plain; charset=utf-8";
  return end(response, answer.status, answer.body, type);
}

function end(response: ServerResponse, status: number, body: string, type = "text/plain; charset=utf-8"): number {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
  return status;
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > longestRequest) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
