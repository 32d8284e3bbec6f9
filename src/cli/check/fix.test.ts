import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MemoryContext, memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

// covers: G2 W3 W4 | compose

const web = `# the shop
services:
  web:
    image: example/app:1.2.3 # pinned
    ports: ["8080:80"]
    restart: always
`;
const mended = `${web}    security_opt:
      - no-new-privileges:true
    pids_limit: 2048
    logging:
      driver: json-file
      options:
        max-size: "10m"
        max-file: "3"
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-fix-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
  chmodSync(join(folder, path), mode);
}

function textOf(path: string): string {
  return readFileSync(join(folder, path), "utf8");
}

async function check(...argv: readonly string[]) {
  return checkIn(memoryContext({ cwd: folder }), ...argv);
}

/** With somebody at the terminal, who types an answer. */
async function checkAnswering(answer: string, ...argv: readonly string[]) {
  const stdin = Object.assign(Readable.from([`${answer}\n`]), { isTTY: true });
  const context = memoryContext({ cwd: folder, isTTY: true, env: { NO_COLOR: "1" } });
  return checkIn(Object.create(context, { stdin: { value: stdin } }), ...argv);
}

async function checkIn(context: MemoryContext, ...argv: readonly string[]) {
  const code = await runCli(["check", ...argv], context);
  return { code, stdout: context.stdout.text(), stderr: context.stderr.text() };
}

function controlsIn(json: string): readonly string[] {
  const { findings } = JSON.parse(json) as { findings: { control: string }[] };
  return findings.map(({ control }) => control);
}

describe("ringwall check --fix", () => {
  it("writes the changes below what is there, keeps the rest to the byte, and tells what is still found", async () => {
    put("compose.yaml", web);
    const { stdout, stderr } = await check("--fix", "--yes", "--format", "json");
    expect(textOf("compose.yaml")).toBe(mended);
    expect(controlsIn(stdout)).not.toContain("workload.pids-limited");
    expect(controlsIn(stdout)).toContain("workload.memory-limited");
    expect(stderr).toContain("+    pids_limit: 2048\n");
    expect(stderr).toContain("1 file changed.");
  });

  it("changes nothing the second time", async () => {
    put("compose.yaml", web);
    await check("--fix", "--yes");
    const before = lstatSync(join(folder, "compose.yaml"));
    const { stderr } = await check("--fix", "--yes");
    expect(stderr).toContain("Nothing is changed.");
    expect(lstatSync(join(folder, "compose.yaml")).ino).toBe(before.ino);
  });

  it("shows a patch on a dry run, writes nothing, and `git apply` makes of it what --fix would have written", async () => {
    put("stacks/compose.yaml", web);
    const { code, stdout, stderr } = await check("--fix", "--dry-run", "--fail-on", "critical");
    expect(code).toBe(0);
    expect(textOf("stacks/compose.yaml")).toBe(web);
    expect(stdout).toMatch(/^--- a\/stacks\/compose\.yaml\n\+\+\+ b\/stacks\/compose\.yaml\n@@ /);
    expect(stderr).toContain("What works differently then");
    execFileSync("git", ["apply", "-"], { cwd: folder, input: stdout, stdio: "pipe" });
    expect(textOf("stacks/compose.yaml")).toBe(mended);
  });

  // covers: S1 | compose kubernetes
  it("hides secrets in the lines around a change, says so, and keeps them in a patch that goes to a file", async () => {
    const secrets = ["tr0ub4dor-hunter2", "k3yR-x92mdpQ7Lw1", "aHVudGVyMnNlY3JldA==", "b10ck-s3cret-value"];
    const [password = "", flag = "", encoded = "", block = ""] = secrets;
    put(
      "compose.yaml",
      `services:\n  web:\n    image: example/app:1.2.3\n    environment:\n      TZ: Europe/Berlin\n      DB_PASSWORD: ${password}\n    command: ["serve", "--db-password=${flag}"]\n`,
    );
    const pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}\nspec:\n  containers:\n    - name: a\n      image: a:1\n";
    put(
      "k8s.yaml",
      `${pod}---\ndata: {x: ${encoded}}\nstringData: {y: ${block}}\nkind: Secret\napiVersion: v1\nmetadata: {name: s}\n`,
    );
    const { stdout, stderr } = await check("--fix", "--dry-run", "--fail-on", "critical");
    for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
    expect(stdout).toContain("       DB_PASSWORD: ‹hidden›\n");
    expect(stdout).toContain('command: ["serve", "‹hidden›"]');
    expect(stdout).toContain(" data: {x: ‹hidden›");
    expect(stdout).toContain(" stringData: {y: ‹hidden›}");
    expect(stdout).toContain("       TZ: Europe/Berlin\n");
    expect(stderr).toContain("they are shown as ‹hidden›; -o FILE writes the patch");
    const file = await check("--dry-run", "-o", "fixes.patch");
    expect(file.stderr).not.toContain("‹hidden›");
    expect(textOf("fixes.patch")).toContain(password);
    execFileSync("git", ["apply", "fixes.patch"], { cwd: folder, stdio: "pipe" });
    expect(textOf("compose.yaml")).toContain(`DB_PASSWORD: ${password}\n    command:`);
  });

  it("writes the patch to --output on a dry run, and further reports beside it", async () => {
    put("compose.yaml", web);
    const { stdout } = await check("--dry-run", "-o", "fixes.patch", "--report", "report.json");
    expect(stdout).toBe("");
    expect(textOf("fixes.patch")).toContain("+    pids_limit: 2048\n");
    expect(controlsIn(textOf("report.json"))).toContain("workload.pids-limited");
  });

  it("leaves out what changes behaviour when nobody can be asked, and says how it is made", async () => {
    put("compose.yaml", web);
    put(".env", "DB_PASSWORD=hunter2hunter2xK9q\n", 0o644);
    const { stderr } = await check("--fix");
    expect(textOf("compose.yaml")).toBe(web);
    expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
    expect(stderr).toContain(".env (mode 0644 → 0600)");
    expect(stderr).toContain("3 changes of behaviour; --dry-run shows what they are, --yes makes them");
  });

  it("asks on a terminal and writes only on a yes", async () => {
    put("compose.yaml", web);
    const refused = await checkAnswering("n", "--fix");
    expect(refused.stderr).toContain(
      "Write 3 changes to 1 file? 3 of them change behaviour. [y/N] Nothing is changed.",
    );
    expect(textOf("compose.yaml")).toBe(web);
    await checkAnswering("yes", "--fix");
    expect(textOf("compose.yaml")).toBe(mended);
  });

  it("mends what one control finds alone, which is also how what may be meant is mended", async () => {
    put("compose.yaml", web);
    await check("--fix-only", "network.only-proxy-publishes");
    expect(textOf("compose.yaml")).toBe(web.replace('"8080:80"', '"127.0.0.1:8080:80"'));
  });

  it("refuses a control that is not there, or that mends nothing, and --live", async () => {
    put("compose.yaml", web);
    const unknown = await check("--fix-only", "workload.pids-limit");
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain(
      'There is no control "workload.pids-limit". Did you mean "workload.pids-limited"?',
    );
    const none = await check("--fix-only", "workload.memory-limited");
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("cannot be mended without a person's choice");
    expect((await check("--fix", "--live")).code).toBe(2);
  });

  it("keeps what was accepted as it is", async () => {
    put("compose.yaml", web.replace("  web:", "  web: # ringwall-ignore workload.pids-limited: forks on purpose"));
    await check("--fix", "--yes");
    expect(textOf("compose.yaml")).not.toContain("pids_limit");
    expect(textOf("compose.yaml")).toContain("no-new-privileges");
  });

  it("says why something is not mended, and mends the rest", async () => {
    const shared =
      "x-base: &base {image: example/app:1.2.3}\nservices:\n  web: *base\n  db:\n    image: example/db:1.2.3\n";
    put("compose.yaml", shared);
    const { stderr } = await check("--fix", "--yes");
    expect(stderr).toContain(
      "not mended  workload.pids-limited: it is an alias (`*base`) of what stands elsewhere (compose.yaml:3:3 web)",
    );
    expect(textOf("compose.yaml")).toContain("  db:\n    image: example/db:1.2.3\n    security_opt:");
  });

  it("has Git ignore a file with secrets, in a .gitignore that it makes or adds to", async () => {
    execFileSync("git", ["init", "-q"], { cwd: folder });
    put("compose.yaml", mended);
    put("app/prod [1].env", "DB_PASSWORD=hunter2hunter2xK9q\n", 0o600);
    await check("--fix-only", "secrets.file-ignored");
    expect(textOf(".gitignore")).toBe("/app/prod\\ \\[1\\].env\n");
    expect(
      execFileSync("git", ["status", "--short", "--untracked-files=all"], { cwd: folder }).toString(),
    ).not.toContain("prod");
    put(".env", "DB_PASSWORD=hunter2hunter2xK9q\n", 0o600);
    writeFileSync(join(folder, ".gitignore"), "*.log\r\n/app/");
    await check("--fix-only", "secrets.file-ignored");
    expect(textOf(".gitignore")).toBe("*.log\r\n/app/\r\n/.env\r\n");
  });

  it("adds to a .gitignore what the tools in use would leave in Git, and makes one", async () => {
    execFileSync("git", ["init", "-q"], { cwd: folder });
    put("compose.yaml", mended);
    const { stderr } = await check("--fix");
    expect(stderr).toContain(".gitignore (new)");
    expect(textOf(".gitignore")).toBe(".env\n");
    expect((await check("--fix")).stderr).toContain("Nothing is changed.");
  });

  it("mends manifests container by container, and keeps their comments", async () => {
    const deployment = `# the application
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web # listens on 8080
          image: example/web:1.2.3
          securityContext:
            runAsNonRoot: true
        - {name: side, image: "example/side:1.2.3"}
