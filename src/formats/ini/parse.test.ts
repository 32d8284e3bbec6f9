import { expect, test } from "vitest";
import { describePlace, Source } from "../../lib/place.ts";
import { child, toPlain } from "../tree.ts";
import { parseIni } from "./parse.ts";

const text = `; a comment
top = 1
[server]
domain = example.org ; behind
; http_port = 1
quoted = "a" # b
cut = "a # b"
[auth.anonymous]
enabled: true
secret = $__file{/run/secrets/x}
[server]
domain = other.org
no sign at all
`;
const root = parseIni(new Source("grafana.ini", text), text);

// covers: P6 | files
test("sections, comments and quotes mean what Grafana takes them to mean, and the last of two counts", () => {
  expect(toPlain(root)).toEqual({
    "": { top: "1" },
    server: { domain: "other.org", quoted: "a", cut: '"a' },
    "auth.anonymous": { enabled: "true", secret: "$__file{/run/secrets/x}" },
  });
});

test("a value that comes from elsewhere is not known, and every value has its place", () => {
  const secret = child(child(root, "auth.anonymous"), "secret");
  expect(secret).toMatchObject({ kind: "scalar", unresolved: expect.stringContaining("$__file{/run/secrets/x}") });
  expect(secret === undefined ? "" : describePlace(secret.place)).toBe("grafana.ini:10:10");
});

// What gopkg.in/ini.v1 1.67.0 gave for each of these lines.
test.each([
  ['k = "true" ; note', "true"],
  ["k = 'true' # note", "true"],
  ["k = true;note", "true"],
  ["k = true#note", "true"],
  ["k = `tr#ue` ; note", "tr#ue"],
  ['k = """true""" ; note', "true"],
  ['"k" = true', "true"],
  ["`k` : true", "true"],
  ['k = "a" "b"', '"a" "b"'],
  ['k = "tr"ue"', '"tr"ue"'],
  ["k = tr\\\nue", "true"],
  ["k = true\nx = a\\\nk = false", "true"],
  ["x = `a\nk = false`\nk = true", "true"],
  ["[a] ; b]\nk = false", undefined],
  ["[ ]\nk = false", undefined],
  ["k =", ""],
])("%j is read as Go reads it", (written, expected) => {
  const found = child(child(parseIni(new Source("x.ini", written), written), ""), "k");
  expect(found?.kind === "scalar" ? found.value : undefined).toBe(expected);
});

test.each(["%(other)s", "${HOME}", "$__env{X}", '"%(other)s" ; note'])("what %s becomes is not known", (written) => {
  const all = `[a]\nk = ${written}\n`;
  expect(child(child(parseIni(new Source("x.ini", all), all), "a"), "k")).toMatchObject({
    unresolved: expect.stringContaining("not in these files"),
  });
});

test("a text of anything is read without an error, and in time", () => {
  const odd = `${"[".repeat(50_000)}\n${"=".repeat(50_000)}\n]x[\n\u0000`;
  expect(parseIni(new Source("x.ini", odd), odd).kind).toBe("mapping");
});
