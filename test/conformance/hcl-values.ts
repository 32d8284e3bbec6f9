/**
 * Evaluates expressions twice: with Ringwall, and with the real program. OpenTofu builds from the Go module proxy
 * (`test/lab/install.sh`); Terraform 1.11 gives the same values where it is installed.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { byFolder } from "../../src/formats/hcl/module/by-folder.ts";
import type { TofuResource } from "../../src/formats/hcl/module/configuration.ts";
import { evaluateConfiguration } from "../../src/formats/hcl/module/evaluate-configuration.ts";
import { isShown, readShown } from "../../src/formats/hcl/shown/read-shown.ts";
import { toPlain } from "../../src/formats/tree.ts";
import { Source } from "../../src/lib/place.ts";
import { openRepository } from "../../src/repository/repository.ts";

const failed = "it fails";

/** Files that the expressions refer to. */
const files: Readonly<Record<string, string>> = {
  "motd.txt": "Hello\n",
  "motd.tftpl": "Hello ${name}%{ for port in ports ~}\n  ${port}%{ endfor }\n",
  "deep/er.tftpl": "x",
  "given.auto.tfvars": 'given = "from a file"\n',
  "variables.tf": `
    variable "sizes" {
      type = map(object({ cpu = optional(number, 2), memory = string, extra = optional(list(string)) }))
      default = { small = { memory = 512 }, large = { cpu = "4", memory = "2GiB", unused = true } }
    }
    variable "set" {
      type    = set(string)
      default = ["b", "a", "b"]
    }
    variable "number" {
      type    = number
      default = "3"
    }
    variable "flag" {
      type    = bool
      default = "true"
    }
    variable "given" {
      type    = string
      default = "from the default"
    }
    locals {
      word    = "word"
      list    = ["a", "b", "c"]
      object  = { name = "n", tags = ["t"] }
      objects = [{ name = "one", tags = ["x"] }, { name = "two", tags = ["y"] }]
      nested  = { one = { two = [{ three = "deep" }] } }
      first   = local.second
      second  = upper(local.word)
    }
  `,
};

