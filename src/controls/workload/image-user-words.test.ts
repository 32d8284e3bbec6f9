/** What is said of the user of an image: what its Dockerfile states is not called a default. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readPaths } from "../../platforms/read-paths.ts";
import { evaluate } from "../evaluate.ts";
import { allControls } from "../registry.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-user-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// covers: W1 | files
test.each([
  ["FROM alpine:3.20\nUSER root\nCMD x\n", ["medium `USER` is root, line 2"]],
  ["FROM node:22\nUSER 0:0\n", ["low `USER` is 0:0, line 2"]],
  ["FROM alpine:3.20 AS a\nUSER root\nFROM a\nCMD x\n", ["medium `USER` is root, line 2"]],
  ["FROM alpine:3.20\nCMD x\n", ["medium `USER` is not stated, and the image makes it root, line 1"]],
  ["FROM scratch\nCOPY x /\nUSER root\n", ["low `USER` is root, line 3"]],
  ["FROM scratch\nCOPY x /\n", []],
])("The user of an image is told as it is written: %j", (text, expected) => {
  writeFileSync(join(folder, "Dockerfile"), text);
  const { systems } = readPaths([folder], { cwd: folder });
  const { findings } = evaluate(systems, allControls, { today: new Date(0), profile: "homelab", ownStack: false });
  const own = findings.filter(({ control }) => control === "workload.image-user-unprivileged");
  const line = (place: (typeof own)[number]["place"]) =>
    place.kind === "file" ? place.source.locate(place.offset).line : 0;
  expect(own.map(({ severity, message, place }) => `${severity} ${message}, line ${line(place)}`)).toEqual(expected);
});
