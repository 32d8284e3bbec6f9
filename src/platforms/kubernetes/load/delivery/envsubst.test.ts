import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expand, type Variable } from "./envsubst.ts";

// covers: P6 | kubernetes

const known = new Map<string, Variable>([
  ["a", { value: "abcABC" }],
  ["path", { value: "/usr/local/bin/app.tar.gz" }],
  ["empty", { value: "" }],
  ["secret", { why: "it is elsewhere" }],
]);
const variable = (name: string): Variable => known.get(name);

describe("Flux's variables", () => {
  it.each([
    ["x ${a} y", "x abcABC y"],
    ["$a $(a) $", "$a $(a) $"],
    ["$${a} $$", "${a} $"],
    ["${unset}", ""],
    ["${unset:=b} ${unset:-c} ${unset=d} ${empty:=e}", "b c d e"],
    ["${a:=b}", "abcABC"],
    ["${unset:=x${a}y}", "xabcABCy"],
    ["${unset:=${empty:=${a}}}", "abcABC"],
    ["${#a}", "6"],
    ["${a^} ${a^^} ${a,} ${a,,}", "AbcABC ABCABC abcABC abcabc"],
    ["${a:2} ${a:2:2} ${a:-2} ${a:10} ${a:1:-1}", "cABC cA abcABC  bcAB"],
    ["${path#*/}", "usr/local/bin/app.tar.gz"],
    ["${path##*/}", "app.tar.gz"],
    ["${path%.*}", "/usr/local/bin/app.tar"],
    ["${path%%.*}", "/usr/local/bin/app"],
    ["${a/b/x} ${a//C/z} ${a/#ab/x} ${a/%BC/x} ${a/b/}", "axcABC abcABz xcABC abcAx acABC"],
    ["${a/b/$&}", "a$&cABC"],
  ])("%s becomes %s", (text, expanded) => {
    expect(expand(text, variable)?.text).toBe(expanded);
  });

  it("whose value is not known leave the text unresolved, and themselves in it", () => {
    expect(expand("x${secret}y${a}", variable)).toEqual({
      text: "x${secret}yabcABC",
      why: "it is elsewhere",
      knownStart: "x",
      names: ["secret", "a"],
    });
    expect(expand("${secret:=b}", variable)?.why).toBe("it is elsewhere");
  });

  it.each(["${", "${}", "${a", "${a.b}", "${-a}", "${a[@]}", "${a/b}", "${a^^^}"])(
    "that Flux refuses are refused: %s",
    (text) => {
      expect(expand(text, variable)).toBeUndefined();
    },
  );

  it("cost no more than their text, however they nest", () => {
    const deep = "${unset:=".repeat(5000);
    const started = performance.now();
    expect(expand(deep, variable)).toBeUndefined();
    expect(expand(`\${a#${"*".repeat(2000)}z}`, () => ({ value: "a".repeat(500) }))?.text).toHaveLength(500);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("never throw, whatever stands in the text", () => {
    const piece = fc.constantFrom(
      "$",
      "{",
      "}",
      "${",
      "a",
      ":",
      "=",
      "-",
      "/",
      "#",
      "%",
      "^",
      ",",
      "1",
      " ",
      "unset",
      "secret",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const expanded = expand(pieces.join(""), variable);
        expect(expanded === undefined || typeof expanded.text === "string").toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
