import { describe, expect, it } from "vitest";
import { serviceIn, stackFrom } from "../testing/stack.ts";

describe("postgres", () => {
  const stack = stackFrom("name: shop\nservices: { db: { use: postgres, settings: { database: app } } }\n");
  const db = serviceIn(stack, "db");

  // covers: S2 W2 | compose
  it("reads its password from a file of its own user, and keeps its data where release 18 has it", () => {
    expect(db.environment).toMatchObject({
      POSTGRES_PASSWORD_FILE: "/run/secrets/postgres-password",
      POSTGRES_DB: "app",
    });
    expect(Object.keys(db.environment)).not.toContain("POSTGRES_PASSWORD");
    expect(db.secrets).toMatchObject([{ secret: "db-password", delivery: "file", uid: 999, gid: 999, mode: 0o400 }]);
    expect(db.volumes).toMatchObject([
      { name: "db-data", target: "/var/lib/postgresql", uid: 999, mode: 0o700, backup: true },
    ]);
  });

  it("is not ready while only its first-start scripts can reach it", () => {
    expect(db.health).toContain("--host=127.0.0.1");
  });

  it("lets the declaration set a variable, a limit, a volume's mode", () => {
    const own = serviceIn(
      stackFrom(
        "name: shop\nservices: { db: { use: postgres, environment: { PGDATA: /var/lib/postgresql/x }, resources: { memory: 2GB }, volumes: { data: { target: /var/lib/postgresql, mode: '0750', backup: false } } } }\n",
      ),
      "db",
    );
    expect(own.environment.PGDATA).toBe("/var/lib/postgresql/x");
    expect(own.resources).toEqual({ cpus: 1, memoryBytes: 2 * 1024 ** 3, pids: 256 });
    expect(own.volumes).toMatchObject([{ name: "db-data", mode: 0o750, backup: false }]);
  });
});
