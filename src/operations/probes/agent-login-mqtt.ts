/** MQTT 3.1.1 (OASIS Standard, 29 October 2014): CONNECT (3.1), CONNACK (3.2), DISCONNECT (3.14). */
import { randomBytes } from "node:crypto";
import { type Connection, LoginFailure, type LoginResult } from "./agent-login.ts";
import type { AgentLogin } from "./agent-protocol.ts";

type Attempt = Extract<AgentLogin, { protocol: "mqtt" }>;

/** Return codes of CONNACK (table 3.1), less those of refused credentials. */
const notServed: Readonly<Record<number, string>> = {
  1: "the broker does not speak MQTT 3.1.1",
  2: "the broker does not take the client's name",
  3: "the broker says that it is not available",
};

export async function mqttLogin(attempt: Attempt, connection: Connection): Promise<LoginResult> {
  if (attempt.tls) await secured(attempt, connection);
  connection.write(connectPacket(attempt));
  const [type, length, , code] = await connection.read(4);
  if (type !== 0x20 || length !== 2 || code === undefined) throw new LoginFailure("no MQTT broker answered");
  if (code === 0) {
    connection.write(Buffer.from([0xe0, 0]));
    return { outcome: "accepted", detail: "the broker let the user in" };
  }
  if (code === 4 || code === 5)
    return { outcome: "refused", detail: `the broker refused user and password (code ${code})` };
  throw new LoginFailure(notServed[code] ?? `the broker answered with the unknown code ${code}`);
}

/** Nothing is said to a server that shows another certificate than the one that was delivered to it. */
async function secured({ certificates }: Attempt, connection: Connection): Promise<void> {
  const socket = await connection.secure();
  const shown = socket.getPeerX509Certificate()?.fingerprint256;
  if (certificates.length > 0 && !certificates.some((known) => known === shown))
    throw new LoginFailure("another certificate was shown than was delivered, so nothing was said");
}

function connectPacket({ user, password }: Attempt): Buffer {
  const flags = 0xc2; // user name, password, clean session
  const header = Buffer.concat([field("MQTT"), Buffer.from([4, flags, 0, 10])]);
  const body = Buffer.concat([
    header,
    field(`ringwall-${randomBytes(6).toString("hex")}`),
    field(user),
    field(password),
  ]);
  return Buffer.concat([Buffer.from([0x10]), remainingLength(body.length), body]);
}

/** A text with its length before it (1.5.3). */
function field(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length > 0xffff) throw new LoginFailure("user or password is longer than MQTT can say");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Seven bits in each byte, the lowest first (2.2.3). */
function remainingLength(length: number): Buffer {
  const bytes: number[] = [];
  for (let rest = length; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
  }
  return Buffer.from(bytes);
}
