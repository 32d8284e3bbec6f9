/** Repositories as they lie about: large, half checked out, full of other people's code and of templates, and laid as traps. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkFolder, type ReportedFinding, ringwall } from "../support/check-folder.ts";
import { aLinkTo, folderOf, type Hostile, putInto } from "../support/hostile-files.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, Hostile>>): string {
  const folder = folderOf(files);
  folders.push(folder);
  return folder;
}

const hasGit = spawnSync("git", ["--version"]).status === 0;

function git(folder: string, ...args: readonly string[]): string {
  const settings = ["user.name=a", "user.email=a@example.org", "protocol.file.allow=always", "core.fsmonitor=false"];
  return execFileSync("git", ["-C", folder, ...settings.flatMap((each) => ["-c", each]), ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" },
  }).trim();
}

function commit(folder: string): void {
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", "x");
}

const privileged = "services:\n  app:\n    image: ghcr.io/example/app:1.4.2\n    privileged: true\n";
const sound = privileged.replace("true", "false");

function inputsOf(findings: readonly ReportedFinding[]): readonly ReportedFinding[] {
  return findings.filter(({ control }) => control === "input");
}

function filesWith(findings: readonly ReportedFinding[], control: string): readonly (string | null)[] {
  return findings.filter((finding) => finding.control === control).map(({ file }) => file);
}

describe("a repository", () => {
  // covers: V1 | files
  it("of five thousand files of all kinds is read in seconds, and what matters is found", {
    timeout: 60_000,
  }, async () => {
    const contents: readonly [string, string][] = [
      ["settings.yaml", "colour: blue\nsizes: [1, 2, 3]\n"],
      ["data.json", '{"a": [1, 2, 3]}\n'],
      ["page.md", "# A page\n\nWith `docker run` in it.\n"],
      ["program.py", "def main():\n    return {'a': 1}\n"],
      ["job.sh", "#!/bin/sh\nset -eu\necho ok\n"],
      ["unit.service", "[Service]\nExecStart=/usr/bin/true\n"],
      ["module.tf", 'variable "a@" {\n  default = 1\n}\n'],
      ["settings.toml", "[a]\nb = 1\n"],
      ["site.conf", "key value\n"],
      [".env.example", "COLOUR=blue\n"],
    ];
    const files = Array.from({ length: 5000 }, (_, at): [string, string] => {
      const [name, text] = contents[at % contents.length] ?? ["x", ""];
      return [
        `area-${at % 50}/part-${Math.floor(at / 500)}/${at % 50}-${Math.floor(at / 50)}${name}`,
        text.replace("@", String(at)),
      ];
    });
    const folder = folderWith({ ...Object.fromEntries(files), "area-7/compose.yaml": privileged });
    const started = performance.now();
    const { findings } = await checkFolder(folder);
    expect(filesWith(findings, "workload.privileged-off")).toEqual(["area-7/compose.yaml"]);
    expect(inputsOf(findings)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it("with dependencies, a vendored chart, generated files and links in circles is judged by its own files", async () => {
    const folder = folderWith({
      "compose.yaml": sound,
      "node_modules/evil/compose.yaml": privileged,
      "web/node_modules/evil/Dockerfile": "FROM scratch\nUSER root\n",
      "vendor/github.com/x/y/compose.yaml": privileged,
      ".terraform/modules/x/main.tf": 'resource "incus_instance" "x" {',
      "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
      "charts/app/values.yaml": "image: {repository: x, tag: latest}\nprivileged: true\n",
      "charts/app/templates/app.yaml":
        "{{- if .Values.on }}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  containers:\n    {{- range .Values.c }}\n    - name: {{ . }}\n    {{- end }}\n{{- end }}\n",
      "charts/app/templates/_helpers.tpl": '{{- define "x" -}}{{ .Values.x }}{{- end -}}\n',
      "dist/bundle.min.js": `var a=${"x".repeat(200_000)};\n`,
      "dist/data.json": `[${"[1,2,3],".repeat(50_000)}0]`,
      "package-lock.json": `{"packages": {${Array.from({ length: 2000 }, (_, at) => `"p${at}": {"version": "1.0.${at}"}`).join(",")}}}`,
      "loop/again": aLinkTo(".."),
      "loop/self": aLinkTo("self"),
      "up/up": aLinkTo("../../.."),
    });
    const { findings, code } = await checkFolder(folder);
    expect(
      findings.filter(({ file }) => /^(?:node_modules|web|vendor|\.terraform|loop|up)\//.test(file ?? "")),
    ).toEqual([]);
    expect(findings.some(({ control }) => control === "workload.privileged-off")).toBe(false);
    for (const { severity, file } of inputsOf(findings))
      expect([severity, file]).toEqual(["low", expect.stringMatching(/^charts\/app\//)]);
    expect(inputsOf(findings).length).toBeLessThan(3);
    expect(code).toBe(0);
  });
});

describe.skipIf(!hasGit)("a Git repository", () => {
  it("with a submodule, and as a submodule, is judged", () => {
    const part = folderWith({ "compose.yaml": privileged });
    git(part, "init", "-q");
    commit(part);
    const whole = folderWith({ "home/compose.yaml": sound });
    git(whole, "init", "-q");
    git(whole, "submodule", "--quiet", "add", part, "part");
    commit(whole);
    return Promise.all([checkFolder(whole), checkFolder(join(whole, "part"))]).then(([outside, inside]) => {
      expect(filesWith(outside.findings, "workload.privileged-off")).toEqual(["part/compose.yaml"]);
      expect(filesWith(inside.findings, "workload.privileged-off")).toEqual(["compose.yaml"]);
      expect([...inputsOf(outside.findings), ...inputsOf(inside.findings)]).toEqual([]);
    });
  });

  it("as a linked working tree is judged, also against a revision and with its history", async () => {
    const main = folderWith({ "compose.yaml": sound });
    git(main, "init", "-q");
    commit(main);
    const tree = join(main, "tree");
    git(main, "worktree", "add", "-q", "--detach", tree);
    writeFileSync(join(tree, "compose.yaml"), privileged);
    for (const more of [[], ["--since", "HEAD"], ["--history"]]) {
      const { findings, err } = await checkFolder(tree, ...more);
      expect(filesWith(findings, "workload.privileged-off"), `${more.join(" ")} ${err}`).toEqual(["compose.yaml"]);
      // What a file named `.git` points to may be anybody's: its history is not searched, and that is said.
      const said = inputsOf(findings).map(({ message }) => message);
      expect(said).toEqual(
        more[0] === "--history"
          ? [expect.stringContaining("it is a worktree or submodule, whose history is kept")]
          : [],
      );
    }
  });

  it("that is checked out sparsely is judged by what is there, and says no word of the rest", async () => {
    const folder = folderWith({
      "home/compose.yaml": privileged,
      "other/compose.yaml": privileged,
      "other/.env": "A=1\n",
    });
    git(folder, "init", "-q");
    commit(folder);
    git(folder, "sparse-checkout", "set", "home");
    expect(existsSync(join(folder, "other"))).toBe(false);
    for (const more of [[], ["--since", "HEAD"]]) {
      const { findings, code } = await checkFolder(folder, ...more);
      const own = more.length === 0 ? ["home/compose.yaml"] : [];
      expect(filesWith(findings, "workload.privileged-off"), more.join(" ")).toEqual(own);
      expect(findings.filter(({ file }) => file?.startsWith("other/"))).toEqual([]);
      expect(code).not.toBe(2);
    }
  });

  it("whose `.git` is a file that points elsewhere is read no further than itself", async () => {
    const elsewhere = folderWith({ "compose.yaml": "services: {}\n" });
    git(elsewhere, "init", "-q");
    commit(elsewhere);
    for (const target of ["/", "/etc", "../../../..", join(elsewhere, ".git"), "x".repeat(100_000), "\u0000"]) {
      const folder = folderWith({ "compose.yaml": privileged, ".git": `gitdir: ${target}\n` });
      const { findings, out } = await checkFolder(folder);
      expect(filesWith(findings, "workload.privileged-off")).toEqual(["compose.yaml"]);
      expect(out).not.toContain(elsewhere);
    }
  });

  // covers: V1 | files | real: git
  it("that is laid as a trap runs nothing, whatever is asked", async () => {
    const folder = folderWith({ "compose.yaml": sound, "settings.yaml": "db_password: kq83nf92hdX\n" });
    const canary = join(folder, "..", `${folder.split("/").at(-1)}-canary`);
    folders.push(canary);
    git(folder, "init", "-q", "-b", "main");
    commit(folder);
    writeFileSync(join(folder, "compose.yaml"), privileged);
    commit(folder);
    layTraps(folder, canary);
    for (const more of [[], ["--since", "HEAD~1"], ["--since", "main"], ["--history"], ["--fix", "--dry-run"]]) {
      const { code, err } = await ringwall(folder, ["check", ...more]);
      expect(code, `${more.join(" ")} ${err}`).toBeLessThan(2);
      expect(existsSync(canary), more.join(" ")).toBe(false);
    }
    // Asked plainly, Git does run what is named there: the trap is one.
    spawnSync("git", ["-C", folder, "status"], { env: { PATH: process.env.PATH }, stdio: "ignore" });
    expect(existsSync(canary)).toBe(true);
  });
});

/** Every setting, hook and attribute by which Git can be made to run a program, each touching the canary. */
function layTraps(folder: string, canary: string): void {
  const script = join(folder, ".git", "trap.sh");
  writeFileSync(script, `#!/bin/sh\ntouch '${canary}'\n`);
  chmodSync(script, 0o755);
  const hooks = join(folder, ".git", "traps");
  mkdirSync(hooks);
  for (const hook of [
    "post-index-change",
    "post-checkout",
    "reference-transaction",
    "fsmonitor-watchman",
    "pre-auto-gc",
  ]) {
    writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch '${canary}'\n`);
    chmodSync(join(hooks, hook), 0o755);
  }
  const settings = `
[core]
  fsmonitor = ${script}
  hooksPath = ${hooks}
  pager = ${script}
  editor = ${script}
  sshCommand = ${script}
  askPass = ${script}
  alternateRefsCommand = ${script}
  gitProxy = ${script}
[diff]
  external = ${script}
[diff "evil"]
  textconv = ${script}
  command = ${script}
[filter "evil"]
  clean = ${script}
  smudge = ${script}
  process = ${script}
  required = true
[gpg]
  program = ${script}
[log]
  showSignature = true
[credential]
  helper = !${script}
[uploadpack]
  packObjectsHook = ${script}
[alias]
  log = !${script}
  rev-list = !${script}
  cat-file = !${script}
  ls-tree = !${script}
  ls-files = !${script}
  rev-parse = !${script}
  diff-tree = !${script}
  status = !${script}
[includeIf "gitdir:/"]
  path = more.config
`;
  const config = join(folder, ".git", "config");
  const before = git(folder, "config", "--file", config, "--get", "core.repositoryformatversion");
  writeFileSync(config, `[core]\n  repositoryformatversion = ${before}\n  bare = false\n${settings}`);
  writeFileSync(
    join(folder, ".git", "more.config"),
    `[core]\n  fsmonitor = ${script}\n[diff]\n  external = ${script}\n`,
  );
  putInto(folder, {
    ".gitattributes": "* filter=evil diff=evil\n",
    ".git/info/attributes": "* filter=evil diff=evil\n",
    ".gitmodules": `[submodule "x"]\n  path = x\n  url = ext::sh -c "touch ${canary}"\n  update = !touch ${canary}\n`,
  });
}

describe("a file that looks like two formats", () => {
  const cases: readonly [title: string, files: Readonly<Record<string, string>>, found: string | undefined][] = [
    [
      "a manifest under a Compose file's name",
      {
        "docker-compose.yml":
          "apiVersion: v1\nkind: Pod\nmetadata: {name: app, namespace: home}\nspec: {containers: [{name: main, image: 'x:1', securityContext: {privileged: true}}]}\n",
      },
      "workload.privileged-off",
    ],
    [
      "a Compose file with an apiVersion",
      { "compose.yaml": `x-apiVersion: v1\n${privileged}` },
      "workload.privileged-off",
    ],
    [
      "a workflow with services",
      {
        ".github/workflows/compose.yml":
          "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    services: {db: {image: 'postgres:17'}}\n    steps:\n      - run: echo ${{ github.event.pull_request.title }}\n",
      },
      "supply-chain.script-injection-absent",
    ],
    [
      "JSON under a Compose file's name",
      { "compose.yaml": '{"services": {"app": {"image": "x:1", "privileged": true}}}' },
      "workload.privileged-off",
    ],
    ["values of a chart with services", { "values.yaml": "services:\n  web: {enabled: true, port: 80}\n" }, undefined],
    ["settings with a `kind`", { "settings.yaml": "kind: cat\nname: Tom\n" }, undefined],
    ["a Dockerfile for notes", { "Dockerfile.md": "# How to\n\nFROM here on\n" }, undefined],
    ["an ini file that ends in .conf", { "nginx/app.conf": "[section]\nkey = value\n" }, undefined],
  ];
  it.each(cases)("%s", async (_title, files, found) => {
    const { findings, controls, code, err } = await checkFolder(folderWith({ "home/compose.yaml": sound, ...files }));
    expect(err).toBe("");
    expect(code).toBeLessThan(2);
    if (found !== undefined) expect(controls).toContain(found);
    expect(inputsOf(findings).map(({ message }) => message)).toEqual([]);
  });
});

describe("a template is said to be one, once, and is no wall of parse errors", () => {
  const jinja = (body: string) =>
    `{% if docker %}\n${body}\n{% for each in list %}\n  {{ each.name }}: {{ each.value | to_json }}\n{% endfor %}\n{% endif %}\n`;
  const cases: readonly [title: string, files: Readonly<Record<string, string>>][] = [
    [
      "Jinja in Compose",
      {
        "roles/app/templates/docker-compose.yml.j2": jinja("services:"),
        "roles/web/templates/compose.yaml": jinja("services:"),
      },
    ],
    [
      "Jinja in the values of Compose",
      {
        "roles/app/templates/docker-compose.yml":
          'services:\n  app:\n    image: "{{ image }}:{{ tag }}"\n    user: "{{ uid }}:{{ gid }}"\n    ports: ["{{ port }}:80", "127.0.0.1:{{ other }}:90"]\n    privileged: "{{ privileged }}"\n    volumes: ["{{ data }}:/data", "{{ sock }}:/var/run/docker.sock"]\n    networks: ["{{ net }}"]\n',
      },
    ],
    [
      "Jinja in tasks",
      {
        "roles/app/tasks/main.yml": '- name: x\n  shell: "{{ a }}"\n  when: b\n',
        "site.yml": "- hosts: all\n  roles: [{role: app}]\n",
      },
    ],
    [
      "Go in manifests",
      {
        "deploy/app.yaml":
          "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Name }}\n{{- with .Labels }}\n  labels:\n    {{- toYaml . | nindent 4 }}\n{{- end }}\nspec: {}\n",
      },
    ],
    [
      "a Helm chart of thirty templates",
      {
        "chart/Chart.yaml": "apiVersion: v2\nname: x\nversion: 0.1.0\n",
        ...Object.fromEntries(
          Array.from({ length: 30 }, (_, at) => [
            `chart/templates/part-${at}.yaml`,
            `{{- if .Values.p${at} }}\napiVersion: v1\nkind: Service\nmetadata:\n  name: {{ include "x.name" . }}\n{{ end -}}\n`,
          ]),
        ),
      },
    ],
    [
      "chezmoi and envsubst",
      {
        "dot_config/compose.yaml.tmpl": "services:\n  a: {image: {{ .image }}}\n",
        "nginx/default.conf.template": "server { listen ${PORT}; }\n",
      },
    ],
    [
      "Jinja in other formats",
      {
        "templates/Caddyfile.j2": "{{ domain }} {\n reverse_proxy {{ up }}\n}\n",
        "templates/sshd_config.j2": "{% if a %}\nPort {{ port }}\n{% endif %}\n",
        "templates/nginx.conf.j2": "{% for s in sites %}\nserver { server_name {{ s }}; }\n{% endfor %}\n",
      },
    ],
  ];
  it.each(cases)("%s", async (_title, files) => {
    const { findings, err } = await checkFolder(folderWith({ "home/compose.yaml": sound, ...files }));
    expect(err).toBe("");
    const inputs = inputsOf(findings);
    expect(inputs.length, JSON.stringify(inputs, null, 1)).toBeLessThan(3);
    for (const { message } of inputs) expect(message).toMatch(/is a template|chart|rendered/i);
  });
});
