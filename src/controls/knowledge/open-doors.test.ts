import { expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { openArguments, openVariables } from "./open-doors.ts";

// covers: A3 | compose
test("Kopia's server without a password is known wherever among its options that stands, and no other command of it.", () => {
  const opens = (text: string) => openArguments.some(({ pattern }) => pattern.test(text));
  for (const text of [
    "server start --without-password",
    "kopia server start --insecure --address=0.0.0.0:51515 --without-password",
    "server start --server-username=a\n--without-password=true --tls",
  ])
    expect(opens(text), text).toBe(true);
  for (const text of ["server start", "repository connect --without-password", "server status --without-password"])
    expect(opens(text), text).toBe(false);
});

const repeated = [
  "server start ",
  "--auth ",
  "none ",
  "kube-apiserver ",
  "--anonymous-auth=tru ",
  "--api.insecure=",
  "a ",
  "\t",
  "-",
  "'",
];

test.each([
  ...openArguments.map(({ pattern, means }) => [means, pattern] as const),
  ...openVariables.flatMap(({ means, name, value }) => [[means, name] as const, [means, value] as const]),
])("A long command or value holds nobody up in the question whether %s: %s", (_, pattern) => {
  const before = threadMs();
  for (const word of repeated) pattern.test(word.repeat(20_000));
  expect(threadMs() - before).toBeLessThan(500);
});
