import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  html,
  htmlProse,
  jsonText,
  markdown,
  markdownCode,
  markdownHtml,
  markdownProse,
  sarifText,
  terminal,
  workflowData,
  workflowProperty,
  xml,
} from "./escape.ts";

const escapeCharacter = "\u001b";
/** Pieces that an attacker would put into a name, between any other characters. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom(
        `${escapeCharacter}[2J`,
        `${escapeCharacter}]8;;https://evil.example\u0007`,
        "\u009b31m",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u{e0041}",
        "\r\n::error::",
        "::set-output name=a::b",
        "##[group]",
        "<script>alert(1)</script>",
        '" onmouseover="x',
        "]]>",
        "`|`",
        "](https://evil.example)",
        "@someone",
        "#12",
        "\ud800",
      ),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(""));

const unseenCharacter = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b-\u200d\u2060\ufeff\u{e0000}-\u{e007f}]/u;

describe("the escaping layer", () => {
  it.each([
    ["terminal", terminal],
    ["html", html],
    ["xml", xml],
    ["markdown", markdown],
    ["markdownCode", markdownCode],
    ["htmlProse", htmlProse],
    ["markdownProse", markdownProse],
    ["markdownHtml", markdownHtml],
    ["workflowData", workflowData],
    ["workflowProperty", workflowProperty],
    ["sarifText", sarifText],
  ])("leaves no control, reordering or invisible character in %s, whatever comes in", (_name, escaping) => {
    fc.assert(fc.property(hostile, (text) => !unseenCharacter.test(escaping(text))));
  });

  it("writes out what could not be seen, so that two names that differ look different", () => {
    expect(terminal("a\u202eb")).toBe("a\\u{202e}b");
    expect(terminal(`${escapeCharacter}[31mred`)).toBe("\\u{1b}[31mred");
    expect(terminal("one\ntwo\tthree")).toBe("one\\ntwo\\tthree");
    expect(terminal("api\u200b")).not.toBe(terminal("api"));
  });

  it("leaves ordinary names of every script as they are", () => {
    for (const name of ["caddy", "größe", "数据库", "База", "café-2_x.y/z", "[::]:80", "fe80::1", "⚠️", "'quoted'"]) {
      expect(terminal(name)).toBe(name);
    }
  });

  it("cuts a pile of marks on one letter down", () => {
    expect(terminal(`a${"\u0301".repeat(6)}`)).toBe(`a${"\u0301".repeat(4)}\\u{301}\\u{301}`);
  });

  it("leaves no workflow command that GitHub's runner would obey in a line of a log", () => {
    // The runner obeys "::name params::data" at the start of a line and "##[name]" anywhere in it.
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = terminal(text);
        return !/::[a-z][^\n]*::/i.test(shown) && !shown.includes("##[");
      }),
    );
    expect(terminal("::stop-commands::x")).toBe(":\\u{3a}stop-commands::x");
  });

  it("leaves nothing that HTML or XML takes for markup", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = html(text);
        return !/[<>"'`]/.test(shown) && !/&(?!(?:amp|lt|gt|quot|#39|#96);)/.test(shown);
      }),
    );
    expect(html(`<img src=x onerror="a('b')">&`)).toBe("&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;");
  });

  it("escapes Markdown's marks, keeps table cells whole, notifies nobody and links nowhere", () => {
    expect(markdown("a|b")).toBe("a\\|b");
    expect(markdown("[x](https://evil.example)")).toBe("\\[x\\](https:&#8203;//evil.example)");
    expect(markdown("@octocat")).toBe("@&#8203;octocat");
    expect(markdown("see #12")).toBe("see \\#&#8203;12");
    expect(markdown("<b>&copy;")).toBe("&lt;b&gt;&amp;copy;");
    expect(markdown("1. list")).toBe("1\\. list");
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = markdown(text);
        return (
          !/(?<!\\)(?:\\\\)*[|`*_[\]]/.test(shown) && !/[<>]/.test(shown) && !/@\w/.test(shown) && !/:\/\//.test(shown)
        );
      }),
    );
  });

  it("shows code between backticks as code, and lets nothing out of it", () => {
    expect(htmlProse("Add `mem_limit: <512m>` & go.")).toBe("Add <code>mem_limit: &lt;512m&gt;</code> &amp; go.");
    expect(htmlProse("one ` only <b>")).toBe("one &#96; only &lt;b&gt;");
    expect(markdownProse("Add `a|b` to *x*.")).toBe("Add `a\u2502b` to \\*x\\*.");
    fc.assert(fc.property(hostile, (text) => !/[<>"']/.test(htmlProse(text).replaceAll(/<\/?code>/g, ""))));
  });

  it("keeps HTML within Markdown from being markup, a mention or a reference", () => {
    expect(markdownHtml("<b>@me #1 it's")).toBe("&lt;b&gt;@&#8203;me #&#8203;1 it&#39;s");
  });

  it("makes a code span that what is in it cannot end, with no pipe that would cut a table row", () => {
    expect(markdownCode("compose.yaml:3:5")).toBe("`compose.yaml:3:5`");
    expect(markdownCode("a`b")).toBe("``a`b``");
    expect(markdownCode("`")).toBe("`` ` ``");
    expect(markdownCode("")).toBe("` `");
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = markdownCode(text);
        const fence = /^`+/.exec(shown)?.[0] ?? "";
        const runs = [...shown.slice(fence.length, -fence.length).matchAll(/`+/g)].map((run) => run[0].length);
        return fence !== "" && shown.endsWith(fence) && !runs.includes(fence.length) && !shown.includes("|");
      }),
    );
  });

  it("keeps the data and the properties of a workflow command inside it", () => {
    expect(workflowData("100%\n::x")).toBe("100%25\\n::x");
    expect(workflowProperty("a:b,c")).toBe("a%3Ab%2Cc");
  });

  it("keeps SARIF's links and placeholders from being made of names", () => {
    expect(sarifText("[a](1) {0} ${VAR}")).toBe("\\[a\\](1) {{0}} ${VAR}");
  });

  it("writes JSON that holds exactly the data and nothing that a terminal would obey", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        // A text may be the word `name` itself.
        const written = jsonText({ name: text, [`key ${text}`]: 1 });
        return JSON.parse(written).name === text && !unseenCharacter.test(written.replaceAll("\n", ""));
      }),
    );
  });
});
