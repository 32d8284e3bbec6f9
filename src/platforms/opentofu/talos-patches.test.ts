import { expect, test } from "vitest";
import type { TalosConfiguration } from "../../facts/configuration/talos.ts";
import { describePlace } from "../../lib/place.ts";
import { systemsOf } from "../testing/systems-of.ts";

function patchesOf(files: Readonly<Record<string, string>> | string) {
  const all = typeof files === "string" ? { "main.tf": files } : files;
  const systems = systemsOf(all);
  const read = systems.flatMap((system) =>
    system.all("repository-file").flatMap(({ configuration, ref }) => {
      if (configuration?.software !== "talos") return [];
      const { machine }: TalosConfiguration = configuration;
      return [{ name: ref.name, roles: machine?.apiRoles, arguments: machine?.kubeletArguments }];
    }),
  );
  return { read, problems: systems.flatMap(({ problems }) => problems.map(({ message }) => message)) };
}

const rolesOff = "machine = { features = { rbac = false } }";
const apply = (patches: string, more = "") =>
  `${more}\nresource "talos_machine_configuration_apply" "a" {\n  config_patches = [${patches}]\n}\n`;

// covers: W9 | files
test.each([
  ["yamlencode", apply(`yamlencode({ ${rolesOff} })`)],
  ["jsonencode", apply(`jsonencode({ ${rolesOff} })`)],
  ["a heredoc", apply("<<-EOT\n    machine:\n      features:\n        rbac: false\n  EOT\n")],
  [
    "a list that is put together",
    apply(`yamlencode({ ${rolesOff} })`).replace("[", "concat([").replace("]\n", "], [])\n"),
  ],
  [
    "data for several machines",
    `data "talos_machine_configuration" "a" {\n  for_each = toset(["a", "b"])\n  config_patches = [yamlencode({ ${rolesOff} })]\n}\n`,
  ],
  [
    "the resources of before",
    `resource "talos_machine_configuration_worker" "a" {\n  config_patch = yamlencode({ ${rolesOff} })\n}\n`,
  ],
])("A patch of Talos's configuration is read from %s, once", (_, text) => {
  const { read } = patchesOf(text);
  expect(read.map(({ roles }) => roles)).toMatchObject([{ kind: "stated", value: false }]);
  expect(read[0]?.name).toMatch(/^main\.tf: \S+$/);
});

// covers: W9 | files
test("So is a template, and a file where it stands by itself", () => {
  const yaml = "machine:\n  network:\n    hostname: ${name}\n  features:\n    rbac: false\n";
  const call = apply('templatefile("${path.module}/p.yaml.tftpl", { name = "n" })');
  const templated = patchesOf({ "main.tf": call, "p.yaml.tftpl": yaml }).read;
  expect(templated.map(({ name }) => name)).toEqual(["p.yaml.tftpl: talos_machine_configuration_apply.a"]);
  const plain = yaml.replace("${name}", "n");
  const [alone] = patchesOf({ "main.tf": apply('file("${path.module}/p.yaml")'), "p.yaml": plain }).read;
  expect(alone?.name).toBe("p.yaml");
  expect(alone?.roles && describePlace(alone.roles.place)).toBe("p.yaml:5:11");
});

// covers: W9 | files
test("What a variable fills in, and what it may add, is left open, and a list of operations is told", () => {
  const variable = 'variable "v" {}';
  const one = patchesOf(apply("yamlencode({ machine = { features = { rbac = var.v } } })", variable));
  expect(one.read.map(({ roles }) => roles?.kind)).toEqual(["unknown"]);
  const added = "yamlencode({ machine = { kubelet = { extraArgs = { for k in var.v : k => 1 } } } })";
  expect(patchesOf(apply(added, variable)).read.map((each) => each.arguments?.complete)).toEqual([false]);
  const operations = apply('jsonencode([{ op = "add", path = "/machine", value = {} }])');
  expect(patchesOf(operations)).toMatchObject({ read: [], problems: [expect.stringContaining("RFC 6902")] });
});
