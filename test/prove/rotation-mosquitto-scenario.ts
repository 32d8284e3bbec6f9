import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync } from "mqtt";
import { mosquittoUser } from "../../src/components/mosquitto/rotator.ts";
import { loginAt } from "../../src/components/testing/local-services.ts";
import { fileAt, stackFrom } from "../../src/components/testing/stack.ts";
import { mosquittoPasswordLine } from "../../src/secrets/mosquitto-passwd.ts";
import { Secret } from "../../src/secrets/secret.ts";
import { giveFirst, localConsumers, usedBy } from "./rotation-local-consumers.ts";
import type { Connection, RotationScenario, ScenarioWorld, Seen } from "./rotation-scenario.ts";

const stack = () =>
  stackFrom(`name: shop
services:
  mqtt:
    use: mosquitto
    settings:
      users:
        sensors: { secret: sensors-password, write: ["a/#"] }
        board: { secret: board-password, read: ["a/#"] }
  gateway: { image: "x:1", talksTo: [mqtt], secrets: [{ secret: sensors-password, template: "{user}:{value}" }] }
  display: { image: "x:1", talksTo: [mqtt], secrets: [{ secret: board-password, template: "{value}" }] }
secrets: { sensors-password: password, board-password: password }
`);

/** Who takes which secret, as whom, and whether two users take turns for it. */
const clients = [
  { service: "gateway", secret: "sensors-password", base: "sensors", inTurn: true },
  { service: "display", secret: "board-password", base: "board", inTurn: false },
] as const;

const program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path));

/** Users of a real Mosquitto: two in turn for one secret, one whose password changes in place for another. */
export const mosquittoScenarios: readonly RotationScenario[] = [
  {
    name: "mosquitto",
    skipped: () => (program === undefined ? "Mosquitto is not installed" : undefined),
    start: (folder) => start(`${folder}-issuer`),
    connect: async (connection) => ({ stack: stack(), rotators: [mosquittoUser], services: servicesOf(connection) }),
  },
];

function servicesOf(connection: Connection) {
  const consumers = localConsumers(String(connection.place));
  const passwords = join(String(connection.place), "passwords");
  return {
    ...consumers,
    exec: () => Promise.reject(new Error("nothing is run in the broker")),
    deliverDerived: async (
      _service: string,
      _secret: string,
      entries: readonly { readonly user: string; readonly value: Secret }[],
    ) => {
      const text = entries.map(({ user, value }) => mosquittoPasswordLine(user, value)).join("");
      if ((await readFile(passwords, "utf8")) === text) return false;
      await writeFile(`${passwords}.${process.pid}`, text, { mode: 0o600 });
      await rename(`${passwords}.${process.pid}`, passwords);
      return true;
    },
    tell: async (service: string) => {
      if (service !== "mqtt") return consumers.tell(service);
      process.kill(Number(connection.pid), "SIGHUP");
      return { how: "signal" as const };
    },
    login: (_from: unknown, attempt: Parameters<typeof loginAt>[1]) => loginAt(Number(connection.port), attempt),
  };
}

async function start(place: string): Promise<ScenarioWorld> {
  await mkdir(place, { recursive: true });
  const port = await freePort();
  const first = new Map(clients.map(({ secret }) => [secret, `first-${randomBytes(12).toString("hex")}`]));
  const lines = clients.map(({ secret, base }) =>
    mosquittoPasswordLine(base, new Secret(secret, first.get(secret) ?? "")),
  );
  await writeFile(join(place, "passwords"), lines.join(""), { mode: 0o600 });
  await writeFile(join(place, "acl"), fileAt(stack(), "mqtt", "/mosquitto/config/acl").content, { mode: 0o600 });
  const config = fileAt(stack(), "mqtt", "/mosquitto/config/mosquitto.conf")
    .content.replace("listener 1883", `listener ${port} 127.0.0.1\nuser root`)
    .replace("/run/secrets/mosquitto-passwords", join(place, "passwords"))
    .replace("/mosquitto/config/acl", join(place, "acl"))
    .replace("persistence true\npersistence_location /mosquitto/data/", "persistence false");
  await writeFile(join(place, "mosquitto.conf"), config);
  const broker = spawn(program ?? "", ["-c", join(place, "mosquitto.conf")], { stdio: "ignore" });
  for (const { service, secret, base } of clients) {
    await giveFirst(place, service, secret, { account: base, value: first.get(secret) ?? "" });
  }
  for (let round = 0; !(await signsIn(port, "board", first.get("board-password") ?? "")); round++) {
    if (round === 50) throw new Error("the broker did not start");
    await sleep(100);
  }
  return {
    connection: { port, pid: broker.pid ?? 0, place },
    first,
    wrongMidway: (seen) => wrongMidway(place, port, seen),
    wrongAtEnd: (seen) => wrongAtEnd(place, port, seen),
    stop: () =>
      new Promise((resolve) => {
        broker.once("exit", () => resolve());
        broker.kill();
      }),
  };
}

/** A port of loopback that nobody has now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function signsIn(port: number, username: string, password: string): Promise<boolean> {
  try {
    const options = { username, password, reconnectPeriod: 0, connectTimeout: 2_000 };
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, options);
    await client.endAsync();
    return true;
  } catch {
    return false;
  }
}

async function wrongMidway(place: string, port: number, { store }: Seen): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { service, secret, base, inTurn } of clients) {
    const used = await usedBy(place, service, secret);
    if (inTurn && (used === undefined || !(await signsIn(port, used.account ?? base, used.value)))) {
      wrong.push(`${service} cannot sign in to the broker`);
    }
    const kept = ["", "--next", "--previous"].flatMap((end) => store.get(`${secret}${end}`) ?? []);
    const tries = [];
    for (const value of kept) for (const user of [base, `${base}_b`]) tries.push(await signsIn(port, user, value));
    if (!tries.includes(true)) wrong.push(`the store has no ${secret} that the broker takes`);
  }
  return wrong;
}

async function wrongAtEnd(place: string, port: number, seen: Seen): Promise<readonly string[]> {
  const wrong: string[] = [];
  const present = new Set(clients.map(({ secret }) => seen.store.get(secret)));
  for (const { service, secret, base } of clients) {
    const used = await usedBy(place, service, secret);
    if (used?.value !== seen.store.get(secret)) wrong.push(`${service} does not use the value of the store`);
    if (used?.account !== (seen.accounts.get(secret) ?? base))
      wrong.push(`${service} signs in as another than is recorded`);
    if (used === undefined || !(await signsIn(port, used.account ?? base, used.value)))
      wrong.push(`${service} cannot sign in`);
    for (const value of seen.all) {
      if (present.has(value)) continue;
      for (const user of [base, `${base}_b`]) {
        if (await signsIn(port, user, value)) wrong.push(`a former value still works for ${user}`);
      }
    }
  }
  return wrong;
}
