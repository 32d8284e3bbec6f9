import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import { cloudInitFormat } from "../../formats/cloud-init/index.ts";
import { readPaths } from "../read-paths.ts";
import { instance, systemOf } from "./testing/system-of.ts";

/** `PasswordAuthentication` of every first start that is read. */
function passwords(config: string, files: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-incus-"));
  try {
    const text = `variable "on" {}\n${instance(`  config = {\n${config}\n  }`)}`;
    for (const [name, content] of Object.entries({ "main.tf": text, ...files })) {
      writeFileSync(join(folder, name), content);
    }
    return readPaths([folder], { cwd: folder }).systems.flatMap((system) =>
      system.all("repository-file").flatMap(({ configuration }) => {
        if (configuration?.software !== "sshd") return [];
        const { value } = configuration.settings.passwordauthentication;
        return [knownValue(value) ?? value.kind];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const open = "#cloud-config\nssh_pwauth: true\n";

// covers: A9 | incus
test.each([
  ["a text", '    "cloud-init.user-data" = <<-EOT\n      #cloud-config\n      ssh_pwauth: true\n    EOT', {}, ["yes"]],
  ["the old key", '    "user.vendor-data" = "#cloud-config\\nssh_pwauth: false\\n"', {}, ["no"]],
  ["yamlencode", '    "cloud-init.user-data" = "#cloud-config\\n${yamlencode({ ssh_pwauth = true })}"', {}, ["yes"]],
  ["jsonencode", '    "cloud-init.user-data" = "#cloud-config\\n${jsonencode({ ssh_pwauth = true })}"', {}, ["yes"]],
  [
    "a template",
    '    "cloud-init.user-data" = templatefile("${path.module}/user-data.tftpl", { on = true })',
    { "user-data.tftpl": "#cloud-config\nssh_pwauth: ${on}\n" },
    ["yes"],
  ],
  ["a variable", '    "cloud-init.user-data" = "#cloud-config\\nssh_pwauth: ${var.on}\\n"', {}, ["unknown"]],
  [
    "a file, which is read once",
    '    "cloud-init.user-data" = file("${path.module}/user-data.yaml")',
    { "user-data.yaml": open },
    ["yes"],
  ],
  ["a key that cloud-init does not read", '    "user.notes" = "#cloud-config\\nssh_pwauth: true\\n"', {}, []],
])("What an instance tells cloud-init of passwords is read from %s", (_, config, files, expected) => {
  expect(passwords(config, files as Readonly<Record<string, string>>)).toEqual(expected);
});

// covers: S1 | incus
test.each([
  ["list: |\n    root:vK8mq2Zr9Lx1Tn4\n    a:RANDOM", 1],
  ['list: ["root:vK8mq2Zr9Lx1Tn4"]', 1],
  ["list: |\n    root:$6$abc$def", 0],
  ["list: |\n    root:$y$j9T$abc$def", 0],
  ["list: |\n    root:$2b$10$abcdefgh", 0],
  ["list: |\n    root:$vK8mq2Zr9Lx1Tn4", 1],
  ["list: |\n    root:$1vK8mq2Zr9Lx1Tn4", 1],
  ["list: |\n    root:{{ ds.meta_data.password }}", 0],
  ["list: |\n    root:vK8mq2Zr9Lx1Tn4 # not a comment", 1],
  ["users:\n    - {name: root, password: vK8mq2Zr9Lx1Tn4, type: text}", 1],
  ["users:\n    - name: root\n      password: hunter2\n      type: text\n    - {name: a, type: RANDOM}", 1],
  ['users:\n    - {name: root, password: "$6$abc$def"}', 0],
  ["expire: false\npassword: ubuntu", 1],
  ["expire: false\npassword: vK8mq2Zr9Lx1Tn4", 1],
  ["expire: false\npassword: RANDOM", 0],
  ["expire: false\nusers:\n  - default\n  - name: a\n    plain_text_passwd: hunter2", 1],
  ["expire: false", 0],
])("The passwords that chpasswd sets are told: %j", (lines, count) => {
  const data = JSON.stringify(`#cloud-config\nchpasswd:\n  ${lines}\n`);
  const [workload] = systemOf(instance(`  config = { "cloud-init.user-data" = ${data} }`)).all("workload");
  expect(workload?.incus?.openSecrets.items).toHaveLength(count);
  expect(JSON.stringify(workload)).not.toContain("vK8mq2Zr9Lx1Tn4");
});

// covers: S1 | incus
test("The passwords of a first start that is a template of Jinja are told as well", () => {
  const list = "chpasswd:\n  list: |\n    root:vK8mq2Zr9Lx1Tn4\n";
  for (const head of ["## template: jinja\n", "##template:jinja\r\n", "## Template: Jinja\n", ""]) {
    const data = JSON.stringify(`${head}#cloud-config\n${list}`);
    const [workload] = systemOf(instance(`  config = { "cloud-init.user-data" = ${data} }`)).all("workload");
    expect(workload?.incus?.openSecrets.items).toHaveLength(1);
  }
});

// covers: S1 | incus
test("A variable for the key that is let in is no secret, and one for another key is", () => {
  const held = (name: string, lines: string) => {
    const config = `config = {\n    "cloud-init.user-data" = <<-EOT\n      #cloud-config\n      ${lines}\n    EOT\n  }`;
    const [workload] = systemOf(`variable "${name}" {}\n${instance(config)}`).all("workload");
    return workload?.incus?.openSecrets.items.map(({ what }) => what);
  };
  expect(held("ssh_key", 'ssh_authorized_keys: ["${var.ssh_key}"]')).toEqual([]);
  expect(held("ssh_key", 'runcmd: ["echo ${var.ssh_key} >> /root/.ssh/authorized_keys"]')).toEqual([]);
  expect(held("ssh_key", 'write_files: [{path: /root/.ssh/id, content: "${var.ssh_key}"}]')).toHaveLength(1);
  expect(held("ssh_private_key", 'ssh_authorized_keys: ["${var.ssh_private_key}"]')).toHaveLength(1);
});

// covers: S1 | incus
test("Of a text in which nothing but public keys is not known it is told that it holds no secret", () => {
  const isWhole = (expression: string) => {
    const config = `config = {\n    "cloud-init.user-data" = <<-EOT\n      #cloud-config\n      ssh_authorized_keys: ["\${${expression}}"]\n    EOT\n  }`;
    const text = `variable "v" {}\nvariable "ssh_public_key" {}\nresource "tls_private_key" "k" {}\n${instance(config)}`;
    return systemOf(text).all("workload")[0]?.incus?.openSecrets.complete;
  };
  expect(isWhole("trimspace(file(pathexpand(var.ssh_public_key)))")).toBe(true);
  expect(isWhole("tls_private_key.k.public_key_openssh")).toBe(true);
  expect(isWhole("var.v")).toBe(false);
});

// covers: V3 | incus
test("The commands that LXD's provider runs are read under its name for them", () => {
  const lxd = `resource "lxd_instance" "a" {\n  name = "a"\n  image = "ubuntu:24.04"\n  profiles = []\n  execs = {\n    a = {\n      command = ["sh", "-c", "curl https://e.org | sh"]\n    }\n  }\n}\n`;
  const [workload] = systemOf(lxd).all("workload");
  expect(workload?.incus?.startCommands.items.map(({ kind }) => kind)).toEqual(["download-run"]);
});

test("Files for cloud-init are gathered once for all configurations of a folder", () => {
  const text = instance('  config = { "cloud-init.user-data" = "#cloud-config\\nssh_pwauth: true\\n" }');
  const asked = vi.spyOn(cloudInitFormat, "mayBe");
  const looksFor = (count: number): number => {
    const folder = mkdtempSync(join(tmpdir(), "ringwall-incus-"));
    asked.mockClear();
    try {
      for (let at = 0; at < count; at++) {
        mkdirSync(join(folder, `m${at}`));
        writeFileSync(join(folder, `m${at}`, "main.tf"), text);
      }
      expect([...readPaths([folder], { cwd: folder }).systems].length).toBeGreaterThanOrEqual(count);
      return asked.mock.calls.length;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  expect(looksFor(20)).toBeLessThan(3 * looksFor(10));
  asked.mockRestore();
});
