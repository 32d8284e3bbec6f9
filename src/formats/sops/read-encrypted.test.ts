import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { describePlace, Source } from "../../lib/place.ts";
import { encryptedFormat, readEncrypted } from "./read-encrypted.ts";

// covers: S6 | files | real: functional-tests of getsops/sops at 15e36f9

const corpus = fileURLToPath(new URL("../../../../shared/corpus/sops", import.meta.url));
const there = existsSync(corpus);
const read = (text: string, name = "a.yaml") => readEncrypted(new Source(name, text), text);
const real = (path: string) => read(readFileSync(join(corpus, path), "utf8"), path);
const fbc7 = { kind: "pgp", id: "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4" };

describe.skipIf(!there)("Of the files that SOPS itself is tested with (../shared/corpus/sops)", () => {
  test.each([
    ["functional-tests/res/format.enc.yaml", "yaml"],
    ["functional-tests/res/format.enc.json", "json"],
    ["functional-tests/res/format.enc.env", "dotenv"],
    ["functional-tests/res/format.enc.ini", "ini"],
    ["functional-tests/res/format-2.enc.ini", "ini"],
    ["functional-tests/res/comments.enc.yaml", "yaml"],
  ])("%s is one in %s, with its key and its code.", (path, format) => {
    const file = real(path);
    expect(file).toMatchObject({ format, authenticated: true, clear: [] });
    expect(file?.recipients).toMatchObject([fbc7]);
    expect(file?.incomplete).toBeUndefined();
  });

  test.each(["example.yaml", "example.json", "example.ini", "example.txt"])("%s is read whole.", (path) => {
    const file = real(path);
    expect(file?.authenticated).toBe(true);
    expect(file?.recipients.map(({ id }) => id)).toContain(fbc7.id);
    expect(file?.clear).toEqual([]);
  });

  test("those with several keys name them all, and one without a code has none.", () => {
    expect(real("functional-tests/res/multiple_keys.yaml")?.recipients).toHaveLength(2);
    expect(real("functional-tests/res/no_mac.yaml")?.authenticated).toBe(false);
  });

  test("those that are not encrypted are none.", () => {
    for (const name of readdirSync(join(corpus, "functional-tests/res"))) {
      const text = readFileSync(join(corpus, "functional-tests/res", name), "utf8");
      expect(encryptedFormat(text) !== undefined, name).toBe(text.includes("lastmodified"));
    }
  });
});

const metadata =
  "sops:\n  age:\n    - recipient: age1abc\n      enc: x\n    - recipient: age1def\n      enc: y\n  mac: ENC[AES256_GCM,data:x]\n  lastmodified: '2026-01-01T00:00:00Z'\n";
const cipher = "ENC[AES256_GCM,data:abc,iv:x,tag:y,type:str]";

describe("What stands in clear text", () => {
  const clear = (text: string) =>
    read(`${text}${metadata}`)?.clear.map(({ name, place }) => `${name} ${describePlace(place)}`);

  test("is named with its place where its name or its looks say secret.", () => {
    expect(clear(`db:\n  user: app\n  password: kq83nf92hd\nother: ${cipher}\n`)).toEqual(["db.password a.yaml:3:13"]);
    expect(clear(`user: ${cipher}\nnote: hello\npassword: ''\ntoken: \${FLUX_TOKEN}\n`)).toEqual([]);
  });

  test("is left to the judge of manifests in a Kubernetes Secret.", () => {
    expect(clear("apiVersion: v1\nkind: Secret\nstringData:\n  password: kq83nf92hd\n")).toEqual([]);
  });

  test("is found in dotenv files too.", () => {
    const text = `DB_PASSWORD=kq83nf92hd\nTOKEN=${cipher}\nsops_mac=${cipher}\nsops_age__list_0__map_recipient=age1abc\nsops_version=3.9.0\n`;
    expect(read(text, "a.env")).toMatchObject({
      recipients: [{ kind: "age", id: "age1abc" }],
      clear: [{ name: "DB_PASSWORD" }],
    });
  });
});

test("Keys are found in groups as well, each once.", () => {
  const groups = `a: ${cipher}\nsops:\n  shamir_threshold: 2\n  key_groups:\n    - age: [{recipient: age1abc}]\n      pgp: [{fp: ab cd}]\n    - hc_vault: [{vault_address: 'https://v', engine_path: sops, key_name: k}]\n      age: [{recipient: age1abc}]\n  mac: x\n  lastmodified: x\n`;
  expect(read(groups)?.recipients.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    "age age1abc",
    "pgp ABCD",
    "hc_vault https://v/sops/k",
  ]);
});

test("A broken text says that it is not whole, and none is an exception.", () => {
  expect(read(`a: [\n${metadata}`)?.incomplete ?? "no file").toMatch(/./);
  for (const text of ["", "sops:\n  lastmodified: x\n", "sops: ENC[AES256_GCM,", `sops_mac=\n${" ".repeat(100_000)}x`])
    expect(() => read(text)).not.toThrow();
});
