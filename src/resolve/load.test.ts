import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { components } from "../components/registry.ts";
import { DeclarationErrors, RingwallError } from "../lib/error.ts";
import { loadStack, loadText } from "./load.ts";

const user = { uid: 1000 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-load-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => ({ path: join(folder, "stack.yaml"), folder, shownAs: "stack.yaml" });

/** Every mistake of a text as one line each. */
function mistakes(text: string): string[] {
  try {
    loadText(file(), text, components);
    return [];
  } catch (error) {
    if (error instanceof DeclarationErrors) return error.problems.map((problem) => problem.describe());
    if (error instanceof RingwallError) return [error.describe()];
    throw error;
  }
}

function load(named?: string, runner: { uid: number; trustedOwners?: number[] } = user) {
  return loadStack(named, { components, cwd: folder, runner });
}

const three = "name: shop\nservices:\n  web: { image: nginx:1.28 }\n";

describe("loading a stack", () => {
  it("takes one of three lines", () => {
    expect(mistakes(three)).toEqual([]);
  });

  it("takes a user's name into a template only where a service of the stack issues the secret", () => {
    const text = (settings: string) => `name: shop
zones: { a: { purpose: x } }
services:
  db: { use: postgres, zone: a, settings: { ${settings} } }
  api:
    image: nginx:1.28
    zone: a
    secrets: [{ secret: key, template: "{user}:{value}" }]
secrets: { key: password }
`;
    expect(mistakes(text("roles: { app: { secret: key } }"))).toEqual([]);
    const found = mistakes(text(""));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /stack\.yaml:8.*`\{user\}` stands for the account of "key", and no service .* issues it\./s,
    );
  });

  it("reports every mistake at once, in the order of the file, with place and suggestion", () => {
    const found = mistakes(`name: shop
zonez: {}
zones:
  management: { purpose: watching }
services:
  caddy: { use: cady, zone: managment }
  api:
    image: nginx:1.28
    zone: management
    ports: { http: 99999 }
    talksTo: [dbb]
    secrets: [nope]
    resources: { memory: 2 potatoes }
    previleged: true
  db: { use: postgres, zone: management, settings: { databse: x } }
routes:
  - { host: a_b, to: api }
  - { host: www, to: apii, audience: public }
`);
    expect(found).toEqual([
      'stack.yaml:2:1: Unknown key "zonez" in a stack. Did you mean "zones"?',
      expect.stringMatching(
        /^stack\.yaml:6:17: `services\.caddy\.use` is not right: expected `caddy`, .* Did you mean "caddy"\?$/,
      ),
      'stack.yaml:6:29: Unknown zone "managment". Did you mean "management"?',
      "stack.yaml:10:20: `services.api.ports.http` is not right: expected a port number from 1 to 65535.",
      'stack.yaml:11:15: Unknown service "dbb". Did you mean "db"?',
      'stack.yaml:12:15: Unknown secret "nope". There are: db-password.',
      "stack.yaml:13:26: `services.api.resources.memory` is not right: expected a size such as `256MB` or `1.5GB`.",
      expect.stringMatching(
        /^stack\.yaml:14:5: Unknown key "previleged" in `services\.api`\. Known here: use, image, /,
      ),
      'stack.yaml:15:54: Unknown setting of postgres "databse". Did you mean "database"?',
      expect.stringMatching(/^stack\.yaml:17:13: `routes\[0\]\.host` is not right: expected a host name/),
      'stack.yaml:18:22: Unknown service "apii". Did you mean "api"?',
    ]);
  });

  it("keeps the places of later list items when an earlier one is wrong", () => {
    const found = mistakes(
      `${three}routes:\n  - { host: A, to: web }\n  - { to: web }\n  - { host: c, to: wbe, audience: public }\n`,
    );
    expect(found.at(-1)).toBe('stack.yaml:7:20: Unknown service "wbe". Did you mean "web"?');
  });

  it("says what else two services of different zones need to talk", () => {
    const found = mistakes(`name: shop
zones: { a: { purpose: x }, b: { purpose: y } }
services:
  api: { image: "x:1", zone: a, talksTo: [db] }
  db: { use: postgres, zone: b }
`);
    expect(found).toEqual([
      'stack.yaml:4:43: "api" (a) and "db" (b) share no zone, so they cannot talk. Put one of them in both: `zones: [a, b]`.',
    ]);
  });

  it("tells who writes Compose's words what is written here, and lists the known keys once", () => {
    const found = mistakes(`name: shop
services:
  web:
    image: "x:1"
    ports: ["8080:80"]
    depends_on: [db]
    mem_limit: 1g
    qwertz: 1
    zuiop: 1
networks: { x: {} }
`);
    expect(found).toEqual([
      "stack.yaml:5:12: `services.web.ports` is not right: expected a mapping. Such as `ports: { http: 8080 }`; what is reached from outside is a route.",
      'stack.yaml:6:5: Unknown key "depends_on" in `services.web`. Here: `talksTo: [db]`; a service starts after those that it talks to.',
      'stack.yaml:7:5: Unknown key "mem_limit" in `services.web`. Here: `resources: { memory: 256MB }`.',
      expect.stringMatching(/^stack\.yaml:8:5: Unknown key "qwertz" in `services\.web`\. Known here: use, image, /),
      'stack.yaml:9:5: Unknown key "zuiop" in `services.web`.',
      'stack.yaml:10:1: Unknown key "networks" in a stack. Here: `zones`; networks are made from who `talksTo` whom.',
    ]);
  });

  it("names a reason that is too short, and does not miss it as well", () => {
    const found = mistakes(
      'name: shop\nzones: { default: { purpose: x, outside: ingress } }\nservices:\n  web: { image: "x:1", ports: { http: { port: 80, publish: { reason: no } } } }\n',
    );
    expect(found).toEqual([expect.stringMatching(/^stack\.yaml:4:70: .*expected a reason of at least ten characters/)]);
  });

  it("refuses ports of the host that two services take, and publishing without a reason or against the zone", () => {
    const found = mistakes(`name: shop
zones: { a: { purpose: x }, b: { purpose: y, outside: ingress } }
services:
  one: { image: "x:1", zone: b, ports: { http: { port: 80, publish: { port: 8080, reason: wanted by the test } } } }
  two: { image: "x:1", zone: b, ports: { http: { port: 80, publish: { address: 127.0.0.1, port: 8080, reason: wanted by the test } } } }
  three: { image: "x:1", zone: b, ports: { http: { port: 80, publish: {} } } }
  four: { image: "x:1", zone: a, ports: { http: { port: 81, publish: { reason: wanted by the test } } } }
`);
    expect(found).toEqual([
      'stack.yaml:5:48: Port 8080/tcp of the host is taken by "one" already. Publish one of them on another port or address.',
      "stack.yaml:6:71: A port that is published past the edge needs a `reason`. Say what for, and why it cannot go through a route; documents print it.",
      'stack.yaml:7:49: "four" publishes port 81, but its zone "a" lets nothing in. Set `outside: ingress` on one of its zones.',
    ]);
  });

  it("refuses zones whose addresses overlap, and routes that are there twice", () => {
    const found = mistakes(`name: shop
zones: { a: { purpose: x, cidr: 10.1.0.0/16, outside: ingress }, b: { purpose: y, cidr: 10.1.2.0/24 } }
services: { caddy: { use: caddy, zone: a }, web: { image: "x:1", zone: a, ports: { http: 80 } } }
routes:
  - { host: www, to: web, audience: public }
  - { host: www.stack.localhost, to: web, audience: public }
`);
    expect(found).toEqual([
      'stack.yaml:2:89: The addresses of "b" (10.1.2.0/24) overlap those of "a" (10.1.0.0/16).',
      "stack.yaml:6:5: www.stack.localhost/ is routed already, further up.",
    ]);
  });

  it("demands strong secrets, a reason in the environment, and one target for each", () => {
    const found = mistakes(`name: shop
services:
  web:
    image: x:1
    secrets: [{ secret: a, as: environment }, { secret: a, target: /x }, { secret: b, target: /x }]
secrets:
  a: { kind: password, length: 8 }
  b: { kind: tls-self-signed }
`);
    expect(found).toEqual([
      expect.stringContaining('stack.yaml:5:14: Two secrets of "web" go to /x.'),
      expect.stringContaining('"a" in the environment of "web" needs a `reason`.'),
      expect.stringContaining("A password of 8 characters can be guessed. Take at least 22"),
      expect.stringContaining('The certificate "b" is for no `names`.'),
    ]);
  });

  it.each([
    ["nothing", "", "The declaration is empty."],
    ["a list", "- a\n", "A declaration is a mapping of keys to values."],
    ["a key that stands there twice", "name: a\nname: b\nservices: {}\n", "stack.yaml:2:1: This key stands here twice"],
    ["a tab", "name: a\nservices:\n\tweb: {}\n", "A tab indents this line"],
    ["an alias", "name: &n a\ndomain: *n\nservices: { w: { image: x:1 } }\n", "A declaration has no aliases"],
    ["brackets without end", "name: {a\n", "This is not YAML"],
    ["two documents", `${three}---\nname: b\n`, "A second YAML document begins here"],
    ["brackets ten thousand deep", `name: ${"[".repeat(10_000)}`, "nested more than 100 deep"],
    ["lists ten thousand deep", `${"- ".repeat(10_000)}a`, "nested more than 100 deep"],
    ["a version from the future", "version: 9\nname: a\nservices: {}\n", "is of version 9; this Ringwall knows 1"],
  ])("answers %s with a sentence", (_what, text, sentence) => {
    expect(mistakes(text).join("\n")).toContain(sentence);
  });

  it("never throws anything but sentences, whatever stands in a known key", () => {
    const values = [
      "null",
      "1",
      "''",
      "[]",
      "{}",
      "[1, {}]",
      "{a: {b: []}}",
      "true",
      "'\\e[31m'",
      "~",
      "1e999",
      "{'': 1}",
    ];
    const keys = [
      "name",
      "domain",
      "operators",
      "zones",
      "services",
      "routes",
      "secrets",
      "images",
      "backups",
      "monitoring",
      "policies",
      "exceptions",
      "addresses",
    ];
    for (const key of keys) {
      for (const value of values) {
        const atTop = ["name: shop", 'services: { web: { image: "x:1" } }'].filter((line) => !line.startsWith(key));
        for (const text of [
          `${atTop.join("\n")}\n${key}: ${value}\n`,
          `name: shop\nservices: { web: { image: "x:1", ${key}: ${value} } }\n`,
        ]) {
          expect(() => mistakes(text), text).not.toThrow();
        }
      }
    }
  });
});

