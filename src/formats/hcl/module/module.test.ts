import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { ConfinedFiles } from "../../../repository/files.ts";
import { child, type TreeNode } from "../../tree.ts";
import { byFolder } from "./by-folder.ts";
import type { TofuConfiguration } from "./configuration.ts";
import { evaluateConfiguration } from "./evaluate-configuration.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** What files come to; the root module is the folder `live` where one of them lies there, else the top. */
function read(
  texts: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
): TofuConfiguration {
  const root = mkdtempSync(join(tmpdir(), "ringwall-hcl-"));
  made.push(root);
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
  const paths = [...Object.keys(texts), ...Object.keys(links)];
  const from = { files: new ConfinedFiles(root), paths, byFolder: byFolder(paths) };
  return evaluateConfiguration(from, paths.some((path) => path.startsWith("live/")) ? "live" : "");
}

/** The arguments of one resource as plain values; what cannot be told as `? why`. */
function seen(configuration: TofuConfiguration, address = "thing.it"): unknown {
  const resource = configuration.resources.find((each) => each.address === address);
  return resource === undefined ? undefined : plain(resource.attributes);
}

function plain(node: TreeNode): unknown {
  if (node.kind === "scalar") return node.unresolved === undefined ? node.value : `? ${node.unresolved}`;
  if (node.kind === "sequence") return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]));
}

function thing(body: string): string {
  return `resource "thing" "it" {\n${body}\n}\n`;
}

describe("Values of variables", () => {
  const main = `variable "a" {\n  default = "default"\n}\n${thing("a = var.a")}`;

  test("the default counts where no file gives one", () => {
    expect(seen(read({ "main.tf": main }))).toEqual({ a: "default" });
  });

  test("terraform.tfvars, then its JSON, then *.auto.tfvars by name: the last counts", () => {
    const first = { "main.tf": main, "terraform.tfvars": 'a = "1"\n' };
    expect(seen(read(first))).toEqual({ a: "1" });
    const second = { ...first, "terraform.tfvars.json": '{"a": "2"}' };
    expect(seen(read(second))).toEqual({ a: "2" });
    const third = { ...second, "b.auto.tfvars": 'a = "b"\n', "a.auto.tfvars.json": '{"a": "a"}' };
    const configuration = read(third);
    expect(seen(configuration)).toEqual({ a: "b" });
    expect(configuration.variableFiles).toEqual([
      "terraform.tfvars",
      "terraform.tfvars.json",
      "a.auto.tfvars.json",
      "b.auto.tfvars",
    ]);
  });

  test("other files with values are given on a command line, or not at all", () => {
    expect(seen(read({ "main.tf": main, "production.tfvars": 'a = "production"\n' }))).toEqual({ a: "default" });
  });

  test("the environment of whoever checks says nothing", () => {
    vi.stubEnv("TF_VAR_a", "environment");
    expect(seen(read({ "main.tf": main }))).toEqual({ a: "default" });
    vi.unstubAllEnvs();
  });

  test("one that nothing gives is unknown, and says so", () => {
    expect(seen(read({ "main.tf": `variable "a" {}\n${thing('a = "x-${var.a}"')}` }))).toEqual({
      a: "? var.a is given no value in these files",
    });
  });

  test("of a file that cannot be read the defaults do not count either", () => {
    const configuration = read({ "main.tf": main }, { "terraform.tfvars": "/etc/hostname" });
    expect(seen(configuration)).toEqual({ a: "? terraform.tfvars cannot be read" });
    expect(configuration.problems).toHaveLength(1);
  });

  test("a type constraint fills what is optional and converts the rest", () => {
    const text = `variable "a" {
  type    = object({ n = number, s = optional(string, "x"), l = optional(list(string)) })
  default = { n = "4", extra = true }
}
${thing("a = var.a")}`;
    expect(seen(read({ "main.tf": text }))).toEqual({ a: { n: 4, s: "x", l: null } });
  });

  test("null for one that refuses it is the default", () => {
    const text = `variable "a" {\n  default  = "d"\n  nullable = false\n}\n${thing("a = var.a")}`;
    expect(seen(read({ "main.tf": text, "terraform.tfvars": "a = null\n" }))).toEqual({ a: "d" });
  });
});

