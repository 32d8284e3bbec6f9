import { describe, expect, it } from "vitest";
import { smallStack } from "../../../test/lab/support/small-stack.ts";
import { containerJson, infoJson } from "../../../test/support/engine-objects.ts";
import type { ResolvedSecret, ResolvedService } from "../../contracts/resolved.ts";
import { engineInfo } from "../../platforms/compose/engine/describe-engine.ts";
import {
  containerSchema,
  type EngineContainer,
  infoSchema,
  networkSchema,
  volumeSchema,
} from "../../platforms/compose/engine/schemas.ts";
import { composeResources } from "../../platforms/compose/resources.ts";
import { Secret } from "../../secrets/secret.ts";
import { deliveriesOf } from "./deliveries.ts";
import { plainResource } from "./differences.ts";
import { changesNothing, planDeployment } from "./plan.ts";
import type { PlanInputs } from "./plan-inputs.ts";

// covers: N11 S11 | compose

const stack = smallStack({ name: "shop" });
const resources = composeResources(stack);
const values = new Map(["token", "key"].map((name) => [name, new Secret(name, `value of ${name}`)]));
const local = { kind: "unix", path: "/s", from: "a test" } as const;
const engine = engineInfo({ version: "28", apiVersion: "1.51", endpoint: local }, infoSchema.parse(infoJson), "2.40.3");
const folder = "/srv/shop/rendered/compose";

/** An engine on which nothing runs yet, and root before it. */
const empty: PlanInputs = {
  stack,
  resources,
  engine,
  folder,
  state: {
    containers: [],
    networks: [],
    volumes: [],
    imageIds: new Map([["ringwall-lab/busybox:current", "sha256:img"]]),
  },
  hostSubnets: [],
  rendered: [],
  force: false,
  firewall: undefined,
  deliveries: deliveriesOf(resources, values).map((delivery) => ({
    delivery,
    state: "absent" as const,
    at: undefined,
    live: false,
    told: false,
  })),
  valued: new Set(["token", "key"]),
  volumeOwners: new Map(),
  composeHashes: undefined,
  applied: undefined,
  uid: 0,
  adopt: false,
  guarantees: [],
  gaps: [],
};

const container = (name: string, given = {}): EngineContainer => containerSchema.parse(containerJson(name, given));
const started = Date.parse("2026-01-02T03:04:06Z");

/** The same engine after `up`: everything is there, made from the same. */
const settled: PlanInputs = {
  ...empty,
  state: {
    ...empty.state,
    containers: ["api", "store", "web"].map((name) => container(name, { NetworkSettings: { Ports: {} } })),
    networks: resources.networks.map((network) =>
      networkSchema.parse({
        Id: network.key,
        Name: network.name,
        Driver: "bridge",
        Internal: network.internal,
        IPAM: { Config: [{ Subnet: network.subnet, Gateway: network.gateway }] },
        Options: network.driverOptions,
        Labels: network.labels,
      }),
    ),
    volumes: [volumeSchema.parse({ Name: "shop_data", Labels: resources.volumes[0]?.labels })],
  },
  deliveries: empty.deliveries.map((entry) => ({ ...entry, state: "same" as const, at: started - 1000 })),
  volumeOwners: new Map([["shop_data", { uid: 4003, gid: 4003, mode: 0o750 }]]),
  composeHashes: new Map(["api", "store", "web"].map((name) => [name, `${name}-hash`])),
  applied: {
    version: 1,
    stack: "shop",
    operation: "up-1",
    at: "2026-01-02T03:04:05Z",
    resources: Object.fromEntries(
      resources.services.map((service) => [`service ${service.name}`, plainResource(service)]),
    ),
  },
};

const changeOf = (inputs: PlanInputs, kind: string, name: string) =>
  planDeployment(inputs).changes.find((change) => change.kind === kind && change.name === name);

