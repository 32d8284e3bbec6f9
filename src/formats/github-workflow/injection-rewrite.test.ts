import { describe, expect, test } from "vitest";
import { Source } from "../../lib/place.ts";
import { parseYaml } from "../yaml/parse.ts";
import { rewriteOf } from "./injection-rewrite.ts";
import { modelOf } from "./model.ts";

// covers: P6 G2 | files

const title = "${{ github.event.issue.title }}";

/** What stands in place of the last expression of a step's script. */
function reading(script: string, step: object = {}, runsOn = "ubuntu-24.04", env: object = {}): string | undefined {
  const text = JSON.stringify({
    on: "issues",
    jobs: { a: { "runs-on": runsOn, env, steps: [{ run: script, ...step }] } },
  });
  const workflow = modelOf(parseYaml(new Source("ci.yml", text), text).documents[0]);
  const [job] = workflow?.jobs ?? [];
  const [first] = job?.steps ?? [];
  if (workflow === undefined || job === undefined || first?.run === undefined) throw new Error("no step");
  const offset = script.lastIndexOf("${{");
  const context = /\$\{\{\s*([^\s}]+)/.exec(script.slice(offset))?.[1] ?? "";
  return rewriteOf({ workflow, job, step: first, script: first.run, offset, context })?.reading;
}

describe("a text of others, read as a variable", () => {
  test.each([
    [`echo "new: ${title}"`, "${ISSUE_TITLE}"],
    [`echo ${title}`, '"${ISSUE_TITLE}"'],
    [`X=${title}`, '"${ISSUE_TITLE}"'],
    [`echo 'a' "b" ${title}`, '"${ISSUE_TITLE}"'],
    [`# it's\necho "${title}"`, "${ISSUE_TITLE}"],
    [`echo "\\"" ${title}`, '"${ISSUE_TITLE}"'],
    [`echo "\${{ github.sha }}" ${title}`, '"${ISSUE_TITLE}"'],
    ["echo ${{ github.head_ref }}", '"${HEAD_REF}"'],
    ["echo ${{ env.BRANCH }}", '"${BRANCH}"'],
    [`./build.sh "${title}" | tee shell.log`, "${ISSUE_TITLE}"],
  ])("stands in quotes, of its own or those that are there: %s", (script, expected) => {
    expect(reading(script)).toBe(expected);
  });

  test.each([
    ["single quotes", `echo '${title}'`],
    ["a comment", `# ${title}`],
    ["a command", `${title} --help`],
    ["a command after another", `true && ${title}`],
    ["a command in a command", `echo "$(echo ${title})"`],
    ["a text that a second shell reads", `bash -c "echo ${title}"`],
    ["a text that another machine reads", `ssh host "echo ${title}"`],
    ["a program of another language", `python3 -c "print('${title}')"`],
    ["a here-document", `cat <<'EOF'\n${title}\nEOF`],
    ["arithmetic", `echo $(( ${title} ))`],
    ["a text that is piped into a shell", `echo "${title}" | sh`],
    ["a text that is piped into a shell elsewhere", `echo "${title}" |& sudo /bin/bash -s`],
    ["a text that is piped into another language", `echo "${title}" | python3`],
    ["a text that is given to a shell", `bash <(echo "${title}")`],
    ["a text in a script that is run later", `echo "${title}" > x; . ./x`],
    ["a variable of the next steps", `echo "X=${title}" >> $GITHUB_ENV`],
    ["a folder of programs", `echo "${title}" >> "${"$"}{GITHUB_PATH}"`],
    ["an output", `echo "x=${title}" >> $GITHUB_OUTPUT`],
    ["an output of old", `echo "::set-output name=x::${title}"`],
    ["an expression of several parts", "echo ${{ github.event.issue.title||'x' }}"],
    ["a script that has such a variable", `ISSUE_TITLE=1; echo "${title}"`],
  ])("is not certain to be the same as %s", (_, script) => {
    expect(reading(script)).toBeUndefined();
  });

  test("is read by a shell that knows it", () => {
    const script = `echo "${title}"`;
    expect(reading(script, { shell: "bash" }, "windows-2025")).toBe("${ISSUE_TITLE}");
    expect(reading(script, {}, "windows-2025")).toBeUndefined();
    expect(reading(script, {}, "${{ matrix.os }}")).toBeUndefined();
    expect(reading(script, { shell: "pwsh" })).toBeUndefined();
    expect(reading(script, { env: { ISSUE_TITLE: "x" } })).toBeUndefined();
    expect(reading(script, {}, "ubuntu-24.04", { ISSUE_TITLE: "x" })).toBeUndefined();
  });
});
