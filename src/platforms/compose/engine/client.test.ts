import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type FakeAnswer, type FakeEngine, fakeEngine, versionAnswer } from "../../../../test/support/fake-engine.ts";
import { compareApi, EngineClient } from "./client.ts";
import type { Endpoint } from "./endpoint.ts";

describe("EngineClient", () => {
  let engine: FakeEngine | undefined;
  afterEach(async () => {
    await engine?.close();
    engine = undefined;
  });

  const at = (path: string): Endpoint => ({ kind: "unix", path, from: "a test" });
  const start = async (answers: Record<string, FakeAnswer>): Promise<Endpoint> => {
    engine = await fakeEngine(answers);
    return at(engine.socket);
  };
  const versioned = (json: unknown) => start({ "/version": { json } });

  it("says that no engine answers where there is no socket", async () => {
    await expect(EngineClient.connect(at("/nonexistent/engine.sock"))).rejects.toMatchObject({
      code: "engine-missing",
      message: "No container engine answers at /nonexistent/engine.sock (from a test).",
      hint: expect.stringContaining("systemctl start docker"),
    });
  });

  it("says that no engine answers where a dead one left its socket", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ringwall-dead-"));
    const server = createServer();
    const path = join(folder, "a.sock");
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await new Promise((resolve) => server.close(resolve));
    await expect(EngineClient.connect(at(path))).rejects.toMatchObject({ code: "engine-missing" });
    await rm(folder, { recursive: true });
  });

  it("refuses an engine that is too old, and says which it needs", async () => {
    const endpoint = await versioned({ Version: "19.03.15", ApiVersion: "1.40", MinAPIVersion: "1.12" });
    await expect(EngineClient.connect(endpoint)).rejects.toMatchObject({
      code: "engine-too-old",
      message: expect.stringContaining("version 19.03.15, API 1.40"),
      hint: "Ringwall needs API 1.41 or newer (Docker Engine 20.10).",
    });
  });

  it("speaks the engine's version to an older one, its own newest to a newer one, and what a much newer one demands", async () => {
    const spoken = async (api: string, least: string) => {
      const client = await EngineClient.connect(
        await versioned({ Version: "x", ApiVersion: api, MinAPIVersion: least }),
      );
      await engine?.close();
      return client.apiVersion;
    };
    expect(await spoken("1.41", "1.12")).toBe("1.41");
    expect(await spoken("1.60", "1.44")).toBe("1.51");
    expect(await spoken("1.70", "1.55")).toBe("1.55");
  });

  it.each<[string, FakeAnswer, string]>([
    ["is cut off in the middle of an answer", "cut", "it ended the connection in the middle of its answer"],
    ["hangs up before an answer", "hang-up", "it ended the connection in the middle of its answer"],
    ["says nothing", "silent", "it said nothing for 0 s"],
    ["answers with something that is not JSON", { text: "<html>router</html>" }, "its answer is not JSON"],
    ["answers with JSON of another kind", { json: [1, 2] }, "is not what the Engine API promises"],
    ["answers with a version that is none", { json: { ApiVersion: "latest" } }, '"ApiVersion" of its answer'],
    [
      "answers with an error",
      { json: { message: "daemon is shutting down" }, status: 503 },
      "503, daemon is shutting down",
    ],
    ["answers with an error without words", { text: "no", status: 500 }, "status 500"],
  ])("says so when the engine %s", async (_, answer, words) => {
    const endpoint = await start({ "/version": answer });
    const connecting = EngineClient.connect(endpoint, { timeout: 150 });
    await expect(connecting).rejects.toMatchObject({ code: "engine-failed", message: expect.stringContaining(words) });
  });

  it("gives undefined for what the engine does not know, and takes no other failure for that", async () => {
    const endpoint = await start({
      "/version": versionAnswer,
      "/gone": { json: { message: "No such container" }, status: 404 },
      "/broken": { json: { message: "disk failure" }, status: 500 },
    });
    const client = await EngineClient.connect(endpoint);
    expect(await client.find("/gone", z.unknown())).toBeUndefined();
    await expect(client.get("/gone", z.unknown())).rejects.toMatchObject({ code: "not-found" });
    await expect(client.find("/broken", z.unknown())).rejects.toMatchObject({ code: "engine-failed" });
  });

  it("ends the connection when it has the bytes that it wants", async () => {
    const endpoint = await start({ "/version": versionAnswer, "/big": { bytes: Buffer.alloc(8 * 1024 * 1024, 7) } });
    const client = await EngineClient.connect(endpoint);
    expect((await client.bytes("/big", {}, 512)).length).toBe(512);
  });

  it("refuses ssh, which it does not speak, and says what to do instead", async () => {
    await expect(EngineClient.connect({ kind: "ssh", target: "me@host", from: "a test" })).rejects.toMatchObject({
      code: "unsupported",
      hint: expect.stringContaining("forward its socket"),
    });
  });

  it("orders API versions by number, not by text", () => {
    expect(compareApi("1.9", "1.41")).toBeLessThan(0);
    expect(compareApi("2.0", "1.99")).toBeGreaterThan(0);
    expect(compareApi("1.41", "1.41")).toBe(0);
  });
});