describe("planDeployment", () => {
  it("makes everything where nothing is, and has nothing in its way", () => {
    const plan = planDeployment(empty);
    expect(plan.obstacles).toEqual([]);
    expect(new Set(plan.changes.map(({ action }) => action))).toEqual(new Set(["create"]));
    expect(plan.changes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "network api--store",
      "network edge",
      "network web--api",
      "volume data",
      "secret key for store",
      "secret token for api",
      "service api",
      "service store",
      "service web",
    ]);
    expect(plan.changes.filter(({ needsRoot }) => needsRoot).map(({ kind }) => kind)).toEqual(["volume", "secret"]);
  });

  it("changes nothing where everything is as declared", () => {
    const plan = planDeployment(settled);
    expect(plan.obstacles).toEqual([]);
    expect(plan.changes.filter(({ action }) => action !== "keep")).toEqual([]);
    expect(changesNothing(plan)).toBe(true);
  });

  it("says in words what of a service changed, and touches no other", () => {
    const next = composeResources(smallStack({ name: "shop", page: "new", storeCommand: ["sleep", "1"] }));
    const composeHashes = new Map([...(settled.composeHashes ?? []), ["store", "other"], ["web", "other"]]);
    const inputs = { ...settled, resources: next, composeHashes };
    expect(changeOf(inputs, "service", "web")).toMatchObject({
      action: "recreate",
      because: ["its configuration files changed"],
    });
    expect(changeOf(inputs, "service", "store")).toMatchObject({ action: "recreate", because: ["command changed"] });
    expect(changeOf(inputs, "service", "api")).toMatchObject({ action: "keep" });
  });

  it("follows Compose's own hash where the record of the last `up` is lost", () => {
    expect(changesNothing(planDeployment({ ...settled, applied: undefined }))).toBe(true);
    const inputs = { ...settled, applied: undefined, composeHashes: new Map([["web", "other"]]) };
    expect(changeOf(inputs, "service", "web")).toMatchObject({ action: "recreate" });
    // Where neither is known, it does not claim that nothing changes.
    expect(changeOf(inputs, "service", "api")).toMatchObject({ action: "recreate" });
  });

  it("makes a service anew whose image names another one now", () => {
    const state = { ...settled.state, imageIds: new Map([["ringwall-lab/busybox:current", "sha256:newer"]]) };
    expect(changeOf({ ...settled, state }, "service", "web")?.because).toEqual([
      "ringwall-lab/busybox:current names another image now",
    ]);
  });

  it("makes a service anew that started before its secret was delivered last", () => {
    const deliveries = settled.deliveries.map((entry) => ({ ...entry, at: started + 1000 }));
    expect(changeOf({ ...settled, deliveries }, "service", "store")?.because).toEqual(["the secret key changed"]);
  });

  describe("a service that takes a secret while it runs", () => {
    const told = (reload: ResolvedService["reload"], given: Partial<PlanInputs["deliveries"][number]> = {}) => ({
      ...settled,
      stack: {
        ...stack,
        services: stack.services.map((one) => (one.name === "store" ? { ...one, reload } : one)),
      },
      deliveries: settled.deliveries.map((entry) =>
        entry.delivery.service === "store" ? { ...entry, at: started + 1000, live: true, ...given } : entry,
      ),
    });
    const change = (inputs: PlanInputs) => changeOf(inputs, "service", "store");

    it("is told and not made anew, and the plan says how", () => {
      expect(change(told({ signal: "HUP" }))).toMatchObject({
        action: "change",
        because: ["the secret key changed: it is told by SIGHUP"],
      });
      expect(change(told({ command: ["nginx", "-s", "reload"] }, { state: "differs", at: undefined }))).toMatchObject({
        action: "change",
        because: ["the secret key changed: it is told by `nginx -s reload`"],
      });
    });

    it("is left alone once it was told, or when it reads the file by itself", () => {
      expect(changesNothing(planDeployment(told({ signal: "HUP" }, { told: true })))).toBe(true);
      expect(changesNothing(planDeployment(told("none")))).toBe(true);
      expect(change(told("none", { state: "differs" }))).toMatchObject({ action: "keep" });
    });

    it("is made anew where it does not see the file that changed, or changes otherwise too", () => {
      expect(change(told({ signal: "HUP" }, { live: false }))).toMatchObject({
        action: "recreate",
        because: ["the secret key changed"],
      });
      const state = { ...settled.state, imageIds: new Map([["ringwall-lab/busybox:current", "sha256:newer"]]) };
      expect(change({ ...told({ signal: "HUP" }), state })?.because).toEqual([
        "ringwall-lab/busybox:current names another image now",
      ]);
    });
  });

  it("starts what has stopped without making it anew", () => {
    const containers = settled.state.containers.map((one) => ({ ...one, State: { ...one.State, Status: "exited" } }));
    expect(changeOf({ ...settled, state: { ...settled.state, containers } }, "service", "web")).toMatchObject({
      action: "change",
      because: ["it is exited and is to be started"],
    });
  });

  it("makes a network anew that differs, with the services on it, and says in what", () => {
    const networks = settled.state.networks.map((network) =>
      network.Name === "shop_edge"
        ? { ...network, Internal: true, IPAM: { Config: [{ Subnet: "10.9.0.0/28", Gateway: "" }] } }
        : network,
    );
    const inputs = { ...settled, state: { ...settled.state, networks } };
    expect(changeOf(inputs, "network", "edge")).toMatchObject({
      action: "recreate",
      because: ["it is to have a way to outside", "subnet changed from 10.9.0.0/28 to 10.231.10.0/28"],
    });
    expect(changeOf(inputs, "service", "web")).toMatchObject({
      action: "recreate",
      because: ["its network edge is made anew"],
    });
    expect(changeOf(inputs, "service", "store")).toMatchObject({ action: "keep" });
  });

  it("removes services and networks that are declared no more, and never a volume", () => {
    const less = { ...resources, services: [], networks: [], volumes: [] };
    const plan = planDeployment({ ...settled, resources: less, deliveries: [] });
    expect(plan.changes.map(({ kind, action }) => `${kind} ${action}`)).toEqual([
      "network remove",
      "network remove",
      "network remove",
      "volume keep",
      "service remove",
      "service remove",
      "service remove",
    ]);
  });

  it("gives a volume's root its owner again, and nothing else of it", () => {
    const volumeOwners = new Map([["shop_data", { uid: 0, gid: 0, mode: 0o755 }]]);
    expect(changeOf({ ...settled, volumeOwners }, "volume", "data")).toMatchObject({
      action: "change",
      needsRoot: true,
    });
  });
});

