import { createHash, createHmac, pbkdf2Sync, randomBytes, X509Certificate } from "node:crypto";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { selfSignedCertificate } from "../../secrets/self-signed.ts";
import { login } from "./agent-login.ts";
import type { AgentLogin } from "./agent-protocol.ts";

// covers: R8 R9 | any

const password = "correct horse battery staple";
let server: Server | undefined;
const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
  server?.close();
});

/** A server on the loopback that answers each thing it is told with what `answer` makes of it; its port. */
async function serve(answer: (told: Buffer, socket: Socket, turn: number) => Buffer | undefined): Promise<number> {
  return listen(createServer((socket) => answerOn(socket, answer)));
}

function answerOn(socket: Socket, answer: (told: Buffer, socket: Socket, turn: number) => Buffer | undefined): void {
  open.push(socket);
  let turn = 0;
  socket.on("error", () => undefined);
  socket.on("data", (told: Buffer) => {
    const reply = answer(told, socket, turn);
    turn += 1;
    if (reply !== undefined) socket.write(reply);
  });
}

async function listen(made: Server): Promise<number> {
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return (made.address() as AddressInfo).port;
}

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const message = (type: string, ...parts: (Buffer | string)[]) => {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
};
const refusal = (code: string, routine = "auth_failed") =>
  message("E", `SFATAL\0C${code}\0Mpassword ${password} failed\0R${routine}\0\0`);
const ready = Buffer.concat([message("R", int32(0)), message("Z", "I")]);

