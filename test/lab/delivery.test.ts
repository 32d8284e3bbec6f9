import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import mqtt from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoginAttempt, ServiceControl, Vantage } from "../../src/contracts/rotator.ts";
import type { Deployment } from "../../src/operations/deploy/deployment.ts";
import { down } from "../../src/operations/deploy/down.ts";
import { plan, up } from "../../src/operations/deploy/up.ts";
import { Agents } from "../../src/operations/probes/agents.ts";
import { composeServiceControl } from "../../src/operations/rotation/services/compose-services.ts";
import { watchCredentials } from "../../src/operations/rotation/services/watch-credentials.ts";
import { Secret } from "../../src/secrets/secret.ts";
import { labDeployment } from "./support/deployment.ts";
import { labEngine, labTitle } from "./support/engine.ts";
import { anotherPassword, freshValues, secretStack } from "./support/secret-stack.ts";

// covers: S2 S3 S9 R8 R9 | compose | real: Docker engine 28.5, PostgreSQL 15, Mosquitto 2.0, lab images

const engine = await labEngine();
const skip = "missing" in engine || process.getuid?.() !== 0;
const title = labTitle("secrets that change under running services", engine);
const mqttPort = 18_884;
const stack = secretStack(`rwlab${randomBytes(3).toString("hex")}`, mqttPort);
const agentProgram = fileURLToPath(new URL("../../src/operations/probes/agent-main.ts", import.meta.url));
const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8", stdio: "pipe" }).trim();
const container = (service: string) => `${stack.name}-${service}-1`;
const inside = (service: string, ...command: string[]) => docker("exec", container(service), ...command);

