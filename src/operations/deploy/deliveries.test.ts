import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { smallStack } from "../../../test/lab/support/small-stack.ts";
import { composeResources } from "../../platforms/compose/resources.ts";
import { Secret } from "../../secrets/secret.ts";
import { deliver, removeStaleDeliveries } from "./deliver.ts";
import { type Delivery, deliveriesOf, deliveryState, serviceFolderMode } from "./deliveries.ts";
import { redactor } from "./redact.ts";

// covers: S2 S3 S9 | compose

describe("the delivery of secrets", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "ringwall-deliver-"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const all = (values: Record<string, string>, ids?: Parameters<typeof deliveriesOf>[2]) =>
    deliveriesOf(
      composeResources(smallStack({ name: "shop" }), { deliveryRoot: root }),
      new Map(Object.entries(values).map(([name, value]) => [name, new Secret(name, value)])),
      ids,
    );
  /** A delivery to this user, who need not be root. */
  const mine = (content: string): Delivery => ({
    kind: "secret",
    service: "store",
    secrets: ["key"],
    path: join(root, "shop/secrets/store/key"),
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    mode: 0o400,
    content: new Secret("key", content),
    folder: join(root, "shop/secrets/store"),
  });

  it("is one file for each use, of the uid of its service, in ids of the host", () => {
    const [key, environment] = all(
      { key: "k", token: "t" },
      { uid: (uid) => uid + 100000, gid: (gid) => gid + 100000 },
    );
    expect(key).toMatchObject({ kind: "secret", service: "store", uid: 104003, gid: 104003, mode: 0o400 });
    expect(environment).toMatchObject({ kind: "environment", service: "api", uid: process.getuid?.(), mode: 0o600 });
  });

  it.each([
    ["plain", "TOKEN='plain'\n"],
    ["with $HOME and `x` #1", "TOKEN='with $HOME and `x` #1'\n"],
    ["it's", `TOKEN="it's"\n`],
    ['it\'s $5 "now"\\', 'TOKEN="it\'s \\$5 \\"now\\"\\\\"\n'],
    ["two\nlines", 'TOKEN="two\\nlines"\n'],
  ])("writes %j into an env file so that Compose reads it back as it is", (value, line) => {
    expect(all({ key: "k", token: value })[1]?.content?.expose()).toBe(line);
  });

  it("has no content, and never an empty one, where a value is missing", async () => {
    const [key] = all({ token: "t" });
    expect(key?.content).toBeUndefined();
    if (key !== undefined) await expect(deliver(key, root, "up-1")).rejects.toMatchObject({ code: "secret-missing" });
    expect(await readdir(root)).toEqual([]);
  });

  it("writes with owner and mode into folders that nobody else can enter, and finds it the same afterwards", async () => {
    const delivery = mine("first");
    expect(await deliveryState(delivery)).toBe("absent");
    await deliver(delivery, root, "up-1");
    expect(await deliveryState(delivery)).toBe("same");
    expect((await stat(delivery.path)).mode & 0o7777).toBe(0o400);
    for (const part of ["shop", "shop/secrets"]) expect((await stat(join(root, part))).mode & 0o777).toBe(0o700);
    const folder = await stat(join(root, "shop/secrets/store"));
    expect([folder.mode & 0o7777, folder.uid]).toEqual([serviceFolderMode(), delivery.uid]);
    expect(await deliveryState(mine("second"))).toBe("differs");
    await deliver(mine("second"), root, "up-2");
    expect(await readFile(delivery.path, "utf8")).toBe("second");
    await chmod(delivery.path, 0o444);
    expect(await deliveryState(mine("second"))).toBe("differs");
    await deliver(mine("second"), root, "up-3");
    await chmod(join(root, "shop/secrets/store"), 0o755);
    expect(await deliveryState(mine("second"))).toBe("differs");
  });

  it("puts a new file in the place of the old one, in the same folder, and removes what a killed delivery left", async () => {
    await deliver(mine("first"), root, "up-1");
    const folder = join(root, "shop/secrets/store");
    const before = await stat(folder);
    const held = await open(join(folder, "key"));
    await writeFile(join(folder, ".key.up-1.00.part"), "second", { mode: 0o400 });
    await deliver(mine("second"), root, "up-2");
    expect((await stat(folder)).ino).toBe(before.ino);
    expect(await held.readFile("utf8")).toBe("first");
    expect(await readFile(join(folder, "key"), "utf8")).toBe("second");
    expect(await readdir(folder)).toEqual(["key"]);
    await held.close();
  });

  it("makes folders below /run/secrets as the service sees them", async () => {
    const below = { ...mine("x"), path: join(root, "shop/secrets/store/of/others/key") };
    await deliver(below, root, "up-1");
    expect(await deliveryState(below)).toBe("same");
    for (const part of ["", "of", "of/others"])
      expect((await stat(join(root, "shop/secrets/store", part))).mode & 0o777).toBe(serviceFolderMode());
  });

  it("fills the account in turn into a template, and what either holds is not looked at again", () => {
    const resources = composeResources(smallStack({ name: "shop" }), { deliveryRoot: root });
    const files = resources.secretFiles.map((file) => ({ ...file, template: "user={user} password={value}" }));
    const values = new Map([["key", new Secret("key", "{user}$&")]]);
    const [key] = deliveriesOf({ ...resources, secretFiles: files }, values, undefined, () => "app_b");
    expect(key?.content?.expose()).toBe("user=app_b password={user}$&");
    expect(() => deliveriesOf({ ...resources, secretFiles: files }, values)).toThrow(/belongs to no account/);
  });

  it("delivers nothing below a folder that others can change, nor through a link", async () => {
    await mkdir(join(root, "shop"));
    await chmod(join(root, "shop"), 0o770);
    await expect(deliver(mine("x"), root, "up-1")).rejects.toMatchObject({ code: "permission" });
    await rm(join(root, "shop"), { recursive: true });
    const elsewhere = await mkdtemp(join(tmpdir(), "ringwall-elsewhere-"));
    await symlink(elsewhere, join(root, "shop"));
    await expect(deliver(mine("x"), root, "up-1")).rejects.toMatchObject({ code: "conflict" });
    expect(await readdir(elsewhere)).toEqual([]);
    await rm(elsewhere, { recursive: true });
    await expect(deliver({ ...mine("x"), path: "/elsewhere/key" }, root, "up-1")).rejects.toMatchObject({
      code: "outside-root",
    });
  });

  it("removes what nothing needs any more, with what a crash left beside it", async () => {
    await deliver(mine("x"), root, "up-1");
    const left = { ...mine("y"), path: join(root, "shop/secret-files/old/.key.up-1.aa.part"), folder: undefined };
    await deliver(left, root, "up-1");
    expect(await removeStaleDeliveries(join(root, "shop"), new Set([mine("x").path]))).toEqual([left.path]);
    expect(await readdir(join(root, "shop/secrets"))).toEqual(["store"]);
    await removeStaleDeliveries(join(root, "shop"), new Set());
    expect(await readdir(root)).toEqual([]);
  });
});

describe("redactor", () => {
  const redact = redactor([new Secret("password", 'S3cr&t "x"'), new Secret("pin", "12")]);

  it("hides a value as it is, as base64, in an address and in JSON", () => {
    const value = 'S3cr&t "x"';
    for (const form of [
      value,
      Buffer.from(value).toString("base64"),
      encodeURIComponent(value),
      JSON.stringify(value),
    ]) {
      expect(redact(`a ${form} b`)).toContain("‹secret password›");
      expect(redact(`a ${form} b`)).not.toMatch(/S3cr|UzNjcj/);
    }
  });

  it("hides each line of a value of several, and leaves what is too short to be told", () => {
    const lines = redactor([new Secret("key", "-----BEGIN-----\nabcdefgh\n")]);
    expect(lines("x abcdefgh y")).toBe("x ‹secret key› y");
    expect(redact("port 1200")).toBe("port 1200");
  });
});
