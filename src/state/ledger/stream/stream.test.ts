import { createSocket } from "node:dgram";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testAction } from "../../testing/ledger-actions.ts";
import type { LedgerEntry } from "../entry.ts";
import { LedgerFile } from "../ledger-file.ts";
import { lokiBody } from "./loki.ts";
import { senderFor } from "./senders.ts";
import { streamLedger } from "./stream-ledger.ts";
import { octetCounted, syslogMessage } from "./syslog.ts";

const entry: LedgerEntry = { index: 7, at: "2026-02-03T04:05:06.789Z", ...testAction("dü\u{1f511}") };
let folder: string;
let ledger: LedgerFile;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-stream-"));
  mkdirSync(join(folder, "state"));
  ledger = await LedgerFile.open(join(folder, "state"), { stack: "shop" });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const grow = async (count: number) => {
  await ledger.appendMany(Array.from({ length: count }, (_, n) => testAction(`${n}`)));
};

describe("an entry that is sent on", () => {
  it("is a line of JSON with its index in a stream of Loki", () => {
    const body = JSON.parse(lokiBody("log", [entry, { ...entry, index: 8, outcome: "failed" }]));
    expect(body.streams.map(({ stream }: { stream: unknown }) => stream)).toEqual([
      { job: "ringwall-ledger", ledger: "log", outcome: "done" },
      { job: "ringwall-ledger", ledger: "log", outcome: "failed" },
    ]);
    const [[time, line]] = body.streams[0].values;
    expect(time).toBe("1770091506789000000");
    expect(JSON.parse(line)).toMatchObject({
      ledger: "log",
      index: 7,
      action: "secret.set",
      target: { name: "dü\u{1f511}" },
    });
  });

  it("is an RFC 5424 message in ASCII, with its length in front where a stream carries it", () => {
    const message = syslogMessage("log", "atlas host", entry);
    expect(message).toMatch(
      /^<110>1 2026-02-03T04:05:06\.789Z atlashost ringwall - secret\.set - \{"ledger":"log","index":7,/,
    );
    expect(message).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(message.slice(message.indexOf("{"))).target.name).toBe("dü\u{1f511}");
    expect(octetCounted(message)).toBe(`${message.length} ${message}`);
    expect(syslogMessage("log", "", { ...entry, outcome: "failed", action: "ä" })).toMatch(
      /^<108>1 \S+ - ringwall - - - /,
    );
  });

  it.each(["", "loki+https://", "http://host", "syslog://host"])("goes nowhere by %j", (address) => {
    expect(() => senderFor(address)).toThrow("is no place that the ledger can be sent to");
  });
});

describe("sending the ledger on", () => {
  // covers: M7 | any
  it("goes on after a failure where it was, and leaves nothing out", async () => {
    const got: number[] = [];
    let answer = 204;
    const server = createHttpServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      if (answer === 204 && request.url === "/loki/api/v1/push" && request.headers["x-scope-orgid"] === "home") {
        for (const { values } of JSON.parse(Buffer.concat(parts).toString()).streams) {
          for (const [, line] of values) got.push(JSON.parse(line).index);
        }
      }
      response.writeHead(answer).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const place = `loki+http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = senderFor(place, { headers: { "X-Scope-OrgID": "home" } });
    await grow(3);
    expect(await streamLedger(ledger, place, send)).toEqual({ sent: 3 });
    answer = 503;
    await grow(1_200);
    await expect(streamLedger(ledger, place, send)).rejects.toMatchObject({ code: "network" });
    answer = 204;
    expect(await streamLedger(ledger, place, send)).toEqual({ sent: 1_200 });
    expect(await streamLedger(ledger, place, send)).toEqual({ sent: 0 });
    expect(got).toEqual(Array.from({ length: 1_203 }, (_, n) => n));
  });

  it("reaches a syslog server over TCP, a socket and UDP", async () => {
    await grow(3);
    for (const [scheme, listen] of [
      ["tcp", 0],
      ["unix", join(folder, "syslog.sock")],
    ] as const) {
      const parts: Buffer[] = [];
      const server = createServer((socket) =>
        socket.on("data", (part: Buffer) => parts.push(part)).on("end", () => socket.end()),
      );
      await new Promise<void>((resolve) => server.listen(listen, () => resolve()));
      closing.push(() => new Promise((resolve) => server.close(resolve)));
      const place =
        scheme === "unix"
          ? `syslog+unix://${listen}`
          : `syslog+tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(await streamLedger(ledger, place, senderFor(place))).toEqual({ sent: 3 });
      expect(
        Buffer.concat(parts)
          .toString()
          .match(/"index":[012]/g),
      ).toHaveLength(3);
    }
    const socket = createSocket("udp4");
    const messages: string[] = [];
    socket.on("message", (message) => messages.push(message.toString()));
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    closing.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    const place = `syslog+udp://127.0.0.1:${socket.address().port}`;
    await streamLedger(ledger, place, senderFor(place));
    for (const end = Date.now() + 2_000; messages.length < 3 && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(messages).toHaveLength(3);
    expect(messages[0]).toMatch(/^<110>1 /);
  });

  it("tells who cannot be reached", async () => {
    await grow(1);
    const place = "syslog+tcp://127.0.0.1:1";
    await expect(streamLedger(ledger, place, senderFor(place))).rejects.toMatchObject({
      code: "network",
      message: "127.0.0.1:1 cannot be reached: ECONNREFUSED.",
    });
    expect(await streamLedger(ledger, place, async () => undefined)).toEqual({ sent: 1 });
  });
});
