import fc from "fast-check";
import { expect, test } from "vitest";
import type { Edit } from "../../contracts/fix.ts";
import { placeAt, Source } from "../../lib/place.ts";
import { WorkingFile } from "./working-file.ts";

// covers: G2 | compose kubernetes files

function fileOf(path: string, text: string): WorkingFile {
  const onDisk = { bytes: Buffer.from(text), mode: 0o644, uid: 0, gid: 0, links: 1 };
  return new WorkingFile({ folder: "/nowhere", path, shown: path }, onDisk);
}

type Kind = "value" | "before" | "after" | "document";

const orders = fc.tuple(
  fc.uniqueArray(fc.tuple(fc.nat(7), fc.constantFrom<Kind>("value", "before", "after", "document")), {
    selector: ([index, kind]) => `${index} ${kind}`,
    maxLength: 20,
  }),
  fc.constantFrom("\n", "\r\n"),
  fc.boolean(),
);

test("Changes of several kinds in one file are each made where they were meant, in whatever order.", () => {
  fc.assert(
    fc.property(orders, ([edits, eol, ended]) => {
      const blocks = [...Array(8).keys()].map((index) => [`key${index}:`, `  on: true # ${index}`]);
      const text = blocks.flat().join(eol) + (ended ? eol : "");
      const file = fileOf("x.yaml", text);
      const source = new Source("x.yaml", text);
      for (const [index, kind] of edits) {
        const refused = makeAt(file, text, source, index, kind);
        expect(refused).toBeUndefined();
      }
      const has = (index: number, kind: Kind) => edits.some(([at, each]) => at === index && each === kind);
      const data = [...Array(8).keys()].map((index) => ({
        on: !has(index, "value"),
        before: has(index, "before"),
        after: has(index, "after"),
        document: has(index, "document"),
      }));
      const lines = file.text.split(eol);
      expect(file.text.replaceAll("\r\n", "\n").includes("\r")).toBe(false);
      const found = [...Array(8).keys()].map((index) => {
        const from = lines.indexOf(`key${index}:`);
        const to = index === 7 ? lines.length : lines.indexOf(`key${index + 1}:`);
        const own = lines.slice(from, to);
        return {
          on: own.includes(`  on: true # ${index}`),
          before: own.includes(`  b${index}: 1`),
          after: own.includes(`  a${index}: 1`),
          document: own.includes(`  d${index}: 1`),
        };
      });
      expect(found).toEqual(data);
      expect(file.text.endsWith(eol)).toBe(ended);
    }),
    { numRuns: 300 },
  );
});

function makeAt(file: WorkingFile, text: string, source: Source, index: number, kind: Kind): string | undefined {
  const key = text.indexOf(`key${index}:`);
  const on = text.indexOf("on:", key);
  const change = { kind: "set", value: 1 } as const;
  const edit = {
    value: { kind: "value", at: placeAt(source, on), pattern: /on: (true)/, value: "false" },
    before: { kind: "lines", at: placeAt(source, on), where: "before", lines: [`b${index}: 1`] },
    after: { kind: "lines", at: placeAt(source, on), where: "after", lines: [`a${index}: 1`] },
    document: { kind: "document", at: placeAt(source, key), of: "entry", path: [`d${index}`], change },
  }[kind] as Edit;
  if (edit.kind === "document") return file.edit(edit);
  return edit.kind === "value" || edit.kind === "lines" ? file.editLines(edit) : "none";
}

test("A change that several findings ask for is made once, and taken back with what it belongs to.", () => {
  const text = "listener 1883\nallow_anonymous true\n";
  const file = fileOf("mosquitto.conf", text);
  const at = placeAt(new Source("mosquitto.conf", text), text.indexOf("allow"));
  const edit = { kind: "value", at, pattern: /allow_anonymous (true)/, value: "false" } as const;
  const back = file.checkpoint();
  expect([file.editLines(edit), file.editLines(edit)]).toEqual([undefined, undefined]);
  expect(file.text).toBe(text.replace("true", "false"));
  back();
  expect(file.text).toBe(text);
  expect(file.editLines(edit)).toBeUndefined();
  expect(file.text).toBe(text.replace("true", "false"));
});

test.each([
  ["x.ini", "[sops]\nmac = ENC[AES256_GCM,data:x]\n"],
  [".env", "sops_mac=ENC[AES256_GCM,data:x]\n"],
  ["x.json", '{"sops": {\n  "mac": "ENC[AES256_GCM,data:x]"}}\n'],
])("Nothing is changed in %s that SOPS keeps.", (path, end) => {
  const text = `allow true\n${end}`;
  const file = fileOf(path, text);
  const at = placeAt(new Source(path, text), 0);
  expect(file.editLines({ kind: "value", at, pattern: /allow (true)/, value: "false" })).toMatch(/SOPS keeps the file/);
  expect(file.addLine("x")).toMatch(/SOPS keeps the file/);
  expect(file.changed).toBe(false);
});
