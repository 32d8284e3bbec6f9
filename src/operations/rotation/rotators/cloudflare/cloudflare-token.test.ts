import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { credential, testTools } from "../../../../components/testing/local-services.ts";
import { stackFrom } from "../../../../components/testing/stack.ts";
import type { RotationTools, ServiceControl } from "../../../../contracts/rotator.ts";
import { Secret } from "../../../../secrets/secret.ts";
import { cloudflareToken } from "./cloudflare-token.ts";

const host = { kind: "host" } as const;
const groups = [
  { id: "dns-write", name: "DNS Write", scopes: ["com.cloudflare.api.account.zone"] },
  { id: "zone-read", name: "Zone Read", scopes: ["com.cloudflare.api.account.zone"] },
];

interface Token {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly zones: readonly string[];
}

/**
 * Tokens, zones and permission groups as Cloudflare's API version 4 documents them in November 2026: a body with fields
 * that it does not know, a policy without resources or with an unknown permission is refused; a value is told once.
 */
class Cloudflare {
  readonly tokens = new Map<string, Token>();
  readonly zones = new Map([["zone-1", "example.org"]]);
  /** The next answers in place of the right ones; `acted` does what was asked first. */
  readonly faults: { readonly status: number; readonly acted?: boolean; readonly method?: string }[] = [];
  readonly issuer: Token = { id: "issuer", name: "issuer", value: "issuer-token-value", zones: [] };

  constructor() {
    this.tokens.set(this.issuer.id, this.issuer);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? "/", "http://x");
    const fault =
      this.faults[0]?.method === undefined || this.faults[0].method === request.method
        ? this.faults.shift()
        : undefined;
    const act = () => this.#answer(request, url, Buffer.concat(chunks).toString());
    const right = fault === undefined || fault.acted === true ? act() : ([0, {}] as const);
    const [status, body] = fault === undefined ? right : ([fault.status, {}] as const);
    response.writeHead(status, { "content-type": "application/json", "retry-after": "0" }).end(JSON.stringify(body));
  }

  #answer(request: IncomingMessage, url: URL, body: string): readonly [number, unknown] {
    const value = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const caller = [...this.tokens.values()].find((one) => one.value === value);
    if (caller === undefined) return failure(401, 1000, "Invalid API Token");
    if (url.pathname === "/user/tokens/verify") return success({ id: caller.id, status: "active" });
    if (url.pathname === "/zones") {
      const name = url.searchParams.get("name");
      const seen = [...this.zones].filter(([id, zone]) => zone === name && caller.zones.includes(id));
      return success(seen.map(([id, zone]) => ({ id, name: zone })));
    }
    if (caller.id !== this.issuer.id) return failure(403, 9109, "Unauthorized to access requested resource");
    if (url.pathname === "/user/tokens/permission_groups") return success(groups);
    if (url.pathname === "/user/tokens" && request.method === "GET") {
      return success([...this.tokens.values()].map(({ id, name }) => ({ id, name, status: "active" })));
    }
    if (url.pathname === "/user/tokens" && request.method === "POST") return this.#create(JSON.parse(body));
    const id = /^\/user\/tokens\/([^/]+)$/.exec(url.pathname)?.[1];
    if (request.method === "DELETE" && id !== undefined) {
      return this.tokens.delete(id) ? success({ id }) : failure(404, 1003, "Token not found");
    }
    return failure(404, 7000, "No route for that URI");
  }

  #create(body: Record<string, unknown>): readonly [number, unknown] {
    const { name, policies, ...rest } = body as {
      name: string;
      policies: { effect: string; resources: Record<string, string>; permission_groups: { id: string }[] }[];
    };
    const [policy] = policies ?? [];
    const zones = Object.keys(policy?.resources ?? {}).map((key) =>
      key.replace("com.cloudflare.api.account.zone.", ""),
    );
    const known = policy?.permission_groups.every(({ id }) => groups.some((group) => group.id === id)) === true;
    const right = policy?.effect === "allow" && zones.length > 0 && zones.every((id) => this.zones.has(id)) && known;
    if (typeof name !== "string" || !right || Object.keys(rest).length > 0)
      return failure(400, 1001, "Invalid request body");
    const made = { id: randomBytes(16).toString("hex"), name, value: randomBytes(20).toString("hex"), zones };
    this.tokens.set(made.id, made);
    return success({ id: made.id, name, status: "active", value: made.value });
  }
}

const success = (result: unknown) => [200, { success: true, errors: [], messages: [], result }] as const;
const failure = (status: number, code: number, message: string) =>
  [status, { success: false, errors: [{ code, message }], messages: [], result: null }] as const;

