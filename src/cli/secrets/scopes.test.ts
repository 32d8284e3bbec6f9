import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KvMount } from "../../stores/vault/testing/kv-mount.ts";
import { VaultServer } from "../../stores/vault/testing/vault-server.ts";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

const token = "cf-token-Zk3vQ9mW7xT1bN5cR8pL2yH6";
const issuer = "cf-issuer-Zk3vQ9mW7xT1bN5cR8pL2yH6";
const zone = "com.cloudflare.api.account.zone.eb78d65290b24279ba6f44721b3ea3c4";

let folder: string;
const closing: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-scopes-cli-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function ringwall(args: readonly string[], input?: string) {
  const context = memoryContext({ cwd: folder, ...(input === undefined ? {} : { input }) });
  const code = await runCli(args, context);
  const said = context.stdout.text() + context.stderr.text();
  for (const value of [token, issuer]) expect(said).not.toContain(value);
  return { code, out: context.stdout.text(), err: context.stderr.text() };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Policies = readonly { effect: string; permission_groups: unknown[]; resources: Record<string, unknown> }[];
const may = (resource: string, ...names: string[]) => ({
  effect: "allow",
  permission_groups: names.map((name) => ({ id: name, name })),
  resources: { [resource]: "*" },
});

/** Verifies two tokens, shows their details to the issuer alone, and the zone to one that may read it. */
async function cloudflare(of: { token: Policies; issuer: Policies }): Promise<string> {
  const ids = new Map([
    [token, "token-id"],
    [issuer, "issuer-id"],
  ]);
  const server = createServer((request, response) => {
    const value = request.headers.authorization?.replace("Bearer ", "") ?? "";
    const send = (status: number, result: unknown) =>
      response.writeHead(status).end(JSON.stringify({ success: status === 200, errors: [], result }));
    const id = ids.get(value);
    if (id === undefined) return send(401, null);
    if (request.url === "/user/tokens/verify") return send(200, { id, status: "active" });
    if (request.url === "/zones?name=example.org") {
      const reads = (value === token ? of.token : of.issuer).some((policy) =>
        JSON.stringify(policy.permission_groups).includes("Zone Read"),
      );
      return send(200, reads ? [{ id: zone.split(".").at(-1), name: "example.org" }] : []);
    }
    const asked = /^\/user\/tokens\/(token|issuer)-id$/.exec(request.url ?? "")?.[1] as "token" | "issuer" | undefined;
    if (asked === undefined || value !== issuer) return send(403, null);
    return send(200, { id: `${asked}-id`, status: "active", policies: of[asked] });
  });
  return await listen(server);
}

async function cloudflareStack(api: string, withIssuer = true): Promise<void> {
  writeFileSync(
    join(folder, "stack.yaml"),
    `name: shop
services: { web: { image: "x:1", secrets: [dns, other] } }
secrets:
  master: external
  other: external
  dns: { kind: external, rotator: { cloudflare: { zones: [example.org], api: "${api}"${withIssuer ? ", issuer: master" : ""} } } }
`,
  );
  for (const [name, value] of [
    ["dns", token],
    ["master", issuer],
  ] as const) {
    expect((await ringwall(["secrets", "set", name], value)).code).toBe(0);
  }
}

// covers: S10
describe("ringwall secrets scopes", () => {
  const right = [may(zone, "Zone Read", "DNS Write")];
  const makes = [may("com.cloudflare.api.user.7c5dae5552338874e5053f2534d2767a", "API Tokens Write")];

  it("finds tokens of Cloudflare that may what they are for, records who asked, and shows no value", async () => {
    await cloudflareStack(await cloudflare({ token: right, issuer: makes }));
    const { code, out } = await ringwall(["secrets", "scopes"]);
    expect(out).toBe(`dns     right           The token may do what is needed, and nothing else.
master  right           The token may do what is needed, and nothing else.
`);
    expect(code).toBe(0);
    const ledger = (await ringwall(["ledger", "list"])).out;
    expect(ledger).toContain("secret.scopes");
    expect(ledger).toContain("dns");
    const files = readdirSync(join(folder, ".ringwall"), { recursive: true, withFileTypes: true });
    for (const file of files.filter((one) => one.isFile())) {
      expect(readFileSync(join(file.parentPath, file.name), "latin1")).not.toContain(token);
    }
  });

  it("ends with 1 for a token that may too much, told with its zone's name, and for one that may too little", async () => {
    const wide = {
      token: [...right, may("com.cloudflare.api.account.zone.*", "DNS Write")],
      issuer: [...makes, ...right],
    };
    await cloudflareStack(await cloudflare(wide));
    const found = await ringwall(["secrets", "scopes", "--format", "json"]);
    expect(found.code).toBe(1);
    expect(JSON.parse(found.out)).toMatchObject({
      tokens: [
        { name: "dns", verdict: "too-wide", surplus: ["DNS Write on zone *"], missing: [] },
        { name: "master", verdict: "too-wide", surplus: [expect.stringMatching(/^DNS Write on/), expect.anything()] },
      ],
      audit: null,
    });
    await cloudflareStack(await cloudflare({ token: [may(zone, "Zone Read")], issuer: makes }));
    const narrow = await ringwall(["secrets", "scopes", "dns"]);
    expect([narrow.code, narrow.out]).toEqual([
      1,
      expect.stringContaining("may not do what is needed: DNS Write on zone example.org."),
    ]);
    await cloudflareStack(await cloudflare({ token: [may(zone, "DNS Write")], issuer: makes }));
    const blind = await ringwall(["secrets", "scopes", "dns"]);
    expect([blind.code, blind.out]).toEqual([1, expect.stringContaining("does not see example.org")]);
  });

  it("says what cannot be told, which is no finding: no reader, no issuer, nobody who answers", async () => {
    await cloudflareStack(await cloudflare({ token: right, issuer: makes }), false);
    const unread = await ringwall(["secrets", "scopes", "dns", "other"]);
    expect(unread.code).toBe(0);
    expect(unread.out).toContain("dns    cannot be told  What it may is not known: Cloudflare shows");
    expect(unread.out).toContain("other  cannot be told  Nothing says who issued it");
    await cloudflareStack("http://127.0.0.1:9");
    const away = await ringwall(["secrets", "scopes", "dns"]);
    expect([away.code, away.out]).toEqual([
      0,
      expect.stringContaining("Cloudflare at 127.0.0.1:9 refuses connections."),
    ]);
  });

  it("takes a token that its issuer refuses for one that may too little", async () => {
    await cloudflareStack(await cloudflare({ token: right, issuer: makes }));
    await ringwall(["secrets", "set", "dns"], "another-Zk3vQ9mW7xT1bN5cR8pL2yH6");
    const dead = await ringwall(["secrets", "scopes", "dns"]);
    expect([dead.code, dead.out]).toEqual([
      1,
      expect.stringContaining("too narrow      Cloudflare does not accept the token."),
    ]);
  });

  it("asks GitHub of a named secret, and only with what it is to be able to", async () => {
    const api = await listen(
      createServer((request, response) => {
        const known = request.headers.authorization === `Bearer ${token}`;
        response.writeHead(known ? 200 : 401, { "x-oauth-scopes": "repo, admin:org" }).end("{}");
      }),
    );
    await cloudflareStack("http://127.0.0.1:9");
    const asked = ["secrets", "scopes", "dns", "--as", "github", "--api", api];
    const found = await ringwall([...asked, "--needs", "repo"]);
    expect([found.code, found.out]).toEqual([1, expect.stringContaining("more than is needed: admin:org.")]);
    expect((await ringwall([...asked, "--needs", "admin:org, repo"])).code).toBe(0);
    expect((await ringwall(asked)).code).toBe(2);
    expect((await ringwall(["secrets", "scopes", "--as", "github", "--needs", "repo"])).code).toBe(2);
    expect((await ringwall(["secrets", "scopes", "dns", "--needs", "repo"])).code).toBe(2);
  });
});

// covers: S5, S10
describe("the scopes of a store in Vault", () => {
  async function vault(policies: readonly string[]) {
    const server = await new VaultServer().start();
    closing.push(() => server.stop());
    server.mounts.set("secret", new KvMount());
    server.policies.set("shop", {
      "secret/data/ringwall/shop/*": ["create", "read", "update", "delete"],
      "secret/metadata/ringwall/shop/*": ["list", "read", "delete"],
    });
    server.policies.set("all", { "secret/*": ["create", "read", "update", "delete", "list"] });
    server.policies.set("reader", { "secret/data/ringwall/shop/*": ["read"] });
    server.policies.set("auditor", { "sys/audit": ["read", "sudo"] });
    const { id } = server.issue(policies, 600);
    writeFileSync(join(folder, "token"), id, { mode: 0o600 });
    writeFileSync(
      join(folder, "stack.yaml"),
      `name: shop
services: { web: { image: "x:1", secrets: [key] } }
secrets: { key: external }
store: { vault: { address: "${server.address}", tokenFile: token } }
`,
    );
    const run = async () => {
      const found = await ringwall(["secrets", "scopes"]);
      expect(found.out + found.err).not.toContain(id);
      return found;
    };
    return { server, run };
  }

  it("hold all that the store needs under the documented policy, and whether more is not known", async () => {
    const { code, out } = await (await vault(["shop"])).run();
    expect(out).toContain(
      "the store's token  cannot be told  The token may do what is needed; whether it may do more is not known",
    );
    expect(out).toContain("Whether Vault is audited is not told to this token");
    expect(code).toBe(0);
  });

  it("are too wide where they reach a neighbour, and too narrow where the store cannot write", async () => {
    const wide = await (await vault(["all"])).run();
    expect([wide.code, wide.out]).toEqual([
      1,
      expect.stringContaining("secret/data/ringwall/ringwall-neighbour/x: create"),
    ]);
    const root = await (await vault(["root"])).run();
    expect([root.code, root.out]).toEqual([1, expect.stringContaining("more than is needed: everything: root.")]);
    const narrow = await (await vault(["reader"])).run();
    expect([narrow.code, narrow.out]).toEqual([1, expect.stringContaining("secret/data/ringwall/shop/key: create")]);
    expect(narrow.out).toContain("too narrow");
  });

  it("come with whether Vault has an audit device", async () => {
    const { server, run } = await vault(["shop", "auditor"]);
    expect((await run()).out).toContain("Vault has no audit device: nobody can tell later who read a secret.");
    server.auditDevices.set("file", { type: "file" });
    expect((await run()).out).toContain("Vault records requests to file/.");
    server.sealed = true;
    const sealed = await run();
    expect(sealed.out).toContain("Whether Vault is audited cannot be told");
    expect(sealed.code).toBe(0);
  });
});
