import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperationEvent } from "../../src/contracts/operation.ts";
import { knownValue } from "../../src/facts/fact.ts";
import type { Deployment } from "../../src/operations/deploy/deployment.ts";
import { down } from "../../src/operations/deploy/down.ts";
import type { DeploymentPlan } from "../../src/operations/deploy/plan.ts";
import { status } from "../../src/operations/deploy/status.ts";
import { plan, type UpOutcome, up } from "../../src/operations/deploy/up.ts";
import { observe } from "../../src/platforms/compose/engine.ts";
import { renderCompose } from "../../src/platforms/compose/render.ts";
import type { ComposeResources } from "../../src/platforms/compose/resources.ts";
import { findUnfinished } from "../../src/state/journal.ts";
import { labDeployment } from "./support/deployment.ts";
import { labEngine, labTitle } from "./support/engine.ts";
import { type SmallStackOptions, smallSecrets, smallStack } from "./support/small-stack.ts";

// covers: S2 S9 W2 I7 | compose | real: Docker engine 28.5, lab images

const engine = await labEngine();
const asRoot = process.getuid?.() === 0;
const skip = "missing" in engine || !asRoot;
const title = asRoot
  ? labTitle("a deployment on a real engine", engine)
  : "a deployment on a real engine (skipped: not root)";

const name = `rwlab${randomBytes(3).toString("hex")}`;
const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8", stdio: "pipe" }).trim();
const tidily = (...args: string[]) => spawnSync("docker", args, { encoding: "utf8" });

