import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type FakeMode,
  fakeAccounts,
  fakeRotator,
  fakeServices,
} from "../../src/operations/rotation/testing/fake-rotation.ts";
import { fakeStack } from "../../src/operations/rotation/testing/fake-stack.ts";
import {
  type CallWorld,
  FakeWorld,
  type WorldAnswer,
  type WorldCall,
} from "../../src/operations/rotation/testing/fake-world.ts";
import type { RotationScenario, ScenarioWorld, Seen } from "./rotation-scenario.ts";

const stack = () =>
  fakeStack([
    { name: "db-password", consumers: ["api", "worker"] },
    { name: "mail-password", consumers: ["api"] },
  ]);

/** An issuer and services in this process, reached over HTTP by the one that is killed. */
export const fakeScenarios: readonly RotationScenario[] = (["pair", "single"] as const).map((mode) => ({
  name: `fake-${mode}`,
  skipped: () => undefined,
  start: () => start(mode),
  connect: async ({ port }) => {
    const call = remote(Number(port));
    return { stack: stack(), rotators: [fakeRotator(call, mode)], services: fakeServices(call) };
  },
}));

function remote(port: number): CallWorld {
  return async (call) => {
    const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: JSON.stringify(call) });
    return (await response.json()) as WorldAnswer;
  };
}

async function start(mode: FakeMode): Promise<ScenarioWorld> {
  const world = new FakeWorld();
  const first = new Map<string, string>();
  for (const service of stack().services) {
    if (service.name === "issuer") continue;
    world.addConsumer(service.name);
    for (const { secret } of service.secrets) {
      const value = first.get(secret) ?? `first-${randomBytes(12).toString("hex")}`;
      first.set(secret, value);
      const [account] = fakeAccounts(secret);
      world.accounts.set(account, value);
      world.answer({ call: "deliver", service: service.name, secret, account, value });
      world.answer({ call: "tell", service: service.name });
    }
  }
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
    request.on("end", () => response.end(JSON.stringify(world.answer(JSON.parse(text) as WorldCall))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    connection: { port: (server.address() as AddressInfo).port },
    first,
    wrongMidway: async (seen) => wrongMidway(world, mode, seen),
    wrongAtEnd: async (seen) => wrongAtEnd(world, mode, seen),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function uses(world: FakeWorld) {
  return [...world.consumers].flatMap(([service, { using }]) =>
    Object.entries(using).map(([secret, used]) => ({ service, secret, ...used, works: world.works(service, secret) })),
  );
}

function wrongMidway(world: FakeWorld, mode: FakeMode, { store }: Seen): readonly string[] {
  return uses(world).flatMap(({ service, secret, account, value, works }) => {
    const kept = ["", "--next", "--previous"].map((end) => store.get(`${secret}${end}`));
    const accepted = world.accounts.get(account);
    return [
      ...(mode === "pair" && !works ? [`${service} cannot sign in with its ${secret}`] : []),
      ...(kept.includes(value) ? [] : [`the store has lost the ${secret} that ${service} uses`]),
      ...(accepted === undefined || kept.includes(accepted) ? [] : [`nobody has the ${secret} that the issuer takes`]),
    ];
  });
}

function wrongAtEnd(world: FakeWorld, mode: FakeMode, seen: Seen): readonly string[] {
  const present = new Set(uses(world).map(({ secret }) => seen.store.get(secret)));
  const alive = [...world.accounts.values()].filter((value) => !present.has(value));
  return [
    ...wrongMidway(world, mode, seen),
    ...uses(world).flatMap(({ service, secret, account, value, works }) => [
      ...(works && seen.store.get(secret) === value
        ? []
        : [`${service} does not work with the ${secret} of the store`]),
      ...((seen.accounts.get(secret) ?? secret) === account ? [] : [`${service} signs in as another than is recorded`]),
    ]),
    ...(alive.length > 0 ? [`${alive.length} former values still work`] : []),
  ];
}
