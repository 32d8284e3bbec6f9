import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Credential, ServiceControl } from "../../contracts/rotator.ts";
import { mosquittoPasswordLine } from "../../secrets/mosquitto-passwd.ts";
import { credential, loginAt, testTools } from "../testing/local-services.ts";
import { fileAt, stackFrom } from "../testing/stack.ts";
import { mosquittoUser } from "./rotator.ts";

const stack = stackFrom(`name: home
services:
  mqtt:
    use: mosquitto
    settings:
      users:
        sensors: { secret: sensors, write: ["a/#"] }
        board: { secret: board, read: ["a/#"] }
  display: { image: "x:1", talksTo: [mqtt], secrets: [{ secret: board, template: "{value}" }] }
secrets:
  sensors: { kind: password, overlap: 7d }
  board: password
`);
const secretOf = (name: string) => {
  const found = stack.secrets.find((secret) => secret.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe("the rotation of a Mosquitto user", () => {
  it("takes turns where users are outside and have time, and says what it costs where a service knows one name", () => {
    expect(mosquittoUser.outline(secretOf("sensors"), stack)).toMatchObject({
      consumers: [],
      issuer: "mqtt",
      overlap: true,
      downtime: { milliseconds: 0 },
    });
    const single = mosquittoUser.outline(secretOf("board"), stack);
    expect(single).toMatchObject({ consumers: ["display"], overlap: false });
    expect(single?.downtime.milliseconds).toBeGreaterThan(0);
  });

  it("finds both names of a pair with the same topics in the broker's list", () => {
    const acl = fileAt(stack, "mqtt", "/mosquitto/config/acl").content;
    expect(acl).toContain("user sensors\ntopic write a/#\n\nuser sensors_b\ntopic write a/#\n");
  });

  it("takes no user that is called like the second of a pair", () => {
    const text =
      "name: x\nservices: { m: { use: mosquitto, settings: { users: { a: { secret: s }, a_b: { secret: t } } } } }\nsecrets: { s: hex, t: hex }\n";
    expect(() => stackFrom(text)).toThrow();
  });
});

const program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path));
// covers: R8 A8 | compose | real: Mosquitto of Debian
describe.skipIf(program === undefined)("the rotation of a Mosquitto user on a real broker", () => {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-mqtt-"));
  const port = 21_000 + (process.pid % 20_000);
  const passwords = join(folder, "passwords");
  const present = new Map<string, Credential[]>([
    ["sensors", [credential("sensors", "first-of-sensors")]],
    ["board", [credential("board", "first-of-board")]],
  ]);
  let broker: ChildProcess;
  const services: ServiceControl = {
    isRunning: async () => true,
    exec: () => Promise.reject(new Error("nothing is run in the broker")),
    deliver: async () => true,
    deliverDerived: async (_service, _secret, entries) => {
      const text = entries.map(({ user, value }) => mosquittoPasswordLine(user, value)).join("");
      const changed = readFileSync(passwords, "utf8") !== text;
      writeFileSync(passwords, text);
      return changed;
    },
    tell: async () => {
      broker.kill("SIGHUP");
      return { how: "signal" };
    },
    login: (_from, attempt) => loginAt(port, attempt),
  };
  const rotationOf = (name: string) =>
    mosquittoUser.begin(
      secretOf(name),
      stack,
      testTools(services, { valid: async (other) => present.get(other) ?? [] }),
    );
  const connected = (username: string, password: string): Promise<MqttClient> =>
    connectAsync(`mqtt://127.0.0.1:${port}`, { username, password, reconnectPeriod: 0, connectTimeout: 2_000 });

  beforeAll(async () => {
    const config = fileAt(stack, "mqtt", "/mosquitto/config/mosquitto.conf")
      .content.replace("listener 1883", `listener ${port} 127.0.0.1\nuser root`)
      .replace("/run/secrets/mosquitto-passwords", passwords)
      .replace("/mosquitto/config/acl", join(folder, "acl"))
      .replace("persistence true\npersistence_location /mosquitto/data/", "persistence false");
    writeFileSync(join(folder, "mosquitto.conf"), config);
    writeFileSync(join(folder, "acl"), fileAt(stack, "mqtt", "/mosquitto/config/acl").content, { mode: 0o600 });
    writeFileSync(passwords, "", { mode: 0o600 });
    await services.deliverDerived("mqtt", "mqtt-passwords", [
      ...[...present].map(([user, [first]]) => ({ user, value: (first as Credential).value })),
    ]);
    broker = spawn(program ?? "", ["-c", join(folder, "mosquitto.conf")], { stdio: "ignore" });
    for (let round = 0; round < 50; round++) {
      const { outcome } = await rotationOf("board").verify(credential("board", "first-of-board"), { kind: "host" });
      if (outcome === "accepted") return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the broker did not start");
  }, 20_000);
  afterAll(() => {
    broker?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("lets both users in during the overlap, drops no client of another user, and the old one is dead at the end", async () => {
    const rotation = rotationOf("sensors");
    const [old, next] = [credential("sensors", "first-of-sensors"), credential("sensors_b", "second-of-sensors")];
    await rotation.preflight(old);
    expect(rotation.nextAccount(old)).toBe("sensors_b");
    const board = await connected("board", "first-of-board");
    const sensor = await connected("sensors", "first-of-sensors");
    const seen: string[] = [];
    let dropped = false;
    board.on("message", (topic) => seen.push(topic));
    board.on("close", () => {
      dropped = true;
    });
    await board.subscribeAsync("a/#");
    await rotation.stage(next, old);
    await sensor.publishAsync("a/old", "1", { qos: 1 });
    const renewed = await connected("sensors_b", "second-of-sensors");
    await sensor.endAsync();
    await rotation.revoke(old, next);
    await renewed.publishAsync("a/new", "1", { qos: 1 });
    expect(await rotation.verify(old, { kind: "host" })).toMatchObject({ outcome: "refused" });
    await expect.poll(() => seen).toEqual(["a/old", "a/new"]);
    expect(dropped).toBe(false);
    expect(board.connected && renewed.connected).toBe(true);
    await board.endAsync();
    await renewed.endAsync();
    present.set("sensors", [next]);
  });

  it("ends a client that goes on with the old user", async () => {
    const rotation = rotationOf("sensors");
    const [old, next] = [credential("sensors_b", "second-of-sensors"), credential("sensors", "third-of-sensors")];
    const lazy = await connected("sensors_b", "second-of-sensors");
    const closed = new Promise((resolve) => lazy.on("close", () => resolve(undefined)));
    await rotation.stage(next, old);
    await rotation.revoke(old, next);
    await closed;
    present.set("sensors", [next]);
  });

  it("keeps a neighbour's two credentials while its overlap lasts, and can go back", async () => {
    const both = [credential("sensors", "third-of-sensors"), credential("sensors_b", "fourth-of-sensors")];
    present.set("sensors", both);
    const rotation = rotationOf("board");
    const [old, next] = [credential("board", "first-of-board"), credential("board", "second-of-board")];
    expect(rotation.nextAccount(old)).toBe("board");
    await rotation.stage(next, old);
    for (const one of both) {
      expect(await rotationOf("sensors").verify(one, { kind: "host" })).toMatchObject({ outcome: "accepted" });
    }
    expect(await rotation.verify(old, { kind: "host" })).toMatchObject({ outcome: "refused" });
    await rotation.unstage(next, old);
    await expect.poll(async () => (await rotation.verify(old, { kind: "host" })).outcome).toBe("accepted");
  });

  it("will not write a password file without a neighbour whose password is missing", async () => {
    const tools = testTools(services, { valid: async () => [] });
    await expect(mosquittoUser.begin(secretOf("board"), stack, tools).preflight(undefined)).rejects.toMatchObject({
      code: "secret-missing",
    });
  });
});
