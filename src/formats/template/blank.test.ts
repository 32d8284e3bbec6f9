import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { Source } from "../../lib/place.ts";
import { toPlain } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { blanked, withTemplated } from "./blank.ts";

function read(template: string) {
  const { text, blocks } = blanked(template);
  const { documents, problems } = parseYaml(new Source("a.yaml.j2", text), text);
  return { problems, blocks, documents: documents.map((document) => withTemplated(document, blocks)) };
}

describe("A template", () => {
  test("is read as far as it goes: what is filled in is unresolved, the rest is as it stands.", () => {
    const { documents, problems, blocks } = read(
      '{# who #}\nmachine:\n  token: {{ token }}\n  name: "{{ a }}-b"\n  type: worker\n  image: x/{{ schematic }}:v1\n',
    );
    expect(problems).toEqual([]);
    expect(blocks).toBe(false);
    const machine = documents[0]?.kind === "mapping" ? documents[0].entries.get("machine")?.value : undefined;
    const value = (key: string) => (machine?.kind === "mapping" ? machine.entries.get(key)?.value : undefined);
    expect(value("type")).toMatchObject({ value: "worker" });
    expect(value("type")).not.toHaveProperty("unresolved");
    for (const key of ["token", "name", "image"])
      expect(value(key)).toMatchObject({ unresolved: "a template fills it in" });
  });

  test("with blocks may hold more than is seen.", () => {
    const { documents, problems } = read("a:\n{% if x %}\n  b: 1\n{% endif %}\n  c: 2\n");
    expect(problems).toEqual([]);
    expect(documents.map(toPlain)).toEqual([{ a: { b: 1, c: 2 } }]);
    expect(documents[0]).toHaveProperty("incomplete");
    expect(read("{{- if .x }}\na: 1\n{{- end }}\n").blocks).toBe(true);
  });

  test("keeps its length and its lines, whatever stands in it.", () => {
    const part = fc.constantFrom("{{", "}}", "{%", "%}", "{#", "#}", "a: ", "\n", "x", " ", "{", "}");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const template = parts.join("");
        const { text } = blanked(template);
        return text.length === template.length && text.split("\n").length >= 1;
      }),
    );
  });

  test.each([["{".repeat(400_000)], ["{{".repeat(200_000)], ["{{}}".repeat(200_000)], [`${"{% ".repeat(100_000)}`]])(
    "takes no longer where it is hostile.",
    (text) => {
      const begun = threadMs();
      blanked(text);
      expect(threadMs() - begun).toBeLessThan(1_000);
    },
  );
});
