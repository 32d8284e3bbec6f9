import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { stackFrom } from "../../src/components/testing/stack.ts";
import { cloudflareToken } from "../../src/operations/rotation/rotators/cloudflare/cloudflare-token.ts";
import { Cloudflare } from "../../src/operations/rotation/rotators/cloudflare/testing/cloudflare-server.ts";
import { giveFirst, localConsumers, usedBy } from "./rotation-local-consumers.ts";
import type { RotationScenario, ScenarioWorld } from "./rotation-scenario.ts";

const service = "web";

const stackOf = (api: string) =>
  stackFrom(`name: shop
services: { web: { image: "x:1", secrets: [dns], reload: { signal: USR1 } } }
secrets:
  master: { kind: external, rotation: on-compromise }
  dns: { kind: external, rotator: { cloudflare: { zones: [example.org], issuer: master, api: "${api}" } } }
`);

/** A token that a service reads from a file, at a server that follows Cloudflare's published API. */
export const cloudflareScenarios: readonly RotationScenario[] = [
  {
    name: "cloudflare",
    skipped: () => undefined,
    start: (folder) => start(`${folder}-issuer`),
    connect: async ({ api, place }) => {
      const refuse = () => Promise.reject(new Error("no login but the API's"));
      const services = { ...localConsumers(String(place)), exec: refuse, deliverDerived: refuse, login: refuse };
      return { stack: stackOf(String(api)), rotators: [cloudflareToken], services };
    },
  },
];

async function start(place: string): Promise<ScenarioWorld> {
  await mkdir(place, { recursive: true });
  const cloud = new Cloudflare();
  const server = createServer((request, response) => void cloud.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const value = randomBytes(20).toString("hex");
  cloud.tokens.set("first", { id: "first", name: "by hand", value, zones: ["zone-1"] });
  await giveFirst(place, service, "dns", { account: undefined, value });
  const works = (token: string | undefined) => [...cloud.tokens.values()].some((one) => one.value === token);
  return {
    connection: { api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, place },
    first: new Map([
      ["dns", value],
      ["master", cloud.issuer.value],
    ]),
    wrongMidway: async ({ store }) => [
      ...(works((await usedBy(place, service, "dns"))?.value) ? [] : ["the service has a token that does not work"]),
      ...(works(store.get("dns")) ? [] : ["the present token of the store does not work"]),
    ],
    wrongAtEnd: async ({ store, all }) => {
      const present = store.get("dns");
      const used = (await usedBy(place, service, "dns"))?.value;
      const former = [...all].filter((one) => one !== present && one !== cloud.issuer.value && works(one));
      return [
        ...(used === present && works(present) ? [] : ["the service does not use the present token"]),
        ...(former.length === 0 ? [] : ["a former token still works"]),
      ];
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
