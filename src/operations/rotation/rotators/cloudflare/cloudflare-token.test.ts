import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { credential, testTools } from "../../../../components/testing/local-services.ts";
import { stackFrom } from "../../../../components/testing/stack.ts";
import type { RotationTools, ServiceControl } from "../../../../contracts/rotator.ts";
import { Secret } from "../../../../secrets/secret.ts";
import { cloudflareToken } from "./cloudflare-token.ts";
import { Cloudflare } from "./testing/cloudflare-server.ts";

const host = { kind: "host" } as const;
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
