import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openStack } from "../resolve/open.ts";
import { components } from "./registry.ts";
import { fileAt, serviceIn } from "./testing/stack.ts";

const folder = fileURLToPath(new URL("../../examples/quickstart", import.meta.url));
const options = { components, cwd: folder, runner: { uid: 1000 } };

describe("the quickstart", () => {
  it("is right as it is, and publishes the edge and MQTT with TLS alone", async () => {
    const { stack } = await openStack(undefined, options);
    const published = stack.services.flatMap((service) =>
      service.ports.filter((port) => port.published !== undefined).map((port) => `${service.name}:${port.port}`),
    );
    expect(published).toEqual(["caddy:80", "caddy:443", "mqtt:8883"]);
    expect(stack.services.filter((service) => service.outbound)).toEqual([]);
    expect(
      stack.services.filter((service) => service.uid === 0 || !service.readOnlyRoot || service.health === undefined),
    ).toEqual([]);
  });

  // covers: S2 S9 | compose
  it("gives the API its password as a file for libpq, and the database alone the other half", async () => {
    const { stack } = await openStack(undefined, options);
    expect(serviceIn(stack, "api").secrets).toEqual([
      {
        secret: "api-db-password",
        delivery: "file",
        target: "/run/secrets/pg_service.conf",
        uid: 1000,
        gid: 1000,
        mode: 0o400,
        template: "[app]\nhost=db\nport=5432\ndbname=app\nuser={user}\npassword={value}\n",
      },
    ]);
    expect(serviceIn(stack, "api").reload).toEqual({ signal: "USR1" });
    expect(stack.secrets.find((secret) => secret.name === "api-db-password")?.issuedBy).toEqual({
      service: "db",
      account: "authenticator",
    });
    const holders = stack.services.filter((service) => service.secrets.some((use) => use.secret === "api-db-password"));
    expect(holders.map((service) => service.name)).toEqual(["api", "db"]);
    expect(fileAt(stack, "db", "/docker-entrypoint-initdb.d/10-init.sql").content).toContain(
      "cat /run/secrets/api-db-password",
    );
  });

  it("runs on the lab's images when it is told to, each saying what it stands in for", async () => {
    const { stack } = await openStack(undefined, { ...options, images: "lab.images.yaml" });
    for (const service of stack.services) {
      expect(service.image.repository).toMatch(/^ringwall-lab\//);
      expect(service.image.standsInFor).toMatch(/^docker\.io\//);
    }
    expect(stack.todos.join()).not.toContain("no digest");
  });

  it("says which file of images it cannot use", async () => {
    await expect(openStack(undefined, { ...options, images: "none.yaml" })).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(openStack(undefined, { ...options, images: "site/index.html" })).rejects.toMatchObject({
      code: "invalid",
    });
  });
});
