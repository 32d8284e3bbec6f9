/** What is said of hooks beside a program: only what the program's own user does not say already. */
import { expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import { userUnprivileged } from "./workload.user-unprivileged.ts";

function judged(user: string, hook: string): readonly string[] {
  const text = `services:\n  a:\n    image: ghcr.io/example/a:1.0\n${user}    post_start:\n      - command: [x]\n${hook}`;
  const system = composeSystem(text);
  return system
    .all("container")
    .flatMap((container) => userUnprivileged.check(container, system))
    .map(({ verdict, message, severity }) =>
      `${verdict} ${severity ?? ""} ${/hook/.test(message ?? "") ? "hook" : ""}`.trim(),
    );
}

const own = '    user: "1000"\n';
const rootHook = "        user: root\n";

// covers: W1 | compose
test.each([
  ["a user of its own, and a hook that has none", own, "", ["pass"]],
  ["a user of its own, and so has the hook", own, '        user: "1001"\n', ["pass"]],
  ["a user of its own, and a hook as root", own, rootHook, ["pass", "fail low hook"]],
  [
    "a user of its own, and a hook whose user is a variable",
    own,
    "        user: ${HOOK}\n",
    ["pass", "unknown low hook"],
  ],
  ["root, and a hook as root is nothing more", "    user: root\n", rootHook, ["fail"]],
  ["none stated, and a hook as root is nothing more", "", rootHook, ["fail"]],
  ["a variable, and a hook as root is told beside it", "    user: ${OWN}\n", rootHook, ["unknown", "fail low hook"]],
])("The program's user is %s.", (_, user, hook, expected) => {
  expect(judged(user, hook)).toEqual(expected);
});
