import { describe, expect, test } from "vitest";
import { variablesReadAgain } from "./read-again.ts";

// covers: P6 | files

const untrusted = new Map([
  ["TITLE", { context: "github.event.pull_request.title" }],
  ["BODY", { context: "github.event.pull_request.body" }],
]);

function read(script: string): readonly string[] {
  return variablesReadAgain(script, untrusted).map(({ name, as, offset }) => `${name} ${as} ${offset}`);
}

describe("a variable with a text of others", () => {
  test.each([
    ['echo "$TITLE" | sh', ["TITLE program 5"]],
    ['printf "%s" "${TITLE}" | sudo bash -s', ["TITLE program 12"]],
    ['echo "$TITLE" | grep x | bash -e', ["TITLE program 5"]],
    ['echo "$TITLE" | python3 -', ["TITLE program 5"]],
    ['eval "echo $TITLE"', ["TITLE program 5"]],
    ['bash -c "echo $TITLE"', ["TITLE program 8"]],
    ['x=$(echo "$TITLE" | sh)', ["TITLE program 9"]],
    ['echo "X=$BODY" >> $GITHUB_ENV', ["BODY variables 5"]],
    ['echo "X=$BODY" | tee -a "$GITHUB_ENV"', ["BODY variables 5"]],
    ['printf "X=%s\\n" "$BODY" >> "${GITHUB_ENV}"', ["BODY variables 16"]],
    ['echo "$TITLE" >> $GITHUB_ENV', ["TITLE variables 5"]],
    ['printf "%s\\n" "$TITLE" >> $GITHUB_ENV', ["TITLE variables 14"]],
    ['echo "/opt/$TITLE" >> $GITHUB_PATH', ["TITLE variables 5"]],
    ['echo "X<<EOF" >> $GITHUB_ENV\necho "$BODY" >> $GITHUB_ENV\necho EOF >> $GITHUB_ENV', ["BODY variables 34"]],
  ])("is read again by %s", (script, expected) => {
    expect(read(script)).toEqual(expected);
  });

  test.each([
    'echo "$TITLE"',
    'echo "$TITLE" | grep sh',
    'echo "$TITLE" | ./run.sh',
    'echo "$TITLE" | bash run.sh',
    'echo "$TITLE" | python3 -m json.tool',
    'echo "$TITLE" | sh -c "cat"',
    "bash -c 'echo $TITLE'",
    "echo '$TITLE' | sh",
    'echo "$OTHER" | sh',
    // One line, behind the name of what is set.
    'echo "X=$TITLE" >> $GITHUB_ENV',
    'printf "X=%s\\n" "$TITLE" >> $GITHUB_ENV',
    'echo "$BODY" >> $GITHUB_STEP_SUMMARY',
    'echo "$BODY" > body.txt',
    'echo "X=${BODY//[^a-z]/}" >> $GITHUB_ENV',
    'D=$(uuidgen)\necho "X<<$D" >> $GITHUB_ENV\necho "$BODY" >> $GITHUB_ENV\necho "$D" >> $GITHUB_ENV',
  ])("is a text to %s", (script) => {
    expect(read(script)).toEqual([]);
  });
});
