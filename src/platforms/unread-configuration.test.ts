import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { describePlace } from "../lib/place.ts";
import { readPaths } from "./read-paths.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** What is told of files that were not read, as `severity place message`. */
function told(files: Readonly<Record<string, string | Buffer>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "unread-"));
  made.push(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const { systems, problems } = readPaths([folder], { cwd: folder, mayBeEmpty: true });
  return [...problems, ...systems.flatMap((system) => system.problems)].map(
    ({ severity, place, message }) => `${severity} ${describePlace(place)} ${message}`,
  );
}

const mounted = (file: string, inside: string, image = "nginx:1.29") =>
  `services:\n  web:\n    image: ${image}\n    volumes: ["./${file}:${inside}:ro"]\n`;
const binary = Buffer.from([0x00, 0x47, 0x49, 0x54, 0x00, 0xff, 0xfe, 0x0a]);

// covers: A5 | compose files
describe("A configuration that is no text", () => {
  test.each(["nginx.conf", "web.cfg"])("is told once where a service reads it, as %s.", (file) => {
    expect(told({ "compose.yaml": mounted(file, "/etc/nginx/nginx.conf"), [file]: binary })).toEqual([
      `error ${file} ${file} is a binary file (it has a zero byte); expected UTF-8 text.`,
    ]);
  });

  test("is told beside others where nobody mounts it.", () => {
    expect(told({ "compose.yaml": "services: {web: {image: nginx}}\n", "nginx/nginx.conf": binary })).toEqual([
      "warning nginx/nginx.conf nginx/nginx.conf is a binary file (it has a zero byte); expected UTF-8 text.",
    ]);
  });

  test("is nothing to be told where its name is not one of configuration that people write.", () => {
    expect(told({ "compose.yaml": "services: {web: {image: nginx}}\n", "cloud/user-data.img": binary })).toEqual([]);
    const logo = { "nginx/conf.d/logo.png": binary, "nginx/conf.d/a.conf": "server { listen 80; }\n" };
    expect(told({ "compose.yaml": mounted("nginx", "/etc/nginx"), ...logo })).toEqual([]);
  });
});

describe("A configuration with nothing in it", () => {
  test.each([
    ["", "It has nothing in it, and web starts from it: what it serves is not seen."],
    ["# to do\n\n", "It has nothing in it, and web starts from it: what it serves is not seen."],
    ["<html></html>\n", "It has nothing in it that is nginx's, and web starts from it: what it serves is not seen."],
  ])("is told where the program starts from it: %j.", (text, message) => {
    expect(told({ "compose.yaml": mounted("nginx.conf", "/etc/nginx/nginx.conf"), "nginx.conf": text })).toEqual([
      expect.stringMatching(new RegExp(`^warning nginx\\.conf(?::1:1)? ${message.replaceAll(".", "\\.")}$`)),
    ]);
  });

  test("is what switches a site of the image off, and nothing to be told.", () => {
    const inside = "/etc/nginx/conf.d/default.conf";
    expect(told({ "compose.yaml": mounted("default.conf", inside), "default.conf": "" })).toEqual([]);
    expect(
      told({ "compose.yaml": mounted("g.ini", "/etc/grafana/grafana.ini", "grafana/grafana"), "g.ini": "" }),
    ).toEqual([]);
  });
});
