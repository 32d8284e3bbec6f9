import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { RingwallError } from "../../../lib/error.ts";
import { isLocalhost } from "../../../lib/own-address.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface PostOptions {
  /** A certificate to trust besides the system's, as PEM. */
  readonly ca?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeout?: number;
}

/** A longer answer is no answer. */
const longestAnswer = 1024 * 1024;

/** Sends a text by POST. Plain HTTP only to this machine. Follows no redirect. Throws `network` when nothing comes back. */
export function post(address: URL, text: string, options: PostOptions = {}): Promise<HttpAnswer> {
  const plain = address.protocol === "http:";
  if (!plain && address.protocol !== "https:") throw notAnAddress(address);
  if (plain && !isLocalhost(address.hostname)) throw notEncrypted(address);
  const timeout = options.timeout ?? 15_000;
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(new RingwallError("network", `${address.host} cannot be reached: ${why}.`, { cause }));
    const request = (plain ? httpRequest : httpsRequest)(
      address,
      {
        method: "POST",
        headers: {
          "content-type": "text/plain; charset=utf-8",
          ...options.headers,
          "content-length": Buffer.byteLength(text),
        },
        timeout,
        // A connection that was kept open may have been closed from there by now.
        agent: false,
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      },
      (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on("data", (part: Buffer) => {
          length += part.length;
          if (length > longestAnswer) request.destroy(new Error("its answer is too long"));
          else parts.push(part);
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }),
        );
        response.on("error", (error) => fail(reasonOf(error), error));
      },
    );
    request.on("timeout", () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    request.on("error", (error) => fail(reasonOf(error), error));
    request.end(text);
  });
}

function reasonOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? `${error.code}` : error.message;
}

function notAnAddress(address: URL): RingwallError {
  return new RingwallError("usage", `${address.protocol}// is no way to a server.`, { hint: "Write https://…" });
}

function notEncrypted(address: URL): RingwallError {
  return new RingwallError("usage", `${address.host} would be spoken to without encryption.`, {
    hint: "Write https://…; plain HTTP is only for this machine itself.",
  });
}
