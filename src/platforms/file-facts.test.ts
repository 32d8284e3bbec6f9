import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { knownValue } from "../facts/fact.ts";
import type { RepositoryFile } from "../facts/subjects.ts";
import { describePlace } from "../lib/place.ts";
import { readPaths } from "./read-paths.ts";

// covers: S1 S6 S7 T6 | files compose kubernetes

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-texts-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function read(files: Readonly<Record<string, string | Buffer>>, prepare: (folder: string) => void = () => undefined) {
  const cwd = folderWith(files);
  prepare(cwd);
  const found = readPaths(["."], { cwd, now: new Date("2027-01-01T00:00:00Z") });
  const subjects = found.systems.flatMap((system) => system.subjects);
  const all = subjects.filter((subject): subject is RepositoryFile => subject.kind === "repository-file");
  return { ...found, subjects, files: new Map(all.map((file) => [file.path, file])) };
}

const identity = `AGE-SECRET-KEY-1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2).slice(0, 58)}`;
const told = (file: RepositoryFile | undefined) =>
  file?.secretsInText?.items.map(({ what, place }) => `${what} ${describePlace(place)}`);

describe("Secrets in texts", () => {
  test("make a subject of the file that they stand in, whatever it is; other files make none.", () => {
    const { files, linesRead, filesSeen } = read({
      "deploy.sh": `#!/bin/sh\nexport AGE=${identity}\n`,
      "src/app.ts": "const a = 1;\n",
      "compose.yaml": "services:\n  web:\n    image: nginx\n",
    });
    expect([...files.keys()].sort()).toEqual(["compose.yaml", "deploy.sh"]);
    expect(told(files.get("deploy.sh"))).toEqual(["an age identity deploy.sh:2:12"]);
    expect(told(files.get("compose.yaml"))).toEqual([]);
    expect(linesRead).toBe(3 + 2 + 4);
    expect(filesSeen).toBe(2);
  });

  test("in a file of several objects are told of the file, and not of the first object in it.", () => {
    const { subjects } = read({
      "stores.yaml": `apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: { name: vault }\nspec: { provider: { vault: { server: "https://vault.lan:8200" } } }\n---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: app, namespace: app }\nspec: { target: { template: { data: { url: "${identity}" } } } }\n`,
    });
    const telling = subjects.filter(
      (subject) => subject.kind === "repository-file" && (subject.secretsInText?.items.length ?? 0) > 0,
    );
    expect(telling.map(({ ref }) => ref.name)).toEqual(["stores.yaml"]);
    expect(subjects.map(({ ref }) => ref.name)).toContain("ClusterSecretStore/vault");
  });

  test("that a platform's own facts have are told there and not twice.", () => {
    const { files } = read({
      "compose.yaml": `services:\n  web:\n    image: nginx\n    environment:\n      AGE: ${identity}\n    labels:\n      note: ${identity}\n`,
    });
    expect(told(files.get("compose.yaml"))).toEqual(["an age identity compose.yaml:7:13"]);
  });

  test("of a file that is a secret as a whole are its own matter.", () => {
    const { files } = read({ ".env": `AGE=${identity}\n`, "age.key": `${identity}\n` });
    expect([...files.values()].map(({ path, role, secretsInText }) => [path, role, secretsInText])).toEqual([
      [".env", "environment", undefined],
      ["age.key", "private-key", undefined],
    ]);
  });

  test("never come out with a subject.", () => {
    const { subjects } = read({
      "a.yaml": `password: kq83nf92hdX\nurl: postgres://app:kq83nf92hd@db.internal/x\nk: ${identity}\n`,
    });
    expect(subjects).toHaveLength(1);
    expect(JSON.stringify(subjects)).not.toMatch(/kq83nf92hd|QPZRY9X8/);
  });
});

const hasGit = spawnSync("git", ["--version"]).status === 0;

describe.skipIf(!hasGit)("What Git knows", () => {
  const git = (folder: string, ...args: readonly string[]) =>
    execFileSync("git", ["-C", folder, ...args], {
      stdio: "ignore",
      env: { PATH: process.env.PATH ?? "", HOME: folder },
    });

  test("of such files is told with them.", () => {
    const { files } = read(
      {
        ".gitignore": "local.yaml\n",
        "a.yaml": `k: ${identity}\n`,
        "b.yaml": `k: ${identity}\n`,
        "local.yaml": `k: ${identity}\n`,
      },
      (folder) => {
        git(folder, "init", "-q");
        git(folder, "add", "a.yaml");
      },
    );
    const state = (path: string) => [knownValue(files.get(path)!.tracked), knownValue(files.get(path)!.ignored)];
    expect([state("a.yaml"), state("b.yaml"), state("local.yaml")]).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
  });

  test("and would take of the tools in use is told at the topmost .gitignore, there or not.", () => {
    const compose = { "compose.yaml": "services:\n  web:\n    image: nginx\n", "infra/main.tf": "" };
    const missing = read(compose, (folder) => git(folder, "init", "-q"));
    expect(missing.files.get(".gitignore")?.unignored?.items.map(({ pattern }) => pattern)).toEqual([
      ".env",
      "*.tfstate",
      "*.tfstate.*",
      "*.tfvars",
    ]);
    const there = read({ ...compose, ".gitignore": ".env\n*.tfstate\n*.tfstate.*\n*.tfvars\n" }, (folder) =>
      git(folder, "init", "-q"),
    );
    expect(there.files.get(".gitignore")?.unignored).toMatchObject({ items: [], complete: true });
    expect(read(compose).files.get(".gitignore")).toBeUndefined();
  });
});