describe("What cannot be told", () => {
  const unknown = `variable "u" {}\n`;
  const why = "? var.u is given no value in these files";

  test.each([
    ["a sum", "1 + var.u", why],
    ["a choice", 'var.u ? "a" : "b"', why],
    ["a choice between the same, which is none", 'var.u ? "a" : "a"', "a"],
    ["a choice that is known", 'true ? "a" : var.u', "a"],
    ["and with false", "false && var.u", false],
    ["a text", '"${var.u}.example.org"', why],
    ["a member of a list that is known", '["a", var.u][0]', "a"],
    ["merge, above it", 'merge({ a = 1 }, var.u, { b = 2 })["b"]', 2],
    ["try of it", 'try(var.u.x, "b")', why],
    ["coalesce before it", 'coalesce("a", var.u)', "a"],
    ["the keys of it", "keys(var.u)", why],
    ["a function that nobody knows", "provider::x::y(1)", undefined],
    ["the time", "timestamp()", undefined],
  ])("%s", (_, expression, expected) => {
    const value = seen(read({ "main.tf": `${unknown}${thing(`a = ${expression}`)}` })) as { a: unknown };
    if (expected === undefined) expect(value.a).toMatch(/^\? /);
    else expect(value).toEqual({ a: expected });
  });

  test("merge below it: whatever it may write over", () => {
    const value = seen(read({ "main.tf": `${unknown}${thing('a = merge({ a = 1 }, var.u)["a"]')}` }));
    expect(value).toEqual({ a: why });
  });

  test("an attribute that the provider makes", () => {
    const text = `resource "random_password" "p" {\n  length = 20\n}\n${thing("a = random_password.p.result")}`;
    expect(seen(read({ "main.tf": text }))).toEqual({ a: "? it is generated when it is applied" });
  });

  test("something that refers to itself", () => {
    const text = `locals {\n  a = local.b\n  b = local.a\n}\n${thing("a = local.a")}`;
    expect(seen(read({ "main.tf": text }))).toEqual({ a: "? it refers to itself" });
  });

  test("how many there are: one stands for them, and says on what it depends", () => {
    const text = `${unknown}resource "thing" "it" {\n  count = var.u\n  a = count.index\n}\n`;
    const [only, ...others] = read({ "main.tf": text }).resources;
    expect(others).toEqual([]);
    expect(only?.condition).toContain("var.u");
  });
});

describe("Secrets", () => {
  test("what is made of something sensitive is, also where it went through modules and functions", () => {
    const configuration = read({
      "live/main.tf": `variable "token" {\n  sensitive = true\n  default   = "hunter2hunter2"\n}
module "m" {\n  source = "../m"\n  given  = { t = upper(var.token) }\n}\n`,
      "m/main.tf": `variable "given" {}\n${thing('a = base64encode(var.given.t)\nb = "open"')}`,
    });
    const attributes = configuration.resources[0]?.attributes;
    expect(child(attributes, "a")).toMatchObject({ tag: expect.stringMatching(/./) });
    expect(child(attributes, "b")).not.toHaveProperty("tag");
  });
});

describe("Repetition", () => {
  test("count, for_each of a map and of a set", () => {
    const text = `resource "thing" "c" {\n  count = 2\n  a = count.index\n}
resource "thing" "m" {\n  for_each = { x = 1, y = 2 }\n  a = each.value\n}
resource "thing" "s" {\n  for_each = toset(["b", "a"])\n  a = each.key\n}\n`;
    const configuration = read({ "main.tf": text });
    expect(configuration.resources.map(({ address, attributes }) => [address, plain(attributes)])).toEqual([
      ["thing.c[0]", { a: 0 }],
      ["thing.c[1]", { a: 1 }],
      ['thing.m["x"]', { a: 1 }],
      ['thing.m["y"]', { a: 2 }],
      ['thing.s["a"]', { a: "a" }],
      ['thing.s["b"]', { a: "b" }],
    ]);
  });

  test("dynamic blocks, within one another and with an iterator of their own", () => {
    const text = thing(`dynamic "outer" {
    for_each = { a = [1, 2], b = [] }
    iterator = o
    content {
      name = o.key
      dynamic "inner" {
        for_each = o.value
        content {
          n = inner.value
        }
      }
    }
  }`);
    expect(seen(read({ "main.tf": text }))).toEqual({
      outer: [
        { name: "a", inner: [{ n: 1 }, { n: 2 }] },
        { name: "b", inner: [] },
      ],
    });
  });
});

describe("More than any honest configuration has", () => {
  test.each([
    "count = 5000",
    `for_each = toset(flatten([for a in range(100) : [for b in range(30) : "\${a}-\${b}"]]))`,
  ])("%s", (repeated) => {
    const { resources } = read({ "main.tf": `resource "thing" "it" {\n  ${repeated}\n}\n` });
    expect(resources).toHaveLength(2001);
    expect(resources.at(-1)?.condition).toContain("there are more than 2000");
  });
});

