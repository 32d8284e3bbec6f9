import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkFolder } from "../../test/support/check-folder.ts";

// covers: G2 | compose kubernetes incus files

const work = mkdtempSync(join(tmpdir(), "ringwall-root-name-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const pod =
  "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  hostPID: true\n  containers:\n    - name: a\n      image: x:1\n      securityContext:\n        privileged: true\n";
const compose =
  "services:\n  web:\n    image: nginx\n    privileged: true\n    ports: ['80:80']\n    volumes: ['data:/data']\nvolumes:\n  data:\n";
const instance =
  'resource "incus_instance" "a" {\n  name = "a"\n  image = "x"\n  config = { "security.privileged" = true }\n}\n';

/** The fingerprints of the same files in a folder of a name, the control before each. */
async function fingerprintsIn(name: string, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = join(mkdtempSync(join(work, "clone-")), name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { findings } = await checkFolder(folder);
  const all = findings.flatMap((finding) => [finding, ...finding.includes]);
  return all.map(({ control, fingerprint }) => `${control} ${fingerprint}`).toSorted();
}

test.each<readonly [string, Record<string, string>]>([
  ["a Compose project without a name", { "compose.yaml": compose }],
  ["a Compose project with a name", { "compose.yaml": `name: of-its-own\n${compose}` }],
  ["manifests", { "pod.yaml": pod }],
  ["a configuration of OpenTofu", { "main.tf": instance }],
  [
    "an environment file and a broken one",
    { "compose.yaml": compose, "b/compose.yaml": "services: [", ".env": "PASSWORD=abc\n" },
  ],
  [
    "files of many formats",
    {
      "compose.yaml": compose,
      "k/pod.yaml": pod,
      "infra/main.tf": instance,
      Caddyfile: "a.example.org {\n\treverse_proxy web:80\n}\n",
    },
  ],
])("A baseline of %s holds in a clone whose folder has another name.", async (_, files) => {
  const before = await fingerprintsIn("of-its-own", files);
  expect(before.length).toBeGreaterThan(0);
  for (const name of ["other", "k", "Another One"]) expect(await fingerprintsIn(name, files)).toEqual(before);
});

test("Two folders that are checked at once are told apart by their names.", async () => {
  for (const name of ["a", "b"]) {
    mkdirSync(join(work, name));
    writeFileSync(join(work, name, "compose.yaml"), compose);
  }
  const { findings } = await checkFolder(work, "a", "b");
  expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(findings.length);
});
