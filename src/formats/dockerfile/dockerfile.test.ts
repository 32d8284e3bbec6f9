import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { configInput } from "../../../test/support/config-input.ts";
import { threadMs } from "../../../test/support/thread-time.ts";
import type { BuildRisk } from "../../facts/configuration/dockerfile.ts";
import { knownValue } from "../../facts/fact.ts";
import { describePlace, placeAt, Source } from "../../lib/place.ts";
import { ConfinedFiles } from "../../repository/files.ts";
import { contextAt } from "./context.ts";
import { parseIgnore } from "./ignore.ts";
import { dockerfileFormat, isDockerfileName } from "./index.ts";
import { parseDockerfile } from "./parse.ts";
import { readDockerfile } from "./read.ts";
import { risksOfStep } from "./risks.ts";
import { type BuildRequest, readStages, type Stages } from "./stages.ts";
import { expandWord, jsonWords, splitWords, type VariableValue } from "./words.ts";

const nothing: BuildRequest = { target: undefined, arguments: new Map() };
const files = { files: new ConfinedFiles(import.meta.dirname), paths: [] };

function stagesOf(text: string, request: BuildRequest = nothing): Stages {
  const source = new Source("Dockerfile", text);
  return readStages(parseDockerfile(text), (offset) => placeAt(source, offset), request);
}

function risksIn(text: string): readonly Pick<BuildRisk, "kind" | "name">[] {
  const source = new Source("Dockerfile", text);
  const placeOf = (offset: number) => placeAt(source, offset);
  const found: Pick<BuildRisk, "kind" | "name">[] = [];
  readStages(parseDockerfile(text), placeOf, nothing, (instruction, lookup) => {
    found.push(...risksOfStep(instruction, lookup, placeOf, contextAt(files, undefined, undefined)));
  });
  return found;
}

