import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { privateKeyIn } from "./file-roles.ts";

const fixtures = join(import.meta.dirname, "../controls/secrets/fixtures/secrets.token-absent");
const text = (name: string) => readFileSync(join(fixtures, name), "utf8");
const mixed = text("fail.open-key-behind-one-with-a-passphrase/notes.txt");
const closed = text("pass.keys-with-passphrases/notes.txt");

// covers: S1 | files | real: keys that OpenSSL 3 and OpenSSH 9 made
test("Of several keys in one text the one that no passphrase protects counts, wherever it stands", () => {
  expect(privateKeyIn(closed)).toBe("protected");
  expect(privateKeyIn(mixed)).toBe("plain");
  const parts = mixed.split(/(?=-----BEGIN)/).filter((part) => part.startsWith("-----BEGIN"));
  expect(parts.map(privateKeyIn)).toEqual(["protected", "plain"]);
  expect(privateKeyIn([...parts].reverse().join(""))).toBe("plain");
  expect(privateKeyIn(`${closed}\nAGE-SECRET-KEY-1${"Q".repeat(58)}\n`)).toBe("plain");
});

test("Keys of PuTTY and of JSON, whose lines end with a backslash and an n, are told apart as well", () => {
  const putty = (cipher: string) => `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: ${cipher}\nComment: x\n`;
  expect(privateKeyIn(putty("aes256-cbc"))).toBe("protected");
  expect(privateKeyIn(putty("none"))).toBe("plain");
  expect(privateKeyIn(putty("aes256-cbc") + putty("none"))).toBe("plain");
  expect(privateKeyIn(JSON.stringify({ key: closed }))).toBe("protected");
  expect(privateKeyIn(JSON.stringify({ key: mixed }))).toBe("plain");
});

test("A key of OpenPGP with a passphrase hides none of another kind", () => {
  const pgp = text("pass.pgp-key-with-a-passphrase/release.txt");
  expect(privateKeyIn(pgp)).toBe("protected");
  expect(privateKeyIn(pgp + mixed)).toBe("plain");
  expect(privateKeyIn(closed + text("fail.pgp-key-in-a-text/release.txt"))).toBe("plain");
});
