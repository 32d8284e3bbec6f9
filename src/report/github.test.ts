import { describe, expect, it } from "vitest";
import { finding, hostileFinding, reportInput } from "../../test/support/report-input.ts";
import { githubReport } from "./github.ts";

const commandsIn = (text: string) => text.split("\n").filter((line) => line.trimStart().startsWith("::"));

describe("the report as GitHub's workflow commands", () => {
  it("annotates each finding at its line, what makes the exit code 1 as an error", () => {
    const commands = commandsIn(
      githubReport(reportInput([finding(), finding({ severity: "medium" }), finding({ severity: "low" })])),
    );
    expect(commands).toHaveLength(3);
    expect(commands[0]).toMatch(
      /^::error file=compose\.yaml,line=\d+,col=\d+,endColumn=\d+,title=high%3A [^:]+ \(network\.datastore-unpublished\)::db: /,
    );
    expect(commands[1]).toMatch(/^::warning /);
    expect(commands[2]).toMatch(/^::notice /);
  });

  it("names files from where the check was run", () => {
    expect(githubReport(reportInput([finding()], { base: "stacks/shop/" }))).toContain(
      "file=stacks/shop/compose.yaml,",
    );
  });

  it("annotates what has no place in a file without one", () => {
    const [command] = commandsIn(
      githubReport(reportInput([finding({ place: { kind: "object", locator: "container db" } })])),
    );
    expect(command).toMatch(/^::error title=/);
  });

  it("annotates as many as GitHub shows, the worst, and says how many more there are", () => {
    const many = Array.from({ length: 25 }, () => finding({ severity: "medium" }));
    const text = githubReport(reportInput([finding(), ...many]));
    expect(commandsIn(text)).toHaveLength(11);
    expect(text).toContain("15 findings more have no annotation.");
  });

  it("leaves out what was accepted, and tells what cannot be told quietly", () => {
    const waiver = { reason: "r", owner: undefined, until: undefined, place: finding().place };
    const text = githubReport(reportInput([finding({ waiver }), finding({ verdict: "unknown", severity: "medium" })]));
    expect(commandsIn(text).map((line) => line.slice(0, 9))).toEqual(["::notice "]);
    expect(text).toContain("title=medium?%3A ");
  });

  it("lets no name of somebody's files be a command, end one, or add a property", () => {
    const commands = commandsIn(githubReport(reportInput([hostileFinding()])));
    expect(commands).toHaveLength(1);
    const [, properties = "", ...data] = (commands[0] ?? "").split("::");
    expect(properties.match(/(?:^error |,)\w+=/g)).toEqual(["error file=", ",line=", ",title="]);
    expect(data.join("::")).not.toMatch(/[\r\n\u001b]/);
  });

  it("ends with the report as text", () => {
    expect(githubReport(reportInput([finding()]))).toContain("Found: 1 high.");
  });
});
