/**
 * PostgreSQL's protocol 3.0 as far as signing in goes (PostgreSQL 18 documentation, "Frontend/Backend Protocol": Message
 * Flow, SASL Authentication, Message Formats, Error and Notice Message Fields).
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { type Connection, LoginFailure, type LoginResult } from "./agent-login.ts";
import type { AgentLogin } from "./agent-protocol.ts";

type Attempt = Extract<AgentLogin, { protocol: "postgres" }>;

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/** Larger than any message before the first query; a server that says more is none. */
const largestMessage = 64 * 1024;
/** More rounds would keep the agent busy for seconds; PostgreSQL's default is 4,096. */
const mostRounds = 1_000_000;
const derive = promisify(pbkdf2);

export async function postgresLogin(attempt: Attempt, connection: Connection): Promise<LoginResult> {
  await preferTls(connection);
  connection.write(startup(attempt));
  for (;;) {
    const message = await readMessage(connection);
    if (message.type === "R") {
      const refused = await authenticate(attempt, connection, message.body);
      if (refused !== undefined) return refused;
    } else if (message.type === "E") return fromError(message.body);
    else if (message.type === "Z") {
      connection.write(framed("X", Buffer.alloc(0)));
      return { outcome: "accepted", detail: "the server let the role in" };
    }
  }
}

/** Asks for TLS as libpq does (`sslmode=prefer`), and goes on without it where the server has none. */
async function preferTls(connection: Connection): Promise<void> {
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(80877103, 4);
  connection.write(request);
  const [answer] = await connection.read(1);
  if (answer === 0x53) await connection.secure();
  else if (answer !== 0x4e) throw new LoginFailure("no PostgreSQL server answered");
}

function startup({ user, database }: Attempt): Buffer {
  const parameters = ["user", user, "database", database, "application_name", "ringwall", ""];
  if (user.includes("\0") || database.includes("\0")) throw new LoginFailure("user or database has a zero byte");
  const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(parameters.map((text) => `${text}\0`).join(""))]);
  return Buffer.concat([int32(body.length + 4), body]);
}

/** Answers one request of the server; undefined when it is to be asked on. */
async function authenticate(attempt: Attempt, connection: Connection, body: Buffer): Promise<LoginResult | undefined> {
  switch (body.readInt32BE(0)) {
    case 0:
      return undefined;
    case 3:
      if (!connection.isSecure)
        throw new LoginFailure("the server asks for the password in the clear without TLS, so it was not sent");
      connection.write(framed("p", Buffer.from(`${attempt.password}\0`)));
      return undefined;
    case 5:
      connection.write(framed("p", Buffer.from(`${md5Answer(attempt, body.subarray(4, 8))}\0`)));
      return undefined;
    case 10:
      return scram(attempt, connection, body.subarray(4).toString("latin1").split("\0"));
    default:
      throw new LoginFailure(`the server asks for a way to sign in that is not known here (${body.readInt32BE(0)})`);
  }
}

function md5Answer({ user, password }: Attempt, salt: Buffer): string {
  const md5 = (...parts: (string | Buffer)[]) =>
    parts.reduce((hash, part) => hash.update(part), createHash("md5")).digest("hex");
  return `md5${md5(md5(password, user), salt)}`;
}

/** SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding; the server has to prove that it knows the password too. */
async function scram(
  { password }: Attempt,
  connection: Connection,
  mechanisms: readonly string[],
): Promise<LoginResult | undefined> {
  if (!mechanisms.includes("SCRAM-SHA-256")) throw new LoginFailure("the server offers no SCRAM-SHA-256");
  const nonce = randomBytes(18).toString("base64");
  const clientFirst = `n=,r=${nonce}`;
  const initial = Buffer.from(`n,,${clientFirst}`);
  connection.write(framed("p", Buffer.concat([Buffer.from("SCRAM-SHA-256\0"), int32(initial.length), initial])));

  const first = await saslAnswer(connection, 11);
  if (typeof first !== "string") return first;
  const challenge = /^r=([!-+\--~]+),s=([A-Za-z0-9+/=]+),i=(\d{1,9})(?:,|$)/.exec(first);
  const [, serverNonce = "", salt = "", rounds = ""] = challenge ?? [];
  if (!serverNonce.startsWith(nonce) || serverNonce === nonce || Number(rounds) < 1 || Number(rounds) > mostRounds)
    throw new LoginFailure("the server's SCRAM challenge is not valid");
  // The user is in the startup message; PostgreSQL ignores the one here. NFKC stands in for SASLprep.
  const salted = await derive(password.normalize("NFKC"), Buffer.from(salt, "base64"), Number(rounds), 32, "sha256");
  const hmac = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const clientKey = hmac(salted, "Client Key");
  const withoutProof = `c=biws,r=${serverNonce}`;
  const signed = `${clientFirst},${first},${withoutProof}`;
  const signature = hmac(createHash("sha256").update(clientKey).digest(), signed);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
  connection.write(framed("p", Buffer.from(`${withoutProof},p=${proof.toString("base64")}`)));

  const final = await saslAnswer(connection, 12);
  if (typeof final !== "string") return final;
  const shown = Buffer.from(/^v=([A-Za-z0-9+/=]+)/.exec(final)?.[1] ?? "", "base64");
  const expected = hmac(hmac(salted, "Server Key"), signed);
  if (shown.length !== expected.length || !timingSafeEqual(shown, expected))
    throw new LoginFailure("the server does not know the password itself");
  return undefined;
}

/** The text of the SASL message of this kind; a result when the server refused instead. */
async function saslAnswer(connection: Connection, kind: 11 | 12): Promise<string | LoginResult> {
  const { type, body } = await readMessage(connection);
  if (type === "E") return fromError(body);
  if (type !== "R" || body.readInt32BE(0) !== kind) throw new LoginFailure("the server broke off the SCRAM exchange");
  return body.subarray(4).toString("utf8");
}

/**
 * What an error before the first query means. Only a refusal of role and password counts as one: the code 28000 is also
 * that of an address which no line of `pg_hba.conf` lets in, and says nothing of the password then.
 */
function fromError(body: Buffer): LoginResult {
  const fields = new Map(
    body
      .toString("utf8")
      .split("\0")
      .filter((field) => field !== "")
      .map((field) => [field[0], field.slice(1)]),
  );
  const code = fields.get("C") ?? "?";
  if (code === "28P01") return { outcome: "refused", detail: "the server refused role and password (28P01)" };
  if (code === "28000" && fields.get("R") !== "ClientAuthentication")
    return { outcome: "refused", detail: "the server does not let the role sign in (28000)" };
  throw new LoginFailure(errorReasons[code] ?? `the server ended the login with ${safeCode(code)}`);
}

const errorReasons: Readonly<Record<string, string>> = {
  "28000": "no line of the server's pg_hba.conf lets anybody in from there (28000)",
  "3D000": "the password was taken, but there is no such database (3D000)",
  "42501": "the password was taken, but the role may not connect to the database (42501)",
  "53300": "the server has no connection left (53300)",
  "57P03": "the server is starting up or shutting down (57P03)",
};

function safeCode(code: string): string {
  return /^[0-9A-Z]{5}$/.test(code) ? code : "an error without a code";
}

async function readMessage(connection: Connection): Promise<Message> {
  const head = await connection.read(5);
  const length = head.readInt32BE(1) - 4;
  if (length < 0 || length > largestMessage) throw new LoginFailure("no PostgreSQL server answered");
  const body = await connection.read(length);
  if (head[0] === 0x52 && length < 4) throw new LoginFailure("no PostgreSQL server answered");
  return { type: String.fromCharCode(head[0] ?? 0), body };
}

function framed(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
