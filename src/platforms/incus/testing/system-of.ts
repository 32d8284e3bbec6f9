import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { System } from "../../../facts/system.ts";
import { readPaths } from "../../read-paths.ts";

/** The system of one text in OpenTofu's language. */
export function systemOf(text: string, name = "main.tf"): System {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-incus-"));
  try {
    writeFileSync(join(folder, name), text);
    const system = readPaths([folder], { cwd: folder }).systems.find(({ platform }) => platform === "incus");
    if (system === undefined) throw new Error("There is no system of Incus.");
    return system;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An instance `app` without profiles, with these lines in it. */
export function instance(body: string, name = "app"): string {
  return `resource "incus_instance" "${name}" {\n  name = "${name}"\n  image = "images:debian/12"\n  profiles = []\n${body}\n}\n`;
}

/** A device of an instance. */
export function device(name: string, type: string, properties: string): string {
  return `  device {\n    name = "${name}"\n    type = "${type}"\n    properties = { ${properties} }\n  }\n`;
}