// covers: R1
describe("the rotation of a Cloudflare token", () => {
  let cloud: Cloudflare;
  let server: ReturnType<typeof createServer>;
  let base: string;
  const old = credential(undefined, "old-token-value");

  beforeEach(async () => {
    cloud = new Cloudflare();
    cloud.tokens.set("old", { id: "old", name: "by hand", value: "old-token-value", zones: ["zone-1"] });
    server = createServer((request, response) => void cloud.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => void server.close());

  const begin = (given: Partial<RotationTools> = {}, issuer = true) => {
    const stack = stackFrom(`name: shop
services: { web: { image: "x:1", secrets: [dns] } }
secrets:
  master: external
  dns: { kind: external, rotator: { cloudflare: { zones: [example.org], api: "${base}"${issuer ? ", issuer: master" : ""} } } }
`);
    const secret = stack.secrets.find(({ name }) => name === "dns");
    if (secret === undefined) throw new Error("no secret");
    const other = async (name: string) =>
      name === "master" ? new Secret(name, cloud.issuer.value) : new Secret(name, old.value.expose());
    const tools = testTools({} as ServiceControl, { other, sleep: async () => undefined, ...given });
    return { rotation: cloudflareToken.begin(secret, stack, tools), outline: cloudflareToken.outline(secret, stack) };
  };
  const made = () => [...cloud.tokens.values()].filter(({ name }) => name.startsWith("ringwall shop/dns "));

  it("makes one for the zones alone, tries it, and deletes the old one; each step twice", async () => {
    const { rotation } = begin();
    await rotation.preflight(old);
    const value = await rotation.obtain?.(old);
    if (value === undefined) throw new Error("no token");
    const next = { account: undefined, value };
    await rotation.stage(next, old);
    await rotation.stage(next, old);
    expect(made()).toMatchObject([{ zones: ["zone-1"], name: expect.stringContaining("rotate-2026") }]);
    expect(await rotation.verify(old, host)).toMatchObject({ outcome: "accepted" });
    await rotation.revoke(old, next);
    await rotation.revoke(old, next);
    expect(await rotation.verify(old, host)).toMatchObject({ outcome: "refused" });
    expect(await rotation.verify(next, host)).toMatchObject({ outcome: "accepted" });
  });

  it.each([500, 502])("leaves no token that nobody knows when the API answers %d after it acted", async (status) => {
    const { rotation } = begin();
    cloud.faults.push({ status, acted: true, method: "POST" });
    await rotation.obtain?.(old);
    expect(made()).toHaveLength(1);
  });

  it("waits when it is asked to, and asks again when a reading fails", async () => {
    const { rotation } = begin();
    cloud.faults.push({ status: 429 }, { status: 500 }, { status: 429 });
    expect(await rotation.verify(old, host)).toMatchObject({ outcome: "accepted" });
  });

  it("never takes silence or an error for a proof that a token is dead", async () => {
    const { rotation } = begin();
    cloud.faults.push(...Array.from({ length: 4 }, () => ({ status: 500 })));
    expect(await rotation.verify(old, host)).toMatchObject({ outcome: "unreachable" });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await rotation.verify(old, host)).toMatchObject({ outcome: "unreachable" });
  });

  it("finds tokens that lost operations left, by their names", async () => {
    const { rotation } = begin();
    await rotation.obtain?.(old);
    const orphans = (await rotation.orphans?.()) ?? [];
    expect(orphans).toMatchObject([{ operation: "rotate-20260102T030405006-abcdef" }]);
    await orphans[0]?.remove();
    expect(made()).toEqual([]);
    expect(cloud.tokens.has("old")).toBe(true);
  });

  it("asks a person where no token may make tokens, and does not take one that sees too little", async () => {
    const asked: string[] = [];
    cloud.tokens.set("blind", { id: "blind", name: "x", value: "blind-token-value", zones: [] });
    const { rotation, outline } = begin(
      {
        ask: async (question) => {
          asked.push(question);
          return new Secret("dns", "blind-token-value");
        },
      },
      false,
    );
    expect(outline).toMatchObject({ assisted: true });
    const value = await rotation.obtain?.(old);
    if (value === undefined) throw new Error("no token");
    await expect(rotation.stage({ account: undefined, value }, old)).rejects.toMatchObject({
      code: "permission",
      message: expect.stringContaining("does not see the zone example.org"),
    });
    await rotation.revoke(old, { account: undefined, value });
    expect(asked).toEqual([expect.stringContaining("Edit zone DNS"), expect.stringContaining("Delete the old token")]);
  });

  it("shows no token in what it says, not even one that no header can hold", async () => {
    const { rotation } = begin();
    const check = await rotation.verify(credential(undefined, "line\nbreak-token"), host);
    expect(check).toMatchObject({ outcome: "refused" });
    expect(check.detail).not.toContain("break-token");
    cloud.tokens.delete("issuer");
    const error: unknown = await rotation.preflight(old).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "permission", hint: expect.stringContaining("permission to edit API tokens") });
    expect(String(error)).not.toContain("issuer-token-value");
  });

  it("sends a token over no plain connection but loopback's", () => {
    base = "http://api.example.org";
    expect(() => begin()).toThrow(expect.objectContaining({ code: "invalid" }));
  });
});
