import { createSocket } from "node:dgram";
import { createConnection, type Socket } from "node:net";
import { hostname } from "node:os";
import { connect as connectTls } from "node:tls";
import { RingwallError } from "../../../lib/error.ts";
import type { LedgerEntry } from "../entry.ts";
import { post } from "../witness/post.ts";
import { lokiBody } from "./loki.ts";
import { octetCounted, syslogMessage } from "./syslog.ts";

/** Hands entries to somewhere else. Rejects when they may not have arrived; then the same are handed again later. */
export type SendEntries = (origin: string, entries: readonly LedgerEntry[]) => Promise<void>;

export interface SenderOptions {
  /** A certificate to trust besides the system's, as PEM. */
  readonly ca?: string;
  /** `Authorization: …` or `X-Scope-OrgID: …`, for Loki. */
  readonly headers?: Readonly<Record<string, string>>;
}

const timeout = 10_000;
/** RFC 5426, 3.2: no receiver must take more in a datagram than this over IPv4. */
const largestDatagram = 65_507;

/**
 * A sender by an address: `loki+https://host:3100`, `syslog+tls://host:6514`, `syslog+tcp://host:601`,
 * `syslog+udp://host:514`, `syslog+unix:///path`.
 */
export function senderFor(address: string, options: SenderOptions = {}): SendEntries {
  const match = /^(loki\+https?|syslog\+(?:tls|tcp|udp|unix)):\/\/(.*)$/.exec(address);
  if (match?.[1] === undefined || match[2] === undefined || match[2] === "") throw notAnAddress(address);
  const [kind, rest] = [match[1], match[2]];
  if (kind.startsWith("loki+")) return lokiSender(new URL(`${kind.slice(5)}://${rest}`), options);
  if (kind === "syslog+unix")
    return streamSender(
      () => createConnection(rest),
      (message) => `${message}\n`,
      rest,
    );
  const { hostname: host, port } = new URL(`http://${rest}`);
  const at = {
    host: host.replace(/^\[|\]$/g, ""),
    port: Number(port || (kind === "syslog+tls" ? 6514 : kind === "syslog+tcp" ? 601 : 514)),
  };
  if (kind === "syslog+udp") return udpSender(at);
  const open = () =>
    kind === "syslog+tls"
      ? connectTls({ ...at, servername: at.host, ...(options.ca === undefined ? {} : { ca: options.ca }) })
      : createConnection(at);
  return streamSender(open, octetCounted, rest);
}

function lokiSender(base: URL, options: SenderOptions): SendEntries {
  const address = new URL("/loki/api/v1/push", base);
  return async (origin, entries) => {
    const { status } = await post(address, lokiBody(origin, entries), {
      ...options,
      headers: { ...options.headers, "content-type": "application/json" },
    });
    if (status === 204 || status === 200) return;
    throw new RingwallError("network", `Loki on ${address.host} did not take the entries: it answered ${status}.`, {
      hint:
        status === 400
          ? "Loki refuses what is older than its limit (reject_old_samples_max_age): raise it while old entries are sent."
          : "They are sent again when the command is run the next time.",
    });
  };
}

/** Over a connection of its own each time, closed in an orderly way: what was written has then been handed over. */
function streamSender(open: () => Socket, frame: (message: string) => string, place: string): SendEntries {
  return (origin, entries) =>
    new Promise((resolve, reject) => {
      const socket = open();
      const fail = (error: Error) => {
        socket.destroy();
        reject(unreachable(place, error));
      };
      socket.setTimeout(timeout, () => fail(new Error("no answer in time")));
      socket.once("error", fail);
      socket.once("close", () => resolve());
      socket.resume();
      const host = hostname();
      socket.end(entries.map((entry) => frame(syslogMessage(origin, host, entry))).join(""));
    });
}

function udpSender(at: { readonly host: string; readonly port: number }): SendEntries {
  return async (origin, entries) => {
    const socket = createSocket(at.host.includes(":") ? "udp6" : "udp4");
    try {
      for (const entry of entries) {
        const message = Buffer.from(syslogMessage(origin, hostname(), entry)).subarray(0, largestDatagram);
        await new Promise<void>((resolve, reject) => {
          socket.send(message, at.port, at.host, (error) =>
            error === null ? resolve() : reject(unreachable(at.host, error)),
          );
        });
      }
    } finally {
      socket.close();
    }
  };
}

function unreachable(place: string, error: Error): RingwallError {
  const why = "code" in error && typeof error.code === "string" ? error.code : error.message;
  return new RingwallError("network", `${place} cannot be reached: ${why}.`, { cause: error });
}

function notAnAddress(address: string): RingwallError {
  return new RingwallError("usage", `"${address}" is no place that the ledger can be sent to.`, {
    hint: "loki+https://HOST, syslog+tls://HOST:6514, syslog+tcp://HOST:601, syslog+udp://HOST:514 or syslog+unix:///PATH.",
  });
}
