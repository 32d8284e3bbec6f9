import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { threadMs } from "../../../../test/support/thread-time.ts";
import { type Fact, knownValue } from "../../../facts/fact.ts";
import { byFolder } from "../../../formats/hcl/module/by-folder.ts";
import { evaluateConfiguration } from "../../../formats/hcl/module/evaluate-configuration.ts";
import { ConfinedFiles } from "../../../repository/files.ts";
import { IncusObjects } from "../load/objects.ts";
import { contextOf } from "./context.ts";
import { Routes } from "./routes.ts";
import { type Bridge, bridgesOf, isOpen } from "./routing.ts";

/** What one network's configuration may be; `@` stands for its number. */
const kinds = [
  "",
  '"ipv4.address" = "10.0.@.1/24"',
  '"ipv4.address" = "10.0.@.1/24", "ipv6.address" = "none"',
  '"ipv4.routing" = "false", "ipv6.routing" = "false"',
  '"security.acls" = "all"',
  '"security.acls" = "all", "security.acls.default.egress.action" = "allow"',
  '"security.acls" = "some", "ipv4.address" = "10.0.@.1/24"',
  '"security.acls" = "own", "ipv4.address" = "10.0.@.1/24", "ipv6.address" = "none"',
  '"security.acls" = "missing"',
  '"security.acls" = var.hidden',
  '"ipv4.address" = var.hidden',
];
const acls = `
variable "hidden" {}
resource "incus_network_acl" "all" {
  name    = "all"
  egress  = [{ action = "allow", state = "enabled" }]
  ingress = [{ action = "allow", state = "enabled" }]
}
resource "incus_network_acl" "some" {
  name    = "some"
  egress  = [{ action = "allow", state = "enabled" }, { action = "drop", state = "enabled", destination = "10.0.1.0/24" }]
  ingress = [{ action = "allow", state = "enabled" }, { action = "drop", state = "enabled", source = "10.0.0.0/21" }]
}
resource "incus_network_acl" "own" {
  name    = "own"
  egress  = [{ action = "allow", state = "enabled", source = "10.0.4.0/22" }]
  ingress = [{ action = "allow", state = "enabled" }]
}
`;

function bridges(configs: readonly string[]): readonly Bridge[] {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-incus-"));
  try {
    const networks = configs.map(
      (config, at) =>
        `resource "incus_network" "n${at}" {\n  name = "n${at}"\n  config = { ${config.replaceAll("@", String(at % 256))} }\n}\n`,
    );
    writeFileSync(join(folder, "main.tf"), acls + networks.join(""));
    const from = { files: new ConfinedFiles(folder), paths: ["main.tf"], byFolder: byFolder(["main.tf"]) };
    return bridgesOf(contextOf(new IncusObjects(evaluateConfiguration(from, "")), "s", "written"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const said = (open: Fact<boolean>) => (open.kind === "unknown" ? open.why : knownValue(open));

// covers: N10 | incus
test("What is routed into a bridge is what asking it of each other one tells", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 40 }), (configs) => {
      const all = bridges(configs);
      const routes = new Routes(all, "s");
      for (const into of all) {
        const told = routes
          .into(into.name, into.place)
          .items.flatMap(({ from, open }) =>
            from.filter(({ name }) => name !== into.name).map(({ name }) => [name, said(open)] as const),
          );
        const plain = all.filter((one) => one !== into).map((one) => [one.name, said(isOpen(one, into))] as const);
        expect(new Map(told)).toEqual(new Map(plain));
        expect(told).toHaveLength(plain.length);
      }
    }),
    { numRuns: 60 },
  );
});

test("Four thousand bridges take twice as long as two thousand", () => {
  const took = (count: number) => {
    const all = bridges(Array.from({ length: count }, (_, at) => kinds[at % 6] ?? ""));
    const started = threadMs();
    const routes = new Routes(all, "s");
    for (const { name, place } of all) routes.into(name, place);
    return threadMs() - started;
  };
  took(200);
  expect(took(4_000)).toBeLessThan(3 * took(2_000) + 50);
});
