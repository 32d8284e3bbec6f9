import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { candidateOf } from "./file-roles.ts";
import { pgpKeyIn } from "./pgp-key.ts";

const fixtures = join(import.meta.dirname, "../controls/secrets/fixtures/secrets.token-absent");
const key = (name: string) => readFileSync(join(fixtures, name, "release.txt"), "utf8");
const open = key("fail.pgp-key-in-a-text");
const closed = key("pass.pgp-key-with-a-passphrase");

// covers: S1 | files | real: keys that GnuPG 2.4 exported
test("A key that GnuPG exported is told from one that a passphrase protects, also with headers, in JSON and indented.", () => {
  expect(pgpKeyIn(open)).toBe("plain");
  expect(pgpKeyIn(closed)).toBe("protected");
  expect(pgpKeyIn(open.replace("BLOCK-----\n", "BLOCK-----\nVersion: GnuPG v2\nComment: it's - mine"))).toBe("plain");
  expect(pgpKeyIn(JSON.stringify({ key: open }))).toBe("plain");
  expect(pgpKeyIn(`key: |\n${open.replace(/^/gm, "  ")}`)).toBe("plain");
});

// covers: S1 | files | real: an export of secret subkeys of GnuPG 2.4
test("Subkeys count where a stub stands in place of the primary key, and one open key among several", () => {
  const subkeys = key("fail.pgp-subkeys-beside-a-stub");
  expect(pgpKeyIn(subkeys)).toBe("plain");
  expect(pgpKeyIn(subkeys.slice(0, 160))).toBe("protected");
  expect(pgpKeyIn(closed + open)).toBe("plain");
  expect(pgpKeyIn(closed + closed)).toBe("protected");
});

test("An example with dots, a public key and a key that breaks off are none.", () => {
  const begin = "-----BEGIN PGP PRIVATE KEY BLOCK-----";
  expect(pgpKeyIn(`${begin}\n\n${".".repeat(80)}\n-----END PGP PRIVATE KEY BLOCK-----\n`)).toBeUndefined();
  expect(pgpKeyIn(open.replaceAll("PRIVATE", "PUBLIC"))).toBeUndefined();
  expect(pgpKeyIn(open.slice(0, 100))).toBeUndefined();
  for (let length = 0; length < open.length; length += 1) expect(pgpKeyIn(open.slice(0, length))).not.toBe("protected");
});

test("A file with the ending of an armor is a private key where its text holds one.", () => {
  const candidate = candidateOf("release.asc");
  expect(candidate?.role).toBe("private-key");
  expect(candidate?.confirm?.(open)).toBe(true);
  expect(candidate?.confirm?.(open.replaceAll("PRIVATE", "PUBLIC"))).toBe(false);
});

test("A key of SSH is known by the end of its name too, whatever stands before.", () => {
  for (const name of ["deploy_rsa", "id_ed25519_sk", "backup.ed25519", "ssh_host_ecdsa_key"])
    expect(candidateOf(name)?.role).toBe("private-key");
  for (const name of ["parsa", "deploy_rsa.pub", "rsa.go"]) expect(candidateOf(name)?.role).not.toBe("private-key");
});