describe("A Dockerfile's instructions", () => {
  test("go on over comments and empty lines, and every offset stays that of the file.", () => {
    const text =
      "# syntax=x\nFROM a\nRUN --mount=type=cache,target=/x \\\n  # why\n\n  echo one \\\n && echo two\nUSER 5\n";
    const { instructions } = parseDockerfile(text);
    expect(instructions.map(({ keyword }) => keyword)).toEqual(["FROM", "RUN", "USER"]);
    const run = instructions[1];
    expect(run?.flags.map(({ name, value }) => [name, value])).toEqual([["mount", "type=cache,target=/x"]]);
    expect(text.slice(run?.textOffset ?? 0).startsWith("echo one")).toBe(true);
    expect(run?.text.length).toBe("echo one \\\n && echo two".length);
  });

  test("follow the escape directive, and here-documents end where they say.", () => {
    expect(
      parseDockerfile("# escape=`\nFROM a\nRUN a `\n b\nUSER x").instructions.map(({ keyword }) => keyword),
    ).toEqual(["FROM", "RUN", "USER"]);
    const text = "FROM a\nRUN <<EOF\nUSER nobody\nEOF\nCOPY <<'A' <<B /d/\nFROM x\nA\ny\nB\nUSER 1";
    expect(parseDockerfile(text).instructions.map(({ keyword }) => keyword)).toEqual(["FROM", "RUN", "COPY", "USER"]);
  });

  test("What is none is told once, with its place.", () => {
    const { mistake, instructions } = parseDockerfile("FROM a\nWRONG x\nALSO y\nUSER 1");
    expect(mistake).toEqual({ keyword: "WRONG", offset: 7 });
    expect(instructions).toHaveLength(2);
  });

  test("That lack what they are about, or a stage to stand in, are told with their place.", () => {
    expect(parseDockerfile("FROM\nUSER\n").mistake).toEqual({ keyword: "FROM", offset: 0, isBare: true });
    expect(parseDockerfile("FROM a\nUSER # x\nRUN y\n").mistake).toBeUndefined();
    expect(parseDockerfile("FROM a\nUSER \\\n\n  app\nENTRYPOINT\nRUN\n").mistake).toBeUndefined();
    const problemsIn = (text: string, path = "Dockerfile") => {
      const input = configInput({ [path]: text });
      const { mayBe, recognises, read } = dockerfileFormat;
      return mayBe(path) && recognises(path, text)
        ? read(input).problems.map(({ message, place }) => `${describePlace(place)} ${message}`)
        : "not one";
    };
    expect(problemsIn("FROM\nUSER\n")).toEqual([
      "Dockerfile:1:1 FROM stands alone here, and no image is built from this Dockerfile.",
    ]);
    expect(problemsIn("FROM a\nRUN b\nUSER\n")).toEqual([
      "Dockerfile:3:1 USER stands alone here, and no image is built from this Dockerfile.",
    ]);
    for (const text of ["", "RUN make\n"])
      expect(problemsIn(text)).toEqual(["Dockerfile:1:1 This Dockerfile has no FROM, and no image is built from it."]);
    expect(problemsIn("# syntax=example/frontend\nRUN x\n")).toEqual([]);
    expect(problemsIn("Notes on our images\n")).toBe("not one");
    expect(problemsIn("", "Dockerfile.notes")).toBe("not one");
  });

  test("Nothing makes reading throw, and time grows with the length alone.", () => {
    const parts = [
      "FROM a",
      " AS b",
      "\n",
      "\\\n",
      "RUN <<E",
      "E",
      "ENV A=$A",
      "${A:-",
      "}",
      '"',
      "'",
      "ARG B=",
      "COPY --from=",
      "[",
      "ONBUILD ",
      "HEALTHCHECK CMD",
      " ",
      "EXPOSE 1-9",
      "USER $B",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 40 }), (pieces) => {
        risksIn(pieces.join(""));
      }),
      { numRuns: 500 },
    );
    for (const piece of [
      "FROM a AS b\n",
      "ENV A=$A$A\n",
      "RUN <<E\n",
      "EXPOSE 1-65000\n",
      "ARG A=${A:-",
      "COPY a \\\n",
    ]) {
      const started = threadMs();
      risksIn(piece.repeat(5_000));
      expect(threadMs() - started, piece).toBeLessThan(2_000);
    }
  });

  test("Names of Dockerfiles are told from their ignore files and templates.", () => {
    for (const name of [
      "Dockerfile",
      "Containerfile",
      "web.Dockerfile",
      "Dockerfile.prod",
      "dockerfile",
      "Dockerfile-dev",
    ])
      expect(isDockerfileName(name), name).toBe(true);
    for (const name of [
      "Dockerfile.j2",
      "Dockerfile.dockerignore",
      "Dockerfile.template",
      "dockerfile.ts.md",
      "NotADockerfileAtAll",
    ])
      expect(isDockerfileName(name), name).toBe(false);
  });
});

describe("Words", () => {
  const values: Record<string, VariableValue> = { A: { text: "x" }, E: { text: "" }, U: { why: "not known" } };
  const lookup = (name: string) => values[name];

  test.each([
    ["$A", "x"],
    ["${A}y", "xy"],
    ["${B:-d}", "d"],
    ["${E:-d}", "d"],
    ["${E-d}", ""],
    ["${A:+z}", "z"],
    ["${B:+z}", ""],
    ["${B:-${A}}", "x"],
    ["'$A'", "$A"],
    ['"$A b"', "x b"],
    ["\\$A", "$A"],
    ["a$", "a$"],
  ])("%s is %s.", (raw, expected) => {
    expect(expandWord(raw, lookup)).toMatchObject({ text: expected });
  });

  test("What hangs on an unknown value, or on a pattern, cannot be told.", () => {
    expect(expandWord("a${U}b", lookup).why).toBe("not known");
    expect(expandWord("${U:-d}", lookup).why).toBe("not known");
    expect(expandWord("${A#v}", lookup).why).toMatch(/pattern/);
  });

  test("Quotes hold words together, and the JSON form is one of texts alone.", () => {
    expect(splitWords('a "b c"\\ d \\\n e', 10).map(({ raw, offset }) => [raw, offset])).toEqual([
      ["a", 10],
      ['"b c"\\ d', 12],
      ["e", 24],
    ]);
    expect(jsonWords('["a", \\\n "b"]')).toEqual(["a", "b"]);
    expect(jsonWords("[a]")).toBeUndefined();
    expect(jsonWords("[1]")).toBeUndefined();
  });
});

