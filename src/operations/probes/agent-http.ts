/** The HTTP half of the probe's agent: asks a route as a client would and tells what came back. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as Connections, request as httpsRequest } from "node:https";
import type { TLSSocket } from "node:tls";
import type { AgentRequest, AgentResponse } from "./agent-protocol.ts";

/** Connections over HTTPS that are kept for many requests; `destroy` ends them. */
export function keptConnections(most: number): Connections {
  return new Connections({ keepAlive: true, maxSockets: most });
}

/**
 * Asks once, over a connection of its own or one of `kept`. Certificates are not verified: what is served is the
 * question, not who signed it. Never rejects.
 */
export function ask(request: AgentRequest, timeoutMs: number, kept?: Connections): Promise<AgentResponse> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const finish = (response: Omit<AgentResponse, "id" | "milliseconds">): void => {
      clearTimeout(timer);
      outgoing.removeAllListeners("error");
      outgoing.on("error", () => undefined);
      // A kept connection is free again when the answer was read to its end; one that was answered nothing is ended.
      if (kept === undefined || response.outcome !== "answered") outgoing.destroy();
      resolve({ id: request.id, milliseconds: Math.round(performance.now() - begun), ...response });
    };
    const options = {
      host: request.address,
      port: request.port,
      path: request.path,
      method: request.method,
      agent: kept ?? false,
      headers: { ...request.headers, host: request.host, "user-agent": "ringwall-probe" },
      ...(request.from === undefined ? {} : { localAddress: request.from }),
    };
    const outgoing =
      request.scheme === "http"
        ? httpRequest({ ...options, agent: false })
        : httpsRequest({
            ...options,
            servername: request.host,
            rejectUnauthorized: false,
            minVersion: "TLSv1",
            // Security level 0 lets this client offer what no server should take, so that a refusal is the server's.
            ciphers: "DEFAULT:@SECLEVEL=0",
            ...(request.newestTls === undefined ? {} : { maxVersion: request.newestTls }),
          });
    const timer = setTimeout(
      () => finish({ outcome: "silent", headers: {}, detail: `no answer within ${timeoutMs} ms` }),
      timeoutMs,
    );
    outgoing.once("response", (response) => {
      response.on("error", () => undefined).resume();
      finish(fromResponse(response));
    });
    outgoing.once("error", (error: NodeJS.ErrnoException) => finish({ headers: {}, ...fromError(error) }));
    outgoing.end();
  });
}

function fromResponse(response: IncomingMessage): Omit<AgentResponse, "id" | "milliseconds"> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const socket = response.socket as Partial<TLSSocket>;
  const tls = typeof socket.getProtocol === "function" ? (socket.getProtocol() ?? undefined) : undefined;
  const status = response.statusCode ?? 0;
  return { outcome: "answered", status, headers, detail: `status ${status}`, ...(tls === undefined ? {} : { tls }) };
}

function fromError(error: NodeJS.ErrnoException): Pick<AgentResponse, "outcome" | "detail"> {
  const code = error.code ?? "";
  if (code === "ECONNREFUSED") return { outcome: "refused", detail: "the connection was refused" };
  if (code === "ECONNRESET" || error.message.includes("socket hang up"))
    return { outcome: "aborted", detail: "the connection was closed without an answer" };
  if (code === "EPROTO" || code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS"))
    return { outcome: "tls-refused", detail: `the TLS handshake was refused (${code})` };
  return { outcome: "error", detail: code === "" ? error.message : code };
}
