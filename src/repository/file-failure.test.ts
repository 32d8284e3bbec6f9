import { expect, test } from "vitest";
import { openFailure } from "./file-failure.ts";

// covers: S1 | files
test.each(["ENOENT", "ENAMETOOLONG", "EACCES", "ELOOP", "EIO"])(
  "A path into which lines ran that assign a secret is told without it: %s",
  (code) => {
    const path = `app.env - DB_PASSWORD=kq83nf92hdX ${"x".repeat(300)}`;
    const { message } = openFailure(path, Object.assign(new Error(), { code }));
    expect(message).toContain("app.env…");
    expect(message).not.toMatch(/PASSWORD|kq83/);
  },
);
