import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { RingwallError } from "../../lib/error.ts";
import { jsonOf } from "../../lib/json.ts";
import { codeOf } from "../../lib/system-error.ts";

/** One request. What it holds never stands in an error. */
export interface JsonRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From the server's own path on, each part encoded, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined where the answer was empty or no JSON. */
  readonly body: unknown;
}

/** A server that speaks JSON over HTTP. Any status is an answer; without one `Unanswered` is thrown. */
export interface JsonServer {
  /** Its host and port, for sentences. */
  readonly host: string;
  request(request: JsonRequest): Promise<JsonAnswer>;
}

/** A request that got no answer. */
export class Unanswered extends RingwallError {
  /** Whether the server may have acted on it all the same: the connection was there when it broke. */
  readonly mayHaveActed: boolean;

  constructor(message: string, hint: string, mayHaveActed: boolean) {
    super("network", message, { hint });
    this.mayHaveActed = mayHaveActed;
  }
}

export interface ServerOptions {
  readonly address: URL;
  /** `Vault`, in sentences. */
  readonly called: string;
  /** Certificates (PEM) of the authorities that count instead of the system's. */
  readonly ca?: string;
  readonly timeoutMilliseconds?: number;
}

const largestAnswer = 16 * 1024 * 1024;

/** A server over HTTP, or HTTPS with its certificate verified in any case. */
export function jsonServer(options: ServerOptions): JsonServer {
  const { address, ca } = options;
  const secure = address.protocol === "https:";
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) })
    : new HttpAgent({ keepAlive: true });
  const open = secure ? httpsRequest : httpRequest;
  const base = address.pathname.replace(/\/$/, "");
  return {
    host: address.host,
    request: ({ method, path, headers = {}, body }) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const sent = open(new URL(`${base}${path}`, address), {
        method,
        agent,
        headers: {
          accept: "application/json",
          ...(text === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
          ...headers,
        },
      });
      return answerOf(sent, text, options);
    },
  };
}

function answerOf(sent: ClientRequest, text: string | undefined, options: ServerOptions): Promise<JsonAnswer> {
  const { called, address, timeoutMilliseconds = 15_000 } = options;
  return new Promise((done, fail) => {
    let connected = false;
    let ended = false;
    const give = (error: unknown) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      sent.destroy();
      fail(error instanceof RingwallError ? error : failureOf(error, called, address.host, connected));
    };
    const timer = setTimeout(
      () => give(late(called, address.host, timeoutMilliseconds, connected)),
      timeoutMilliseconds,
    );
    sent.on("socket", (socket) => {
      if (socket.connecting)
        socket.once(address.protocol === "https:" ? "secureConnect" : "connect", () => (connected = true));
      else connected = true;
    });
    sent.on("error", give);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > largestAnswer) give(strange(called, address.host));
        else chunks.push(chunk);
      });
      response.on("error", give);
      response.on("end", () => {
        if (ended) return;
        ended = true;
        clearTimeout(timer);
        done({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: jsonOf(Buffer.concat(chunks).toString("utf8")),
        });
      });
    });
    sent.end(text);
  });
}

/** Something that is no answer of this program: a proxy's page, a sign-in. */
export function strange(called: string, host: string): RingwallError {
  return new RingwallError("network", `${host} does not answer as ${called} does.`, {
    hint: "Look at the address: a proxy, a sign-in page or another program may stand there.",
  });
}

function late(called: string, host: string, milliseconds: number, connected: boolean): Unanswered {
  return new Unanswered(
    `${called} at ${host} did not answer within ${Math.ceil(milliseconds / 1000)} s.`,
    "Look at whether it runs and is not overloaded; then run the command again.",
    connected,
  );
}

const untrusted = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_GET_ISSUER_CERT",
]);

/** The system's own error is not passed on: only its code is, which holds nothing of the request. */
function failureOf(error: unknown, called: string, host: string, connected: boolean): Unanswered {
  const code = codeOf(error) ?? "unknown";
  const say = (what: string, hint: string) => new Unanswered(`${called} at ${host} ${what}.`, hint, connected);
  if (untrusted.has(code)) {
    return say("shows a certificate of an unknown authority", "Name its authority's certificate under `ca`.");
  }
  if (code === "CERT_HAS_EXPIRED") return say("shows an expired certificate", "Renew it on the server.");
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return say("shows a certificate for another name", "Use the name that its certificate is for.");
  }
  if (code === "ECONNREFUSED") return say("refuses connections", "Start it, or mend the address.");
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return say("is not known by that name", "Mend the address, or the DNS.");
  if (connected) return say(`broke off the connection (${code})`, "Look at its log; then run the command again.");
  return say(`cannot be reached (${code})`, "Look at the address and at the network between.");
}
