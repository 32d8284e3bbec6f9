import { describe, expect, test } from "vitest";
import { type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { CommandWord } from "../../facts/subjects.ts";
import { type Place, Source } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { child, type TreeNode, toPlain } from "../tree.ts";
import { mergedConfiguration, type StartPath, startPaths } from "./several-files.ts";

const place: Place = { kind: "nowhere", why: "a test" };
/** A word that begins with `?` is known no further than what follows that. */
const words = (...all: readonly string[]): readonly CommandWord[] =>
  all.map((word) => ({
    text: new Sensitive(word.replace(/^\?/, "")),
    ...(word.startsWith("?") ? { why: "it is a variable" } : {}),
    place,
  }));
const none: Fact<Sensitive> = unstated(place);
const variable = (text: string): Fact<Sensitive> => stated(new Sensitive(text), place);

// covers: A4 | compose, kubernetes
describe("Authelia is started with", () => {
  test.each<readonly [string, readonly CommandWord[] | undefined, Fact<Sensitive>, readonly StartPath[] | undefined]>([
    [
      "every `--config`",
      words("authelia", "--config=/config/a.yml", "--config", "/config/b.yml"),
      none,
      ["/config/a.yml", "/config/b.yml"],
    ],
    ["a list with commas", words("-c", "/config/a.yml, b.yml"), none, ["/config/a.yml", "/app/b.yml"]],
    [
      "what the variable names",
      words("authelia"),
      variable("/config/a.yml,/config/d/"),
      ["/config/a.yml", "/config/d"],
    ],
    ["what an argument names before the variable", words("-c=/a.yml"), variable("/b.yml"), ["/a.yml"]],
    ["words of entrypoint and command", words("authelia", "--config=/a.yml"), none, ["/a.yml"]],
    ["nothing that is told", words("authelia", "--config.experimental.filters", "template"), none, undefined],
    ["a command that is not resolved", undefined, variable("/a.yml"), undefined],
    ["a path that is not resolved", words("--config=${CONFIG}"), none, undefined],
    ["a variable that is not resolved", [], unknown("x", place), undefined],
    ["a path beside one that is not resolved", words("--config=${C},/a.yml"), none, [undefined, "/a.yml"]],
    ["what an argument names, whatever another option is", words("--config=/a.yml", "?--log.level="), none, ["/a.yml"]],
    [
      "what an argument names, and what a further one may",
      words("--config", "/a.yml", "?"),
      none,
      ["/a.yml", undefined],
    ],
    ["a second file that is not known", words("--config=/a.yml", "--config", "?/etc/"), none, ["/a.yml", undefined]],
    ["files behind one that is not known", words("?--config=/x", "-c=/b.yml"), none, [undefined, "/b.yml"]],
    [
      "a word that may name another than the variable",
      words("authelia", "?"),
      variable("/a.yml"),
      ["/a.yml", undefined],
    ],
    ["nothing but words that are not known", words("?", "--config", "?"), none, undefined],
  ])("%s.", (_, all, own, expected) => {
    expect(startPaths(all, own)).toEqual(expected);
  });
});

function merged(start: readonly StartPath[], files: Readonly<Record<string, string>>) {
  const held = new Map<string, TextFile>(
    Object.entries(files).map(([path, text]) => [
      path,
      { ok: true, path, text, source: new Source(path, text), mode: undefined },
    ]),
  );
  return mergedConfiguration(start, { paths: [...held.keys()], open: (path) => held.get(path) });
}

function unresolved(node: TreeNode | undefined): boolean {
  if (node === undefined) return false;
  return node.kind === "scalar" ? node.unresolved !== undefined : node.incomplete !== undefined;
}

// covers: A4 | compose, kubernetes
describe("Several files of Authelia's come to", () => {
  test("mappings that are merged, lists and values of which the last counts.", () => {
    const files = {
      "/a.yml":
        "access_control:\n  default_policy: bypass\n  rules: [{domain: a, policy: bypass}]\nsession: {name: s}\n",
      "/b.yml": "access_control:\n  rules: [{domain: b, policy: deny}]\n",
    };
    expect(toPlain(merged(["/a.yml", "/b.yml"], files)?.root as TreeNode)).toEqual({
      access_control: { default_policy: "bypass", rules: [{ domain: "b", policy: "deny" }] },
      session: { name: "s" },
    });
    const turned = merged(["/b.yml", "/a.yml"], files)?.root;
    expect(toPlain(child(child(turned, "access_control"), "rules") as TreeNode)).toEqual([
      { domain: "a", policy: "bypass" },
    ]);
  });

  test("the files of a folder by their names, and no deeper.", () => {
    const files = {
      "/config/20.yml": "a: 2\n",
      "/config/10.yaml": "a: 1\nb: 1\n",
      "/config/notes.txt": "a: 3\n",
      "/config/deeper/30.yml": "a: 4\n",
    };
    const found = merged(["/config"], files);
    expect(toPlain(found?.root as TreeNode)).toEqual({ a: 2, b: 1 });
    expect(found?.files.map(({ path }) => path)).toEqual(["/config/10.yaml", "/config/20.yml"]);
  });

  test("TOML beside YAML.", () => {
    const found = merged(["/a.yml", "/b.toml"], { "/a.yml": "s: {x: 1}\n", "/b.toml": "[s]\ny = 2\n" });
    expect(toPlain(found?.root as TreeNode)).toEqual({ s: { x: 1, y: 2 } });
  });

  test("nothing that is certain before a file that is not seen, and what stands in a later one.", () => {
    const files = {
      "/a.yml": "access_control: {default_policy: deny, rules: []}\nsession: {name: s}\n",
      "/c.yml": "access_control: {default_policy: two_factor}\n",
    };
    const root = merged(["/a.yml", "/gone.yml", "/c.yml"], files)?.root;
    const access = child(root, "access_control");
    expect(
      [root, access, child(access, "default_policy"), child(access, "rules"), child(root, "session")].map(unresolved),
    ).toEqual([true, true, false, true, true]);
  });

  test("whole what stands in the last one, where an earlier one is not seen, and no more.", () => {
    const root = merged(["/gone.yml", "/a.yml"], { "/a.yml": "access_control: {rules: [{domain: a}]}\n" })?.root;
    const access = child(root, "access_control");
    expect([root, access, child(access, "rules")].map(unresolved)).toEqual([true, true, false]);
  });

  test("nothing that is certain before a word that may name a further file.", () => {
    const files = { "/a.yml": "access_control: {default_policy: deny}\n", "/b.yml": "session: {name: s}\n" };
    const root = merged(["/a.yml", undefined, "/b.yml"], files)?.root;
    expect(
      [child(child(root, "access_control"), "default_policy"), child(child(root, "session"), "name")].map(unresolved),
    ).toEqual([true, false]);
  });

  test("nothing where none is seen.", () => {
    expect(merged(["/gone.yml"], {})).toBeUndefined();
  });
});