describe("a login at PostgreSQL", () => {
  const attempt = (port: number): AgentLogin => ({
    protocol: "postgres",
    address: "127.0.0.1",
    port,
    user: "app",
    database: "app",
    password,
  });
  /** Says first that it has no TLS, then each of these in turn. */
  const saying = (...answers: ((told: Buffer) => Buffer | undefined)[]) =>
    serve((told, _, turn) => (turn === 0 ? Buffer.from("N") : answers[turn - 1]?.(told)));
  const tried = async (port: number, timeout = 2_000) => {
    const { outcome, detail } = await login(attempt(port), timeout);
    expect(detail).not.toContain(password);
    return [outcome, detail];
  };

  it("never sends the password in the clear without TLS", async () => {
    const heard: Buffer[] = [];
    const port = await serve((told, _, turn) => {
      heard.push(told);
      return turn === 0 ? Buffer.from("N") : message("R", int32(3));
    });
    expect(await tried(port)).toEqual([
      "unreachable",
      "the server asks for the password in the clear without TLS, so it was not sent",
    ]);
    expect(Buffer.concat(heard).toString("latin1")).not.toContain(password);
  });

  it("answers an MD5 challenge as the server computes it", async () => {
    const salt = Buffer.from([1, 2, 3, 4]);
    const md5 = (...parts: (string | Buffer)[]) => {
      const hash = createHash("md5");
      for (const part of parts) hash.update(part);
      return hash.digest("hex");
    };
    const expected = `md5${md5(md5(`${password}app`), salt)}`;
    const port = await saying(
      () => message("R", int32(5), salt),
      (told) => (told.subarray(5, -1).toString() === expected ? ready : refusal("28P01")),
    );
    expect(await tried(port)).toEqual(["accepted", "the server let the role in"]);
  });

  /** A server's half of SCRAM-SHA-256 (RFC 5802) for a password that it knows. */
  const scramServer = (known: string, signKey = "Server Key", rounds = 4096) => {
    const salt = randomBytes(16);
    const salted = pbkdf2Sync(known, salt, Math.min(rounds, 4096), 32, "sha256");
    const hmac = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest();
    let first = "";
    let challenge = "";
    return [
      () => message("R", int32(10), "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"),
      (told: Buffer) => {
        first = told.toString("latin1").split("n,,")[1] ?? "";
        challenge = `r=${first.slice("n=,r=".length)}server,s=${salt.toString("base64")},i=${rounds}`;
        return message("R", int32(11), challenge);
      },
      (told: Buffer) => {
        const text = told.subarray(5).toString("latin1");
        const [bare = "", proof = ""] = text.split(",p=");
        const signed = `${first},${challenge},${bare}`;
        const stored = createHash("sha256").update(hmac(salted, "Client Key")).digest();
        const signature = hmac(stored, signed);
        const key = Buffer.from(proof, "base64").map((byte, index) => byte ^ (signature[index] ?? 0));
        if (!createHash("sha256").update(key).digest().equals(stored)) return refusal("28P01");
        const shown = hmac(hmac(salted, signKey), signed).toString("base64");
        return Buffer.concat([message("R", int32(12), `v=${shown}`), ready]);
      },
    ];
  };

  it("is accepted by SCRAM, and refused with another password", async () => {
    expect(await tried(await saying(...scramServer(password)))).toEqual(["accepted", "the server let the role in"]);
    server?.close();
    expect(await tried(await saying(...scramServer("another")))).toEqual([
      "refused",
      "the server refused role and password (28P01)",
    ]);
  });

  it("believes no server that does not know the password itself, or asks for endless work", async () => {
    expect(await tried(await saying(...scramServer(password, "Other Key")))).toEqual([
      "unreachable",
      "the server does not know the password itself",
    ]);
    server?.close();
    expect(await tried(await saying(...scramServer(password, "Server Key", 99_999_999)))).toEqual([
      "unreachable",
      "the server's SCRAM challenge is not valid",
    ]);
  });

  it.each([
    ["28P01", "auth_failed", "refused"],
    ["28000", "InitializeSessionUserId", "refused"],
    ["28000", "ClientAuthentication", "unreachable"],
    ["3D000", "InitPostgres", "unreachable"],
    ["53300", "InitProcess", "unreachable"],
    ["57P03", "ProcessStartupPacket", "unreachable"],
    [`X${password}`, "x", "unreachable"],
  ])("with %s by %s is %s", async (code, routine, outcome) => {
    const port = await saying(() => refusal(code, routine));
    expect((await tried(port))[0]).toBe(outcome);
  });

  it.each([
    ["says something else", () => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["promises an endless message", () => Buffer.concat([Buffer.from("N"), Buffer.from("R"), int32(0x7fffffff)])],
    ["has a message too short", () => Buffer.concat([Buffer.from("N"), message("R", "x")])],
    ["has a message of less than nothing", () => Buffer.concat([Buffer.from("NR"), int32(-5)])],
  ])("where another server %s is unreachable", async (_, answer) => {
    expect(await tried(await serve((__, ___, turn) => (turn === 0 ? answer() : undefined)), 300)).toEqual([
      "unreachable",
      "no PostgreSQL server answered",
    ]);
  });

  it("ends when the server hangs up or says nothing, and says which", async () => {
    const hangsUp = await serve((_, socket) => void socket.destroy());
    expect((await tried(hangsUp))[0]).toBe("unreachable");
    server?.close();
    expect(await tried(await serve(() => undefined), 200)).toEqual(["unreachable", "no answer within 200 ms"]);
    const port = await serve(() => undefined);
    server?.close();
    await new Promise((resolve) => server?.once("close", resolve));
    expect(await tried(port)).toEqual(["unreachable", "nothing listens there"]);
  });
});

describe("a login at an MQTT broker", () => {
  const attempt = (port: number, tls = false, certificates: string[] = []): AgentLogin => ({
    protocol: "mqtt",
    address: "127.0.0.1",
    port,
    tls,
    certificates,
    user: "sensors",
    password,
  });
  const tried = async (one: AgentLogin) => {
    const { outcome, detail } = await login(one, 2_000);
    expect(detail).not.toContain(password);
    return outcome;
  };

  it.each([
    [0, "accepted"],
    [1, "unreachable"],
    [2, "unreachable"],
    [3, "unreachable"],
    [4, "refused"],
    [5, "refused"],
    [9, "unreachable"],
  ])("with the return code %i is %s", async (code, outcome) => {
    expect(await tried(attempt(await serve(() => Buffer.from([0x20, 2, 0, code]))))).toBe(outcome);
  });

  it("says user and password as MQTT 3.1.1 has them", async () => {
    let told: Buffer = Buffer.alloc(0);
    const port = await serve((bytes, _, turn) => {
      if (turn === 0) told = bytes;
      return turn === 0 ? Buffer.from([0x20, 2, 0, 0]) : undefined;
    });
    expect(await tried(attempt(port))).toBe("accepted");
    expect(told.subarray(2, 12)).toEqual(Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0xc2, 0, 10]));
    expect(told[1]).toBe(told.length - 2);
    expect(told.toString("latin1")).toMatch(new RegExp(`\\0\\u0007sensors\\0\\u001c${password}$`));
  });

  it("speaks to the certificate that was delivered, and says nothing to another", async () => {
    const pem = selfSignedCertificate(["mqtt.test"], randomBytes, new Date());
    const heard: Buffer[] = [];
    const port = await listen(
      createTlsServer({ key: pem, cert: pem }, (socket) =>
        answerOn(socket, (told) => {
          heard.push(told);
          return Buffer.from([0x20, 2, 0, 0]);
        }),
      ),
    );
    const own = new X509Certificate(pem).fingerprint256;
    expect(await tried(attempt(port, true, ["AA:BB"]))).toBe("unreachable");
    expect(heard).toEqual([]);
    expect(await tried(attempt(port, true, ["AA:BB", own]))).toBe("accepted");
    expect(await tried(attempt(port, true))).toBe("accepted");
  });
});
