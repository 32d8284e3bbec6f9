import { describe, expect, it } from "vitest";
import { finding, hostileFinding, reportInput } from "../../test/support/report-input.ts";
import { markdownReport } from "./markdown.ts";

describe("the report as Markdown", () => {
  it("opens what counts and folds the rest", () => {
    const text = markdownReport(reportInput([finding(), finding({ severity: "low", control: "network.other" })]));
    expect(text).toContain("### Ringwall: 1 finding at or above high");
    expect(text).toContain(
      "<details open>\n<summary><b>high</b> db: Port 5432 is published on every address</summary>",
    );
    expect(text).toContain("<details>\n<summary><b>low</b>");
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
});
