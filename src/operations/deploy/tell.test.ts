import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { containerJson } from "../../../test/support/engine-objects.ts";
import type { RunProgram } from "../../lib/run-program.ts";
import { containerSchema } from "../../platforms/compose/engine/schemas.ts";
import { Secret } from "../../secrets/secret.ts";
import { deliver } from "./deliver.ts";
import type { Delivery } from "./deliveries.ts";
import { seenDelivery, startedBefore } from "./seen-deliveries.ts";
import { tellContainer } from "./tell.ts";
import { readTold, toldPath } from "./told.ts";

// covers: S2 R9 | compose

describe("telling a running service", () => {
  let root: string;
  const ran: string[][] = [];
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "ringwall-tell-"));
    ran.length = 0;
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const folder = () => join(root, "shop/secrets/web");
  const delivery = (content: string): Delivery => ({
    kind: "secret",
    service: "web",
    secrets: ["key"],
    path: join(folder(), "key"),
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    mode: 0o400,
    content: new Secret("key", content),
    folder: folder(),
  });
  const web = (
    mounts: readonly object[] = [{ Type: "bind", Source: folder(), Destination: "/run/secrets" }],
    id = "one",
  ) =>
    containerSchema.parse({
      ...containerJson("web", { State: { Status: "running", Pid: 0, ExitCode: 0, StartedAt: "2020-01-02T03:04:06Z" } }),
      Id: id,
      Mounts: mounts,
    });
  const seen = async (container = web()) =>
    seenDelivery(delivery("x"), container, await readTold(join(root, "shop"), "web"));
  const run =
    (code: number): RunProgram =>
    async (command, args) => {
      ran.push([command, ...args]);
      return { code, signal: undefined, stdout: "the secret value", stderr: "the secret value" };
    };
  const tell = (code = 0, reload: Parameters<typeof tellContainer>[0]["reload"] = { signal: "HUP" }) =>
    tellContainer({
      service: "web",
      container: web(),
      reload,
      deliveries: [delivery("x")],
      deliveryFolder: join(root, "shop"),
      run: run(code),
    });

  it("is owed until it was told of this very file, and again by the next file and the next container", async () => {
    await deliver(delivery("first"), root, "up-1");
    const before = await seen();
    expect([before.live, before.told, startedBefore(before, web())]).toEqual([true, false, true]);
    await tell();
    expect(ran).toEqual([["docker", "kill", "--signal", "SIGHUP", "one"]]);
    const after = await seen();
    expect([after.told, startedBefore(after, web())]).toEqual([true, false]);
    expect((await seen(web(undefined, "two"))).told).toBe(false);
    await deliver(delivery("second"), root, "up-2");
    expect((await seen()).told).toBe(false);
  });

  it("holds for a file whose time was set back, and records no value", async () => {
    await deliver(delivery("a value of its own"), root, "up-1");
    await tell();
    const record = await readFile(toldPath(join(root, "shop"), "web"), "utf8");
    expect(record).not.toContain("value");
    expect((await stat(toldPath(join(root, "shop"), "web"))).mode & 0o777).toBe(0o600);
    await chmod(delivery("").path, 0o400);
    expect((await seen()).told).toBe(false);
  });

  it("is owed still when it failed, and the error repeats nothing that the command said", async () => {
    await deliver(delivery("first"), root, "up-1");
    const failed = tell(1, { command: ["reload", "--now"] });
    await expect(failed).rejects.toMatchObject({ code: "engine-failed" });
    await expect(failed).rejects.toThrow(/^"web" could not be told by `reload --now` \(code 1\)\.$/);
    expect(ran).toEqual([["docker", "exec", "one", "reload", "--now"]]);
    expect((await seen()).told).toBe(false);
  });

  it("takes a record that is damaged for none", async () => {
    await deliver(delivery("first"), root, "up-1");
    await tell();
    await writeFile(toldPath(join(root, "shop"), "web"), '{"container":');
    expect((await seen()).told).toBe(false);
  });

  it("reaches nobody who has the file mounted by itself, or another folder, or a folder that is gone", async () => {
    await deliver(delivery("first"), root, "up-1");
    const single = [{ Type: "bind", Source: `${folder()}/key`, Destination: "/run/secrets/key" }];
    expect((await seen(web(single))).live).toBe(false);
    const other = [{ Type: "bind", Source: `${folder()}2`, Destination: "/run/secrets" }];
    expect((await seen(web(other))).live).toBe(false);
    await rm(folder(), { recursive: true });
    expect((await seen()).live).toBe(false);
  });
});
