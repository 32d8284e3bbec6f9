import fc from "fast-check";

/** Texts in HCL's native syntax, most of them valid: made by the grammar, then some of them hurt in one place. */

const name = fc.constantFrom("a", "name", "limits-cpu", "_x", "for", "if", "in", "ünder", "each", "var", "true");
const space = fc.constantFrom("", " ", "  ", "\t", "/* c */", " ");
const lineSpace = fc.constantFrom("\n", " # c\n", "\n\n", " // c\n", "\r\n", "");

const literalText = fc.constantFrom(
  '"plain"',
  '""',
  String.raw`"esc\n\t\"\\\u00e9"`,
  '"$${not} %%{x}"',
  '"a$b%c$"',
  "1",
  "-1",
  "1.5",
  "1e3",
  "true",
);

const expression: fc.Arbitrary<string> = fc.letrec<{ expression: string; term: string }>((tie) => {
  const inner = tie("expression");
  const term = fc
    .oneof(
      { maxDepth: 4 },
      literalText,
      name.filter((one) => one !== "for" && one !== "if" && one !== "in"),
      fc.tuple(inner, space).map(([value, gap]) => `(${gap}${value}${gap})`),
      fc
        .tuple(name, fc.array(inner, { maxLength: 3 }), fc.constantFrom("", ",", "..."))
        .map(([called, given, end]) =>
          given.length === 0 ? `f_${called}()` : `f_${called}(${given.join(", ")}${end})`,
        ),
      fc
        .tuple(fc.array(inner, { maxLength: 3 }), lineSpace)
        .map(([items, gap]) => `[${gap}${items.join(`,${gap}`)}${gap}]`),
      fc
        .array(
          fc.tuple(fc.constantFrom("k", '"q r"', "(x)", '"i${j}"', "1"), inner, fc.constantFrom(" = ", " : ", "=")),
          { maxLength: 3 },
        )
        .map(
          (entries) =>
            `{${entries.map(([key, value, sign], at) => `${key}${at}${sign}${value}`.replace(/^(\(x\)|"[^"]*"|1)\d/, "$1")).join(", ")}}`,
        ),
      fc.tuple(inner, inner).map(([collection, value]) => `[for v in ${collection} : ${value} if v]`),
      fc.tuple(inner, inner).map(([collection, value]) => `{ for k, v in ${collection} :\n k => ${value}... }`),
      fc.tuple(inner, inner).map(([one, other]) => `"a \${${one}} b \${ ${other} ~}  c"`),
      fc.tuple(inner, inner).map(([one, other]) => `"%{ if ${one} }x%{ else }\${${other}}%{ endif }"`),
      inner.map((one) => `"%{ for k, v in ${one} ~} y %{~ endfor }z"`),
      fc.tuple(
        fc.constantFrom("a.b", "a.b.c", "a[0]", 'a["k"]', "a[*].b", "a.*.b[1]", "a.0.b", "a[b[c]]", "a[ \n 1 ]"),
      ),
    )
    .map((made) => (Array.isArray(made) ? made[0] : made));
  return {
    term,
    expression: fc.oneof(
      { maxDepth: 4 },
      { weight: 3, arbitrary: tie("term") },
      fc
        .tuple(tie("term"), fc.constantFrom("+", "-", " * ", "/", " % ", "==", " != ", "<", ">=", " && ", "||"), inner)
        .map(([left, operator, right]) => `${left}${operator}${right}`),
      fc.tuple(tie("term"), inner, inner).map(([condition, one, other]) => `${condition} ? ${one} : ${other}`),
      fc.tuple(fc.constantFrom("!", "-"), tie("term")).map(([sign, value]) => `${sign}${value}`),
    ),
  };
}).expression;

const heredoc = fc
  .tuple(
    fc.constantFrom("<<", "<<-"),
    fc.constantFrom("EOT", "E-1"),
    fc.array(
      fc.constantFrom("  text", "", "   ", "\tx ${a.b} y", "%{ if a }", "%{ endif ~}", "EOTX", '"q" \\n $${x}'),
      { maxLength: 5 },
    ),
    fc.constantFrom("", "  "),
  )
  .map(
    ([start, marker, lines, indentation]) =>
      `${start}${marker}\n${lines.map((line) => `${line}\n`).join("")}${indentation}${marker}`,
  );

const attribute = fc
  .tuple(name, space, space, fc.oneof({ weight: 4, arbitrary: expression }, heredoc))
  .map(([key, before, after, value]) => `${key}${before}=${after}${value}\n`);

const body: fc.Arbitrary<string> = fc.letrec<{ body: string; block: string }>((tie) => ({
  block: fc
    .tuple(
      name,
      fc.array(fc.constantFrom('"l"', "m", '"n o"'), { maxLength: 2 }),
      fc.oneof(tie("body"), fc.constant("one")),
    )
    .map(([type, labels, inner]) =>
      inner === "one"
        ? `${type} ${labels.join(" ")}{ x = 1 }\n`
        : `${type} ${labels.join(" ")} {${inner === "" ? "" : "\n"}${inner}}\n`,
    ),
  body: fc
    .array(fc.oneof({ maxDepth: 3 }, attribute, tie("block"), fc.constantFrom("# comment\n", "\n", "/* a\n b */\n")), {
      maxLength: 5,
    })
    .map((items) => items.join("")),
})).body;

const hurt = fc
  .tuple(
    body,
    fc.nat(),
    fc.constantFrom(
      "",
      "\n",
      '"',
      "{",
      "}",
      "[",
      "]",
      "(",
      ")",
      "$",
      "=",
      ".",
      ",",
      "~",
      "<<E",
      "#",
      "\\",
      "?",
      ":",
      "é",
    ),
    fc.nat({ max: 3 }),
  )
  .map(([text, at, put, cut]) => {
    const from = text.length === 0 ? 0 : at % text.length;
    return text.slice(0, from) + put + text.slice(from + cut);
  });

/** Texts that are valid, but for what only a reader of values refuses (a name that stands twice). */
export const hclTexts: fc.Arbitrary<string> = body;

/** Texts with one mistake in them, or one that is none. */
export const hurtHclTexts: fc.Arbitrary<string> = hurt;
