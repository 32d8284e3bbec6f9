import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { Source } from "../../../lib/place.ts";
import type { TreeNode } from "../../tree.ts";
import { parseYaml } from "../parse.ts";
import { editYaml, type YamlEdit } from "./edit.ts";
import { changed } from "./plain-value.ts";

/** An edit below the key `web`, wherever it stands first. */
function atWeb(text: string, path: readonly string[], change: YamlEdit["change"]): YamlEdit {
  return { offset: text.search(/["']?web["']?\s*:/), of: "entry", path, change };
}

const option = { kind: "append", value: "no-new-privileges:true" } as const;
const limit = { kind: "set", value: 2048 } as const;

function edited(text: string, edit: YamlEdit): string {
  const result = editYaml(text, edit);
  return "why" in result ? `refused: ${result.why}` : result.text;
}

describe("a change of a YAML text", () => {
  test.each<readonly [string, string, readonly string[], YamlEdit["change"], string]>([
    [
      "goes below the last entry, as far in as the others",
      "services:\n  web:\n    image: x:1\n\n  db:\n    image: y:1\n",
      ["security_opt"],
      option,
      "services:\n  web:\n    image: x:1\n    security_opt:\n      - no-new-privileges:true\n\n  db:\n    image: y:1\n",
    ],
    [
      "follows four columns, and dashes that stand below their key",
      "services:\n    web:\n        ports:\n        - '80:80'\n        image: x # old\n",
      ["security_opt"],
      option,
      "services:\n    web:\n        ports:\n        - '80:80'\n        image: x # old\n        security_opt:\n        - no-new-privileges:true\n",
    ],
    [
      "leaves comments with what they stand below, and comes after them",
      "services:\n  web:\n    image: x\n    environment:\n      - A=1\n      # - B=2\n    # ports: []\n  # the store\n  db: {}\n",
      ["pids_limit"],
      limit,
      "services:\n  web:\n    image: x\n    environment:\n      - A=1\n      # - B=2\n    # ports: []\n    pids_limit: 2048\n  # the store\n  db: {}\n",
    ],
    [
      "is added to a list that is there",
      "services:\n  web:\n    security_opt:\n      - label=disable # old host\n    image: x\n",
      ["security_opt"],
      option,
      "services:\n  web:\n    security_opt:\n      - label=disable # old host\n      - no-new-privileges:true\n    image: x\n",
    ],
    [
      "takes the quotes that the others have",
      'services:\n  web:\n    security_opt:\n      - "label=disable"\n',
      ["security_opt"],
      option,
      'services:\n  web:\n    security_opt:\n      - "label=disable"\n      - "no-new-privileges:true"\n',
    ],
    [
      "is added within brackets and braces",
      "services:\n  web: {image: x, security_opt: [label=disable]}\n",
      ["security_opt"],
      option,
      "services:\n  web: {image: x, security_opt: [label=disable, no-new-privileges:true]}\n",
    ],
    [
      "is added to a mapping in braces with a comma at its end",
      "services:\n  web: {image: x,}\n",
      ["logging", "options", "max-size"],
      { kind: "set", value: "10m" },
      'services:\n  web: {image: x, logging: { options: { max-size: "10m" } }}\n',
    ],
    [
      "looks like JSON in JSON",
      '{\n  "services": {\n    "web": {\n      "image": "x"\n    }\n  }\n}\n',
      ["security_opt"],
      option,
      '{\n  "services": {\n    "web": {\n      "image": "x",\n      "security_opt": ["no-new-privileges:true"]\n    }\n  }\n}\n',
    ],
    [
      "keeps a comment behind the last item of a mapping in braces",
      "services: {\n  web: {\n    image: x # the image\n  }\n}\n",
      ["pids_limit"],
      limit,
      "services: {\n  web: {\n    image: x, # the image\n    pids_limit: 2048\n  }\n}\n",
    ],
    [
      "keeps Windows line ends, and a last line without one",
      "services:\r\n  web:\r\n    image: x",
      ["pids_limit"],
      limit,
      "services:\r\n  web:\r\n    image: x\r\n    pids_limit: 2048",
    ],
    [
      "comes after a text of several lines",
      "services:\n  web:\n    command: |\n      one\n\n      two\n\n  db: {}\n",
      ["pids_limit"],
      limit,
      "services:\n  web:\n    command: |\n      one\n\n      two\n    pids_limit: 2048\n\n  db: {}\n",
    ],
    [
      "comes after the empty lines that a text keeps",
      "services:\n  web:\n    command: |+\n      one\n\n  db: {}\n",
      ["pids_limit"],
      limit,
      "services:\n  web:\n    command: |+\n      one\n\n    pids_limit: 2048\n  db: {}\n",
    ],
    [
      "replaces one value, in its quotes",
      "services:\n  web:\n    logging: {driver: json-file, options: {max-size: 'none'}} # c\n",
      ["logging", "options", "max-size"],
      { kind: "set", value: "10m" },
      "services:\n  web:\n    logging: {driver: json-file, options: {max-size: '10m'}} # c\n",
    ],
    [
      "fills a key that has nothing",
      "services:\n  web:\n    security_opt: # todo\n    image: x\n",
      ["security_opt"],
      option,
      "services:\n  web:\n    security_opt: # todo\n      - no-new-privileges:true\n    image: x\n",
    ],
    [
      "fills an empty mapping and an empty list",
      "services:\n  web: {}\n",
      ["security_opt"],
      option,
      "services:\n  web: { security_opt: [no-new-privileges:true] }\n",
    ],
    [
      "goes past merge keys, and past an anchor that nobody uses",
      "x: &x\n  restart: always\nservices:\n  web: &web\n    <<: *x\n    image: x\n",
      ["pids_limit"],
      limit,
      "x: &x\n  restart: always\nservices:\n  web: &web\n    <<: *x\n    image: x\n    pids_limit: 2048\n",
    ],
    [
      "is made in the right one of several documents",
      "a: 1\n---\nservices:\n  web:\n    image: x\n...\n---\nb: 2\n",
      ["pids_limit"],
      limit,
      "a: 1\n---\nservices:\n  web:\n    image: x\n    pids_limit: 2048\n...\n---\nb: 2\n",
    ],
    [
      "stays away where it is made already",
      "services:\n  web:\n    security_opt: [no-new-privileges:true]\n",
      ["security_opt"],
      option,
      "services:\n  web:\n    security_opt: [no-new-privileges:true]\n",
    ],
  ])("%s", (_, text, path, change, wanted) => {
    const result = edited(text, atWeb(text, path, change));
    expect(result).toBe(wanted);
    expect(edited(result, atWeb(result, path, change))).toBe(wanted);
  });

  test.each<readonly [string, string, readonly string[], YamlEdit["change"], string]>([
    [
      "others take over by a merge key",
      "services:\n  web: &web\n    image: x\n  worker:\n    <<: *web\n",
      ["pids_limit"],
      limit,
      "the anchor `&web` is used elsewhere too, which would change with it",
    ],
    [
      "others name by an alias",
      "services:\n  web: &web\n    image: x\n  worker: *web\n",
      ["pids_limit"],
      limit,
      "the anchor `&web` is used elsewhere too, which would change with it",
    ],
    [
      "is an alias itself",
      "x: &x {image: y}\nservices:\n  web: *x\n",
      ["pids_limit"],
      limit,
      "it is an alias (`*x`) of what stands elsewhere",
    ],
    [
      "has its list by a merge key",
      "x: &x\n  security_opt: [label=disable]\nservices:\n  web:\n    <<: *x\n    image: y\n",
      ["security_opt"],
      option,
      "a part of it comes from elsewhere by `<<`, and would be lost",
    ],
    [
      "shares the mapping with others",
      "x: &log {driver: json-file}\nservices:\n  web:\n    logging: *log\n",
      ["logging", "options", "max-size"],
      { kind: "set", value: "10m" },
      "it is an alias (`*log`) of what stands elsewhere",
    ],
    [
      "is of another kind",
      "services:\n  web:\n    security_opt: text\n",
      ["security_opt"],
      option,
      "something of another kind stands there",
    ],
    ["is no mapping", "services:\n  web: text\n", ["pids_limit"], limit, "something of another kind stands there"],
    [
      "stands in a file with a mistake",
      "services:\n  web: {image: x\n",
      ["pids_limit"],
      limit,
      "there is a mistake in its YAML",
    ],
    [
      "stands in a template",
      "services:\n{% for site in sites %}\n  web: {}\n{% endfor %}\n",
      ["pids_limit"],
      limit,
      "it is a template, which a program fills in first",
    ],
    ["is gone", "services:\n  db: {}\n", ["pids_limit"], limit, "what is meant is not found in the file any more"],
  ])("is refused where what would be changed %s", (_, text, path, change, why) => {
    expect(edited(text, atWeb(text, path, change))).toBe(`refused: ${why}`);
  });

  test("is made of a node in a list, by where it begins", () => {
    const text = "containers:\n  - name: app\n    image: x\n  - image: y\n";
    const wanted =
      "containers:\n  - name: app\n    image: x\n    securityContext:\n      allowPrivilegeEscalation: false\n  - image: y\n";
    const path = ["securityContext", "allowPrivilegeEscalation"];
    const edit: YamlEdit = { offset: text.indexOf("name:"), of: "node", path, change: { kind: "set", value: false } };
    expect(edited(text, edit)).toBe(wanted);
    const port = "ports:\n  - 8080:80 # web\n";
    const here: YamlEdit = {
      offset: port.indexOf("8080"),
      of: "node",
      path: [],
      change: { kind: "set", value: "127.0.0.1:8080:80" },
    };
    expect(edited(port, here)).toBe("ports:\n  - 127.0.0.1:8080:80 # web\n");
  });
});

describe("over any text", () => {
  const line = fc.constantFrom(
    "web:",
    "  web: &a",
    "  - x",
    "    image: 'y'",
    "*a",
    "{b: [c,",
    "}",
    "# d",
    "---",
    "|",
    "\t",
    "web: {}",
    "<<: *a",
    "? e",
    "\r",
  );
  const texts = fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n"));
  const changes = fc.constantFrom<YamlEdit["change"]>(option, limit);
  const kinds = fc.constantFrom<YamlEdit["of"]>("entry", "node", "around");

  test("a change is made right or refused in a clause, and never throws", () => {
    fc.assert(
      fc.property(texts, fc.nat(80), kinds, changes, (text, offset, of, change) => {
        const result = editYaml(text, { offset, of, path: ["security_opt"], change });
        if ("why" in result) expect(result.why).toMatch(/^[a-z`SOPS].*[^.]$/);
        else expect(parseYaml(new Source("", result.text), result.text).problems).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});

const corpus = join(import.meta.dirname, "../../../../../shared/corpus");

function yamlFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Where the keys of mappings and the mappings themselves stand, with the way there. */
function mappingsIn(
  node: TreeNode,
  path: readonly (string | number)[],
): { offset: number; of: YamlEdit["of"]; path: readonly (string | number)[] }[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "sequence") {
    return node.items.flatMap((item, index) => {
      const own =
        item.kind === "mapping" && item.place.kind === "file"
          ? [{ offset: item.place.offset, of: "node" as const, path: [...path, index] }]
          : [];
      return [...own, ...mappingsIn(item, [...path, index])];
    });
  }
  return [...node.entries.values()].flatMap(({ key, keyPlace, value }) => {
    const own =
      value.kind === "mapping" && keyPlace.kind === "file"
        ? [{ offset: keyPlace.offset, of: "entry" as const, path: [...path, key] }]
        : [];
    return [...own, ...mappingsIn(value, [...path, key])];
  });
}

// covers: G2 | compose | real: Compose-Examples, compose-go, home-ops
describe.skipIf(!existsSync(corpus))(
  "over mappings of every file of the corpora (skipped where they are not there)",
  () => {
    const additions = [
      { path: ["zzz"], change: { kind: "set", value: "a b: c" } },
      { path: ["zzz", "deep"], change: { kind: "append", value: "x" } },
    ] as const;

    test("a change keeps every line and comment, and is what another YAML library reads too", () => {
      let made = 0;
      let refused = 0;
      for (const file of yamlFiles(corpus)) {
        const text = readFileSync(file, "utf8").replace(/^\ufeff/, "");
        const parsed = parseYaml(new Source(file, text), text);
        if (parsed.problems.length > 0) continue;
        const mappings = parsed.documents.flatMap((tree, index) => mappingsIn(tree, [index]));
        const each = Math.ceil(mappings.length / 2);
        for (const { offset, of, path } of mappings.filter((_, index) => index % each === 0)) {
          for (const addition of additions) {
            const result = editYaml(text, { offset, of, ...addition });
            if ("why" in result) {
              refused++;
              expect(result.why, file).toMatch(/anchor|alias|elsewhere/);
              continue;
            }
            made++;
            expect(linesKept(text, result.text), `${file} ${path.join(".")}`).toBe(true);
            const before = plain(text);
            if (before.length !== parsed.documents.length) continue;
            expect(
              isDeepStrictEqual(
                plain(result.text),
                changed(before, [...path, ...addition.path], addition.change)?.data,
              ),
              `${file} ${path.join(".")}`,
            ).toBe(true);
          }
        }
      }
      expect(made).toBeGreaterThan(1000);
      expect(refused).toBeLessThan(made / 20);
    });
  },
);

function plain(text: string): readonly unknown[] {
  return parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: "silent" }).map((document) =>
    (document as unknown as { toJS(): unknown }).toJS(),
  );
}

/** Whether all lines but one at most stand there as they did; that one may have got a comma or an item more. */
function linesKept(before: string, after: string): boolean {
  const old = before.split("\n");
  const now = after.split("\n");
  const same = (a: readonly string[], b: readonly string[]) => {
    const at = a.findIndex((line, index) => line !== b[index]);
    return at === -1 ? a.length : at;
  };
  return same(old, now) + same(old.toReversed(), now.toReversed()) >= old.length - 1;
}
