/** Signs in to a server with a name and a password, as one connection of a client would, and tells what came of it. */
import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { mqttLogin } from "./agent-login-mqtt.ts";
import { postgresLogin } from "./agent-login-postgres.ts";
import type { AgentLogin, AgentLoginOutcome } from "./agent-protocol.ts";

/** Every answer is one of these; a text of the server is never passed on. */
export type LoginResult = Omit<AgentLoginOutcome, "milliseconds">;

/** Tries one login. Resolves whatever comes of it. */
export async function login(attempt: AgentLogin, timeoutMs: number): Promise<AgentLoginOutcome> {
  const begun = performance.now();
  const connection = new Connection(attempt.address, attempt.port);
  const timer = setTimeout(() => connection.fail(`no answer within ${timeoutMs} ms`), timeoutMs);
  try {
    await connection.opened;
    const result = await (attempt.protocol === "postgres"
      ? postgresLogin(attempt, connection)
      : mqttLogin(attempt, connection));
    return { ...result, milliseconds: Math.round(performance.now() - begun) };
  } catch (error) {
    const detail = error instanceof LoginFailure ? error.message : "the connection failed";
    return { outcome: "unreachable", detail, milliseconds: Math.round(performance.now() - begun) };
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

/** What kept a login from being answered, as a clause. */
export class LoginFailure extends Error {}

/** A connection that is read in pieces of a known length, and may turn to TLS half-way, as PostgreSQL's does. */
export class Connection {
  readonly opened: Promise<void>;
  #socket: Socket | TLSSocket;
  #received = Buffer.alloc(0);
  #failure: LoginFailure | undefined;
  #wake: () => void = () => undefined;

  constructor(address: string, port: number) {
    this.#socket = connect({ host: address, port });
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once("connect", resolve);
      this.#wake = () => this.#failure !== undefined && reject(this.#failure);
    });
    // Whoever waits for it hears of it; nobody else has to.
    this.opened.catch(() => undefined);
    this.#listen();
  }

  /** Speaks TLS from here on. Who the server is, is for the caller to judge before it says anything secret. */
  async secure(): Promise<TLSSocket> {
    const plain = this.#socket.removeAllListeners("data");
    return new Promise((resolve, reject) => {
      // A stack's own certificate is signed by itself: its fingerprint is compared, where it is known, and no name.
      const secured = connectTls({ socket: plain, rejectUnauthorized: false }, () => resolve(secured));
      this.#socket = secured;
      this.#wake = () => this.#failure !== undefined && reject(this.#failure);
      this.#listen();
    });
  }

  get isSecure(): boolean {
    return "encrypted" in this.#socket;
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** The next bytes, so many; throws when the connection ends before they have come. */
  async read(length: number): Promise<Buffer> {
    while (this.#received.length < length) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return bytes;
  }

  fail(why: string): void {
    this.#failure ??= new LoginFailure(why);
    this.#wake();
  }

  close(): void {
    this.#socket.removeAllListeners();
    this.#socket.on("error", () => undefined);
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on("data", (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    this.#socket.on("error", (error: NodeJS.ErrnoException) => this.fail(errorText(error)));
    this.#socket.on("close", () => this.fail("the server ended the connection without an answer"));
  }
}

function errorText(error: NodeJS.ErrnoException): string {
  const code = error.code ?? "";
  if (code === "ECONNREFUSED") return "nothing listens there";
  if (code.startsWith("ERR_SSL") || code === "EPROTO") return `the TLS handshake failed (${code})`;
  return code === "" ? "the connection failed" : `the connection failed (${code})`;
}