describe("Modules", () => {
  test("take inputs and give outputs, one for each key", () => {
    const configuration = read({
      "live/main.tf": `module "net" {\n  source   = "../net"\n  for_each = toset(["prod", "mgmt"])\n  name     = each.key\n}
${thing('a = module.net["prod"].name\nb = { for key, net in module.net : key => net.name }')}`,
      "net/main.tf": 'variable "name" {}\noutput "name" {\n  value = "${var.name}0"\n}\n',
    });
    expect(seen(configuration)).toEqual({ a: "prod0", b: { mgmt: "mgmt0", prod: "prod0" } });
  });

  test("a source may be made of variables that are known, as OpenTofu 1.8 allows", () => {
    const configuration = read({
      "live/main.tf": 'variable "where" {\n  default = "net"\n}\nmodule "n" {\n  source = "../${var.where}"\n}\n',
      "net/main.tf": thing("a = 1"),
    });
    expect(seen(configuration, "module.n.thing.it")).toEqual({ a: 1 });
  });

  test.each([
    ["example/net/incus", "it comes from a registry"],
    ["git::https://example.org/net.git?ref=v1", "it comes from another Git repository"],
    ["https://example.org/net.zip", "it is downloaded"],
    ["../../../elsewhere", "it lies outside the folder that is checked"],
    ["./nothing", "there is no module in live/nothing"],
  ])("one of %s cannot be seen, and what is made of it is unknown", (source, why) => {
    const configuration = read({
      "live/main.tf": `module "m" {\n  source = "${source}"\n}\n${thing("a = module.m.x")}`,
    });
    expect(configuration.unseen).toMatchObject([{ address: "module.m", why }]);
    expect(seen(configuration)).toEqual({ a: `? module.m cannot be seen here: ${why}` });
    expect(configuration.incomplete).toBe(`module.m cannot be seen here: ${why}`);
    expect(configuration.unread).toBeUndefined();
  });

  test("declared twice the first counts, with a sentence", () => {
    const configuration = read({ "a.tf": thing("a = 1"), "b.tf": thing("a = 2") });
    expect(configuration.resources).toHaveLength(1);
    expect(seen(configuration)).toEqual({ a: 1 });
    expect(configuration.problems.map(({ message }) => message)).toEqual([
      "resource thing it is declared twice; OpenTofu refuses that, and only the first is read.",
    ]);
  });

  test("files named override change what others declare", () => {
    const configuration = read({ "main.tf": thing("a = 1\nb = 2"), "local_override.tf": thing("b = 3") });
    expect(seen(configuration)).toEqual({ a: 1, b: 3 });
    expect(configuration.problems).toEqual([]);
  });

  test("JSON says the same as the language", () => {
    const text = '{"locals": {"x": "y"}, "resource": {"thing": {"it": {"a": "${upper(local.x)}", "b": [1, true]}}}}';
    expect(seen(read({ "main.tf.json": text }))).toEqual({ a: "Y", b: [1, true] });
  });
});

describe("Files", () => {
  test("of the repository are read, and templates filled", () => {
    const texts = {
      "main.tf": thing('a = file("${path.module}/x.txt")\nb = templatefile("t.tftpl", { n = ["p", "q"] })'),
    };
    const filled = read({ ...texts, "x.txt": "text", "t.tftpl": "%{ for x in n }<${x}>%{ endfor }" });
    expect(seen(filled)).toEqual({ a: "text", b: "<p><q>" });
  });

  test.each(["/etc/hostname", "../../../etc/hostname", "link.txt"])("outside it are not: %s", (path) => {
    const configuration = read({ "main.tf": thing(`a = file("${path}")`) }, { "link.txt": "/etc/hostname" });
    expect((seen(configuration) as { a: string }).a).toMatch(/^\? /);
  });
});

test("what an ephemeral resource gives is known later, and does not look like a mistake", () => {
  const text = `ephemeral "vault_kv_secret_v2" "p" {\n  mount = "kv"\n}\nresource "thing" "it" {\n  a = ephemeral.vault_kv_secret_v2.p.data.TOKEN\n}\n`;
  expect(seen(read({ "main.tf": text }))).toEqual({
    a: "? what ephemeral.vault_kv_secret_v2 gives is known when it is applied",
  });
});