describe("SOPS", () => {
  const cipher = "ENC[AES256_GCM,data:x]";
  const metadata = `sops:\n  age:\n    - recipient: age1abc\n  mac: ${cipher}\n  lastmodified: x\n`;

  test("is told of an encrypted manifest that belongs to a cluster, with the rule of the nearest .sops.yaml.", () => {
    const { files } = read({
      ".sops.yaml": "creation_rules:\n  - age: age1root\n",
      "cluster/.sops.yaml": "creation_rules:\n  - path_regex: ^apps/.*\\.sops\\.yaml$\n    age: age1abc\n",
      "cluster/apps/db.sops.yaml": `apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: ${cipher}\n${metadata}`,
      "cluster/other.sops.yaml": `apiVersion: v1\nkind: Secret\nmetadata:\n  name: other\ndata:\n  a: ${cipher}\n${metadata}`,
    });
    const rule = (path: string) => {
      const sops = files.get(path)?.sops;
      if (sops?.state !== "encrypted") throw new Error(`${path} is not encrypted`);
      return knownValue(sops.rule)?.recipients.items.map(({ id }) => id);
    };
    expect(rule("cluster/apps/db.sops.yaml")).toEqual(["age1abc"]);
    expect(rule("cluster/other.sops.yaml")).toEqual(["age1root"]);
  });

  test("is told of a file that it should have encrypted.", () => {
    const { files } = read({
      ".sops.yaml": "creation_rules:\n  - path_regex: secrets/.*\n    age: age1abc\n",
      "secrets/a.yaml": "password: kq83nf92hd\n",
      "secrets/b.yaml": "host: db\n",
      "plain/a.yaml": "token: ${X}\n",
    });
    expect(files.get("secrets/a.yaml")?.sops).toMatchObject({
      state: "plain",
      because: "rule 1 of .sops.yaml is made for it",
      clear: { items: [{ name: "password" }] },
    });
    expect([...files.keys()].sort()).toEqual([".sops.yaml", "secrets/a.yaml"]);
  });
});

describe("Certificates and keys", () => {
  const fixtures = fileURLToPath(new URL("../controls/edge/fixtures", import.meta.url));

  test("are found in PEM at any indentation, in binary form, and in authorized_keys.", () => {
    const pem = readFileSync(join(fixtures, "edge.certificate-valid/pass.valid-for-years.pem"), "utf8");
    const { subjects } = read({
      "settings.yaml": `tls:\n  ca: |\n${pem.replace(/^/gm, "    ")}\n`,
      "server.der": readFileSync(join(fixtures, "edge.certificate-valid/pass.in-binary-form/server.der")),
      authorized_keys: readFileSync(join(fixtures, "edge.key-strong/fail.ssh-key-of-old/ansible/authorized_keys")),
      "broken.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
      "docs/a.pem": pem,
    });
    const certificates = subjects.flatMap((subject) => (subject.kind === "certificate" ? [subject] : []));
    expect(
      certificates.map(({ names, keyStrength, place }) => [names[0], knownValue(keyStrength), describePlace(place)]),
    ).toEqual([
      ["old@laptop", "RSA 1024", "authorized_keys:1:1"],
      ["good.home.example.org", "EC 256", "server.der"],
      ["good.home.example.org", "EC 256", "settings.yaml:3:5"],
    ]);
    expect(certificates.map(({ ref }) => ref.name)).toEqual([
      "authorized_keys (SSH key old@laptop)",
      "server.der (CN good.home.example.org)",
      "settings.yaml (CN good.home.example.org)",
    ]);
    expect(knownValue(certificates[1]!.inFile!.signatureHash)).toBe("sha256");
    expect(knownValue(certificates[1]!.notAfter)).toBe("2046-01-20T16:24:39.000Z");
  });

  test("of one name in one file are numbered, and known in fingerprints by the names that they always had.", () => {
    const pem = readFileSync(join(fixtures, "edge.certificate-valid/pass.valid-for-years.pem"), "utf8");
    const { subjects } = read({ "certs/chain.pem": `${pem}\n${pem}` });
    const refs = subjects.flatMap(({ kind, ref }) => (kind === "certificate" ? [[ref.name, ref.knownAs]] : []));
    expect(refs).toEqual([
      ["certs/chain.pem (CN good.home.example.org)", "certs/chain.pem good.home.example.org"],
      ["certs/chain.pem (CN good.home.example.org) #2", "certs/chain.pem good.home.example.org #2"],
    ]);
  });

  test("in a file that is named alone are read, and a text that says nothing is refused as before.", () => {
    const cwd = folderWith({
      "notes.txt": "hello\n",
      "ca.txt": readFileSync(join(fixtures, "edge.certificate-valid/pass.valid-for-years.pem")),
    });
    expect(readPaths(["ca.txt"], { cwd }).systems.flatMap((system) => system.all("certificate"))).toHaveLength(1);
    expect(() => readPaths(["notes.txt"], { cwd })).toThrow();
  });
});
