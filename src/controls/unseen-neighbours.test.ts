import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPaths } from "../platforms/read-paths.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

const today = new Date("2027-01-01T00:00:00Z");

test("Where nothing published is seen, a severity says what may be there, and not that it is", () => {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-unseen-"));
  try {
    writeFileSync(join(folder, "Chart.yaml"), "apiVersion: v2\nname: c\nversion: 0.1.0\n");
    writeFileSync(
      join(folder, "app.yaml"),
      "apiVersion: v1\nkind: Pod\nmetadata: { name: a, namespace: app }\nspec:\n  containers: [{ name: a, image: ghcr.io/me/a:1.0.0, securityContext: { privileged: true } }]\n",
    );
    const { systems } = readPaths([folder], { cwd: folder, now: today });
    const { findings } = evaluate(systems, allControls, { profile: "homelab", today, ownStack: false });
    const found = findings.find(({ control }) => control === "workload.privileged-off");
    expect(found?.severity).toBe("high");
    expect(found?.severityWhy).toMatch(
      /^High by itself; not lowered, because pods that are not seen here may reach it/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
