import { execFileSync } from "node:child_process";
import { createPublicKey, pbkdf2Sync, randomBytes, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DrawnKind, entropyBits, generateSecret } from "./generate.ts";
import { mosquittoPasswordLine } from "./mosquitto-passwd.ts";
import { Secret } from "./secret.ts";
import { fillTemplate, readSecretValues } from "./secret-values.ts";
import { selfSignedCertificate } from "./self-signed.ts";
import type { Store } from "./store.ts";

const now = new Date("2026-11-21T00:00:00Z");
const make = (kind: DrawnKind, length: number, random: (count: number) => Uint8Array = randomBytes) =>
  generateSecret({ name: "s", kind, length, names: [] }, random, now).expose();

describe("generated values", () => {
  // covers: S8 | compose
  it("have the length and alphabet of their kind", () => {
    expect(make("password", 32)).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(make("hex", 64)).toMatch(/^[0-9a-f]{64}$/);
    expect(make("token", 43)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it("have at least 128 bits, or are not made", () => {
    expect(entropyBits("hex", 32)).toBe(128);
    expect(Math.floor(entropyBits("password", 22))).toBe(130);
    for (const [kind, length] of [
      ["password", 21],
      ["hex", 31],
      ["token", 21],
    ] as const)
      expect(() => make(kind, length)).toThrow("128");
  });

  it("favour no letter: bytes beyond the last whole alphabet are thrown away", () => {
    // 248 to 255 would become A to H once more often than the others.
    const bytes = [255, 248, 250, 0, 61, 62, 247];
    let at = 0;
    const random = (count: number) => Uint8Array.from({ length: count }, () => bytes[at++ % bytes.length] ?? 0);
    expect(make("password", 24, random)).toMatch(/^(A9A9)+$/);
    const counts = new Map<string, number>();
    for (const letter of make("password", 62_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // Six standard deviations of 1,000 expected.
    for (const [letter, found] of counts) expect(Math.abs(found - 1000), letter).toBeLessThan(190);
  });

  it("differ each time", () => {
    expect(make("hex", 32)).not.toBe(make("hex", 32));
  });
});

describe("a certificate that signs itself", () => {
  const names = ["mqtt.example.org", "*.lan.example.org", "192.168.1.7", "fd00::7", "::1"];
  const pem = selfSignedCertificate(names, randomBytes, now);

  it("is for exactly its names, with its own key, for 825 days, and is no authority", () => {
    const read = new X509Certificate(pem);
    expect(read.subjectAltName).toBe(
      "DNS:mqtt.example.org, DNS:*.lan.example.org, IP Address:192.168.1.7, IP Address:FD00:0:0:0:0:0:0:7, IP Address:0:0:0:0:0:0:0:1",
    );
    expect(read.ca).toBe(false);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkHost("other.example.org")).toBeUndefined();
    expect(createPublicKey(pem.slice(pem.indexOf("-----BEGIN PRIVATE"))).equals(read.publicKey)).toBe(true);
    expect((Date.parse(read.validTo) - Date.parse(read.validFrom)) / 86_400_000).toBe(826);
    expect(read.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  it("is accepted by OpenSSL under its strict rules", () => {
    const folder = mkdtempSync(join(tmpdir(), "ringwall-x509-"));
    try {
      const path = join(folder, "c.pem");
      writeFileSync(path, selfSignedCertificate(["a.test"], randomBytes, new Date()), { mode: 0o600 });
      const args = [
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-verify_hostname",
        "a.test",
        "-CAfile",
        path,
        path,
      ];
      expect(execFileSync("openssl", args, { encoding: "utf8" })).toContain("OK");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is right for any serial and any time of this century", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.date({ min: new Date("2026-01-01"), max: new Date("2099-01-01"), noInvalidDate: true }),
        (serial, date) => {
          const read = new X509Certificate(selfSignedCertificate(["a.test"], () => serial, date));
          expect(Math.abs(Date.parse(read.validFrom) + 86_400_000 - date.getTime())).toBeLessThan(1000);
          expect(read.serialNumber).toHaveLength(32);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("is not made for what is no name", () => {
    for (const bad of [[], ["a b"], ["A.test"], ["a..b"], ["-"], ["a.test", "http://b"], [""]]) {
      expect(() => selfSignedCertificate(bad, randomBytes, now), bad.join()).toThrow();
    }
  });
});

describe("a Mosquitto password line", () => {
  const line = mosquittoPasswordLine("sensors", new Secret("s", "correct-horse"));

  it("is the PBKDF2 hash that the broker computes, and not the password", () => {
    const [, rounds, salt = "", hash] = /^sensors:\$7\$(\d+)\$([^$]+)\$(.+)\n$/.exec(line) ?? [];
    expect(
      pbkdf2Sync("correct-horse", Buffer.from(salt, "base64"), Number(rounds), 64, "sha512").toString("base64"),
    ).toBe(hash);
    expect(line).not.toContain("correct-horse");
  });

  it("is the same each time, and another for another user or password", () => {
    expect(mosquittoPasswordLine("sensors", new Secret("other", "correct-horse"))).toBe(line);
    const salts = [
      line,
      mosquittoPasswordLine("board", new Secret("s", "correct-horse")),
      mosquittoPasswordLine("sensors", new Secret("s", "correct-horsf")),
    ].map((text) => text.split("$")[3]);
    expect(new Set(salts).size).toBe(3);
  });
});

describe("the values that a stack needs", () => {
  const store = (values: Record<string, string>): Store => ({
    description: "a test",
    list: async () => Object.keys(values),
    get: async (name) => (values[name] === undefined ? undefined : new Secret(name, values[name])),
    set: async () => undefined,
    remove: async () => undefined,
  });
  const needed = [
    {
      name: "mqtt",
      derived: {
        format: "mosquitto-passwd" as const,
        entries: [
          { user: "a", secret: "one" },
          { user: "b", secret: "two" },
        ],
      },
    },
    { name: "one" },
    { name: "two" },
    { name: "alone" },
  ];

  // covers: S11 | compose
  it("are those of the store and what is made of them; what is missing is named and nothing is made of it", async () => {
    const whole = await readSecretValues(needed, store({ one: "1", two: "2", alone: "3" }));
    expect(whole.missing).toEqual([]);
    expect(whole.values.get("mqtt")?.expose()).toMatch(/^a:\$7\$.+\nb:\$7\$.+\n$/);
    const part = await readSecretValues(needed, store({ one: "1" }));
    expect(part.missing).toEqual(["alone", "two"]);
    expect([...part.values.keys()]).toEqual(["one"]);
  });

  it("stand in a template as they are, whatever they hold", () => {
    expect(fillTemplate("db:5432:app:api:{value}", new Secret("s", "$&$1{value}"))).toBe("db:5432:app:api:$&$1{value}");
    expect(fillTemplate(undefined, new Secret("s", "x"))).toBe("x");
    expect(fillTemplate("{user}:{value}", new Secret("s", "{user}"), "a{value}")).toBe("a{value}:{user}");
    expect(() => fillTemplate("{user}:{value}", new Secret("s", "x"))).toThrow('"s" belongs to no account');
  });
});

describe("a secret", () => {
  // covers: S3 | compose
  it("prints as its name wherever it lands by accident", () => {
    const secret = new Secret("db-password", "correct-horse-battery");
    const held = { secret, list: [secret], map: new Map([["k", secret]]) };
    const said = [
      String(secret),
      `${secret}`,
      "".concat(secret as unknown as string),
      JSON.stringify(held),
      inspect(held, { depth: 9, showHidden: true, getters: true }),
      new Error(`it broke: ${secret}`).stack ?? "",
      [secret].join(),
      JSON.stringify({ ...secret }),
      JSON.stringify(Object.entries(secret)),
      inspect(structuredCloneOrNothing(secret)),
    ];
    for (const text of said) {
      expect(text).not.toContain("correct");
      expect(text).not.toContain("horse");
    }
    expect(said[0]).toBe("‹secret db-password›");
    expect(secret.expose()).toBe("correct-horse-battery");
  });
});

function structuredCloneOrNothing(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return undefined;
  }
}
