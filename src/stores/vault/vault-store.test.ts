import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../secrets/secret.ts";
import { absentVersion, type Store } from "../../secrets/store.ts";
import { describeStore, expectSafe, failureOf } from "../../secrets/store-conformance.ts";
import { jsonServer } from "../http/json-server.ts";
import { serverAddress } from "../http/server-address.ts";
import { KvMount } from "./testing/kv-mount.ts";
import { type Fault, type Role, VaultServer } from "./testing/vault-server.ts";
import { VaultClient } from "./vault-client.ts";
import { VaultStore } from "./vault-store.ts";
import type { VaultLogin } from "./vault-token.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-vault-"));
const servers: VaultServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What docs/secrets.md tells to grant. */
const policy = {
  "secret/data/ringwall/*": ["create", "read", "update"],
  "secret/metadata/ringwall/*": ["list", "read", "delete"],
} as const;

let count = 0;
function privateFile(text: string): string {
  const path = join(folder, `file${count++}`);
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return path;
}

interface Lab {
  readonly server: VaultServer;
  readonly role: Role;
  readonly mount: KvMount;
  readonly login: VaultLogin;
  /** Milliseconds that were slept. */
  readonly slept: number[];
  open(
    options?: Partial<{ prefix: string; login: VaultLogin; namespace: string; address: string; timeout: number }>,
  ): VaultStore;
}

async function lab(tls?: { key: string; cert: string; ca: string }): Promise<Lab> {
  const server = await new VaultServer().start(tls);
  servers.push(server);
  const mount = new KvMount();
  server.mounts.set("secret", mount);
  server.policies.set("stack", policy);
  const role: Role = {
    roleId: "role-one",
    secretId: "secret-id-of-role-one",
    usesLeft: undefined,
    policies: ["default", "stack"],
    ttlSeconds: 1200,
    maxTtlSeconds: 3600,
  };
  server.roles.push(role);
  const login: VaultLogin = {
    kind: "approle",
    mount: "approle",
    roleIdFile: privateFile(role.roleId),
    secretIdFile: privateFile(role.secretId),
  };
  const slept: number[] = [];
  const surroundings = {
    clock: () => server.now,
    sleep: async (milliseconds: number) => {
      slept.push(milliseconds);
    },
  };
  return {
    server,
    role,
    mount,
    login,
    slept,
    open: (options = {}) => {
      const address = serverAddress(options.address ?? server.address, "Vault");
      const http = jsonServer({
        address,
        called: "Vault",
        ...(tls === undefined ? {} : { ca: tls.ca }),
        timeoutMilliseconds: options.timeout ?? 5000,
      });
      const client = new VaultClient(http, options.login ?? login, { namespace: options.namespace, surroundings });
      return new VaultStore(client, { mount: "secret", prefix: options.prefix ?? "ringwall/shop", field: "value" });
    },
  };
}

const conformance = lab();
const faulty = async (change: (made: Lab) => void): Promise<Store> => {
  const made = await lab();
  await made.open().set(new Secret("token", "from-before"));
  change(made);
  return made.open();
};

describeStore("Vault KV v2", async (place) => (await conformance).open({ prefix: `ringwall/${place}` }), {
  versions: "atomic",
  faults: [
    {
      title: "cannot be reached",
      code: "network",
      open: async () => (await lab()).open({ address: "http://127.0.0.1:1" }),
    },
    { title: "is sealed", code: "network", open: () => faulty(({ server }) => (server.sealed = true)) },
    {
      title: "may only be read",
      code: "permission",
      on: ["set", "remove"],
      open: () =>
        faulty(({ server }) =>
          server.policies.set("stack", { "secret/data/ringwall/*": ["read"], "secret/metadata/*": ["list", "read"] }),
        ),
    },
    {
      title: "permits nothing",
      code: "permission",
      open: () => faulty(({ server }) => server.policies.delete("stack")),
    },
    {
      title: "does not know the secret id any more",
      code: "permission",
      open: () => faulty(({ role }) => (role.usesLeft = 0)),
    },
    {
      title: "has too many requests",
      code: "network",
      open: () => faulty(({ server }) => (server.fault = () => ({ kind: "answer", status: 429 }))),
    },
    {
      title: "fails inside",
      code: "network",
      open: () =>
        faulty(({ server }) => (server.fault = () => ({ kind: "answer", status: 500, body: { errors: ["x"] } }))),
    },
    {
      title: "is a standby without an active node",
      code: "network",
      open: () => faulty(({ server }) => (server.fault = () => ({ kind: "answer", status: 473 }))),
    },
    {
      title: "answers as something else",
      code: "network",
      open: () => faulty(({ server }) => (server.fault = () => ({ kind: "answer", status: 200, body: "hello" }))),
    },
    {
      title: "breaks every connection off",
      code: "network",
      open: () => faulty(({ server }) => (server.fault = () => ({ kind: "cut", acted: false }))),
    },
    { title: "has no such mount", code: "not-found", open: () => faulty(({ server }) => withoutMount(server)) },
  ],
});

