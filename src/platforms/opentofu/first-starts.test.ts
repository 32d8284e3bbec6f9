import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import type { CloudInitConfiguration } from "../../facts/configuration/cloud-init.ts";
import { describePlace } from "../../lib/place.ts";
import { systemsOf } from "../testing/systems-of.ts";

type Files = Readonly<Record<string, string>>;

function startsOf(files: Files | string) {
  const all = typeof files === "string" ? { "main.tf": files } : files;
  return systemsOf(all).flatMap((system) =>
    system.all("repository-file").flatMap(({ configuration, ref }) => {
      if (configuration?.software !== "cloud-init") return [];
      const { risks, secrets }: CloudInitConfiguration = configuration;
      const told = [...risks.items, ...secrets.items].map(({ what, place }) => `${what} ${describePlace(place)}`);
      return [{ name: ref.name, told, complete: risks.complete, why: risks.complete ? undefined : risks.why }];
    }),
  );
}

const download = "#cloud-config\nruncmd:\n  - curl https://e.org | sh\n";
const told = "the download from e.org is run by sh";
const heredoc = (text: string) => `<<-EOT\n${text.replace(/^/gm, "    ")}\n  EOT`;
const quoted = (text: string) => JSON.stringify(text);
const based = (bytes: string | Buffer) => Buffer.from(bytes).toString("base64");

