import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, describe, expect, it } from "vitest";
import { Secret } from "../secrets/secret.ts";
import { expectSafe, failureOf } from "../secrets/store-conformance.ts";
import { storeSchema } from "../stack/store-schema.ts";
import { InfisicalServer } from "./infisical/testing/infisical-server.ts";
import { openStore } from "./open-store.ts";
import { KvMount } from "./vault/testing/kv-mount.ts";
import { VaultServer } from "./vault/testing/vault-server.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-open-"));
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
  rmSync(folder, { recursive: true, force: true });
});

const around = {
  folder,
  environment: { HOME: folder, TF_VAR_token: "from-environment" },
  surroundings: { clock: () => 0, sleep: async () => {} },
};

/** The store of a `store:` as it stands in a declaration. */
const open = (written: unknown) => openStore({ name: "shop", store: storeSchema.parse(written) }, around);

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return name;
}

describe("the store that a declaration names", () => {
  // covers: S4
  it("is age files when it names none", async () => {
    const store = await openStore({ name: "shop" }, around);
    expect(store.description).toBe(`age files in ${join(folder, ".ringwall/secrets")}`);
  });

  it("is Vault, below a folder of the stack's own name", async () => {
    const server = await new VaultServer().start();
    closing.push(() => server.stop());
    const mount = new KvMount();
    server.mounts.set("secret", mount);
    const tokenFile = file("token", server.issue(["root"]).id);
    const store = await open({ vault: { address: server.address, tokenFile } });
    await store.set(new Secret("token", "value"));
    expect([...mount.secrets.keys()]).toEqual(["ringwall/shop/token"]);
  });

  it("is Infisical, with credentials from the home folder", async () => {
    const server = await new InfisicalServer().start();
    closing.push(() => server.stop());
    file("client-id", server.clientId);
    file("client-secret", server.clientSecret);
    const { projectId, address } = server;
    const login = { clientIdFile: "~/client-id", clientSecretFile: "~/client-secret" };
    const store = await open({ infisical: { address, projectId, environment: "prod", path: "/ringwall", ...login } });
    await store.set(new Secret("token", "value"));
    expect([...server.secrets.keys()]).toEqual(["/ringwall:token"]);
  });

  it("is a SOPS file, manifests, or the environment", async () => {
    const identity = await generateX25519Identity();
    file("keys.txt", `${identity}\n`);
    file(".sops.yaml", `creation_rules: [{ age: ${await identityToRecipient(identity)} }]\n`);
    for (const written of [
      { sops: { file: "secrets.sops.yaml", identity: "keys.txt" } },
      { kubernetes: { folder: "manifests", namespace: "shop", identity: "keys.txt" } },
    ]) {
      const store = await open(written);
      await store.set(new Secret("token", "value"));
      expect((await (await open(written)).get("token"))?.expose()).toBe("value");
    }
    expect((await (await open({ environment: {} })).get("token"))?.expose()).toBe("from-environment");
  });

  it("is refused with a sentence when it would be asked in the clear, or its authority's file is none", async () => {
    const tokenFile = file("token", "t");
    expectSafe(await failureOf(open({ vault: { address: "http://vault.example.org", tokenFile } })), "invalid");
    const vault = { address: "https://vault.example.org", tokenFile };
    expectSafe(await failureOf(open({ vault: { ...vault, ca: "nowhere.pem" } })), "not-found");
    expectSafe(await failureOf(open({ vault: { ...vault, ca: file("ca.pem", "nothing") } })), "invalid");
  });

  it("is one, whole, and leads nowhere else", () => {
    const vault = { address: "https://vault.example.org", tokenFile: "t" };
    for (const wrong of [
      {},
      { age: {}, environment: {} },
      { vault: { address: "https://v" } },
      { vault: { ...vault, roleIdFile: "r" } },
      { vault: { address: "https://v", secretIdFile: "s", tokenFile: "t" } },
      { vault: { ...vault, mount: "../sys" } },
      { vault: { ...vault, prefix: "a/../../b" } },
      { vault: { ...vault, token: "hvs.x" } },
      { infisical: { projectId: "p/q", environment: "prod", clientIdFile: "a", clientSecretFile: "b" } },
      { environment: { prefix: "A=B" } },
    ]) {
      expect(storeSchema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
    }
  });
});
