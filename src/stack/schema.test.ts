import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { defineStack } from "./define.ts";
import { stackJsonSchema } from "./json-schema.ts";
import { type Migration, migrate } from "./migrations.ts";
import { stackSchema } from "./schema.ts";

const root = new URL("../../", import.meta.url);
const published = readFileSync(new URL("schemas/stack.schema.json", root), "utf8");

describe("the schema of a stack", () => {
  it("is the one that editors get: schemas/stack.schema.json is current", () => {
    expect(published).toBe(stackJsonSchema());
  });

  it("describes every key of a stack and of a service for editors", () => {
    const schema = JSON.parse(published);
    for (const [key, value] of Object.entries<{ description?: string; type?: string }>(schema.properties)) {
      if (["zones", "services", "routes", "secrets", "backups", "monitoring", "policies", "exceptions"].includes(key))
        continue;
      expect(value.description, key).toBeTruthy();
    }
  });

  it("lets an editor accept the quickstart and refuse a misspelt key", () => {
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(published));
    const quickstart = parse(readFileSync(new URL("examples/quickstart/stack.yaml", root), "utf8"));
    expect(validate(quickstart), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...quickstart, servces: {} })).toBe(false);
    expect(validate({ ...quickstart, zones: { a: { purpose: "x", outsde: "none" } } })).toBe(false);
  });

  it("fills in the closed answer wherever nothing is said", () => {
    const read = stackSchema.parse({
      name: "shop",
      zones: { a: { purpose: "x" } },
      services: { web: { image: "nginx:1" } },
      routes: [{ host: "www", to: "web" }],
    });
    expect(read.zones.a).toMatchObject({ outside: "none", members: "declared" });
    expect(read.routes[0]).toMatchObject({ audience: "operators", path: "/", authentication: "none" });
    expect(read.operators).toEqual([]);
  });

  it("tells a limit that is switched off from one that is left out", () => {
    const read = stackSchema.parse({
      name: "shop",
      services: { web: { image: "nginx:1" } },
      routes: [
        { host: "a", to: "web", rateLimit: "none" },
        { host: "b", to: "web" },
      ],
    });
    expect("rateLimit" in (read.routes[0] ?? {})).toBe(true);
    expect("rateLimit" in (read.routes[1] ?? {})).toBe(false);
  });

  it("gives a stack in TypeScript back as it is", () => {
    const stack = defineStack({ name: "shop", services: { web: { image: "nginx:1.28" } } });
    expect(stackSchema.safeParse(stack).success).toBe(true);
  });
});

describe("migrations", () => {
  const renamed: Migration = {
    from: 1,
    summary: "`site` is called `domain`",
    migrate: ({ site, ...rest }) => ({ ...rest, domain: site }),
  };
  const added: Migration = { from: 2, summary: "`kept`", migrate: (before) => ({ ...before, kept: true }) };

  it("leads from version to version, and says what it changed", () => {
    const { declaration, applied } = migrate({ site: "example.org", other: 1 }, 3, [renamed, added]);
    expect(declaration).toEqual({ version: 3, domain: "example.org", other: 1, kept: true });
    expect(applied).toEqual([renamed.summary, added.summary]);
  });

  it("leaves a current declaration alone", () => {
    expect(migrate({ version: 3, site: "x" }, 3, [renamed, added])).toEqual({
      declaration: { version: 3, site: "x" },
      applied: [],
    });
  });

  it("refuses a version from the future, one without a way up, and one that is no number", () => {
    expect(() => migrate({ version: 4 }, 3, [renamed, added])).toThrow("this Ringwall knows 3");
    expect(() => migrate({ version: 1 }, 3, [renamed])).toThrow("No way is known from version 2");
    for (const version of ["1", 0, 1.5, true])
      expect(() => migrate({ version }, 3, []), String(version)).toThrow("whole number");
  });
});