describe.skipIf(skip)(title, () => {
  let folder: string;
  let deployment: Deployment;
  let agents: Agents;
  let control: ServiceControl;
  /** Every value that was ever given out. */
  const everyValue = new Set<Secret>();

  const use = async (given: ReadonlyMap<string, Secret>) => {
    if ("missing" in engine) throw new Error(engine.missing);
    const values = await freshValues(stack, given);
    for (const value of values.values()) everyValue.add(value);
    deployment = { ...(await labDeployment(engine.client, stack, folder)), values };
    control = composeServiceControl(deployment, agents, { id: "rotate-test", healthTimeout: 60_000 });
  };
  const bringUp = () => up(deployment, { healthTimeout: 90_000, confirm: async () => true });
  const value = (name: string): Secret => {
    const found = deployment.values.get(name);
    if (found === undefined) throw new Error(`no value for ${name}`);
    return found;
  };
  const ids = () =>
    Object.fromEntries(
      stack.services.map(({ name }) => [name, docker("inspect", "--format", "{{.Id}}", container(name))]),
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ringwall-delivery-"));
    agents = new Agents([process.execPath, agentProgram]);
    await use(new Map());
    await bringUp();
  });
  afterAll(async () => {
    await agents.close();
    await down(deployment, { volumes: true, typedName: stack.name });
    rmSync(folder, { recursive: true, force: true });
  });

  it("lie in one folder, which the service's user alone enters and nobody in the container changes", () => {
    expect(inside("api", "stat", "-c", "%a %u %g", "/run/secrets")).toBe("500 4101 4101");
    expect(inside("api", "stat", "-c", "%a %u %g", "/run/secrets/pg_service.conf")).toBe("400 4101 4101");
    expect(inside("api", "cat", "/run/secrets/pg_service.conf")).toBe(`user=app\npassword=${value("db-app").expose()}`);
    const others = spawnSync("docker", ["exec", "--user", "4999", container("api"), "ls", "/run/secrets"]);
    const changed = spawnSync("docker", ["exec", container("api"), "chmod", "700", "/run/secrets"]);
    expect([others.status, changed.status]).toEqual([1, 1]);
    expect(changed.stderr.toString()).toContain("Read-only file system");
  });

  it("are told as the plan says, by signal, by command, by nothing or by a new container, and once", async () => {
    const before = ids();
    const former = value("key");
    const given = new Map(deployment.values);
    given.set("key", anotherPassword("key"));
    await use(given);
    const planned = (await plan(deployment)).changes.filter(
      ({ kind, action }) => kind === "service" && action !== "keep",
    );
    expect(planned.map(({ name, action, because }) => [name, action, because.join("; ")])).toEqual([
      ["commanded", "change", "the secret key changed: it is told by `cp -f /run/secrets/key /tmp/seen`"],
      ["restarted", "recreate", "the secret key changed; the secret key changed"],
      ["signalled", "change", "the secret key changed: it is told by SIGHUP"],
    ]);
    expect(await bringUp()).toBe("changed");
    await sleep(1_200);
    for (const service of ["commanded", "restarted", "signalled"])
      expect(inside(service, "cat", "/tmp/seen"), service).toBe(value("key").expose());
    expect(inside("restarted", "cat", "/etc/key")).toBe(value("key").expose());
    expect(former.expose()).not.toBe(value("key").expose());
    expect(ids()).toEqual({ ...before, restarted: ids().restarted });
    expect(ids().restarted).not.toBe(before.restarted);
    expect(await bringUp()).toBe("unchanged");
  });

  it("are seen by a running container at once, with owner and mode, and nothing is restarted", async () => {
    const before = ids();
    const next = anotherPassword("db-app");
    everyValue.add(next);
    expect(await control.deliver("api", new Map([["db-app", { account: "app_b", value: next }]]))).toBe(true);
    expect(inside("api", "cat", "/run/secrets/pg_service.conf")).toBe(`user=app_b\npassword=${next.expose()}`);
    expect(inside("api", "stat", "-c", "%a %u", "/run/secrets/pg_service.conf")).toBe("400 4101");
    expect(inside("api", "ls", "-A", "/run/secrets")).toBe("pg_service.conf");
    expect(await control.deliver("api", new Map([["db-app", { account: "app_b", value: next }]]))).toBe(false);
    expect(await control.tell("api")).toEqual({ how: "none" });
    expect(ids()).toEqual(before);
    await control.deliver("api", new Map([["db-app", { account: "app", value: value("db-app") }]]));
  });

  it("restart only the service that knows no other way, and only once", async () => {
    const before = ids();
    const next = anotherPassword("key");
    everyValue.add(next);
    await control.deliver("restarted", new Map([["key", { account: undefined, value: next }]]));
    expect(await control.tell("restarted")).toEqual({ how: "restart" });
    expect(inside("restarted", "cat", "/tmp/seen")).toBe(next.expose());
    expect(await control.tell("restarted")).toEqual({ how: "none" });
    await control.deliver("signalled", new Map([["key", { account: undefined, value: next }]]));
    expect(await control.tell("signalled")).toEqual({ how: "signal" });
    await control.deliver("commanded", new Map([["key", { account: undefined, value: next }]]));
    expect(await control.tell("commanded")).toEqual({ how: "command" });
    expect(ids()).toEqual({ ...before, restarted: ids().restarted });
    await use(new Map([...deployment.values, ["key", next]]));
    expect(await bringUp()).toBe("unchanged");
  });

  it("reach a service whose folder was removed and made again by a new container", async () => {
    const path = join(deployment.deliveryRoot, stack.name, "secrets/signalled");
    renameSync(path, `${path}.away`);
    rmSync(`${path}.away`, { recursive: true });
    const before = ids();
    const found = (await plan(deployment)).changes.find(({ name }) => name === "signalled");
    expect(found?.action).toBe("recreate");
    await bringUp();
    expect(ids()).toEqual({ ...before, signalled: ids().signalled });
    expect(inside("signalled", "cat", "/run/secrets/key")).toBe(value("key").expose());
  });

  describe("a login at PostgreSQL", () => {
    const from = (service: string): Vantage => ({ kind: "service", service });
    const attempt = (password: Secret, given: Partial<Extract<LoginAttempt, { protocol: "postgres" }>> = {}) =>
      ({ protocol: "postgres", host: "db", port: 5432, database: "app", user: "app", password, ...given }) as const;

    it("is accepted, refused, or neither, from where its user stands", async () => {
      const right = attempt(value("db-app"));
      const outcomes = async (vantage: Vantage, tried: LoginAttempt) => {
        const { outcome, detail } = await control.login(vantage, tried);
        return [outcome, detail.replace(/^[^,]*, from (this host|"\w+"): /, "")];
      };
      expect(await outcomes(from("api"), right)).toEqual(["accepted", "the server let the role in."]);
      expect(await outcomes(from("db"), right)).toEqual(["accepted", "the server let the role in."]);
      expect(await outcomes({ kind: "host" }, right)).toEqual(["accepted", "the server let the role in."]);
      expect(await outcomes(from("api"), attempt(anotherPassword("db-app")))).toEqual([
        "refused",
        "the server refused role and password (28P01).",
      ]);
      expect(await outcomes(from("api"), attempt(value("db-app"), { user: "nobody" }))).toEqual([
        "refused",
        "the server refused role and password (28P01).",
      ]);
      expect(await outcomes(from("api"), attempt(value("db-app"), { user: "locked" }))).toEqual([
        "refused",
        "the server does not let the role sign in (28000).",
      ]);
      expect(await outcomes(from("api"), attempt(value("db-app"), { database: "none" }))).toEqual([
        "unreachable",
        "the password was taken, but there is no such database (3D000).",
      ]);
      expect(await outcomes(from("mqtt"), right)).toEqual(["unreachable", "it shares no network with db."]);
      expect(await outcomes(from("api"), attempt(value("db-app"), { port: 5433 }))).toEqual([
        "unreachable",
        "nothing listens there.",
      ]);
      expect(await outcomes(from("nowhere"), right)).toEqual(["unreachable", "nowhere does not run."]);
    });

    it("is quick once its agent runs", async () => {
      const begun = performance.now();
      for (let i = 0; i < 10; i += 1) await control.login(from("api"), attempt(value("db-app")));
      expect((performance.now() - begun) / 10).toBeLessThan(150);
    });

    it("is missed for as long as the server is away, and for no longer", async () => {
      const surroundings = { clock: () => performance.now(), sleep: (ms: number) => sleep(ms).then(() => undefined) };
      const check = () => control.login(from("api"), attempt(value("db-app")));
      const quiet = watchCredentials([check], surroundings);
      await sleep(1_000);
      expect(await quiet.stop()).toMatchObject({ milliseconds: 0, failures: 0 });
      const watch = watchCredentials([check], surroundings);
      await sleep(500);
      docker("pause", container("db"));
      docker("unpause", container("db"));
      docker("restart", "--timeout", "20", container("db"));
      const deadline = Date.now() + 30_000;
      while ((await check()).outcome !== "accepted" && Date.now() < deadline) await sleep(100);
      await sleep(600);
      const seen = await watch.stop();
      expect(seen.failures).toBeGreaterThan(0);
      expect(seen.milliseconds).toBeGreaterThan(100);
      expect(seen.milliseconds).toBeLessThan(30_000);
    });
  });

  describe("a Mosquitto", () => {
    const attempt = (user: string, password: Secret): LoginAttempt => ({
      protocol: "mqtt",
      host: "mqtt",
      port: 8883,
      tls: true,
      user,
      password,
    });
    const connect = (username: string) =>
      mqtt.connectAsync(`mqtts://127.0.0.1:${mqttPort}`, {
        username,
        password: value(`mqtt-${username}`).expose(),
        rejectUnauthorized: false,
        reconnectPeriod: 0,
      });
    const host = { kind: "host" } as const;

    it("takes a new password by a signal, and the clients of other users stay", async () => {
      const board = await connect("board");
      let closed = false;
      board.on("close", () => {
        closed = true;
      });
      await board.subscribeAsync("a/#");
      const before = ids();
      const next = anotherPassword("mqtt-sensors");
      everyValue.add(next);
      const entries = (password: Secret) => [
        { user: "sensors", value: password },
        { user: "board", value: value("mqtt-board") },
      ];
      expect(await control.deliverDerived("mqtt", "mqtt-passwords", entries(value("mqtt-sensors")))).toBe(false);
      expect(await control.deliverDerived("mqtt", "mqtt-passwords", entries(next))).toBe(true);
      expect(await control.tell("mqtt")).toEqual({ how: "signal" });
      expect(await control.login(host, attempt("sensors", next))).toMatchObject({ outcome: "accepted" });
      expect(await control.login(host, attempt("sensors", value("mqtt-sensors")))).toMatchObject({
        outcome: "refused",
      });
      expect(await control.login(host, attempt("board", value("mqtt-board")))).toMatchObject({ outcome: "accepted" });
      await sleep(1_000);
      expect([closed, board.connected]).toEqual([false, true]);
      const heard = new Promise((resolve) => board.once("message", (_, message) => resolve(message.toString())));
      const sensors = await mqtt.connectAsync(`mqtts://127.0.0.1:${mqttPort}`, {
        username: "sensors",
        password: next.expose(),
        rejectUnauthorized: false,
      });
      await sensors.publishAsync("a/b", "hello");
      expect(await heard).toBe("hello");
      await Promise.all([sensors.endAsync(), board.endAsync()]);
      expect(ids()).toEqual(before);
      await control.deliverDerived("mqtt", "mqtt-passwords", entries(value("mqtt-sensors")));
      await control.tell("mqtt");
    });

    it("is told no password when it shows another certificate than was delivered", async () => {
      const other = await freshValues(stack);
      const certificate = other.get("certificate");
      if (certificate === undefined) throw new Error("no certificate");
      await control.deliver("mqtt", new Map([["certificate", { account: undefined, value: certificate }]]));
      const tried = await control.login(host, attempt("board", value("mqtt-board")));
      expect(tried.outcome).toBe("unreachable");
      expect(tried.detail).toContain("another certificate was shown than was delivered, so nothing was said");
      await control.deliver("mqtt", new Map([["certificate", { account: undefined, value: value("certificate") }]]));
      expect(await control.login(host, attempt("board", value("mqtt-board")))).toMatchObject({ outcome: "accepted" });
    });
  });

  it("are given to a program in a container by its input, and only there", async () => {
    const secret = new Secret("s", "a-value-for-stdin-alone");
    everyValue.add(secret);
    const counted = await control.exec("api", ["sh", "-c", "wc -c; exit 3"], { stdin: secret });
    expect(counted).toMatchObject({ code: 3, stdout: "23\n" });
    await expect(control.exec("nowhere", ["true"])).rejects.toThrow('"nowhere" does not run');
  });

  it("stand nowhere that the engine, a process, a log or a journal shows", () => {
    const texts = [
      ...stack.services.map(({ name }) => docker("inspect", container(name))),
      ...stack.services.map(({ name }) => {
        const logs = spawnSync("docker", ["logs", container(name)], { encoding: "utf8" });
        return logs.stdout + logs.stderr;
      }),
      docker("ps", "-a", "--no-trunc"),
      ...readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`].map(readIfThere)),
      ...textsBelow(join(folder, "rendered")),
      ...textsBelow(join(folder, ".ringwall")),
      ...textsBelow(join(folder, "delivered", stack.name, "told")),
    ];
    expect(texts.length).toBeGreaterThan(50);
    expect(everyValue.size).toBeGreaterThan(10);
    for (const secret of everyValue) for (const text of texts) expect(secret.occursIn(text), secret.name).toBe(false);
  });
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function textsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
}