/** A token that may ask everywhere learns that nothing is mounted; others are told no more than that they may not. */
function withoutMount(server: VaultServer): void {
  server.mounts.delete("secret");
}

let made: Lab;
beforeEach(async () => {
  made = await lab();
});

describe("Vault KV v2", () => {
  // covers: S4
  it("keeps what else stands in a secret, and finds a value under another field", async () => {
    made.mount.secrets.set("ringwall/shop/token", [
      { data: { user: "shop", value: "one" }, created: new Date(0), deleted: undefined, destroyed: false },
    ]);
    await made.open().set(new Secret("token", "two"));
    expect(made.mount.secrets.get("ringwall/shop/token")?.at(-1)?.data).toEqual({ user: "shop", value: "two" });
    made.mount.secrets.set("ringwall/shop/other", [
      { data: { password: "s3cr3t-value" }, created: new Date(0), deleted: undefined, destroyed: false },
    ]);
    const failure = await failureOf(made.open().get("other"));
    expectSafe(failure, "invalid", "s3cr3t-value");
    expect(failure).toMatchObject({ hint: expect.stringContaining("It has: password.") });
  });

  it("takes a deleted and a destroyed version for no value, and sets one after it all the same", async () => {
    const store = made.open();
    await store.set(new Secret("token", "one"));
    const versions = made.mount.secrets.get("ringwall/shop/token");
    const last = versions?.at(-1);
    if (last === undefined) throw new Error("nothing was written");
    last.deleted = new Date(0);
    expect(await store.get("token")).toBeUndefined();
    expect(await store.versionOf("token")).toBe(absentVersion);
    expect(await store.list()).toEqual([]);
    await store.set(new Secret("token", "two"), { expectVersion: absentVersion });
    const second = made.mount.secrets.get("ringwall/shop/token")?.at(-1);
    if (second !== undefined) second.destroyed = true;
    expect(await store.get("token")).toBeUndefined();
    await store.set(new Secret("token", "three"));
    expect((await store.get("token"))?.expose()).toBe("three");
    expect(await store.list()).toEqual(["token"]);
  });

  it("signs in once for many requests, and puts neither credentials nor values into a path", async () => {
    const store = made.open();
    await Promise.all([1, 2, 3, 4].map((number) => store.set(new Secret(`s${number}`, "value-of-the-test"))));
    expect(made.server.requests.filter(({ path }) => path.endsWith("/login"))).toHaveLength(1);
    const told = JSON.stringify(made.server.requests);
    for (const word of ["value-of-the-test", made.role.secretId, made.role.roleId]) expect(told).not.toContain(word);
  });

  it("renews its token before it ends, and signs in anew when its longest life is near", async () => {
    const store = made.open();
    await store.set(new Secret("token", "one"));
    const asked = (end: string) => made.server.requests.filter(({ path }) => path.endsWith(end)).length;
    for (let minutes = 0; minutes < 58; minutes += 2) {
      made.server.now += 2 * 60_000;
      expect((await store.get("token"))?.expose()).toBe("one");
    }
    expect(asked("renew-self")).toBeGreaterThanOrEqual(3);
    expect(asked("approle/login")).toBe(2);
  });

  it("signs in anew when its token ended without a word", async () => {
    const store = made.open();
    await store.set(new Secret("token", "one"));
    made.server.tokens.clear();
    await store.set(new Secret("token", "two"));
    expect((await store.get("token"))?.expose()).toBe("two");
  });

  it("uses a token of a file, renews it, and says when it has ended", async () => {
    const token = made.server.issue(["default", "stack"], 600, 1000);
    const login: VaultLogin = { kind: "token", tokenFile: privateFile(token.id) };
    const store = made.open({ login });
    await store.set(new Secret("token", "one"));
    made.server.now += 500_000;
    expect((await store.get("token"))?.expose()).toBe("one");
    expect(made.server.requests.some(({ path }) => path.endsWith("renew-self"))).toBe(true);
    made.server.now += 600_000;
    const failure = await failureOf(store.get("token"));
    expectSafe(failure, "permission", token.id);
  });

  it("refuses files of credentials that others can read, that are empty, and that are not there", async () => {
    const open = privateFile("token");
    chmodSync(open, 0o640);
    for (const [tokenFile, code] of [
      [open, "permission"],
      [privateFile(""), "invalid"],
      [privateFile("two words"), "invalid"],
      [join(folder, "nowhere"), "not-found"],
    ] as const) {
      expectSafe(await failureOf(made.open({ login: { kind: "token", tokenFile } }).get("token")), code, "two words");
    }
  });

  it("speaks to the namespace that it is told, and says when there is none of that name", async () => {
    made.server.namespace = "team";
    const store = made.open({ namespace: "team" });
    await store.set(new Secret("token", "one"));
    expect((await store.get("token"))?.expose()).toBe("one");
    expectSafe(await failureOf(made.open({ namespace: "other" }).get("token")), "not-found");
  });

  it("does not write into an engine of version 1", async () => {
    made.server.mounts.set("secret", new KvMount(1));
    expectSafe(await failureOf(made.open().set(new Secret("token", "hunter2-hunter2"))), "invalid", "hunter2-hunter2");
    expect(made.server.requests.filter(({ method, path }) => method === "POST" && path.includes("/data/"))).toEqual([]);
  });

  it("writes where the engine demands check-and-set of everybody", async () => {
    made.mount.casRequired = true;
    await made.open().set(new Secret("token", "one"));
    await made.open().set(new Secret("token", "two"));
    expect(made.mount.secrets.get("ringwall/shop/token")).toHaveLength(2);
  });
});

