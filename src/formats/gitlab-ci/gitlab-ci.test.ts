import { expect, test } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { describePlace, Source } from "../../lib/place.ts";
import { readGitlabFile } from "./read.ts";

function read(text: string) {
  const path = ".gitlab-ci.yml";
  const file = { ok: true as const, path, text, source: new Source(path, text), mode: 0o644 };
  const found = readGitlabFile({ file, path, system: "ci", lens: "written", platform: "files" });
  const pipeline = found.subjects.find((subject) => subject.kind === "pipeline");
  const images = found.subjects.flatMap((subject) =>
    subject.kind === "image" ? [knownValue(subject.reference)?.repository ?? subject.reference.kind] : [],
  );
  return { ...found, images, workflow: pipeline?.kind === "pipeline" ? pipeline.workflow : undefined };
}

// covers: P6 V1 V3 | files
test("Images of jobs, of their services, and of what is written for all of them are read, each once.", () => {
  const { images } = read(
    "default: {image: a/default:1}\nimage: {name: a/top:1}\n.base: &base\n  image: a/base:1\n  services: [a/redis:1, {name: a/pg:1}]\none: {<<: *base, script: x}\ntwo: {image: $IMAGE, script: x}\n",
  );
  expect(images.sort()).toEqual(["a/base", "a/default", "a/pg", "a/redis", "a/top", "unknown"]);
});

test("A component's own head, `!reference` and nested scripts are read as GitLab reads them.", () => {
  const { workflow } = read(
    'spec: {inputs: {a: {}}}\n---\njob:\n  script:\n    - !reference [.base, script]\n    - - echo a\n      - eval "x $CI_COMMIT_TITLE"\n',
  );
  expect(workflow?.injections.items.map(({ context, by, place }) => [context, by, describePlace(place)])).toEqual([
    ["$CI_COMMIT_TITLE", "contributor", ".gitlab-ci.yml:7:14"],
  ]);
});

test("A text that is read again counts where the outer shell puts it in, and not where the inner one does.", () => {
  const contexts = (line: string) =>
    read(`job:\n  script:\n    - ${JSON.stringify(line)}\n`).workflow?.injections.items.map(({ context }) => context);
  expect(contexts('bash -ec "deploy $CI_COMMIT_REF_NAME"')).toEqual(["$CI_COMMIT_REF_NAME"]);
  expect(contexts("python3 -c \"print('$CI_COMMIT_MESSAGE')\"")).toEqual(["$CI_COMMIT_MESSAGE"]);
  expect(contexts('if true; then eval "a ${CI_MERGE_REQUEST_TITLE}"; fi')).toEqual(["$CI_MERGE_REQUEST_TITLE"]);
  expect(contexts("bash -c 'deploy \"$CI_COMMIT_REF_NAME\"'")).toEqual([]);
  expect(contexts('bash -c "deploy $CI_COMMIT_SHORT_SHA $CI_COMMIT_REF_SLUG"')).toEqual([]);
  expect(contexts('bash script.sh -c "$CI_COMMIT_MESSAGE"; git -c "$CI_COMMIT_MESSAGE"')).toEqual([
    "$CI_COMMIT_MESSAGE",
  ]);
});

test("What GitLab itself decides is open, and a broken file leaves everything open.", () => {
  expect(read("job: {script: x}\n").workflow?.triggers).toMatchObject({ complete: false, items: [] });
  const broken = read("job: {script: x}\nother: [\n");
  expect(broken.problems.length).toBeGreaterThan(0);
  if (broken.workflow !== undefined) expect(broken.workflow.injections.complete).toBe(false);
  for (const odd of ["", "- a\n", "a: 1\n", "\u0000", "services: {web: {image: x}}\n"])
    expect(read(odd).workflow).toBeUndefined();
});
