import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Secret } from "../../secrets/secret.ts";
import { expectSafe, failureOf } from "../../secrets/store-conformance.ts";
import { type JsonServer, jsonServer } from "../http/json-server.ts";
import { vaultAudit } from "../vault/audit.ts";
import { KvMount } from "../vault/testing/kv-mount.ts";
import { VaultServer } from "../vault/testing/vault-server.ts";
import { VaultClient } from "../vault/vault-client.ts";
import { cloudflarePower, cloudflareScopes } from "./cloudflare.ts";
import { githubScopes } from "./github.ts";
import { compareScopes, type TokenScopes } from "./token-scopes.ts";
import { vaultPower, vaultScopes } from "./vault.ts";

const around = { clock: () => 0, sleep: async () => {} };
const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answer = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

async function serverThat(answer: (path: string, headers: IncomingHttpHeaders) => Answer): Promise<JsonServer> {
  const server: Server = createServer((request, response) => {
    const { status, body = {}, headers = {} } = answer(request.url ?? "", request.headers);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return jsonServer({
    address: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    called: "the issuer",
  });
}

const scopes = (powers: string[], incomplete?: string): TokenScopes => ({
  issuer: "x",
  powers,
  incomplete,
  expires: null,
});

describe("what a token may, compared with what it is for", () => {
  // covers: S10
  it("is right only where everything is known, and too wide even where not everything is", () => {
    expect(compareScopes(scopes(["a", "b"]), ["b", "a"]).verdict).toBe("right");
    expect(compareScopes(scopes(["a", "b"]), ["a"])).toMatchObject({ verdict: "too-wide", surplus: ["b"] });
    expect(compareScopes(scopes(["a"]), ["a", "b"])).toMatchObject({ verdict: "too-narrow", missing: ["b"] });
    expect(compareScopes(scopes(["a"], "who knows"), ["a"]).verdict).toBe("cannot-be-told");
    expect(compareScopes(scopes([], "who knows"), ["a"])).toMatchObject({ verdict: "cannot-be-told", missing: [] });
    expect(compareScopes(scopes(["z"], "who knows"), ["a"]).verdict).toBe("too-wide");
  });
});

describe("a token of Cloudflare", () => {
  const token = new Secret("cf", "cf-token-hunter2-hunter2");
  const reader = new Secret("reader", "cf-reader-hunter2-hunter2");
  const id = "f267e341f3dd4697bd3b9f71dd96247f";
  const dns = { id: "4755a26eedb94da69e1066d98aa820be", name: "DNS Write" };
  const zone = "com.cloudflare.api.account.zone.eb78d65290b24279ba6f44721b3ea3c4";

  /** Shows a token's details to the reader alone, as Cloudflare does. */
  const cloudflare = (policies: unknown, status = "active") =>
    serverThat((path, { authorization }) => {
      const as = authorization?.replace("Bearer ", "");
      const refused = {
        success: false,
        errors: [{ code: 9109, message: "Unauthorized to access requested resource" }],
      };
      if (path === "/user/tokens/verify") {
        if (as !== token.expose())
          return { status: 401, body: { success: false, errors: [{ code: 1000, message: "Invalid API Token" }] } };
        return { status: 200, body: { success: true, result: { id, status, expires_on: "2027-01-01T00:00:00Z" } } };
      }
      if (path !== `/user/tokens/${id}` || as !== reader.expose()) return { status: 403, body: refused };
      return { status: 200, body: { success: true, result: { id, name: "caddy", status, policies } } };
    });

  it("is read with one that may read tokens, and compared zone by zone", async () => {
    const server = await cloudflare([{ effect: "allow", permission_groups: [dns], resources: { [zone]: "*" } }]);
    const found = await cloudflareScopes(server, token, around, { reader });
    const needed = cloudflarePower("DNS Write", zone);
    expect(needed).toBe("DNS Write on zone eb78d65290b24279ba6f44721b3ea3c4");
    expect(found).toEqual({
      issuer: "Cloudflare",
      powers: [needed],
      incomplete: undefined,
      expires: "2027-01-01T00:00:00Z",
    });
    expect(compareScopes(found, [needed]).verdict).toBe("right");
    const wide = await cloudflare([
      {
        effect: "allow",
        permission_groups: [dns],
        resources: { "com.cloudflare.api.account.*": { "com.cloudflare.api.account.zone.*": "*" } },
      },
    ]);
    expect(compareScopes(await cloudflareScopes(wide, token, around, { reader }), [needed])).toMatchObject({
      verdict: "too-wide",
      surplus: ["DNS Write on zone *"],
    });
  });

  it("cannot be told without such a token, and is not taken for right", async () => {
    const server = await cloudflare([]);
    expect(compareScopes(await cloudflareScopes(server, token, around), ["x"]).verdict).toBe("cannot-be-told");
  });

  it("that is dead is said to be, without being repeated", async () => {
    const server = await cloudflare([]);
    expectSafe(await failureOf(cloudflareScopes(server, reader, around)), "permission", reader.expose());
    const disabled = await cloudflare([], "disabled");
    expectSafe(await failureOf(cloudflareScopes(disabled, token, around)), "permission", token.expose());
    const down = await serverThat(() => ({ status: 500 }));
    expectSafe(await failureOf(cloudflareScopes(down, token, around)), "network", token.expose());
  });
});

describe("a token of GitHub", () => {
  const token = new Secret("gh", "ghp_hunter2hunter2hunter2");

  it("tells its scopes in a header when it is a classic one", async () => {
    const server = await serverThat(() => ({
      status: 200,
      headers: {
        "x-oauth-scopes": "repo, read:org",
        "github-authentication-token-expiration": "2026-12-24 10:00:00 UTC",
      },
    }));
    const found = await githubScopes(server, token, around);
    expect(found).toEqual({
      issuer: "GitHub",
      powers: ["read:org", "repo"],
      incomplete: undefined,
      expires: "2026-12-24T10:00:00.000Z",
    });
    expect(compareScopes(found, ["repo"])).toMatchObject({ verdict: "too-wide", surplus: ["read:org"] });
    const none = await serverThat(() => ({ status: 200, headers: { "x-oauth-scopes": "" } }));
    expect(compareScopes(await githubScopes(none, token, around), []).verdict).toBe("right");
  });

  it("of the fine-grained kind tells nothing, and that is said", async () => {
    const server = await serverThat(() => ({ status: 200 }));
    expect(compareScopes(await githubScopes(server, token, around), ["repo"])).toMatchObject({
      verdict: "cannot-be-told",
      detail: expect.stringContaining("fine-grained"),
    });
    const dead = await serverThat(() => ({ status: 401, body: { message: "Bad credentials" } }));
    expectSafe(await failureOf(githubScopes(dead, token, around)), "permission", token.expose());
  });
});

describe("a token of Vault", () => {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-scopes-"));

  async function vault(policies: readonly string[]): Promise<{ server: VaultServer; client: VaultClient }> {
    const server = await new VaultServer().start();
    closing.push(
      () => server.stop(),
      () => rmSync(folder, { recursive: true, force: true }),
    );
    server.mounts.set("secret", new KvMount());
    server.policies.set("stack", { "secret/data/shop/*": ["read", "update"] });
    server.policies.set("auditor", { "sys/audit": ["read", "sudo"] });
    const tokenFile = join(mkdtempSync(join(tmpdir(), "ringwall-scopes-")), "token");
    writeFileSync(tokenFile, server.issue(policies, 600).id, { mode: 0o600 });
    const http = jsonServer({ address: new URL(server.address), called: "Vault" });
    return { server, client: new VaultClient(http, { kind: "token", tokenFile }, { surroundings: around }) };
  }

  it("tells what it may where it is asked, and that it says nothing of elsewhere", async () => {
    const { client } = await vault(["stack"]);
    const found = await vaultScopes(client, ["secret/data/shop/token", "secret/data/other/token"]);
    expect(found.powers).toEqual([
      vaultPower("secret/data/shop/token", "read"),
      vaultPower("secret/data/shop/token", "update"),
    ]);
    expect(compareScopes(found, found.powers).verdict).toBe("cannot-be-told");
    expect(compareScopes(found, [vaultPower("secret/data/shop/token", "read")]).verdict).toBe("too-wide");
    const root = await vault(["root"]);
    expect(compareScopes(await vaultScopes(root.client, ["secret/data/shop/token"]), ["x"]).verdict).toBe("too-wide");
  });

  // covers: S5
  it("that may ask learns whether Vault is audited; another learns that it may not", async () => {
    const { server, client } = await vault(["auditor"]);
    expect(await vaultAudit(client)).toMatchObject({ state: "off" });
    server.auditDevices.set("file", { type: "file" });
    expect(await vaultAudit(client)).toMatchObject({ state: "on", devices: [{ path: "file/", type: "file" }] });
    expect(await vaultAudit((await vault(["stack"])).client)).toMatchObject({ state: "unknown" });
  });
});