describe("Stages", () => {
  test("Arguments before the first FROM count in FROM, and in a stage that declares them.", () => {
    const { final, fetched } = stagesOf("ARG V=3.22\nFROM alpine:${V}\nARG V\nUSER u$V\n");
    expect(fetched.map(({ reference }) => knownValue(reference)?.text)).toEqual(["alpine:3.22"]);
    expect(knownValue(final?.user as never)).toMatchObject({ text: "u3.22" });
    const undeclared = stagesOf("ARG V=3.22\nFROM alpine\nUSER u$V\n").final;
    expect(knownValue(undeclared?.user as never)).toMatchObject({ text: "u" });
  });

  test("What the builder gives comes before a default, and what nobody gives is unknown.", () => {
    const text = "FROM alpine\nARG U=a\nUSER $U";
    const given = stagesOf(text, { target: undefined, arguments: new Map([["U", { text: "b" }]]) });
    expect(knownValue(given.final?.user as never)).toMatchObject({ text: "b" });
    expect(stagesOf("FROM alpine\nARG U\nUSER $U").final?.user.kind).toBe("unknown");
  });

  test("A stage takes over what the one below says, and a target picks one.", () => {
    const text =
      "FROM alpine AS a\nUSER 5\nENV X=1\nEXPOSE 80 53/udp\nFROM a AS b\nENV Y=$X\nFROM scratch\nCOPY --from=b / /\n";
    const target = stagesOf(text, { target: "b", arguments: new Map() }).final;
    expect(knownValue(target?.user as never)).toMatchObject({ uid: 5 });
    expect(
      [...(target?.environment.values() ?? [])].map(({ name, value }) => [name, knownValue(value)?.reveal()]),
    ).toEqual([
      ["X", "1"],
      ["Y", "1"],
    ]);
    expect(target?.exposed.map(({ port, protocol }) => `${port}/${protocol}`)).toEqual(["80/tcp", "53/udp"]);
    expect(stagesOf(text).final?.base.kind).toBe("unstated");
    expect(stagesOf(text).fetched.map(({ isBase }) => isBase)).toEqual([false]);
    expect(stagesOf(text, { target: "c", arguments: new Map() }).final).toBeUndefined();
  });

  test("An entrypoint drops the command of what it stands on, and none of its own.", () => {
    const inherited = stagesOf('FROM alpine AS a\nCMD ["x"]\nFROM a\nENTRYPOINT ["y"]').final;
    expect(knownValue(inherited?.command as never)).toEqual([]);
    const own = stagesOf('FROM alpine\nCMD ["x"]\nENTRYPOINT y z').final;
    expect(knownValue(own?.command as never)).toHaveLength(1);
    expect((knownValue(own?.entrypoint as never) as { reveal(): string }[]).map((word) => word.reveal())).toEqual([
      "/bin/sh",
      "-c",
      "y z",
    ]);
  });
});