/** Each expression's value by both, `it fails` for what the program refuses. */
export function evaluateBoth(
  program: string,
  expressions: readonly string[],
): readonly { readonly expression: string; readonly real: unknown; readonly ours: unknown }[] {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-hcl-"));
  try {
    for (const [name, text] of Object.entries(files)) write(folder, name, text);
    const outputs = expressions.map((expression, at) => {
      const value = `try(${expression}${expression.endsWith("\n") ? "" : " "}, "${failed}")`;
      return `output "o${at}" {\n  value = ${value}\n}\nresource "terraform_data" "o${at}" {\n  input = ${value}\n}\n`;
    });
    write(folder, "main.tf", outputs.join("\n"));
    const real = realValues(program, folder);
    const ours = ourValues(folder);
    return expressions.map((expression, at) => ({ expression, real: real[`o${at}`], ours: ours[`o${at}`] }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A configuration of several modules, with everything that makes instances. */
const project: Readonly<Record<string, string>> = {
  "main.tf": `
    locals {
      overridden = "in the file"
    }
    module "one" {
      source = "./modules/service"
      name   = "one"
      ports  = [80, 443]
    }
    module "many" {
      source   = "./modules/service"
      for_each = { a = [1], b = [] }
      name     = each.key
      ports    = each.value
    }
    module "counted" {
      source = "./modules/service"
      count  = 2
      name   = "n\${count.index}"
    }
    module "off" {
      source = "./modules/service"
      count  = 0
      name   = "never"
    }
    resource "terraform_data" "names" {
      input = {
        one     = module.one.name
        many    = { for key, service in module.many : key => service.name }
        counted = module.counted[*].name
        second  = module.counted[1].name
        a       = module.many["a"].ports
        off     = length(module.off)
        changed = local.overridden
      }
    }
    resource "terraform_data" "each" {
      for_each = toset(["x", "y"])
      input    = "\${each.key}-\${each.value}"
    }
    resource "terraform_data" "list" {
      count = length(terraform_data.each)
      input = [for key in sort(keys(terraform_data.each)) : terraform_data.each[key].input][count.index]
    }
  `,
  "override.tf": `
    locals {
      overridden = "by the override"
    }
  `,
  "modules/service/main.tf": `
    variable "name" {
      type = string
    }
    variable "ports" {
      type    = list(number)
      default = [22]
    }
    locals {
      ports = [for port in var.ports : { port = port, name = "\${var.name}-\${port}" }]
    }
    resource "terraform_data" "service" {
      input = { name = upper(var.name), ports = local.ports, path = path.module }
    }
    output "name" {
      value = terraform_data.service.input.name
    }
    output "ports" {
      value = local.ports[*].name
    }
  `,
};

interface EvaluatedProject {
  readonly real: object;
  readonly ours: object;
  /** Ours again, of what the program prints of the plan and of the state. */
  readonly plan: object;
  readonly state: object;
}

/** The input of every `terraform_data` by its address, of a real run and of ours. */
export function evaluateProject(program: string): EvaluatedProject {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-hcl-"));
  try {
    for (const [name, text] of Object.entries(project)) write(folder, name, text);
    const run = runner(program, folder);
    run("init", "-no-color");
    run("plan", "-out=plan", "-no-color", "-refresh=false");
    const plan = run("show", "-json", "-no-color", "plan");
    run("apply", "-no-color", "plan");
    const text = run("show", "-json", "-no-color");
    const state = JSON.parse(text) as { values: { root_module: StateModule } };
    const real = Object.fromEntries(
      stateResources(state.values.root_module).map(({ address, values }) => [address, values.input]),
    );
    return {
      real,
      ours: inputsOf(configurationOf(folder).resources),
      plan: inputsOf(shownResources(plan)),
      state: inputsOf(shownResources(text)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function inputsOf(resources: readonly TofuResource[]): object {
  return Object.fromEntries(resources.map((resource) => [resource.address, plainInput(resource)]));
}

function shownResources(text: string): readonly TofuResource[] {
  if (!isShown(text)) throw new Error("What the program printed is not recognised.");
  const { resources, problems } = readShown(new Source("shown.json", text), text);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  return resources;
}

interface StateModule {
  readonly resources?: readonly { readonly address: string; readonly values: { readonly input: unknown } }[];
  readonly child_modules?: readonly StateModule[];
}

function stateResources(module: StateModule): NonNullable<StateModule["resources"]> {
  return [...(module.resources ?? []), ...(module.child_modules ?? []).flatMap(stateResources)];
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** Runs the program in a folder; nothing but the built-in provider is asked for, so nothing is downloaded. */
function runner(program: string, folder: string): (...given: string[]) => string {
  const env = { PATH: "/usr/bin:/bin", HOME: folder, TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1" };
  return (...given) => execFileSync(program, given, { cwd: folder, env, encoding: "utf8", stdio: "pipe" });
}

function realValues(program: string, folder: string): Readonly<Record<string, unknown>> {
  const run = runner(program, folder);
  run("init", "-no-color");
  run("apply", "-auto-approve", "-no-color", "-refresh=false");
  const outputs = JSON.parse(run("output", "-json", "-no-color")) as Record<string, { value: unknown }>;
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}

function configurationOf(folder: string) {
  const { files, paths } = openRepository(folder);
  return evaluateConfiguration({ files, paths, byFolder: byFolder(paths) }, "");
}

function ourValues(folder: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(configurationOf(folder).resources.map((resource) => [resource.name, plainInput(resource)]));
}

function plainInput({ attributes }: TofuResource): unknown {
  const input = attributes.entries.get("input")?.value;
  if (input?.kind === "scalar" && input.unresolved !== undefined) return `unknown: ${input.unresolved}`;
  return input === undefined ? null : toPlain(input);
}
