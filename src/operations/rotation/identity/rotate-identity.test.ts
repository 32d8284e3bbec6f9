import { existsSync, mkdtempSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { identityToRecipient } from "age-encryption";
import { afterEach, describe, expect, it } from "vitest";
import { readExposures } from "./exposure.ts";
import { IdentityFiles } from "./identity-files.ts";
import { rotateIdentity } from "./rotate-identity.ts";
import { allTextsOf } from "./testing/all-texts.ts";
import { IdentityHost, plainFiles, sopsRules } from "./testing/identity-host.ts";

const hosts: IdentityHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) {
    host.thaw();
    await rm(host.folder, { recursive: true, force: true });
  }
});

async function make(options: Parameters<typeof IdentityHost.make>[0] = {}): Promise<IdentityHost> {
  const host = await IdentityHost.make(options);
  hosts.push(host);
  return host;
}

const yes = { confirm: async () => true };

describe("the rotation of an identity", () => {
  // covers: R9 S7 | files
  it("makes every age file and SOPS file the new identity's, and proves that the former opens none", async () => {
    const host = await make();
    const everything = await host.opened([host.former.identity]);
    expect(everything.size).toBe(2 + Object.keys(plainFiles).length);
    const outcome = await rotateIdentity(host.process().engine, yes);
    expect(outcome.state).toBe("done");
    const [present, ...more] = host.identitiesIn("identity");
    expect(more).toEqual([]);
    expect(await identityToRecipient(present ?? "")).toBe(outcome.next);
    expect(await host.opened([present ?? ""])).toEqual(everything);
    expect(await host.opened([host.other.identity])).toEqual(everything);
    expect((await host.opened([host.former.identity])).size).toBe(0);
    expect(host.identitiesIn("identity--previous")).toEqual([host.former.identity]);
    expect(existsSync(join(host.state.path, "identity--next"))).toBe(false);
    for (const name of ["identity", "identity--previous"]) {
      expect(statSync(join(host.state.path, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(host.folder, "app/prod.sops.env")).mode & 0o777).toBe(0o640);
  });

  it("keeps comments, order and anchors of .sops.yaml, and those of the files", async () => {
    const host = await make();
    const { next } = await rotateIdentity(host.process().engine, yes);
    const expected = sopsRules.replaceAll("FORMER", next ?? "").replaceAll("OTHER", host.other.key);
    expect(host.read(".sops.yaml")).toBe(expected);
    expect(host.read("secrets.sops.yaml")).toMatch(/^#ENC\[.*\n?db-password: ENC\[/);
  });

  it("records it, has what the former identity could read replaced now, and tells no value and no identity", async () => {
    const host = await make();
    const long = "2026-10-30T00:00:00.000Z";
    const blank = {
      account: null,
      downtimeMs: null,
      rotator: null,
      orphans: [],
      exposedSince: null,
      stack: host.stack.name,
    };
    await host.records.secrets.put({ ...blank, secret: "db-password", version: 0, rotatedAt: long });
    const outcome = await rotateIdentity(host.process().engine, yes);
    expect(outcome.exposure?.secrets).toEqual(["db-password", "mail-password"]);
    expect(outcome.exposure?.files).toContainEqual({ path: "app/config.sops.json", names: ["api-key"] });
    expect(await readExposures(host.state)).toEqual([outcome.exposure]);
    expect(host.records.kept.get("db-password")).toMatchObject({
      rotatedAt: long,
      exposedSince: outcome.exposure?.at,
    });
    // Nothing was recorded of this one before.
    expect(host.records.kept.get("mail-password")).toMatchObject({
      rotatedAt: null,
      exposedSince: outcome.exposure?.at,
    });
    expect(host.records.kept.get("identity")).toMatchObject({ rotator: "age-identity", rotatedAt: expect.any(String) });
    expect(host.ledger.actions).toMatchObject([
      { outcome: "begun", target: { name: "identity" }, detail: { former: host.former.key, next: outcome.next } },
      { outcome: "done", before: expect.stringMatching(/^sha256:/), detail: { proof: "tried", tried: 7, due: 2 } },
    ]);
    const told = await allTextsOf(host);
    const identities = ["identity", "identity--previous"].flatMap((name) => host.identitiesIn(name));
    for (const value of [...identities, ...host.values.values(), "swordfish"]) expect(told).not.toContain(value);
    expect(told).not.toMatch(/AGE-SECRET-KEY/);
  });

  it("leaves files of others alone, and says which outside the folder stay with the former identity", async () => {
    const host = await make();
    await host.encrypt("theirs.sops.yaml", "a: b\n", [host.other.key]);
    const before = host.read("theirs.sops.yaml");
    host.write("README.md", `Encrypt for ${host.former.key}.\n`);
    const { plan } = await rotateIdentity(host.process().engine, { ...yes, overUncommitted: true });
    expect(host.read("theirs.sops.yaml")).toBe(before);
    expect(plan?.named).toEqual(["README.md"]);
  });

  it("goes over uncommitted changes only when told to, and names them", async () => {
    const host = await make();
    host.write("app/prod.sops.env", `${host.read("app/prod.sops.env")}`.replace(/^/, "# mine\n"));
    const before = host.read("app/prod.sops.env");
    await host.encrypt("new.sops.yaml", "a: b\n");
    await host.encrypt("app/prod.sops.env", "TOKEN=other\n");
    await expect(rotateIdentity(host.process().engine, yes)).rejects.toThrow(/in no commit: .*app\/prod\.sops\.env/);
    await expect(rotateIdentity(host.process().engine, yes)).rejects.toThrow(/new\.sops\.yaml/);
    expect(before).not.toBe("");
    expect(host.identitiesIn("identity--next")).toEqual([]);
    expect((await rotateIdentity(host.process().engine, { ...yes, overUncommitted: true })).state).toBe("done");
  });

  it("changes nothing when it is declined", async () => {
    const host = await make();
    const outcome = await rotateIdentity(host.process().engine, { confirm: async () => false });
    expect(outcome).toMatchObject({
      state: "declined",
      plan: { ageFiles: 2, sopsFiles: expect.arrayContaining(["secrets.sops.yaml"]), rules: [".sops.yaml"] },
    });
    expect(host.git("status", "--porcelain")).toBe("");
    expect(host.identitiesIn("identity")).toEqual([host.former.identity]);
  });

  it("keeps other identities of the same file, and asks which is to go", async () => {
    const host = await make();
    const path = join(host.state.path, "identity");
    writeFileSync(path, `${readFileSync(path, "utf8")}# of another project\n${host.other.identity}\n`);
    await expect(rotateIdentity(host.process().engine, yes)).rejects.toThrow(/holds 2 identities/);
    const outcome = await rotateIdentity(host.process().engine, { ...yes, key: host.former.key });
    expect(outcome.state).toBe("done");
    expect(host.identitiesIn("identity")).toHaveLength(2);
    expect(host.identitiesIn("identity")[1]).toBe(host.other.identity);
    expect(host.identitiesIn("identity--previous")).toEqual([host.former.identity]);
  });

  it("can be done again and again, and keeps every former identity", async () => {
    const host = await make({ sops: ["secrets.sops.yaml"] });
    for (let turn = 1; turn <= 3; turn++) {
      expect((await rotateIdentity(host.process().engine, { ...yes, overUncommitted: true })).state).toBe("done");
      expect(host.identitiesIn("identity--previous")).toHaveLength(turn);
    }
    expect(host.identitiesIn("identity--previous").at(-1)).toBe(host.former.identity);
    expect((await host.opened(host.identitiesIn("identity"))).size).toBe(3);
  });
});

describe("an identity that lies elsewhere", () => {
  it("is exchanged there, and the plan says that other stacks may have it too", async () => {
    const host = await make({ sops: ["secrets.sops.yaml"] });
    const elsewhere = mkdtempSync(join(dirname(host.folder), "ringwall-elsewhere-"));
    const identity = join(elsewhere, "keys.txt");
    renameSync(join(host.state.path, "identity"), identity);
    try {
      const engine = { ...host.process().engine, identity };
      const outcome = await rotateIdentity(engine, yes);
      expect(outcome).toMatchObject({ state: "done", plan: { elsewhere: identity, ageFiles: 2 } });
      expect(readFileSync(`${identity}--previous`, "utf8")).toContain(host.former.identity);
      const present = readFileSync(identity, "utf8").match(/^AGE-SECRET-KEY-.+$/gm) ?? [];
      expect((await host.opened(present)).size).toBe(3);
      expect(existsSync(join(host.state.path, "identity"))).toBe(false);
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it("is of the kind that the former one is, since age takes no recipients of both kinds", async () => {
    const host = await make({ git: false, sops: [] });
    const files = new IdentityFiles(join(host.state.path, "other"));
    expect((await files.makeNext("age1pq1former", new Date())).key).toMatch(/^age1pq1/);
  });
});
