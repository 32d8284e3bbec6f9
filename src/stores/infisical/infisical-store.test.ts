import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../secrets/secret.ts";
import { absentVersion, type Store } from "../../secrets/store.ts";
import { describeStore, expectSafe, failureOf } from "../../secrets/store-conformance.ts";
import { jsonServer } from "../http/json-server.ts";
import { serverAddress } from "../http/server-address.ts";
import { InfisicalStore } from "./infisical-store.ts";
import { InfisicalServer } from "./testing/infisical-server.ts";

const folder = mkdtempSync(join(tmpdir(), "ringwall-infisical-"));
const servers: InfisicalServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;
function privateFile(text: string): string {
  const path = join(folder, `file${count++}`);
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return path;
}

interface Lab {
  readonly server: InfisicalServer;
  open(options?: Partial<{ path: string; environment: string; secret: string; address: string }>): InfisicalStore;
}

async function lab(): Promise<Lab> {
  const server = await new InfisicalServer().start();
  servers.push(server);
  return {
    server,
    open: ({ path = "/ringwall", environment = "prod", secret = server.clientSecret, address = server.address } = {}) =>
      new InfisicalStore(
        jsonServer({ address: serverAddress(address, "Infisical"), called: "Infisical", timeoutMilliseconds: 3000 }),
        { clientIdFile: privateFile(server.clientId), clientSecretFile: privateFile(secret) },
        { projectId: server.projectId, environment, path },
        { clock: () => server.now, sleep: async () => {} },
      ),
  };
}

const shared = lab();
const faulty = async (change: (made: Lab) => void): Promise<Store> => {
  const made = await lab();
  await made.open().set(new Secret("token", "from-before"));
  change(made);
  return made.open();
};

describeStore(
  "Infisical",
  async (place) => {
    const { server, open } = await shared;
    server.folders.add(`/${place}`);
    return open({ path: `/${place}` });
  },
  {
    versions: "checked",
    keeps: (value) => (value.endsWith("\n") ? `${value.trim()}\n` : value.trim()) === value,
    faults: [
      {
        title: "cannot be reached",
        code: "network",
        open: async () => (await lab()).open({ address: "http://127.0.0.1:1" }),
      },
      {
        title: "does not know the identity",
        code: "permission",
        open: async () => (await lab()).open({ secret: "wrong" }),
      },
      {
        title: "may only be read",
        code: "permission",
        on: ["set", "remove"],
        open: () => faulty(({ server }) => (server.actions = new Set(["read", "readValue"]))),
      },
      { title: "permits nothing", code: "permission", open: () => faulty(({ server }) => server.actions.clear()) },
      {
        title: "hides values",
        code: "permission",
        on: ["get", "set"],
        open: () => faulty(({ server }) => server.actions.delete("readValue")),
      },
      {
        title: "lets changes wait for approval",
        code: "permission",
        on: ["set", "remove"],
        open: () => faulty(({ server }) => (server.approvals = true)),
      },
      { title: "has no such folder", code: "not-found", open: async () => (await lab()).open({ path: "/nowhere" }) },
      {
        title: "has no such environment",
        code: "not-found",
        open: async () => (await lab()).open({ environment: "test" }),
      },
      {
        title: "has too many requests",
        code: "network",
        open: () => faulty(({ server }) => (server.fault = () => ({ kind: "answer", status: 429 }))),
      },
      {
        title: "fails inside",
        code: "network",
        open: () => faulty(({ server }) => (server.fault = () => ({ kind: "answer", status: 500 }))),
      },
      {
        title: "breaks every connection off",
        code: "network",
        open: () => faulty(({ server }) => (server.fault = () => ({ kind: "cut", acted: false }))),
      },
    ],
  },
);

let made: Lab;
beforeEach(async () => {
  made = await lab();
});

describe("Infisical", () => {
  // covers: S4
  it("signs in once, renews the token, and signs in anew at the end of its longest life", async () => {
    const store = made.open();
    await store.set(new Secret("token", "one"));
    const asked = (end: string) => made.server.requests.filter(({ path }) => path.endsWith(end)).length;
    for (let minutes = 0; minutes < 360; minutes += 20) {
      made.server.now += 20 * 60_000;
      expect((await store.get("token"))?.expose()).toBe("one");
    }
    expect(asked("token/renew")).toBeGreaterThanOrEqual(1);
    expect(asked("login")).toBeGreaterThanOrEqual(2);
  });

  it("signs in anew when its token was revoked or has ended without a word", async () => {
    const store = made.open();
    await store.set(new Secret("token", "one"));
    made.server.tokens.clear();
    await store.set(new Secret("token", "two"));
    for (const token of made.server.tokens.values()) token.expires = 0;
    expect((await store.get("token"))?.expose()).toBe("two");
  });

  it("tries wrong credentials once, for three times lock the identity", async () => {
    await failureOf(made.open({ secret: "wrong" }).get("token"));
    expect(made.server.requests).toHaveLength(1);
  });

  it("puts neither credentials nor values into a path or a query", async () => {
    await made.open().set(new Secret("token", "value-of-the-test"));
    const told = JSON.stringify(made.server.requests);
    for (const word of ["value-of-the-test", made.server.clientSecret]) expect(told).not.toContain(word);
  });

  it("takes a missing API for what it is, and not for a secret without a value", async () => {
    made.server.fault = ({ path }) =>
      path.startsWith("/api/v4")
        ? {
            kind: "answer",
            status: 404,
            body: { message: "Route GET:/api/v4/secrets/token not found", error: "Not Found", statusCode: 404 },
          }
        : undefined;
    expectSafe(await failureOf(made.open().get("token")), "not-found");
  });

  for (const [title, fault] of [
    ["the connection breaking", { kind: "cut", acted: true }],
    ["with a status of 500", { kind: "answer-after", status: 500 }],
  ] as const) {
    it(`does not change a secret twice when it acted and did not say so: ${title}`, async () => {
      const store = made.open();
      await store.set(new Secret("token", "one"));
      let left = 1;
      made.server.fault = ({ method }) => (method === "PATCH" && left-- > 0 ? fault : undefined);
      await store.set(new Secret("token", "two"));
      expect(made.server.secrets.get("/ringwall:token")).toMatchObject({ value: "two", version: 2 });
    });
  }

  it("says so when somebody else wrote in the same moment", async () => {
    const store = made.open();
    await store.set(new Secret("token", "one"));
    const version = await store.versionOf("token");
    made.server.fault = ({ method }) => {
      const stored = made.server.secrets.get("/ringwall:token");
      if (method === "PATCH" && stored !== undefined) stored.version += 1;
      return undefined;
    };
    expectSafe(
      await failureOf(store.set(new Secret("token", "hunter2-mine"), { expectVersion: version })),
      "conflict",
      "hunter2-mine",
    );
    const other = made.open();
    await other.remove("token");
    expect(await other.versionOf("token")).toBe(absentVersion);
  });
});