describe("Risks of a Dockerfile", () => {
  // covers: S1 S2
  test("Secrets are told by name, and never by value.", () => {
    const text =
      'FROM alpine\nENV API_TOKEN=q8Zk2mv71xLp PASSWORD_FILE=/run/x\nARG NPM_TOKEN\nARG DB_PASSWORD=q8Zk2mv71xLp\nLABEL api_key="q8Zk2mv71xLp"\nENV PORT=80 TOKEN_TTL=60\nENV KEY $API_TOKEN\n';
    expect(risksIn(text).map(({ kind, name }) => [kind, name])).toEqual([
      ["secret-variable", "API_TOKEN"],
      ["secret-argument", "NPM_TOKEN"],
      ["secret-default", "DB_PASSWORD"],
      ["secret-variable", "api_key"],
    ]);
    expect(JSON.stringify(risksIn(text))).not.toContain("q8Zk2mv71xLp");
  });

  test("A download is told unless a checksum or a commit says what it must be.", () => {
    const text =
      "FROM alpine\nADD https://e.org/a /a\nADD --checksum=sha256:ab https://e.org/b /b\nADD https://e.org/c.git#v1 /c\nADD d.tar /d\nCOPY --chmod=777 a /a\nRUN --security=insecure x\n";
    expect(risksIn(text).map(({ kind }) => kind)).toEqual(["unverified-download", "world-writable", "unconfined-step"]);
  });
});

describe("A .dockerignore", () => {
  test.each([
    ["node_modules", "node_modules/x/y", true],
    ["*.env", "a.env", true],
    ["*.env", "b/a.env", false],
    ["**/*.env", "b/c/a.env", true],
    ["**/*.env", "a.env", true],
    ["**/.git", ".git/HEAD", true],
    [".git/*", ".git/HEAD", true],
    ["/build", "build/x", true],
    ["doc?/", "docs/a", true],
    ["[a-c].key", "b.key", true],
    ["[^a-c].key", "b.key", false],
    ["**\n!keep.env", "keep.env", false],
    ["# a\n\n.env", ".env", true],
    ["a.env", "axenv", false],
  ])("%j keeps out %s: %s.", (text, path, expected) => {
    expect(parseIgnore(text)(path)).toBe(expected);
  });

  test("No pattern takes long on a path that is made for it.", () => {
    const started = threadMs();
    parseIgnore(`${"*a".repeat(7)}\n${"**/a".repeat(30)}\n${"*".repeat(400)}b`)("a".repeat(3_000));
    expect(threadMs() - started).toBeLessThan(500);
  });
});

describe("How an image drops root", () => {
  const by = (lines: string) => {
    const text = `FROM debian:13\n${lines}\n`;
    const file = { text, placeOf: (offset: number) => placeAt(new Source("Dockerfile", text), offset) };
    const { configuration } = readDockerfile(file, nothing, files, { dockerfile: undefined, context: undefined });
    return knownValue(configuration.dropsRootBy);
  };

  test.each([
    ["RUN apt-get update && apt-get install -y gosu", "gosu"],
    ["RUN gosu nobody true", "gosu"],
    ["COPY --from=tianon/gosu /gosu /usr/local/bin/", "gosu"],
    ["ADD https://github.com/just-containers/s6-overlay/releases/download/v3/x.tar.xz /tmp", "s6-overlay"],
    ['ENTRYPOINT ["setpriv", "--reuid=1000", "app"]', "setpriv"],
    ["COPY --chmod=755 <<EOF /start\n#!/bin/sh\nexec runuser -u app -- app\nEOF", "runuser"],
    ["RUN echo 'exec setpriv --reuid 1 app' > /start", "setpriv"],
    ["RUN <<EOF\ncat > /start <<'X'\nexec su-exec app app\nX\nEOF", "su-exec"],
    ["FROM a AS base\nRUN apk add su-exec\nFROM base", "su-exec"],
  ])("is told by what it is made of: %j", (lines, expected) => {
    expect(by(lines)).toBe(expected);
  });

  test.each([
    "# once with gosu\nUSER root",
    "RUN true \\\n  # no su-exec here\n  && true",
    "RUN true # not with gosu",
    "RUN runuser -u app -- npm ci",
    "COPY <<EOF /start\n# gosu is gone\nexec app\nEOF",
    "ONBUILD RUN apt-get install gosu",
    "RUN apk add su-exec\nFROM debian:13\nRUN true",
    "LABEL note='no gosu'",
  ])("is not told by what is said, or done elsewhere: %j", (lines) => {
    expect(by(lines)).toBeUndefined();
  });
});
