import { describe, expect, it } from "vitest";
import { finding, hostileFinding, hostileName, reportInput } from "../../test/support/report-input.ts";
import { markdownReport } from "./markdown.ts";

describe("the report as Markdown", () => {
  it("opens what counts and folds the rest", () => {
    const text = markdownReport(reportInput([finding(), finding({ severity: "low", control: "network.other" })]));
    expect(text).toContain("### Ringwall: 1 finding at or above high");
    expect(text).toContain(
      "<details open>\n<summary><b>high</b> db: Port 5432 is published on every address</summary>",
    );
    expect(text).toContain("<details>\n<summary><b>low</b>");
    expect(markdownReport(reportInput([finding({ verdict: "unknown" })]))).toContain("<summary><b>high?</b> db: ");
    expect(text).toContain("- `compose.yaml:7:3` `db` Port 5432 is published on every address.");
    expect(text).toContain("**Way in** outside → caddy:443 → db");
    expect(text).toContain("**Remedy** Remove the port from `ports:`.");
    expect(text).toContain("| network | ❌ open | 2 | 1 | 0 | high |");
  });

  it("stays within what a comment may hold, and says what it left out", () => {
    const many = Array.from({ length: 4_000 }, (_, index) => finding({ control: `network.control-${index}` }));
    const text = markdownReport(reportInput(many));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\d+ more kinds of finding are left out/);
    expect(text.match(/<details/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  });

  it("makes no markup, link, mention or reference of hostile names", () => {
    const text = markdownReport(reportInput([hostileFinding()]));
    const outsideCode = text.replaceAll(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "");
    expect(outsideCode).not.toContain("<script");
    expect(outsideCode).not.toMatch(/@admin/);
    expect(outsideCode).not.toMatch(/https:\/\//);
    expect(text).not.toMatch(/[\u001b\u202e]/);
  });

  it("stays within a comment's length whatever is found, accepted and added", () => {
    const long = "x".repeat(3_000);
    const waiver = { reason: long, owner: long, until: undefined, place: finding().place };
    const found = Array.from({ length: 300 }, (_, index) =>
      finding({
        control: `network.c${index}`,
        message: long,
        remedy: long,
        subject: { kind: "workload", system: long, name: `${long}${index}` },
      }),
    );
    const exceptions = Array.from({ length: 300 }, () => ({
      control: long,
      subject: long,
      reason: long,
      until: long,
      place: long,
    }));
    const text = markdownReport(
      reportInput([...found, ...found.map((each) => ({ ...each, waiver }))], {
        severalSystems: true,
        unchecked: Array.from({ length: 300 }, () => long),
        heldBack: { since: { revision: "main", held: 1, gone: 0, exceptions } },
      }),
    );
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("are left out: a comment has no room for them");
  });

  it("tells a reviewer which risks the change wants accepted, and lets none of it be markup", () => {
    const exceptions = [
      { control: "a.b", subject: undefined, reason: hostileName, until: undefined, place: "x.yaml:1:1" },
    ];
    const text = markdownReport(
      reportInput([], { heldBack: { since: { revision: "main", held: 3, gone: 0, exceptions } } }),
    );
    expect(text).toContain("**Exceptions that this change adds, which hold once it is merged**");
    expect(text).toContain("Only what is new since main is told: 3 findings were there before.");
    expect(text).not.toContain("<script>");
    expect(text).not.toMatch(/@admin|[^\\]\]\(https/);
  });
});