describe("what is in the way of a deployment", () => {
  const obstacles = (inputs: PlanInputs) => planDeployment(inputs).obstacles.join("\n");
  const withLabels = (labels: Record<string, string>, name = "web") => ({
    ...empty.state,
    containers: [container(name, { Config: { Labels: labels }, NetworkSettings: { Ports: {} } })],
  });
  const project = { "com.docker.compose.project": "shop", "com.docker.compose.service": "web" };

  it("is a project, a container, a network or a volume of the same name that something else made", () => {
    expect(obstacles({ ...empty, state: withLabels(project) })).toContain('A Compose project named "shop" exists');
    expect(obstacles({ ...empty, state: withLabels({}) })).toContain('A container named "shop-web-1" exists');
    const network = networkSchema.parse({
      Id: "n",
      Name: "shop_edge",
      Labels: { "com.docker.compose.project": "shop" },
    });
    expect(obstacles({ ...empty, state: { ...empty.state, networks: [network] } })).toContain(
      'A network named "shop_edge"',
    );
    const volume = volumeSchema.parse({ Name: "shop_data", Labels: null });
    expect(obstacles({ ...empty, state: { ...empty.state, volumes: [volume] } })).toContain(
      'A volume named "shop_data"',
    );
  });

  it("is not what may be taken over, nor what has another name", () => {
    expect(obstacles({ ...empty, adopt: true, state: withLabels(project) })).toBe("");
    expect(obstacles({ ...empty, state: withLabels({}, "else") })).toBe("");
  });

  it("is no volume that an earlier `up` has taken over, though its labels are what they were", () => {
    const volumes = [volumeSchema.parse({ Name: "shop_data", Labels: null })];
    const applied = { version: 1, stack: "shop", operation: "up-1", at: "", resources: { "volume data": {} } } as const;
    expect(obstacles({ ...empty, applied, state: { ...empty.state, volumes } })).toBe("");
  });

  it("is a stack of the same name that was brought up from another folder", () => {
    expect(obstacles({ ...settled, folder: "/home/me/shop" })).toContain(`runs already, brought up from ${folder}`);
  });

  it("is a subnet that the host or another network has, and not the stack's own bridge", () => {
    const own = resources.networks[0]?.driverOptions["com.docker.network.bridge.name"] ?? "";
    const host = (cidr: string, device: string) => [{ cidr, what: `the interface ${device} of this machine`, device }];
    expect(obstacles({ ...empty, hostSubnets: host("10.231.10.40/29", "eth0") })).toContain(
      "overlaps with 10.231.10.40/29, which the interface eth0 of this machine has",
    );
    expect(obstacles({ ...empty, hostSubnets: host("192.168.1.5/24", "eth0") })).toBe("");
    expect(obstacles({ ...settled, hostSubnets: host("10.231.10.33/28", own) })).toBe("");
    const other = networkSchema.parse({ Id: "o", Name: "other", IPAM: { Config: [{ Subnet: "10.231.0.0/16" }] } });
    expect(obstacles({ ...empty, state: { ...empty.state, networks: [other] } })).toContain(
      "which the network other of the engine has",
    );
  });

  it("is a port that another container has", () => {
    const binding = { "80/tcp": [{ HostIp: "", HostPort: "18080" }] };
    const state = {
      ...empty.state,
      containers: [container("x", { Config: { Labels: {} }, NetworkSettings: { Ports: binding } })],
    };
    expect(obstacles({ ...empty, state })).toContain('Port 127.0.0.1:18080/tcp, which "web" publishes, is taken');
  });

  it("is a secret without a value, by name, and an image that no registry has", () => {
    expect(obstacles({ ...empty, valued: new Set(["token"]) })).toContain(
      'The secret "key" has no value, and store needs it',
    );
    const made = (name: string, derived?: ResolvedSecret["derived"]): ResolvedSecret => ({
      name,
      kind: "password",
      length: 32,
      rotation: { kind: "on-compromise" },
      generated: derived === undefined,
      overlapSeconds: 0,
      names: [],
      ...(derived === undefined ? {} : { derived }),
      purpose: undefined,
      place: empty.stack.place,
    });
    const key = made("key", { format: "mosquitto-passwd", entries: [{ user: "u", secret: "of-u" }] });
    const secrets = [made("token"), key, made("of-u")];
    expect(obstacles({ ...empty, valued: new Set(), stack: { ...empty.stack, secrets } })).toContain(
      "These secrets have no value yet: of-u (for store) and token (for api). Run `ringwall secrets generate`.",
    );
    expect(obstacles({ ...empty, state: { ...empty.state, imageIds: new Map() } })).toContain(
      "stands in for another and is not on this engine",
    );
  });

  it("is a rendered file that somebody changed, unless it may be replaced", () => {
    const foreign = { why: "it was changed after Ringwall wrote it", forcible: true };
    const rendered = [{ path: "compose.yaml", action: "change", foreign, ignoredByGit: false } as const];
    expect(obstacles({ ...empty, rendered })).toContain("compose.yaml is not Ringwall's to replace");
    expect(obstacles({ ...empty, rendered, force: true })).toBe("");
  });

  it("is being somebody else than root where files of other users are needed", () => {
    expect(obstacles({ ...empty, uid: 1000 })).toContain(
      "Only root can make files for other users, and this is uid 1000",
    );
    expect(obstacles({ ...settled, uid: 1000 })).toBe("");
  });

  it("is a remote or rootless engine where secrets are to be files", () => {
    expect(obstacles({ ...empty, engine: { ...engine, remote: true } })).toContain("The engine is remote, and secrets");
    expect(obstacles({ ...empty, engine: { ...engine, rootless: true } })).toContain("The engine is rootless");
    const remapped = { ...engine, userNamespaces: true, remappedRoot: undefined };
    expect(obstacles({ ...empty, engine: remapped })).toContain("remaps users to ids that cannot be told");
  });

  it("is a firewall that only root can set", () => {
    const firewall = { wanted: ["rw-1"], present: undefined };
    expect(obstacles({ ...settled, firewall, uid: 1000 })).toContain("which only root can set");
    expect(changeOf({ ...settled, firewall }, "firewall", "host")).toMatchObject({ action: "create" });
    expect(
      changeOf({ ...settled, firewall: { wanted: ["rw-1"], present: ["rw-1"] } }, "firewall", "host"),
    ).toMatchObject({ action: "keep" });
    expect(changeOf({ ...settled, firewall: { wanted: [], present: ["rw-1"] } }, "firewall", "host")).toMatchObject({
      action: "remove",
    });
  });
});
