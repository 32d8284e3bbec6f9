import { expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import { evaluate } from "../evaluate.ts";
import { literalAbsent } from "./secrets.literal-absent.ts";

const key = "a7523c3d0ae56415046ad8abae168d71074a79534a7062258f8d1d51ac2f76d3";
const said = "the value that it has where nobody sets it is written out here";

// covers: S1 | compose
test.each([
  ["a default", `{SECRET_KEY_BASE: '\${SECRET_KEY_BASE:-${key}}'}`, `medium: SECRET_KEY_BASE is a secret, and ${said}`],
  ["a default in a list", `['SECRET_KEY_BASE=\${KEY-${key}}']`, `medium: SECRET_KEY_BASE is a secret, and ${said}`],
  [
    "a default of a default",
    `{SECRET_KEY_BASE: '\${A:-\${B:-${key}}}'}`,
    `medium: SECRET_KEY_BASE is a secret, and ${said}`,
  ],
  ["a default beside a variable", `{SECRET_KEY_BASE: '\${A:-${key}}\${B}'}`, undefined],
  ["no default", "{SECRET_KEY_BASE: '${SECRET_KEY_BASE:?}'}", undefined],
  ["an empty default", "{SECRET_KEY_BASE: '${SECRET_KEY_BASE:-}'}", undefined],
  ["a default that is no secret", "{LOG_LEVEL: '${LOG_LEVEL:-debug-everything-please}'}", undefined],
  ["a value", `{SECRET_KEY_BASE: ${key}}`, "high: SECRET_KEY_BASE is a secret, and its value is written out here"],
])("A secret of which the file holds %s", (_title, environment, expected) => {
  const system = composeSystem(`services: {app: {image: 'ghcr.io/example/app:1', environment: ${environment}}}`);
  const today = new Date("2027-01-01T00:00:00Z");
  const { findings } = evaluate([system], [literalAbsent], { profile: "homelab", today, ownStack: false });
  const failed = findings.filter(({ verdict }) => verdict === "fail");
  expect(failed.map(({ severity, message }) => `${severity}: ${message}`)).toEqual(
    expected === undefined ? [] : [expected],
  );
  for (const { remedy } of failed) expect(remedy).toContain(expected?.startsWith("medium") ? ":?" : "secrets:");
});
