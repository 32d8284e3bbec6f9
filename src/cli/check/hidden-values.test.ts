import { expect, it } from "vitest";
import { readRendered } from "../../platforms/kubernetes/index.ts";
import { HiddenValues } from "./hidden-values.ts";

// covers: S1 | kubernetes
it("hides every line of a block that a Secret holds, and nothing behind it", () => {
  const text =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  y: |\n    first\n\n      second\n  z: third\n";
  const answer = readRendered("s.yaml", text, { name: (own) => own, profile: undefined });
  const hidden = new HiddenValues();
  if (!(answer instanceof Error)) hidden.add(answer.system);
  const show = hidden.linesOf("s.yaml", text, text);
  expect(
    text
      .split(/(?<=\n)/)
      .map(show)
      .join(""),
  ).toBe(
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  y: |\n    ‹hidden›\n\n      ‹hidden›\n  z: ‹hidden›\n",
  );
});
