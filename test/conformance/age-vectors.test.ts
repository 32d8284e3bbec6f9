import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { armor, Decrypter } from "age-encryption";
import * as vectors from "cctv-age";
import { describe, expect, it } from "vitest";

/** A vector of C2SP's suite: lines of what is expected, an empty line, the file (C2SP/CCTV, age, README). */
interface Vector {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly file: Uint8Array;
}

function parse(bytes: Uint8Array): Vector {
  const text = Buffer.from(bytes).toString("latin1");
  const end = text.indexOf("\n\n");
  const fields = new Map<string, string[]>();
  for (const line of text.slice(0, end).split("\n")) {
    const [key = "", value = ""] = line.split(/: (.*)/s);
    fields.set(key, [...(fields.get(key) ?? []), value]);
  }
  const file = bytes.slice(end + 2);
  return { fields, file: fields.has("compressed") ? inflateSync(file) : file };
}

async function open({ fields, file }: Vector): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  for (const identity of fields.get("identity") ?? []) decrypter.addIdentity(identity);
  for (const passphrase of fields.get("passphrase") ?? []) decrypter.addPassphrase(passphrase);
  return decrypter.decrypt(fields.has("armored") ? armor.decode(Buffer.from(file).toString("latin1")) : file);
}

const all = Object.entries(vectors.default ?? vectors)
  .filter((entry): entry is [string, Uint8Array] => entry[1] instanceof Uint8Array)
  .map(([name, bytes]) => ({ name, vector: parse(bytes) }));

// covers: S5 S7 | any | real: C2SP/CCTV age vectors
describe("the library that opens age files, by C2SP's vectors", () => {
  it("is asked all of them", () => {
    expect(all.length).toBeGreaterThan(100);
  });

  it.each(all)("$name", async ({ vector }) => {
    const [expected] = vector.fields.get("expect") ?? [];
    if (expected !== "success") return expect(open(vector)).rejects.toThrow();
    const opened = createHash("sha256")
      .update(await open(vector))
      .digest("hex");
    expect(opened).toBe(vector.fields.get("payload")?.[0]);
  });
});
