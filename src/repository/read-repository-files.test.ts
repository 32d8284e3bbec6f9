import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { describePlace } from "../lib/place.ts";
import { readRepositoryFiles } from "./read-repository-files.ts";
import { openRepository } from "./repository.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function read(files: Readonly<Record<string, string>>, prepare: (root: string) => void = () => {}) {
  const root = mkdtempSync(join(tmpdir(), "ringwall-files-"));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  prepare(root);
  return readRepositoryFiles(openRepository(root), { system: "repository" });
}

const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n";

describe("Files that matter by being there", () => {
  test.each([
    [".env", "A=1", "environment"],
    ["app/.env.production", "A=1", "environment"],
    ["settings.env", "A=1", "environment"],
    [".env.example", "A=1", "other"],
    ["sample.env", "A=1", "other"],
    ["id_ed25519", key, "private-key"],
    ["tls/server.key", key, "private-key"],
    ["age.key", "# created\nAGE-SECRET-KEY-1QQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQ\n", "private-key"],
    ["keys.txt", "AGE-SECRET-KEY-1QQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQ\n", "private-key"],
    ["terraform.tfvars", 'token = "x"', "secret"],
    ["prod.auto.tfvars", 'token = "x"', "secret"],
    ["terraform.tfvars.example", "x", undefined],
    ["terraform.tfstate", "{}", "state"],
    ["letsencrypt/acme.json", "{}", "state"],
    ["backend.hcl", "x", "secret"],
    [".gitignore", ".env", "gitignore"],
    ["vault-init.json", '{"unseal_keys_b64": ["x"], "root_token": "y"}', "secret"],
    ["unseal-keys.txt", "Unseal Key 1: abc\n\nInitial Root Token: x\n", "secret"],
    ["init.json", '{"name": "x"}', undefined],
    [".kube/config", "apiVersion: v1", "secret"],
    ["kubeconfig.yaml", "apiVersion: v1", "secret"],
    ["config", "x", undefined],
    [".docker/config.json", '{"auths": {"x": {"auth": "YTpi"}}}', "secret"],
    [".docker/config.json", '{"credsStore": "pass"}', undefined],
    ["talsecret.yaml", "cluster:\n  secret: x\n", "secret"],
    ["talsecret.sops.yaml", "x", "other"],
    ["homeassistant/secrets.yaml", "wifi_password: kq83nf92hd\n", "environment"],
    ["secret.yaml", "apiVersion: v1\nkind: Secret\n", undefined],
    ["plan.tfplan", "x", "state"],
    ["cert.pem", "-----BEGIN CERTIFICATE-----\n", undefined],
    ["keys.txt", "escape leaves the game\n", undefined],
    ["environment.ts", "A=1", undefined],
    ["README.md", key, undefined],
  ])("%s is told by its name, and a key by its text.", (path, text, role) => {
    expect(read({ [path]: text }).map((file) => file.role)).toEqual(role === undefined ? [] : [role]);
  });

  test("What was encrypted before it came here is no secret, whatever its name.", () => {
    const sops = "token: ENC[AES256_GCM,data:x]\nsops:\n  mac: ENC[AES256_GCM,data:x]\n";
    const files = read({
      talosconfig: sops,
      "terraform.tfvars": "$ANSIBLE_VAULT;1.1;AES256\n616263\n",
      ".env": "\0GITCRYPT\0abc",
      "db.tfvars": "-----BEGIN AGE ENCRYPTED FILE-----\nabc\n",
      "plain.tfvars": "token = 1",
    });
    expect(files.map(({ path, role }) => `${role} ${path}`)).toEqual([
      "other .env",
      "other db.tfvars",
      "secret plain.tfvars",
      "other talosconfig",
      "other terraform.tfvars",
    ]);
  });

  test("The mode is the file's own.", () => {
    const [file] = read({ ".env": "A=1" }, (root) => chmodSync(join(root, ".env"), 0o600));
    expect(file?.mode).toMatchObject({ kind: "stated", value: 0o600 });
  });

  test("Names of real secrets are listed with the place of the first, and no value comes out.", () => {
    const [file] = read({
      ".env": "TZ=UTC\n# note\nexport DB_PASSWORD='kq83nf92hd'\nWEAK_PASSWORD=changeme\nAPI_TOKEN=${X}\n",
    });
    expect(file?.secretNames.items).toEqual(["DB_PASSWORD"]);
    expect(describePlace(file!.secretNames.place)).toBe(".env:3:1");
    expect(JSON.stringify(file)).not.toContain("kq83nf92hd");
  });

  test("A file that cannot be read keeps its role, and its secrets are in doubt.", () => {
    const [file] = read({ ".env": "A=\0" });
    expect(file?.role).toBe("environment");
    expect(file?.secretNames.complete).toBe(false);
  });
});

describe("What Git knows of them", () => {
  test("is not stated outside a repository.", () => {
    // The folder for temporary files lies in no repository.
    const [file] = read({ ".env": "A=1" });
    expect([file?.ignored.kind, file?.tracked.kind]).toEqual(["unstated", "unstated"]);
  });

  test("is read from .gitignore, and nothing is tracked without an index.", () => {
    const files = read({
      ".git/HEAD": "ref: refs/heads/main",
      ".gitignore": "/.env\n",
      ".env": "A=1",
      "app/.env": "B=2",
    });
    const environment = files.filter((file) => file.role === "environment");
    expect(environment.map((file) => [file.path, file.ignored])).toMatchObject([
      [".env", { kind: "stated", value: true }],
      ["app/.env", { kind: "stated", value: false }],
    ]);
    expect(environment[0]?.tracked).toMatchObject({ kind: "stated", value: false });
  });

  test("is unknown in a submodule, whose index lies elsewhere.", () => {
    const [file] = read({ "sub/.git": "gitdir: ../.git/modules/sub", "sub/.env": "A=1" });
    expect(file?.ignored.kind).toBe("unknown");
  });
});