describe("finding a stack", () => {
  it("looks in the folder and then in every one above", async () => {
    writeFileSync(join(folder, "stack.yaml"), three);
    mkdirSync(join(folder, "a/b"), { recursive: true });
    const loaded = await loadStack(undefined, { components, cwd: join(folder, "a/b"), runner: user });
    expect(loaded.declaration.name).toBe("shop");
    expect(loaded.file.shownAs).toBe("../../stack.yaml");
    expect((await load(".")).file.path).toBe(join(folder, "stack.yaml"));
  });

  it("says so when nothing is there", async () => {
    await expect(load("nowhere")).rejects.toMatchObject({ code: "not-found", message: "There is no nowhere." });
    await expect(load(".")).rejects.toMatchObject({ code: "not-found", message: ". holds no stack.yaml." });
  });

  it("refuses what is no text: a folder of that name, a pipe, bytes, broken UTF-8", async () => {
    mkdirSync(join(folder, "d/stack.yaml"), { recursive: true });
    await expect(load("d")).rejects.toMatchObject({ message: "d/stack.yaml is a folder, not a regular file." });
    execFileSync("mkfifo", [join(folder, "fifo.yaml")]);
    await expect(load("fifo.yaml")).rejects.toMatchObject({ message: "fifo.yaml is a pipe, not a regular file." });
    writeFileSync(join(folder, "binary.yaml"), Buffer.from([1, 0, 2]));
    await expect(load("binary.yaml")).rejects.toMatchObject({ code: "not-text" });
    writeFileSync(join(folder, "latin.yaml"), Buffer.from([0x6e, 0xe4]));
    await expect(load("latin.yaml")).rejects.toMatchObject({
      message: "latin.yaml is not valid UTF-8; save it as UTF-8 text.",
    });
  });

  it("runs a stack.ts only when it is named, and gives places in words", async () => {
    writeFileSync(
      join(folder, "stack.ts"),
      'export const stack = { name: "shop", services: { web: { image: "x:1", zone: "a" } }, zones: { aa: { purpose: "x" } } };\n',
    );
    await expect(load()).rejects.toMatchObject({ code: "not-found" });
    await expect(load("stack.ts")).rejects.toMatchObject({
      problems: [{ message: 'Unknown zone "a".', place: { locator: "stack.ts: services.web.zone" } }],
    });
    writeFileSync(join(folder, "other.ts"), "export const nothing = 1;\n");
    await expect(load("other.ts")).rejects.toMatchObject({ message: "other.ts exports no stack." });
  });

  it("as root, refuses a file or folder that others can write, and owners who are not trusted", async () => {
    writeFileSync(join(folder, "stack.yaml"), three);
    const root = { uid: 0 };
    chmodSync(join(folder, "stack.yaml"), 0o666);
    await expect(load(".", root)).rejects.toMatchObject({
      code: "permission",
      message: "stack.yaml can be written by others, and this is root.",
    });
    await expect(load(".", user)).resolves.toBeTruthy();
    chmodSync(join(folder, "stack.yaml"), 0o644);
    chmodSync(folder, 0o777);
    await expect(load(".", root)).rejects.toMatchObject({
      message: "The folder of stack.yaml can be written by others, and this is root.",
    });
    chmodSync(folder, 0o755);
    await expect(load(".", root)).resolves.toBeTruthy();
  });
});

