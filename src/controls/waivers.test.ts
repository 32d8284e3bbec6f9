import { describe, expect, test } from "vitest";
import { placeAt, Source } from "../lib/place.ts";
import { InlineWaivers, parseInlineWaivers, whyInvalid } from "./waivers.ts";

const control = "workload.privileged-off";

function parse(text: string) {
  return parseInlineWaivers(text, new Source("compose.yaml", text));
}

const context = { today: "2026-06-15", known: (id: string) => id === control, mustEnd: false, needsOwner: false };

describe("an inline exception", () => {
  test("beside something covers its own line", () => {
    const [waiver] = parse(`services:\n  vpn:\n    privileged: true # ringwall-ignore ${control}: needs modules\n`);
    expect(waiver).toMatchObject({ control, reason: "needs modules", until: undefined, lines: [3] });
  });

  test.each([
    `image: "x:1 # ringwall-ignore ${control}: no comment"`,
    `image: 'x:1 # ringwall-ignore ${control}: it''s none'`,
    `run: [sh, -c, "a \\" # ringwall-ignore ${control}: none"]`,
  ])("is none within a text in quotes: %s", (line) => {
    expect(parse(`a:\n  ${line}\n`)).toEqual([]);
    const [waiver, ...others] = parse(`a:\n  ${line} # ringwall-ignore ${control}: after it\n`);
    expect([waiver?.reason, others]).toEqual(["after it", []]);
  });

  test.each([
    `a: "b" # ringwall-ignore ${control}: "kept" so`,
    `echo it's # ringwall-ignore ${control}: "kept" so it's`,
  ])("is one after quotes that are closed, and after an apostrophe: %s", (line) => {
    expect(parse(line).map(({ reason }) => reason)).toEqual([expect.stringContaining('"kept" so')]);
  });

  test("alone on its line covers the next line that is no comment", () => {
    const [waiver] = parse(`# ringwall-ignore ${control}: needs modules\n# and more\n\nprivileged: true\n`);
    expect(waiver?.lines).toEqual([4]);
  });

  test("takes its last day from the end of the reason", () => {
    const [waiver] = parse(`x: y # ringwall-ignore ${control}: until the move, until 2026-12-31\n`);
    expect(waiver).toMatchObject({ reason: "until the move", until: "2026-12-31" });
  });

  test("names who answers for it after a comma, before its last day or without one", () => {
    const [both, one, none] = parse(
      `a: b # ringwall-ignore ${control}: old image, owner ops, until 2026-12-31\n` +
        `c: d # ringwall-ignore ${control}: old image; owner ada\n` +
        `e: f # ringwall-ignore ${control}: asked by the owner bob\n`,
    );
    expect(both).toMatchObject({ reason: "old image", owner: "ops", until: "2026-12-31" });
    expect(one).toMatchObject({ reason: "old image", owner: "ada", until: undefined });
    expect(none).toMatchObject({ reason: "asked by the owner bob", owner: "" });
  });

  test("names several controls with commas", () => {
    const found = parse(`x: y # ringwall-ignore ${control}, workload.root-read-only: old image\n`);
    expect(found.map((each) => each.control)).toEqual([control, "workload.root-read-only"]);
  });

  test("without a reason, or without a control, is found and is not valid", () => {
    const [bare] = parse(`x: y # ringwall-ignore ${control}\n`);
    const [empty] = parse("x: y # ringwall-ignore\n");
    expect(whyInvalid(bare!, context)).toBe("it gives no reason");
    expect(whyInvalid(empty!, context)).toBe("it names no control");
  });

  test("is not read from the middle of a word or a value", () => {
    expect(parse(`url: http://x/#ringwall-ignore ${control}: no\n`)).toEqual([]);
  });

  test("survives Windows line ends", () => {
    const [waiver] = parse(`privileged: true # ringwall-ignore ${control}: needs it, until 2026-12-31\r\nx: y\r\n`);
    expect(waiver).toMatchObject({ reason: "needs it", until: "2026-12-31", lines: [1] });
  });

  test("covers a place by its file and line only for the control that it names", () => {
    const text = `services:\n  vpn:\n    privileged: true # ringwall-ignore ${control}: needs modules\n`;
    const source = new Source("compose.yaml", text);
    const waivers = new InlineWaivers(parseInlineWaivers(text, source));
    const onLine = placeAt(source, text.indexOf("privileged"));
    expect(waivers.covering(control, onLine)).toHaveLength(1);
    expect(waivers.covering("workload.root-read-only", onLine)).toEqual([]);
    expect(waivers.covering(control, placeAt(source, 0))).toEqual([]);
    expect(
      waivers.covering(control, placeAt(new Source("other.yaml", text), onLine.kind === "file" ? onLine.offset : 0)),
    ).toEqual([]);
  });
});

describe("an exception holds", () => {
  const written = {
    control,
    reason: "old image",
    owner: "",
    lines: [1],
    place: { kind: "nowhere", why: "test" },
  } as const;

  test("on its last day, and no longer", () => {
    expect(whyInvalid({ ...written, until: "2026-06-15" }, context)).toBeUndefined();
    expect(whyInvalid({ ...written, until: "2026-06-14" }, context)).toBe("it ended on 2026-06-14");
  });

  test("only when its day is one", () => {
    expect(whyInvalid({ ...written, until: "2026-02-30" }, context)).toContain("is not a day");
    expect(whyInvalid({ ...written, until: "soon" }, context)).toContain("is not a day");
  });

  test("only for a control that exists", () => {
    expect(whyInvalid({ ...written, until: undefined, control: "workload.typo" }, context)).toBe(
      "there is no control workload.typo",
    );
  });

  test("only with an end and an owner where the profile asks for them", () => {
    expect(whyInvalid({ ...written, until: undefined }, { ...context, mustEnd: true })).toContain("it has no end");
    expect(whyInvalid({ ...written, until: undefined }, { ...context, needsOwner: true })).toContain("names no owner");
    expect(whyInvalid({ ...written, until: undefined, owner: "ops" }, { ...context, needsOwner: true })).toBe(
      undefined,
    );
  });
});
