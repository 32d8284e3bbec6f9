import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ruleFor } from "../../formats/sops/document/encryption-rule.ts";
import { Secret } from "../../secrets/secret.ts";
import { describeStore, expectSafe, failureOf } from "../../secrets/store-conformance.ts";
import { KubernetesSecretStore } from "./kubernetes-secret-store.ts";
import type { SopsFilesOptions } from "./sops-files.ts";
import { SopsStore } from "./sops-store.ts";

// covers: S5 S6 | files

const folder = mkdtempSync(join(tmpdir(), "ringwall-sops-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const identityPath = join(folder, "identity");
writeFileSync(identityPath, `${identity}\n`, { mode: 0o600 });
let count = 0;
const places = new Map<string, string>();

function options(place: string): SopsFilesOptions {
  return { identities: [identityPath], lock: join(place, ".ringwall", "sops.lock"), rule: ruleFor([recipient]) };
}

function placeOf(kind: string, name: string): string {
  const key = `${kind} ${name}`;
  const path = places.get(key) ?? join(folder, `place${count++}`);
  places.set(key, path);
  mkdirSync(path, { recursive: true });
  return path;
}

function fresh(): string {
  return placeOf("fresh", String(count));
}

const unreachable = async () => {
  const place = fresh();
  const store = new SopsStore(join(place, "secrets.sops.yaml"), options(place));
  await store.set(new Secret("token", "before"));
  return { place, store, path: join(place, "secrets.sops.yaml") };
};

for (const extension of ["yaml", "json"]) {
  describeStore(
    `one SOPS file (${extension})`,
    async (name) => {
      const place = placeOf(extension, name);
      return new SopsStore(join(place, `secrets.sops.${extension}`), options(place));
    },
    {
      versions: "atomic",
      faults: [
        {
          title: "was made for another identity",
          code: "secret-missing",
          on: ["get", "set", "remove"],
          open: async () => {
            const { place, path } = await unreachable();
            const other = join(place, "other-identity");
            writeFileSync(other, `${await generateX25519Identity()}\n`, { mode: 0o600 });
            return new SopsStore(path, { ...options(place), identities: [other] });
          },
        },
        {
          title: "is cut off in the middle",
          code: "invalid",
          open: async () => {
            const { path, store } = await unreachable();
            writeFileSync(path, readFileSync(path, "utf8").slice(0, 60));
            return store;
          },
        },
        {
          title: "has an identity that others can read",
          code: "permission",
          on: ["get", "set", "remove"],
          open: async () => {
            const { place, path } = await unreachable();
            const open = join(place, "open-identity");
            writeFileSync(open, `${identity}\n`);
            chmodSync(open, 0o644);
            return new SopsStore(path, { ...options(place), identities: [open] });
          },
        },
      ],
    },
  );
}

describeStore(
  "Kubernetes Secrets for Flux",
  async (name) => {
    const place = placeOf("kubernetes", name);
    return new KubernetesSecretStore(join(place, "secrets"), options(place));
  },
  { versions: "atomic" },
);

describe("One SOPS file", () => {
  it("keeps what a person wrote into it: comments, order, and entries that are no secrets of Ringwall.", async () => {
    const { path, store } = await unreachable();
    const text = readFileSync(path, "utf8");
    // SOPS leaves a comment that is not encrypted as it is.
    writeFileSync(path, `# for the shop\n${text}`);
    await store.set(new Secret("another", "one more"));
    await store.set(new Secret("token", "after"));
    const now = readFileSync(path, "utf8");
    expect(
      now
        .split("\n")
        .map((line) => line.split(":")[0])
        .slice(0, 4),
    ).toEqual(["#ENC[AES256_GCM,data", "token", "another", "sops"]);
    await store.remove("token");
    expect(readFileSync(path, "utf8").split("\n")[1]?.split(":")[0]).toBe("another");
    expect((await store.get("another"))?.expose()).toBe("one more");
  });

  it("takes its recipients from the nearest .sops.yaml when it is made, and says so where there is none.", async () => {
    const place = fresh();
    const path = join(place, "deep", "secrets.sops.yaml");
    mkdirSync(dirname(path));
    const { rule: _rule, ...without } = options(place);
    const store = new SopsStore(path, without);
    expectSafe(await failureOf(store.set(new Secret("a", "hunter2-hunter2"))), "not-found", "hunter2-hunter2");
    writeFileSync(
      join(place, ".sops.yaml"),
      `creation_rules:\n  - path_regex: ^deep/.*\\.sops\\.yaml$\n    age: ${recipient}\n`,
    );
    await store.set(new Secret("a", "b"));
    expect(parse(readFileSync(path, "utf8")).sops.age[0].recipient).toBe(recipient);
  });

  it("never writes a value that its rule leaves in clear text.", async () => {
    const place = fresh();
    const path = join(place, "secrets.sops.yaml");
    const rule = ruleFor([recipient], { encrypted_regex: "^password" });
    const store = new SopsStore(path, { ...options(place), rule });
    await store.set(new Secret("password-one", "hunter2-hunter2"));
    const before = readFileSync(path, "utf8");
    expectSafe(await failureOf(store.set(new Secret("token", "hunter2-hunter2"))), "invalid", "hunter2-hunter2");
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  it("loses nothing when somebody without the lock writes in between.", async () => {
    const { place, path } = await unreachable();
    const other = new SopsStore(path, { ...options(place), lock: join(place, "another.lock") });
    let asked = 0;
    const base = options(place);
    const store = new SopsStore(path, {
      ...base,
      context: {
        random: (size) => {
          // The first nonce is asked for after the file was read: then somebody else writes.
          if (asked++ === 0) writeFileSync(path, readFileSync(join(place, "theirs"), "utf8"));
          return crypto.getRandomValues(new Uint8Array(size));
        },
        now: () => new Date(),
      },
    });
    const mine = readFileSync(path, "utf8");
    await other.set(new Secret("theirs", "kept"));
    writeFileSync(join(place, "theirs"), readFileSync(path, "utf8"));
    writeFileSync(path, mine);
    await store.set(new Secret("mine", "kept too"));
    expect(await store.list()).toEqual(["mine", "theirs", "token"]);
    expect((await store.get("theirs"))?.expose()).toBe("kept");
  });

  it("holds no value in clear text, and prints none.", async () => {
    const { path, store } = await unreachable();
    await store.set(new Secret("a", "hunter2-hunter2"));
    expect(readFileSync(path, "utf8")).not.toContain("hunter2");
    expect(inspect(store, { depth: 9, showHidden: true })).not.toContain("AGE-SECRET");
  });

  it("has a name that says its format.", () => {
    expect(() => new SopsStore("secrets.enc", options("/nowhere"))).toThrow(/yaml/);
  });
});

describe("A Kubernetes Secret for Flux", () => {
  it("stands in a manifest of its own whose names can be read and whose values cannot.", async () => {
    const place = fresh();
    const store = new KubernetesSecretStore(join(place, "app"), {
      ...options(place),
      namespace: "shop",
      key: "password",
    });
    await store.set(new Secret("db-password", "hunter2-hunter2"));
    const text = readFileSync(join(place, "app", "db-password.sops.yaml"), "utf8");
    expect(text).not.toContain("hunter2");
    expect(parse(text)).toMatchObject({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "db-password", namespace: "shop" },
      type: "Opaque",
      stringData: { password: expect.stringMatching(/^ENC\[/) },
      sops: { encrypted_regex: "^(data|stringData)$", age: [{ recipient }] },
    });
    await store.remove("db-password");
    expect(existsSync(join(place, "app", "db-password.sops.yaml"))).toBe(false);
  });
});
