import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labProgram } from "../../components/testing/stack.ts";
import { Secret } from "../../secrets/secret.ts";
import type { Store } from "../../secrets/store.ts";
import { describeStore, expectSafe, failureOf } from "../../secrets/store-conformance.ts";
import { type JsonAnswer, type JsonServer, jsonServer } from "../http/json-server.ts";
import { serverAddress } from "../http/server-address.ts";
import { compareVaultToken, vaultNeeds } from "../scopes/vault.ts";
import { vaultAudit } from "./audit.ts";
import { KvMount } from "./testing/kv-mount.ts";
import { VaultServer } from "./testing/vault-server.ts";
import { VaultClient } from "./vault-client.ts";
import { VaultStore } from "./vault-store.ts";
import type { VaultLogin } from "./vault-token.ts";

const program = labProgram("vault", process.env);
const folder = mkdtempSync(join(tmpdir(), "ringwall-real-vault-"));
const policy = `path "kv/data/ringwall/*" { capabilities = ["create", "read", "update"] }
path "kv/metadata/ringwall/*" { capabilities = ["list", "read", "delete"] }`;

let child: ChildProcess | undefined;
let address = "";
let login: VaultLogin;
afterAll(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const server = (): JsonServer => jsonServer({ address: serverAddress(address, "Vault"), called: "Vault" });
const asRoot = (method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<JsonAnswer> =>
  server().request({ method, path: `/v1/${path}`, body, headers: { "x-vault-token": "root" } });

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

function fileWith(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function field(body: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], body);
}

function open(prefix: string): VaultStore {
  const client = new VaultClient(server(), login, {
    surroundings: { clock: () => performance.now(), sleep: (milliseconds) => sleep(milliseconds) },
  });
  return new VaultStore(client, { mount: "kv", prefix: `ringwall/${prefix}`, field: "value" });
}

describe.skipIf(program === undefined)("Vault itself (skipped where the lab has none)", () => {
  beforeAll(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    child = spawn(
      program ?? "",
      ["server", "-dev", `-dev-listen-address=127.0.0.1:${port}`, "-dev-root-token-id=root"],
      {
        stdio: "ignore",
        env: { HOME: folder },
      },
    );
    for (let tries = 0; tries < 100; tries++) {
      const answer = await asRoot("GET", "sys/mounts").catch(() => undefined);
      if (answer?.status === 200) break;
      await sleep(100);
    }
    await asRoot("POST", "sys/mounts/kv", { type: "kv", options: { version: "2" } });
    await asRoot("POST", "sys/mounts/old", { type: "kv", options: { version: "1" } });
    await asRoot("PUT", "sys/policies/acl/stack", { policy });
    await asRoot("POST", "sys/auth/approle", { type: "approle" });
    await asRoot("POST", "auth/approle/role/shop", { token_policies: "stack", token_ttl: "10m", token_max_ttl: "30m" });
    const roleId = field((await asRoot("GET", "auth/approle/role/shop/role-id")).body, "data", "role_id");
    const secretId = field((await asRoot("POST", "auth/approle/role/shop/secret-id", {})).body, "data", "secret_id");
    const [roleIdFile, secretIdFile] = [fileWith("role-id", String(roleId)), fileWith("secret-id", String(secretId))];
    login = { kind: "approle", mount: "approle", roleIdFile, secretIdFile };
    // The engine upgrades itself for a moment after it was mounted.
    for (let tries = 0; tries < 50 && (await asRoot("GET", "kv/config")).status !== 200; tries++) await sleep(100);
  }, 60_000);

  // covers: S4 | real: Vault 1.21
  describeStore("the real Vault", (place): Promise<Store> => Promise.resolve(open(place)), { versions: "atomic" });

  it("answers as the server of the tests does", async () => {
    const stand = await new VaultServer().start();
    try {
      stand.mounts.set("kv", new KvMount());
      const root = stand.issue(["root"]);
      const fake = jsonServer({ address: new URL(stand.address), called: "Vault" });
      const asked = [
        ["GET", "kv/data/x/a", undefined],
        ["POST", "kv/data/x/a", { nothing: 1 }],
        ["POST", "kv/data/x/a", { options: { cas: 3 }, data: { value: "v" } }],
        ["POST", "kv/data/x/a", { options: { cas: 0 }, data: { value: "v" } }],
        ["POST", "kv/data/x/a", { options: { cas: 0 }, data: { value: "v" } }],
        ["GET", "kv/data/x/a", undefined],
        ["GET", "kv/data/x/a?version=7", undefined],
        ["GET", "kv/metadata/x?list=true", undefined],
        ["GET", "kv/metadata/nothing?list=true", undefined],
        ["GET", "kv/metadata/x/a", undefined],
        ["DELETE", "kv/data/x/a", undefined],
        ["GET", "kv/data/x/a", undefined],
        ["POST", "kv/destroy/x/a", { versions: [1] }],
        ["GET", "kv/data/x/a", undefined],
        ["DELETE", "kv/metadata/x/a", undefined],
        ["DELETE", "kv/metadata/x/a", undefined],
        ["GET", "none/data/x", undefined],
        ["GET", "sys/internal/ui/mounts/none", undefined],
        ["POST", "sys/capabilities-self", { paths: ["kv/data/x"] }],
        ["POST", "auth/approle/login", { role_id: "x", secret_id: "y" }],
        ["POST", "auth/token/renew-self", {}],
      ] as const;
      for (const [method, path, body] of asked) {
        const ask = (to: JsonServer, token: string) =>
          to.request({ method, path: `/v1/${path}`, body, headers: { "x-vault-token": token } });
        const [real, ours] = [await ask(server(), "root"), await ask(fake, root.id)];
        expect([path, ours.status, shapeOf(ours.body)]).toEqual([path, real.status, shapeOf(real.body)]);
      }
      for (const token of [undefined, "wrong"]) {
        const headers = token === undefined ? {} : { "x-vault-token": token };
        const ask = (to: JsonServer) => to.request({ method: "GET", path: "/v1/kv/data/x/a", headers });
        expect((await ask(fake)).status).toBe((await ask(server())).status);
      }
    } finally {
      await stand.stop();
    }
  });

  // The lab's Vault is built without audit devices, so that none can be turned on here.
  // covers: S10, S5 | real: Vault 1.21
  it("tells what tokens may at a store's place and beside it, and whether it is audited", async () => {
    const paths = (own: string) => `path "kv/data/${own}" { capabilities = ["create", "read", "update", "delete"] }
path "kv/metadata/${own}" { capabilities = ["list", "read", "delete"] }`;
    await asRoot("PUT", "sys/policies/acl/narrow", { policy: paths("ringwall/shop/*") });
    await asRoot("PUT", "sys/policies/acl/reader", {
      policy: 'path "kv/data/ringwall/shop/*" { capabilities = ["read"] }',
    });
    const clientOf = async (policy: string) => {
      const made = await asRoot("POST", "auth/token/create", { policies: [policy], ttl: "10m" });
      const tokenFile = fileWith(`token-${policy}`, String(field(made.body, "auth", "client_token")));
      const surroundings = { clock: () => 0, sleep: async () => {} };
      return new VaultClient(server(), { kind: "token", tokenFile }, { surroundings });
    };
    const needs = vaultNeeds({ mount: "kv", prefix: "ringwall/shop" }, ["db-password", "token"]);
    const compared = async (policy: string) => await compareVaultToken(await clientOf(policy), needs);
    expect(await compared("narrow")).toMatchObject({
      verdict: "cannot-be-told",
      missing: [],
      detail: expect.stringContaining("The token may do what is needed; whether it may do more is not known"),
    });
    expect(await compared("stack")).toMatchObject({
      verdict: "too-wide",
      missing: [],
      surplus: ["create", "read", "update"].map((may) => `kv/data/ringwall/ringwall-neighbour/x: ${may}`),
    });
    expect(await compared("reader")).toMatchObject({ verdict: "too-narrow" });
    expect(await compared("root")).toMatchObject({ verdict: "too-wide", surplus: ["everything: root"] });
    expect((await vaultAudit(await clientOf("narrow"))).state).toBe("unknown");
    expect((await vaultAudit(await clientOf("root"))).state).toBe("off");
  });

  it("lets nothing be done without a right, in an engine of version 1, or while it is sealed", async () => {
    const elsewhere = new VaultStore(
      new VaultClient(server(), login, { surroundings: { clock: () => 0, sleep: async () => {} } }),
      { mount: "kv", prefix: "other", field: "value" },
    );
    expectSafe(await failureOf(elsewhere.set(new Secret("token", "hunter2-hunter2"))), "permission", "hunter2-hunter2");
    const rooted: VaultLogin = { kind: "token", tokenFile: fileWith("root", "root") };
    const old = new VaultStore(
      new VaultClient(server(), rooted, { surroundings: { clock: () => 0, sleep: async () => {} } }),
      { mount: "old", prefix: "ringwall", field: "value" },
    );
    expectSafe(await failureOf(old.set(new Secret("token", "hunter2-hunter2"))), "invalid", "hunter2-hunter2");
    await asRoot("PUT", "sys/seal");
    expectSafe(await failureOf(open("sealed").get("token")), "network");
  });
});

/** What a client can tell answers apart by: keys and kinds of values, and which error it is. */
function shapeOf(body: unknown): unknown {
  const errors = field(body, "errors");
  if (Array.isArray(errors))
    return errors.map((error) =>
      String(error)
        .replaceAll(/"[^"]*"/g, '""')
        .trim(),
    );
  const data = field(body, "data");
  const used = [
    "version",
    "metadata",
    "keys",
    "current_version",
    "versions",
    "created_time",
    "deletion_time",
    "destroyed",
  ];
  if (typeof data !== "object" || data === null) return data === undefined ? undefined : null;
  return Object.fromEntries(
    Object.entries(data)
      .filter(([key]) => used.includes(key) || key === "data")
      .map(([key, value]) => [key, Array.isArray(value) ? "list" : value === null ? "null" : typeof value]),
  );
}