describe.skipIf(skip)(title, () => {
  let folder: string;
  let events: OperationEvent[] = [];

  const deployment = (
    options: Partial<SmallStackOptions> = {},
    given: { secrets?: Record<string, string>; adopt?: boolean } = {},
  ): Promise<Deployment> => {
    if ("missing" in engine) throw new Error(engine.missing);
    events = [];
    const tell = (event: OperationEvent) => void events.push(event);
    return labDeployment(engine.client, smallStack({ name, ...options }), folder, {
      secrets: smallSecrets,
      ...given,
      tell,
    });
  };
  const bringUp = async (of: Deployment): Promise<UpOutcome> =>
    up(of, { healthTimeout: 60_000, confirm: () => Promise.resolve(true) });
  const ids = () =>
    Object.fromEntries(
      docker("ps", "-a", "--no-trunc", "--filter", `label=dev.ringwall.stack=${name}`, "--format", "{{.Names}} {{.ID}}")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.replace(`${name}-`, "").replace(/-1 /, " ").split(" ")),
    );
  const actions = (found: DeploymentPlan, kind: string) =>
    Object.fromEntries(
      found.changes.filter((change) => change.kind === kind).map((change) => [change.name, change.action]),
    );

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ringwall-lab-"));
  });
  afterAll(() => {
    for (const id of Object.values(ids())) tidily("rm", "-f", String(id));
    tidily("rm", "-f", `${name}-foreign`);
    const own = ["--filter", `label=dev.ringwall.stack=${name}`, "-q"];
    for (const id of docker("network", "ls", ...own).split("\n")) if (id !== "") tidily("network", "rm", id);
    for (const id of docker("volume", "ls", ...own).split("\n")) if (id !== "") tidily("volume", "rm", id);
    tidily("network", "rm", `${name}_edge`, `${name}-foreign`);
    tidily("volume", "rm", `${name}_data`);
    rmSync(folder, { recursive: true, force: true });
  });

  it("refuses names, subnets and data that something else has, and changes nothing", async () => {
    docker("volume", "create", `${name}_data`);
    docker("network", "create", `${name}_edge`, "--subnet", "10.231.77.0/28");
    docker("network", "create", `${name}-foreign`, "--subnet", "10.231.10.0/24");
    const found = await plan(await deployment());
    expect(found.obstacles.join("\n")).toContain(`A volume named "${name}_data" exists that Ringwall has not made`);
    expect(found.obstacles.join("\n")).toContain(`A network named "${name}_edge" exists that Ringwall has not made`);
    expect(found.obstacles.join("\n")).toContain(`overlaps with 10.231.10.0/24, which the network ${name}-foreign`);
    await expect(bringUp(await deployment())).rejects.toMatchObject({ code: "conflict" });
    expect(ids()).toEqual({});
    expect(readdirSync(folder).filter((entry) => entry !== ".ringwall")).toEqual([]);
    docker("volume", "rm", `${name}_data`);
    docker("network", "rm", `${name}_edge`, `${name}-foreign`);
  });

  it("names every secret without a value, and changes nothing", async () => {
    const found = await plan(await deployment({}, { secrets: { token: "a" } }));
    expect(found.obstacles).toEqual([expect.stringContaining('The secret "key" has no value, and store needs it.')]);
    await expect(bringUp(await deployment({}, { secrets: {} }))).rejects.toMatchObject({ code: "conflict" });
    expect(ids()).toEqual({});
  });

  it("is taken up by the next `up` wherever it is killed", async () => {
    let kills = 0;
    for (let at = 1; at < 200; at++) {
      const child = spawnSync(
        process.execPath,
        [join(import.meta.dirname, "support/up-and-die.ts"), folder, name, String(at)],
        {
          encoding: "utf8",
        },
      );
      if (child.signal !== "SIGKILL") {
        expect(child.stderr).toBe("");
        expect(child.status).toBe(0);
        break;
      }
      kills += 1;
    }
    // Nine steps begin and end, and some tell progress in between.
    expect(kills).toBeGreaterThanOrEqual(18);
    expect(await findUnfinished(join(folder, ".ringwall/journal"))).toBeUndefined();
    expect(Object.keys(ids()).sort()).toEqual(["api", "store", "web"]);
    const left = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
      /\.part$|\.stale$|lock$/.test(path),
    );
    expect(left).toEqual([]);
  }, 600_000);

  it("changes nothing when it runs again", async () => {
    const before = ids();
    expect(await bringUp(await deployment())).toBe("unchanged");
    const found = await plan(await deployment());
    expect(found.changes.filter((change) => change.action !== "keep")).toEqual([]);
    expect(ids()).toEqual(before);
  });

  it("delivers each secret to its service alone, owned by its uid and readable by nobody else", async () => {
    const delivered = join(folder, "delivered", name);
    const key = statSync(join(delivered, "secrets/store/key"));
    expect([key.uid, key.gid, key.mode & 0o7777]).toEqual([4003, 4003, 0o400]);
    expect(statSync(join(delivered, "environment/api.env")).mode & 0o7777).toBe(0o600);
    for (const path of [".", "secrets", "environment"]) {
      const stat = statSync(join(delivered, path));
      expect([path, stat.uid, stat.mode & 0o7777]).toEqual([path, 0, 0o700]);
    }
    const seen = statSync(join(delivered, "secrets/store"));
    expect([seen.uid, seen.gid, seen.mode & 0o7777]).toEqual([4003, 4003, 0o500]);
    expect(docker("exec", `${name}-store-1`, "cat", "/data/seen")).toBe(smallSecrets.key);
    expect(docker("exec", `${name}-api-1`, "sh", "-c", 'printf %s "$TOKEN"')).toBe(smallSecrets.token);
    expect(tidily("exec", `${name}-web-1`, "ls", "/run/secrets").status).not.toBe(0);
    expect(docker("inspect", `${name}-store-1`)).not.toContain(smallSecrets.key);
    for (const file of readdirSync(join(folder, "rendered"), {
      recursive: true,
      encoding: "utf8",
      withFileTypes: true,
    })) {
      if (!file.isFile()) continue;
      expect(readFileSync(join(file.parentPath, file.name), "utf8")).not.toContain(smallSecrets.key);
    }
  });

  it("gives a volume its owner and mode", () => {
    const owner = docker("exec", `${name}-store-1`, "stat", "-c", "%u %g %a", "/data");
    expect(owner).toBe("4003 4003 750");
  });

  it("recreates the service alone whose configuration file changed", async () => {
    const before = ids();
    const found = await plan(await deployment({ page: "changed" }));
    expect(actions(found, "service")).toEqual({ api: "keep", store: "keep", web: "recreate" });
    expect(found.changes.find((change) => change.name === "web")?.because).toEqual(["its configuration files changed"]);
    expect(await bringUp(await deployment({ page: "changed" }))).toBe("changed");
    const after = ids();
    expect([after.api, after.store]).toEqual([before.api, before.store]);
    expect(after.web).not.toBe(before.web);
    expect(await (await fetch("http://127.0.0.1:18080/")).text()).toBe("changed\n");
  });

  it("recreates the service alone whose secret changed, even when the `up` that delivered it was killed", async () => {
    const before = ids();
    const secrets = { ...smallSecrets, key: "a-new-key-for-the-store" };
    const changed = await deployment({ page: "changed" }, { secrets });
    expect(actions(await plan(changed), "service")).toEqual({ api: "keep", store: "recreate", web: "keep" });
    const killed: Deployment = {
      ...changed,
      surroundings: {
        ...changed.surroundings,
        tell: (event) => {
          if (event.kind === "step-done" && event.step === "secrets") throw new Error("power cut");
        },
      },
    };
    await expect(bringUp(killed)).rejects.toThrow("power cut");
    expect(actions(await plan(changed), "service")).toMatchObject({ store: "recreate" });
    expect(await bringUp(changed)).toBe("changed");
    const after = ids();
    expect([after.api, after.web]).toEqual([before.api, before.web]);
    expect(after.store).not.toBe(before.store);
    expect(docker("exec", `${name}-store-1`, "cat", "/data/seen")).toBe("a-new-key-for-the-store");
  });

  it("makes a service anew once whose secrets were mounted file by file before", async () => {
    // The folder was root's then.
    const secrets = join(folder, "delivered", name, "secrets");
    rmSync(secrets, { recursive: true, force: true });
    await bringUp(await earlierLayout(await deployment()));
    const mounts = () => JSON.parse(docker("inspect", "--format", "{{json .HostConfig.Mounts}}", `${name}-store-1`));
    expect(mounts()).toContainEqual(expect.objectContaining({ Target: "/run/secrets/key" }));
    const before = ids();
    expect(await bringUp(await deployment())).toBe("changed");
    expect(ids()).toEqual({ ...before, store: ids().store });
    expect(mounts()).toContainEqual(expect.objectContaining({ Target: "/run/secrets", ReadOnly: true }));
    expect(docker("exec", `${name}-store-1`, "cat", "/data/seen")).toBe(smallSecrets.key);
    expect(readdirSync(join(secrets, "store"))).toEqual(["key"]);
    expect(await bringUp(await deployment())).toBe("unchanged");
  });

  it("makes a network anew whose subnet changed, and the services on it", async () => {
    const options = { page: "changed", subnet: 11 };
    const secrets = { ...smallSecrets, key: "a-new-key-for-the-store" };
    const found = await plan(await deployment(options, { secrets }));
    expect(actions(found, "network")).toEqual({ edge: "recreate", "web--api": "recreate", "api--store": "recreate" });
    expect(await bringUp(await deployment(options, { secrets }))).toBe("changed");
    expect(docker("network", "inspect", `${name}_edge`, "--format", "{{(index .IPAM.Config 0).Subnet}}")).toBe(
      "10.231.11.0/28",
    );
    expect(await bringUp(await deployment(options, { secrets }))).toBe("unchanged");
    expect(docker("exec", `${name}-store-1`, "cat", "/data/seen")).toBe("a-new-key-for-the-store");
  });

  it("removes a service that is no longer declared, and nothing else", async () => {
    const options = { page: "changed", subnet: 11 };
    const secrets = { ...smallSecrets, key: "a-new-key-for-the-store" };
    await bringUp(await deployment({ ...options, withExtra: true }, { secrets }));
    const before = ids();
    expect(Object.keys(before).sort()).toEqual(["api", "extra", "store", "web"]);
    const found = await plan(await deployment(options, { secrets }));
    expect(actions(found, "service")).toMatchObject({ extra: "remove", web: "keep" });
    await bringUp(await deployment(options, { secrets }));
    const { extra: _, ...rest } = before;
    expect(ids()).toEqual(rest);
  });

  it("tells services, health, use, sockets and secrets", async () => {
    const { client, resources } = await deployment({ page: "changed", subnet: 11 });
    const found = await status(client, resources, new Date());
    expect(found.services.map(({ service, state, health }) => [service, state, health])).toEqual([
      ["api", "running", "healthy"],
      ["store", "running", "healthy"],
      ["web", "running", "healthy"],
    ]);
    expect(found.services.every(({ memoryBytes }) => (memoryBytes ?? 0) > 0)).toBe(true);
    expect(found.ports).toEqual([{ service: "web", address: "127.0.0.1", port: 18080, inside: 8080, protocol: "tcp" }]);
    expect(found.secrets).toEqual([{ secret: "key", service: "store", state: "present" }]);
  });

  it("observes what runs as the subjects that controls judge", async () => {
    if ("missing" in engine) throw new Error(engine.missing);
    const system = await observe(engine.client, name);
    expect(system.all("workload").map(({ ref }) => ref.name)).toEqual(["api", "store", "web"]);
    const web = system.get({ kind: "container", system: name, name: "web" });
    expect(web).toBeDefined();
    if (web === undefined) return;
    expect(knownValue(web.user)).toMatchObject({ uid: 4001, gid: 4001 });
    expect(knownValue(web.readOnlyRoot)).toBe(true);
    expect(knownValue(web.noNewPrivileges)).toBe(true);
    expect(web.droppedCapabilities.items.map((capability) => capability.name)).toEqual(["ALL"]);
    expect(knownValue(web.memoryLimit)).toBe(64 * 1024 * 1024);
    expect(knownValue(web.cpuLimit)).toBe(0.5);
    expect(system.all("listener").map(({ ref }) => ref.name)).toContain("web/127.0.0.1:18080/tcp");
    const secrets = system.all("secret-reference");
    expect(secrets.map(({ ref }) => ref.name)).toEqual(["api/TOKEN", "store/key"]);
    const secret = secrets.find(({ ref }) => ref.name === "store/key");
    expect(secret === undefined ? undefined : [knownValue(secret.uid), knownValue(secret.mode)]).toEqual([4003, 0o400]);
    expect(
      system
        .all("network")
        .map(({ ref }) => ref.name)
        .sort(),
    ).toEqual(["api--store", "edge", "web--api"]);
    expect(JSON.stringify(system.subjects)).not.toContain(smallSecrets.token);
  });

  it("does not replace a rendered file that somebody changed", async () => {
    const path = join(folder, "rendered/web/index.html");
    const was = readFileSync(path, "utf8");
    writeFileSync(path, "edited by hand\n");
    const found = await plan(await deployment({ page: "again", subnet: 11 }));
    expect(found.obstacles.join("\n")).toContain("it was changed after Ringwall wrote it");
    writeFileSync(path, was);
  });

  it("lets one operation work on a stack at a time", async () => {
    const first = await deployment({ page: "first", subnet: 11 });
    const second = await deployment({ page: "second", subnet: 11 });
    let outcome: unknown;
    await up(first, {
      healthTimeout: 60_000,
      confirm: async () => {
        outcome = await bringUp(second).catch((error: unknown) => error);
        return false;
      },
    });
    expect(outcome).toMatchObject({ code: "conflict", message: expect.stringContaining(`process ${process.pid}`) });
  });

  it("fails with the last lines of a service that does not come up, and without its secret", async () => {
    const failing = await deployment({
      subnet: 11,
      storeCommand: ["sh", "-c", "echo using $(cat /run/secrets/key); exit 7"],
    });
    await expect(bringUp(failing)).rejects.toMatchObject({
      code: "engine-failed",
      message: expect.stringContaining('"store"'),
    });
    const told = events.flatMap((event) => (event.kind === "step-progress" ? [event.text] : [])).join("\n");
    expect(told).toContain("store | using ‹secret key›");
    expect(told).not.toContain(smallSecrets.key);
  });

  it("takes over what something else made when it is told to, and loses none of its data", async () => {
    await down(await deployment(), { volumes: true, typedName: name });
    const file = join(folder, "foreign.yaml");
    writeFileSync(
      file,
      `services: {store: {image: "ringwall-lab/busybox:current", user: "0", command: [sh, -c, "echo precious > /data/old; exec tail -f /dev/null"], volumes: ["data:/data"], networks: [edge], stop_signal: SIGKILL}}\nvolumes: {data: {labels: {mine: "yes"}}}\nnetworks: {edge: {}}\n`,
    );
    docker("compose", "-p", name, "-f", file, "up", "-d");
    await expect(bringUp(await deployment())).rejects.toMatchObject({ code: "conflict" });
    expect(await bringUp(await deployment({}, { adopt: true }))).toBe("changed");
    expect(docker("exec", `${name}-store-1`, "cat", "/data/old")).toBe("precious");
    expect(await bringUp(await deployment())).toBe("unchanged");
    await down(await deployment(), { volumes: false, typedName: undefined });
    docker("volume", "rm", `${name}_data`);
    await bringUp(await deployment());
  });

  it("keeps volumes when it goes down, and asks for the name before it removes them", async () => {
    await expect(down(await deployment(), { volumes: true, typedName: "another" })).rejects.toMatchObject({
      code: "usage",
    });
    const kept = await down(await deployment(), { volumes: false, typedName: undefined });
    expect(kept).toEqual({ keptVolumes: [`${name}_data`], removedVolumes: [] });
    expect(ids()).toEqual({});
    expect(docker("network", "ls", "-q", "--filter", `label=dev.ringwall.stack=${name}`)).toBe("");
    expect(readdirSync(join(folder, "delivered"))).toEqual([]);
    const removed = await down(await deployment(), { volumes: true, typedName: name });
    expect(removed).toEqual({ keptVolumes: [], removedVolumes: [`${name}_data`] });
    expect(docker("volume", "ls", "-q", "--filter", `name=${name}_data`)).toBe("");
  });
});

/** As it was before secrets were delivered in a folder: one bind for each file. */
async function earlierLayout(of: Deployment): Promise<Deployment> {
  const resources: ComposeResources = {
    ...of.resources,
    secretFiles: of.resources.secretFiles.map((file) => ({ ...file, mountedBy: "file" })),
    services: of.resources.services.map((service) => ({
      ...service,
      labels: Object.fromEntries(Object.entries(service.labels).filter(([label]) => label !== "dev.ringwall.secrets")),
      secrets: service.secrets.map((mount) => ({ ...mount, mountedBy: "file" })),
      secretFolder: undefined,
    })),
  };
  return { ...of, resources, files: renderCompose(resources) };
}
