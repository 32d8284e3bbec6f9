import { describe, expect, test } from "vitest";
import { threadMs } from "../../../../test/support/thread-time.ts";
import { describePlace, Source } from "../../../lib/place.ts";
import { parseDotenv, parseRawEnvironment } from "./dotenv.ts";

const none = (): undefined => undefined;

describe("env files", () => {
  test("give each variable its place, also behind quotes over several lines", () => {
    const text = '# c\nexport A=1\nB="x\ny"\nC: z # c\n';
    const { variables } = parseDotenv(new Source("e.env", text), text, none);
    expect(
      variables.map(({ name, value, place, valuePlace }) => [
        name,
        value,
        describePlace(place),
        describePlace(valuePlace),
      ]),
    ).toEqual([
      ["A", "1", "e.env:2:8", "e.env:2:10"],
      ["B", "x\ny", "e.env:3:1", "e.env:3:3"],
      ["C", "z", "e.env:5:1", "e.env:5:4"],
    ]);
  });

  test("say what is in doubt in a value", () => {
    const text = "A=${NONE}-x\n";
    const [variable] = parseDotenv(new Source("e.env", text), text, none).variables;
    expect(variable).toMatchObject({ value: "-x", interpolates: ["NONE"], doubts: [{ start: 0, end: 0 }] });
  });

  test.each([
    ["A=1\nB C=2\n", "e.env:2:1", "A variable's name has a space in it."],
    ['A=1\nB="x\n', "e.env:2:3", "The value of B begins with a quote that is never closed."],
    ["A!=1\n", "e.env:1:2", `A variable's name cannot have "!" in it.`],
    ["A=${\n", "e.env:1:3", "The value of A has a `${…}` that is not a variable."],
  ])("with a mistake are read up to it: %j", (text, place, message) => {
    const { problem } = parseDotenv(new Source("e.env", text), text, none);
    expect(problem === undefined ? undefined : [describePlace(problem.place), problem.message]).toEqual([
      place,
      message,
    ]);
  });

  test("in the raw format are taken as they stand", () => {
    const text = "A='q'\n # c\n  B=$A\nD\nE\n";
    const { variables } = parseRawEnvironment(new Source("e.env", text), text, (name) =>
      name === "D" ? "d" : undefined,
    );
    expect(variables.map(({ name, value }) => [name, value])).toEqual([
      ["A", "'q'"],
      ["B", "$A"],
      ["D", "d"],
    ]);
  });

  test("of the largest size are read quickly", () => {
    for (const text of [
      "A=1\n".repeat(200_000),
      `A="${"\\n".repeat(500_000)}"`,
      "\n".repeat(1_000_000),
      "#".repeat(1_000_000),
    ]) {
      const start = threadMs();
      parseDotenv(new Source("e.env", text), text, none);
      expect(threadMs() - start).toBeLessThan(2000);
    }
  });

  test("are read in no more time than a name with blanks in it is long", () => {
    const text = `A${" ".repeat(100_000)}B=1\n`;
    const start = threadMs();
    const { problem } = parseDotenv(new Source("e.env", text), text, none);
    expect(problem?.message).toBe("A variable's name has a space in it.");
    expect(threadMs() - start).toBeLessThan(1000);
  });
});
