import { describe, expect, test } from "vitest";
import { unstated } from "../../../../facts/fact.ts";
import { Fields } from "../../../../formats/fields.ts";
import { parseYaml } from "../../../../formats/yaml/parse.ts";
import { Source } from "../../../../lib/place.ts";
import { flagFact } from "./scalars.ts";

function flag(text: string, booleans?: "1.1") {
  const source = new Source("pod.yaml", text);
  const { documents } = parseYaml(source, text, booleans === undefined ? {} : { booleans });
  const [root] = documents;
  if (root === undefined) throw new Error("There is no document.");
  return flagFact(Fields.of(root, root.place, "securityContext"), "privileged", unstated);
}

// `kubectl kustomize` v5.7 prints `privileged: "yes"` for the same text.
// covers: W4 | kubernetes | real: kubectl kustomize 1.35
describe("A switch of a pod", () => {
  test("is true for `yes` where kubectl alone reads it.", () => {
    expect(flag("privileged: yes\n", "1.1")).toMatchObject({ kind: "stated", value: true });
  });

  test.each(["yes", "on", "y", "No", "off"])("is not known for `%s` through kustomize, and says why.", (word) => {
    const fact = flag(`privileged: ${word}\n`);
    expect(fact.kind).toBe("unknown");
    expect(fact.kind === "unknown" && fact.why).toContain(`is the text \`${word}\`, which the API server refuses`);
  });

  test("is not known for any other text.", () => {
    expect(flag("privileged: sometimes\n")).toMatchObject({ why: "`privileged` is not true or false" });
  });
});
