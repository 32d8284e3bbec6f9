import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadStack } from "./load.ts";

const runner = { uid: 1000, trustedOwners: [] } as const;

test.each([
  ['export const stack = JSON.parse("password=Zk39sPqL");', "Unexpected token 'p'"],
  ["throw new Error('DOMAIN is not set');", "DOMAIN is not set"],
  ["throw 'Zk39sPqL';", "what it throws is no error"],
])("What a declaration's own program fails with is told without what it read: %s", async (text, said) => {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-program-"));
  try {
    const path = join(folder, "stack.mjs");
    writeFileSync(path, text);
    const failed = await loadStack(path, { components: [], cwd: folder, runner }).then(
      () => "",
      (error: unknown) => (error as Error).message,
    );
    expect(failed).toContain(`stack.mjs failed while it ran: ${said}`);
    expect(failed).not.toContain("Zk39");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