describe("What a machine of any provider is told at its first start is read from", () => {
  // covers: V3 S1 | files
  test.each([
    ["a heredoc", `resource "hcloud_server" "a" {\n  user_data = ${heredoc(download)}\n}`, "main.tf:5:9"],
    [
      "a heredoc of a local",
      `locals {\n  start = ${heredoc(download)}\n}\nresource "x_y" "a" {\n  any = local.start\n}`,
      "main.tf:5:9",
    ],
    [
      "yamlencode",
      `resource "x_y" "a" {\n  a = "#cloud-config\\n\${yamlencode({ runcmd = ["curl https://e.org | sh"] })}"\n}`,
      "main.tf:2:7",
    ],
    [
      "a script",
      'resource "digitalocean_droplet" "a" {\n  user_data = "#!/bin/sh\\ncurl https://e.org | sh"\n}',
      "main.tf:2:15",
    ],
    [
      "base64encode",
      `resource "aws_instance" "a" {\n  user_data_base64 = base64encode(${quoted(download)})\n}`,
      "main.tf:2:22",
    ],
    [
      "base64gzip",
      `resource "linode_instance" "a" {\n  metadata {\n    user_data = base64gzip(${quoted(download)})\n  }\n}`,
      "main.tf:3:17",
    ],
    [
      "Base64",
      `resource "azurerm_linux_virtual_machine" "a" {\n  custom_data = "${based(download)}"\n}`,
      "main.tf:2:17",
    ],
    [
      "what is zipped",
      `resource "vsphere_virtual_machine" "a" {\n  extra_config = { "guestinfo.userdata" = "${based(gzipSync(download))}" }\n}`,
      "main.tf:2:43",
    ],
    [
      "metadata",
      `resource "google_compute_instance" "a" {\n  metadata = { user-data = ${quoted(download)} }\n}`,
      "main.tf:2:28",
    ],
    [
      "a snippet",
      `resource "proxmox_virtual_environment_file" "a" {\n  source_raw {\n    data = ${quoted(download)}\n  }\n}`,
      "main.tf:3:12",
    ],
    ["a disk", `resource "libvirt_cloudinit_disk" "a" {\n  user_data = ${quoted(download)}\n}`, "main.tf:2:15"],
    [
      "a part",
      `data "cloudinit_config" "a" {\n  part {\n    content = "#!/bin/sh\\ncurl https://e.org | sh\\n"\n  }\n}`,
      "main.tf:3:15",
    ],
    [
      "a part that is said to be one",
      'data "template_cloudinit_config" "a" {\n  part {\n    content_type = "text/cloud-config"\n    content = "runcmd: [\'curl https://e.org | sh\']"\n  }\n}',
      "main.tf:4:15",
    ],
    [
      "a part that is an old template",
      `data "template_file" "t" {\n  template = "#cloud-config\\nruncmd: ['curl https://$\${host} | sh']\\n"\n  vars {\n    host = "e.org"\n  }\n}\ndata "template_cloudinit_config" "a" {\n  part {\n    content = "\${data.template_file.t.rendered}"\n  }\n}`,
      "main.tf:2:14",
    ],
    [
      "what a module from elsewhere is given",
      `module "asg" {\n  source = "a/b/c"\n  user_data = ${quoted(download)}\n}`,
      "main.tf:3:15",
    ],
    [
      "what is joined of known parts and others",
      `variable "k" {}\nresource "x_y" "a" {\n  user_data = trimspace(join("\\n", ["#cloud-config", yamlencode({ runcmd = ["curl https://e.org | sh", "echo \${var.k}"] })]))\n}`,
      "main.tf:3:15",
    ],
    [
      "what is known of a text",
      `variable "k" {}\nresource "x_y" "a" {\n  user_data = base64encode("${download.replaceAll("\n", "\\n")}hostname: \${var.k}\\n")\n}`,
      "main.tf:3:15",
    ],
  ])("%s", (_, text, place) => {
    expect(startsOf(text)).toEqual([
      {
        name: expect.stringMatching(/^main\.tf: \S+ \(first start\)$/),
        told: [`${told} ${place}`],
        complete: true,
        why: undefined,
      },
    ]);
  });

  test("a template, told at its own lines, with what it is given", () => {
    const call = (name: string) =>
      `resource "x_y" "a" {\n  user_data = templatefile("\${path.module}/${name}", { p = "hunter2" })\n}`;
    for (const name of ["start.tftpl", "cloud-init.yaml"]) {
      const found = startsOf({
        "main.tf": call(name),
        [name]: "#cloud-config\npassword: ${p}\nruncmd:\n  - curl https://e.org | sh\n",
      });
      expect(found).toEqual([
        {
          name: `${name}: x_y.a (first start)`,
          told: [`${told} ${name}:4:5`, "the password of the image's own user main.tf:2:15"],
          complete: true,
          why: undefined,
        },
      ]);
    }
  });

  test("data.template_file, as what it comes to", () => {
    const text = `data "template_file" "a" {\n  template = file("\${path.module}/a.tpl")\n  vars = { host = "e.org" }\n}
resource "x_y" "a" {\n  user_data = data.template_file.a.rendered\n}\n`;
    const files = { "main.tf": text, "a.tpl": "#cloud-config\nruncmd:\n  - curl https://${host} | sh\n" };
    expect(startsOf(files).map((start) => start.told)).toEqual([[`${told} main.tf:2:14`]]);
  });
});

// covers: V3 S1 | files
test("So are the commands that are run on it once it is there, each where it stands, and how it is connected to.", () => {
  const text = `variable "v" {}
resource "null_resource" "a" {
  connection {
    host     = "10.0.0.1"
    password = "vK8mq2Zr9Lx1Tn4"
  }
  provisioner "remote-exec" {
    inline = [
      "apt-get update",
      "curl https://e.org | sh",
    ]
  }
  provisioner "remote-exec" {
    inline = ["echo \${var.v}"]
  }
  provisioner "remote-exec" {
    inline = var.v
  }
  provisioner "local-exec" {
    command = "curl https://e.org | sh"
  }
}
`;
  expect(startsOf(text)).toEqual([
    {
      name: "main.tf: null_resource.a remote-exec (first start)",
      told: [`${told} main.tf:10:7`],
      complete: true,
      why: undefined,
    },
    { name: "main.tf: null_resource.a remote-exec (first start)#2", told: [], complete: true, why: undefined },
  ]);
  const values = systemsOf({ "main.tf": text }).flatMap((system) =>
    system
      .all("repository-file")
      .flatMap(({ configuration }) => (configuration?.software === "opentofu" ? configuration.values.items : [])),
  );
  expect(values.map(({ where }) => where)).toEqual(["password of the connection of null_resource.a"]);
});