describe("a write to Vault that is cut off", () => {
  const onFirstWrite = (fault: Fault) => {
    let left = 1;
    made.server.fault = ({ method, path }) =>
      method === "POST" && path.includes("/data/") && left-- > 0 ? fault : undefined;
  };

  for (const [title, fault] of [
    ["after it acted, the connection breaking", { kind: "cut", acted: true }],
    ["after it acted, with a status of 500", { kind: "answer-after", status: 500 }],
    ["after it acted, the gateway giving up", { kind: "answer-after", status: 504 }],
    ["after it acted, by silence", { kind: "hang", acted: true }],
  ] as const) {
    it(`is not done twice: ${title}`, async () => {
      onFirstWrite(fault);
      await made.open({ timeout: 150 }).set(new Secret("token", "one"), { expectVersion: absentVersion });
      expect(made.mount.secrets.get("ringwall/shop/token")).toHaveLength(1);
    });
  }

  for (const [title, fault] of [
    ["by a rate limit", { kind: "answer", status: 429, headers: { "retry-after": "1" } }],
    ["by a status of 500", { kind: "answer", status: 500 }],
    ["by silence", { kind: "hang", acted: false }],
  ] as const) {
    it(`is done when it was refused before it acted: ${title}`, async () => {
      onFirstWrite(fault);
      await made.open({ timeout: 150 }).set(new Secret("token", "one"), { expectVersion: absentVersion });
      expect((await made.open().get("token"))?.expose()).toBe("one");
      expect(made.mount.secrets.get("ringwall/shop/token")).toHaveLength(1);
    });
  }

  it("is told from somebody else's, who wrote in that moment", async () => {
    const store = made.open();
    await store.set(new Secret("token", "one"));
    const version = await store.versionOf("token");
    let left = 1;
    made.server.fault = ({ method, path }) => {
      if (method !== "POST" || !path.includes("/data/") || left-- <= 0) return undefined;
      made.mount.secrets.get("ringwall/shop/token")?.push({
        data: { value: "theirs" },
        created: new Date(0),
        deleted: undefined,
        destroyed: false,
      });
      return { kind: "cut", acted: false };
    };
    const failure = await failureOf(store.set(new Secret("token", "hunter2-mine"), { expectVersion: version }));
    expectSafe(failure, "conflict", "hunter2-mine");
    expect((await store.get("token"))?.expose()).toBe("theirs");
  });

  it("waits as long as a rate limit asks, and not for ever", async () => {
    onFirstWrite({ kind: "answer", status: 429 });
    let left = 2;
    made.server.fault = () =>
      left-- > 0 ? { kind: "answer", status: 429, headers: { "retry-after": "3600" } } : undefined;
    await made.open().get("token");
    expect(made.slept).toEqual([10_000, 10_000]);
  });
});

describe("Vault over TLS", () => {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });

  it("is asked only where its certificate holds, and never in the clear", async () => {
    openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      "key.pem",
      "-out",
      "cert.pem",
      "-subj",
      "/CN=vault",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
    );
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(folder, name), "utf8"));
    if (key === undefined || cert === undefined) throw new Error("openssl made nothing");
    const secure = await lab({ key, cert, ca: cert });
    await secure.open().set(new Secret("token", "one"));
    expect((await secure.open().get("token"))?.expose()).toBe("one");
    const plain = await lab();
    const failure = await failureOf(plain.open({ address: secure.server.address }).get("token"));
    expectSafe(failure, "network");
    expect(failure).toMatchObject({ message: expect.stringContaining("unknown authority") });
    expect(() => serverAddress("http://vault.example.org:8200", "Vault")).toThrow("anybody on the way can read");
    expect(() => serverAddress("https://me:pw@vault.example.org", "Vault")).toThrow("more than a host");
    for (const own of ["http://localhost:8200", "http://127.9.9.9", "http://[::1]:8200"]) serverAddress(own, "Vault");
    for (const other of ["http://10.0.0.1", "ftp://localhost", "http://localhost.example.org", "vault"]) {
      expect(() => serverAddress(other, "Vault"), other).toThrow();
    }
  });
});
