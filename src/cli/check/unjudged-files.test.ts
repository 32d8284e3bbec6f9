import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memoryContext } from "../memory-context.ts";
import { runCli } from "../run.ts";

test.each(["text", "json", "markdown", "html", "sarif"])(
  "What is in no control's reach is told in the report as %s.",
  async (format) => {
    const folder = mkdtempSync(join(tmpdir(), "ringwall-unjudged-"));
    try {
      writeFileSync(join(folder, "compose.yaml"), "services: {web: {image: 'nginx:1.29'}}\n");
      mkdirSync(join(folder, "units"));
      for (const name of ["a.service", "b.service"])
        writeFileSync(join(folder, "units", name), "[Service]\nUser=root\n");
      const context = memoryContext({ cwd: folder });
      await runCli(["check", "--format", format], context);
      expect(context.stdout.text()).toContain("Only secrets are looked for in 2 units of systemd.");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