describe("It is told once", () => {
  test("of a file that is read by itself, and of one that is not.", () => {
    const text = (name: string) =>
      `resource "x_y" "a" {\n  count = 3\n  user_data = file("\${path.module}/${name}")\n}\n`;
    for (const name of ["cloud-init.yaml", "start.yaml"]) {
      expect(startsOf({ "main.tf": text(name), [name]: download }).map((start) => start.told)).toEqual([
        [`${told} ${name}:3:5`],
      ]);
    }
  });

  test("of machines that are told the same.", () => {
    const text = `resource "x_y" "a" {\n  for_each = { a = "curl https://e.org | sh", b = "curl https://e.org | sh", c = "true" }\n  user_data = "#cloud-config\\nhostname: \${each.key}\\nruncmd: ['\${each.value}']\\n"\n}\n`;
    expect(startsOf(text).map((start) => start.told)).toEqual([[`${told} main.tf:3:15`], []]);
  });

  test("of a cluster that several machines are told to join in the same way.", () => {
    const text = `resource "x_y" "a" {\n  count = 2\n  provisioner "remote-exec" {\n    inline = ["curl https://get.k3s.io | sh -s - --write-kubeconfig-mode 644"]\n  }\n}\n`;
    const clusters = systemsOf({ "main.tf": text }).flatMap((system) =>
      system.all("repository-file").filter(({ configuration }) => configuration?.software === "cluster"),
    );
    expect(clusters.map(({ ref }) => ref.name)).toEqual(["main.tf: x_y.a[0] remote-exec"]);
  });

  test("of an instance of Incus, with the instance.", () => {
    const text = `resource "incus_instance" "a" {\n  name = "a"\n  image = "images:debian/12"\n  config = { "cloud-init.user-data" = ${quoted(download)} }\n}\n`;
    expect(startsOf(text)).toEqual([]);
  });
});

test("What a variable fills in leaves it in doubt where it may be an entry or a command, and nowhere else.", () => {
  const data = (lines: string) =>
    `variable "v" {}\nresource "x_y" "a" {\n  user_data = <<-EOT\n#cloud-config\n${lines}\nEOT\n}\n`;
  const doubts = (lines: string) => startsOf(data(lines)).map(({ complete }) => !complete);
  expect(doubts("hostname: ${var.v}")).toEqual([false]);
  expect(doubts("runcmd: ['echo ${var.v}']")).toEqual([false]);
  expect(doubts("runcmd: ['${var.v.a}']")).toEqual([true]);
  expect(doubts("runcmd: ${jsonencode(var.v)}")).toEqual([true]);
  expect(doubts("packages: [a]\n${var.v}")).toEqual([true]);
  expect(doubts("${yamlencode({ runcmd = [for one in var.v : one] })}")).toEqual([true]);
  expect(doubts("write_files:\n  - path: /a\n    content: |\n      a=1\n      ${var.v}\nruncmd: [a]")).toEqual([false]);
  expect(doubts("runcmd:\n%{ if var.v ~}\n  - a\n%{ endif ~}")).toEqual([true]);
  expect(doubts("runcmd:\n%{ for one in var.v ~}\n  - ${one}\n%{ endfor ~}")).toEqual([true]);
});

test("Texts that are no first start are left alone, and many are read in the time of each.", () => {
  expect(
    startsOf('resource "x_y" "a" {\n  user_data = "hello"\n  script = "#!/bin/sh\\ncurl https://e.org | sh"\n}\n'),
  ).toEqual([]);
  const many = (count: number) => {
    const text = Array.from(
      { length: count },
      (_, at) => `resource "x_y" "a${at}" {\n  user_data = ${heredoc(`${download}  - echo ${at}\n`)}\n}\n`,
    ).join("");
    const started = threadMs();
    expect(startsOf(text)).toHaveLength(count);
    return threadMs() - started;
  };
  many(50);
  expect(many(400)).toBeLessThan(8 * many(100) + 200);
});