describe("the files of a service", () => {
  const withFile = (path: string) =>
    `name: shop\nservices:\n  web: { image: nginx:1.28, config: [{ file: ${path}, target: /etc/x }] }\n`;

  it("come from beside the stack: a file, or a folder with all below it", () => {
    mkdirSync(join(folder, "site/css"), { recursive: true });
    writeFileSync(join(folder, "site/index.html"), "<p>");
    writeFileSync(join(folder, "site/css/a.css"), "p{}");
    writeFileSync(join(folder, "site/.hidden"), "no");
    const { config } = loadText(file(), withFile("site"), components);
    expect(config.get("web")).toEqual([
      { path: "config/web/etc/x/css/a.css", target: "/etc/x/css/a.css", content: "p{}" },
      { path: "config/web/etc/x/index.html", target: "/etc/x/index.html", content: "<p>" },
    ]);
  });

  it("never come from elsewhere, through a link, or as bytes", () => {
    symlinkSync("/etc/passwd", join(folder, "link"));
    writeFileSync(join(folder, "bytes"), Buffer.from([0, 1]));
    for (const path of ["../secret", "/etc/passwd", "link", "bytes", "missing"]) {
      const found = mistakes(withFile(path));
      expect(found, path).toHaveLength(1);
      expect(found[0]).toContain("stack.yaml:3:");
    }
  });
});