`;
    put("web.yaml", deployment);
    await check("--fix", "--yes");
    expect(textOf("web.yaml")).toBe(
      deployment
        .replace(
          "            runAsNonRoot: true\n",
          "            runAsNonRoot: true\n            allowPrivilegeEscalation: false\n            seccompProfile:\n              type: RuntimeDefault\n",
        )
        .replace(
          '"example/side:1.2.3"}',
          '"example/side:1.2.3", securityContext: { allowPrivilegeEscalation: false, seccompProfile: { type: RuntimeDefault } }}',
        ),
    );
    const after = textOf("web.yaml");
    await check("--fix-only", "workload.api-token-unmounted");
    expect(textOf("web.yaml")).toBe(`${after}      automountServiceAccountToken: false\n`);
    expect((await check("--fix", "--yes")).stderr).toContain("Nothing is changed.");
  });

  it("mends a base once that two overlays use, and no file that SOPS keeps", async () => {
    const pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: x:1\n";
    put("base/pod.yaml", pod);
    put("base/kustomization.yaml", "resources: [pod.yaml]\n");
    for (const name of ["one", "two"]) {
      put(`${name}/kustomization.yaml`, `namespace: ${name}\nresources: [../base]\n`);
    }
    put(
      "kept.yaml",
      `${pod.replaceAll("web", "kept")}sops:\n  mac: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\n  version: 3.9.0\n`,
    );
    const { stderr } = await check("--fix", "--yes");
    expect(textOf("base/pod.yaml").match(/allowPrivilegeEscalation/g)).toHaveLength(1);
    expect(textOf("kept.yaml")).not.toContain("allowPrivilegeEscalation");
    expect(stderr).toContain("SOPS keeps the file, and its authentication code would no longer hold");
  });

  it("keeps a byte order mark, Windows line ends and the mode", async () => {
    put("compose.yaml", `\ufeff${web.replaceAll("\n", "\r\n")}`, 0o640);
    await check("--fix", "--yes");
    expect(textOf("compose.yaml")).toBe(`\ufeff${mended.replaceAll("\n", "\r\n")}`);
    expect(statSync(join(folder, "compose.yaml")).mode & 0o777).toBe(0o640);
  });

  it("writes a patch with the byte order mark, so that Git can apply it", async () => {
    put("compose.yaml", `\ufeff${web}`);
    await check("--fix", "--dry-run", "--output", "mend.patch");
    execFileSync("git", ["init", "-q"], { cwd: folder });
    execFileSync("git", ["apply", "mend.patch"], { cwd: folder });
    expect(textOf("compose.yaml")).toBe(`\ufeff${mended}`);
    put("compose.yaml", `\ufeff${web}`);
    const { stdout } = await check("--fix", "--dry-run");
    execFileSync("git", ["apply"], { cwd: folder, input: stdout });
    expect(textOf("compose.yaml")).toBe(`\ufeff${mended}`);
  });

  it("changes no file through a link, and none that has several names", async () => {
    const real = join(mkdtempSync(join(tmpdir(), "ringwall-fix-real-")), "real.yaml");
    writeFileSync(real, web);
    put("other/compose.yaml", web);
    symlinkSync(real, join(folder, "compose.yaml"));
    await check("--fix", "--yes");
    expect(readFileSync(real, "utf8")).toBe(web);
    expect(readlinkSync(join(folder, "compose.yaml"))).toBe(real);
    rmSync(join(folder, "compose.yaml"));
    linkSync(real, join(folder, "compose.yaml"));
    const { code, stderr } = await check("--fix", "--yes");
    expect(code).toBe(3);
    expect(stderr).toContain("compose.yaml is not changed: it has several names (hard links), which would part.");
    expect(readFileSync(real, "utf8")).toBe(web);
    rmSync(join(real, ".."), { recursive: true });
  });

  it("says where a patch is to be applied that names files outside of the current folder", async () => {
    put("stack/compose.yaml", web);
    put("elsewhere/notes.txt", "x");
    const beside = await checkIn(memoryContext({ cwd: join(folder, "elsewhere") }), "../stack", "--dry-run");
    expect(beside.stdout).toContain("+++ b/compose.yaml");
    expect(beside.stderr).toContain("it names files from the folder that is checked: apply it there");
    expect((await check("stack", "--dry-run")).stderr).not.toContain("apply it there");
  });

  it("names files by the folder that they lie in when several are checked", async () => {
    put("a/compose.yaml", web);
    put("b/compose.yaml", web);
    const { stdout } = await check("a", "b", "--dry-run");
    expect(stdout).toContain("--- a/a/compose.yaml\n");
    expect(stdout).toContain("--- a/b/compose.yaml\n");
    await check("a", "b", "--fix", "--yes");
    expect([textOf("a/compose.yaml"), textOf("b/compose.yaml")]).toEqual([mended, mended]);
  });

  it("changes a value where it stands in a file of any format, and lines beside it", async () => {
    const conf = "# broker\r\nlistener 1883\r\nallow_anonymous true\r\n";
    put("mosquitto.conf", conf);
    const sshd = "# head\n\nPort 22\nX11Forwarding yes # remote screens\nMatch User a\n    PasswordAuthentication yes";
    put("sshd_config", sshd);
    const nginx = "events {}\nhttp {\n\tserver {\n\t\tlisten 80;\n\t}\n}\n";
    put("nginx.conf", nginx);
    const names = ["identity.configured-login-required", "identity.ssh-keys-only", "identity.ssh-sessions-confined"];
    await check(...names.flatMap((name) => ["--fix-only", name]), "--fix-only", "edge.version-untold");
    expect(textOf("mosquitto.conf")).toBe(conf.replace("true", "false"));
    expect(textOf("sshd_config")).toBe(
      `# head\n\nPasswordAuthentication no\n${sshd.slice("# head\n\n".length).replaceAll(" yes", " no")}`,
    );
    expect(textOf("nginx.conf")).toBe(nginx.replace("http {\n", "http {\n\tserver_tokens off;\n"));
  });

  it("changes one line of a text that stands in a manifest", async () => {
    const map =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: broker}\ndata:\n  mosquitto.conf: |\n    listener 1883\n    allow_anonymous true\n";
    put("map.yaml", map);
    await check("--fix-only", "identity.configured-login-required");
    expect(textOf("map.yaml")).toBe(map.replace("true", "false"));
  });

  it("touches no template of a chart, no line that a template makes, and nothing that SOPS keeps", async () => {
    const pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: x:1\n";
    put("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    put("chart/templates/pod.yaml", pod);
    put("sshd_config.j2", "{% if root %}\nPermitRootLogin yes {{ comment }}\n{% endif %}\n");
    const sealed = "[auth.anonymous]\nenabled = true\n\n[sops]\nmac = ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\n";
    put("grafana/grafana.ini", sealed);
    await check("--fix", "--yes");
    await check("--fix-only", "identity.ssh-root-refused", "--fix-only", "workload.capabilities-dropped");
    await check("--fix-only", "identity.configured-login-required");
    expect(textOf("chart/templates/pod.yaml")).toBe(pod);
    expect(textOf("sshd_config.j2")).toContain("PermitRootLogin yes {{ comment }}");
    expect(textOf("grafana/grafana.ini")).toBe(sealed);
  });

  it("mends what an overlay's patch says in the file of the patch, and keeps the base", async () => {
    const containers = "  containers:\n    - {name: web, image: x:1}\n    - {name: side, image: y:1}\n";
    const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n${containers}`;
    put("base/pod.yaml", pod);
    put("base/kustomization.yaml", "resources: [pod.yaml]\n");
    const patch =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  shareProcessNamespace: true # until it is mended\n";
    put("prod/patch.yaml", patch);
    put("prod/kustomization.yaml", "resources: [../base]\npatches: [{path: patch.yaml}]\n");
    const { stderr } = await check("--fix-only", "workload.processes-separate");
    expect(textOf("prod/patch.yaml"), stderr).toBe(patch.replace("true", "false"));
    expect(textOf("base/pod.yaml")).toBe(pod);
    const inline = `resources: [../base]\npatches:\n  - patch: |\n${patch.trimEnd().replace(/^/gm, "      ")}\n`;
    put("prod/kustomization.yaml", inline);
    await check("--fix-only", "workload.processes-separate");
    expect(textOf("base/pod.yaml")).toBe(pod);
    expect(textOf("prod/kustomization.yaml")).toBe(inline.replace("true", "false"));
  });

  it("limits a workflow's token above its jobs, and keeps the checkout's token out of an artifact", async () => {
    const workflow = `name: build
on: push

jobs: # all of them
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4 # moves
      - {uses: actions/upload-artifact@v4, with: {path: ., include-hidden-files: true}}
`;
    put(".github/workflows/build.yml", workflow);
    await check("--fix-only", "supply-chain.workflow-token-limited", "--fix-only", "secrets.pipeline-scoped");
    expect(textOf(".github/workflows/build.yml")).toBe(
      workflow
        .replace("jobs: #", "permissions:\n  contents: read\n\njobs: #")
        .replace("# moves\n", "# moves\n        with:\n          persist-credentials: false\n"),
    );
  });

  // covers: S1 | files
  it("shows no secret that stands beside a value that it changes", async () => {
    put(
      "grafana.ini",
      "[database]\npassword = tr0ub4dor-hunter2\n[auth.anonymous]\nenabled = true\norg_role = Editor\n",
    );
    const { stdout, stderr } = await check("--dry-run", "--fix-only", "identity.configured-login-required");
    expect(stdout).toContain("+enabled = false");
    expect(stdout + stderr).not.toContain("tr0ub4dor");
  });

  it("neutralises on the terminal what the files would make it do", async () => {
    put("compose.yaml", web.replace("# pinned", "# \u001b[31m ::error::x"));
    const { stdout } = await check("--dry-run");
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toMatch(/::error::/);
  });
});
