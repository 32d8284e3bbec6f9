import { afterEach, describe, expect, it } from "vitest";
import { containerJson, imageJson, infoJson, networkJson } from "../../../../test/support/engine-objects.ts";
import { type FakeAnswer, type FakeEngine, fakeEngine, versionAnswer } from "../../../../test/support/fake-engine.ts";
import { knownValue } from "../../../facts/fact.ts";
import type { Container } from "../../../facts/subjects.ts";
import type { System } from "../../../facts/system.ts";
import { EngineClient } from "./client.ts";
import { observe, observeEngine } from "./observe.ts";

// covers: P6 | compose

describe("observe", () => {
  let engine: FakeEngine | undefined;
  afterEach(async () => {
    await engine?.close();
    engine = undefined;
  });

  /** A client of an engine that runs these containers. */
  const running = async (
    containers: readonly Record<string, unknown>[],
    given: Record<string, FakeAnswer> = {},
  ): Promise<EngineClient> => {
    engine = await fakeEngine({
      "/version": versionAnswer,
      "/info": { json: infoJson },
      "/containers/json": {
        json: containers.map(({ Id }) => ({ Id, Names: [], Labels: {}, State: "running", Image: "" })),
      },
      "/networks": { json: [networkJson] },
      "/volumes": { json: { Volumes: null } },
      "/images/sha256:img/json": { json: imageJson },
      ...Object.fromEntries(containers.map((one) => [`/containers/${one.Id}/json`, { json: one }])),
      ...given,
    });
    return EngineClient.connect({ kind: "unix", path: engine.socket, from: "a test" });
  };
  const containerOf = (system: System, name = "web"): Container => {
    const found = system.get({ kind: "container", system: system.name, name });
    if (found === undefined) throw new Error(`no container ${name}`);
    return found;
  };

  it("reads a hardened service as one, tells what the image gave, and sends nothing but GET", async () => {
    const system = await observe(await running([containerJson("web")]), "shop");
    const web = containerOf(system);
    expect(system.lens).toBe("running");
    expect(web.user).toMatchObject({ kind: "defaulted", by: "image", value: { uid: 1000, gid: 1000 } });
    expect(knownValue(web.noNewPrivileges)).toBe(true);
    expect(knownValue(web.readOnlyRoot)).toBe(true);
    expect([web.memoryLimit, web.cpuLimit, web.pidsLimit].map(knownValue)).toEqual([67108864, 0.5, 32]);
    expect(knownValue(web.seccomp)).toEqual({ kind: "default" });
    expect(knownValue(web.appArmor)).toEqual({ kind: "default" });
    expect(web.environment.items.map(({ name, value }) => [name, value.kind])).toEqual([
      ["MODE", "stated"],
      ["PATH", "defaulted"],
      ["PASSWORD", "stated"],
    ]);
    expect(engine?.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
  });

  it("never shows the value of a variable", async () => {
    const system = await observe(await running([containerJson("web")]), "shop");
    expect(JSON.stringify(system.subjects)).not.toContain("hunter2");
    expect(containerOf(system).environment.items[2]?.value).toMatchObject({ kind: "stated" });
  });

  it("reads what is missing as what the engine does then: root, no limit, full privileges", async () => {
    const bare = containerJson("web", {
      Config: { User: "", Env: null, Healthcheck: { Test: ["NONE"] } },
      HostConfig: { CapDrop: null, SecurityOpt: null, ReadonlyRootfs: false, Memory: 0, NanoCpus: 0, PidsLimit: -1 },
    });
    const web = containerOf(await observe(await running([bare]), "shop"));
    expect(knownValue(web.user)).toMatchObject({ uid: 0 });
    expect([web.memoryLimit.kind, web.cpuLimit.kind, web.pidsLimit.kind]).toEqual(["unstated", "unstated", "unstated"]);
    expect(knownValue(web.readOnlyRoot)).toBe(false);
    expect(web.noNewPrivileges.kind).toBe("unstated");
    expect(web.droppedCapabilities.items).toEqual([]);
    expect(knownValue(web.healthCheck)).toEqual({ kind: "disabled" });
  });

  it("does not take confinement for granted that the engine or the container has not", async () => {
    const open = containerJson("web", { HostConfig: { SecurityOpt: ["seccomp=unconfined", "apparmor:unconfined"] } });
    const web = containerOf(await observe(await running([open]), "shop"));
    expect([knownValue(web.seccomp), knownValue(web.appArmor)]).toEqual([
      { kind: "unconfined" },
      { kind: "unconfined" },
    ]);
    await engine?.close();
    const without = await running([containerJson("web")], {
      "/info": { json: { ...infoJson, SecurityOptions: null } },
    });
    const other = containerOf(await observe(without, "shop"));
    expect(knownValue(other.seccomp)).toEqual({ kind: "unconfined" });
    expect(other.appArmor.kind).toBe("unstated");
    await engine?.close();
    const privileged = containerJson("web", {
      AppArmorProfile: "",
      HostConfig: { Privileged: true, SecurityOpt: null },
    });
    const third = containerOf(await observe(await running([privileged]), "shop"));
    expect([knownValue(third.seccomp), knownValue(third.appArmor)]).toEqual([
      { kind: "unconfined" },
      { kind: "unconfined" },
    ]);
  });

  it("names listeners as files do, one for both families, and tells how far each reaches", async () => {
    const local = { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "5432" }] };
    const db = containerJson("db", { NetworkSettings: { Ports: local }, Config: { ExposedPorts: {} } });
    const system = await observe(await running([containerJson("web"), db]), "shop");
    expect(system.all("listener").map(({ ref, reach }) => [ref.name, knownValue(reach)])).toEqual([
      ["db/127.0.0.1:5432/tcp", "loopback"],
      ["web/0.0.0.0:80/tcp", "everywhere"],
      ["web/9000/tcp", "networks"],
    ]);
  });

  it("tells secrets from mounts, and memory from both", async () => {
    const mounts = [
      { Type: "bind", Source: "/var/lib/ringwall/shop/secrets/web/token", Destination: "/etc/token", RW: false },
      { Type: "bind", Source: "/srv/pw", Destination: "/run/secrets/password", RW: false },
      { Type: "bind", Source: "/var/run/docker.sock", Destination: "/var/run/docker.sock", RW: true },
      { Type: "volume", Name: "f".repeat(64), Source: "/x", Destination: "/anonymous", RW: true },
    ];
    const system = await observe(await running([{ ...containerJson("web"), Mounts: mounts }]), "shop");
    expect(system.all("secret-reference").map(({ ref, secret }) => [ref.name, secret])).toEqual([
      ["web/token", "token"],
      ["web/password", "password"],
      ["web/PASSWORD", "PASSWORD"],
    ]);
    expect(
      system.all("mount").map(({ ref, type, readOnly }) => [ref.name, knownValue(type), knownValue(readOnly)]),
    ).toEqual([
      ["web:/var/run/docker.sock", "bind", false],
      ["web:/anonymous", "anonymous-volume", false],
      ["web:/tmp", "tmpfs", false],
    ]);
  });

  it("tells what lies in the folder of secrets that Ringwall delivers, and takes no other folder for one", async () => {
    const folder = {
      Type: "bind",
      Source: "/var/lib/ringwall/shop/secrets/web",
      Destination: "/run/secrets",
      RW: false,
    };
    const contents = JSON.stringify({ token: "token", "pg_service.conf": "db-password" });
    const seen = async (mount: object, label = contents) => {
      const web = containerJson("web", {
        Config: {
          Labels: {
            "com.docker.compose.project": "shop",
            "com.docker.compose.service": "web",
            "dev.ringwall.secrets": label,
          },
        },
      });
      const system = await observe(await running([{ ...web, Mounts: [mount] }]), "shop");
      await engine?.close();
      return [
        system.all("secret-reference").map(({ secret, target }) => [secret, knownValue(target)]),
        system.all("mount").map(({ ref }) => ref.name),
      ];
    };
    const none = [["PASSWORD", "PASSWORD"]];
    expect(await seen(folder)).toEqual([
      [["token", "/run/secrets/token"], ["db-password", "/run/secrets/pg_service.conf"], ...none],
      ["web:/tmp"],
    ]);
    const mounted = [none, ["web:/run/secrets", "web:/tmp"]];
    expect(await seen({ ...folder, RW: true })).toEqual(mounted);
    expect(await seen({ ...folder, Source: "/etc" })).toEqual(mounted);
    expect(await seen(folder, "token")).toEqual(mounted);
  });

  it("counts replicas as one workload, and follows a shared network to it", async () => {
    const second = { ...containerJson("web"), Id: "web-2", Name: "/shop-web-2" };
    const side = containerJson("side", {
      HostConfig: { NetworkMode: "container:web-id" },
      NetworkSettings: { Networks: {} },
    });
    const system = await observe(await running([containerJson("web"), second, side]), "shop");
    const web = system.get({ kind: "workload", system: "shop", name: "web" });
    const beside = system.get({ kind: "workload", system: "shop", name: "side" });
    expect(web === undefined ? undefined : knownValue(web.replicas)).toBe(2);
    expect(beside === undefined ? undefined : knownValue(beside.networkMode)).toEqual({ kind: "shared", with: "web" });
  });

  it("leaves out what disappears while it is read", async () => {
    const gone = { ...containerJson("gone"), Id: "gone-id" };
    const client = await running([containerJson("web"), gone], {
      "/containers/gone-id/json": { json: { message: "No such container" }, status: 404 },
      "/images/sha256:img/json": { json: { message: "No such image" }, status: 404 },
    });
    const system = await observe(client, "shop");
    expect(system.all("workload").map(({ ref }) => ref.name)).toEqual(["web"]);
    expect(containerOf(system).user).toMatchObject({ kind: "stated", value: { uid: 1000 } });
  });

  it("divides an engine into its projects and the containers of none, with the engine as host", async () => {
    const loose = {
      ...containerJson("loose"),
      Name: "/loose",
      Config: { User: "", Image: "example/loose", Labels: {} },
    };
    const systems = await observeEngine(await running([containerJson("web"), loose]));
    expect(systems.map(({ name }) => name)).toEqual(["shop", "engine"]);
    const last = systems.at(-1);
    expect(last?.all("workload").map(({ ref }) => ref.name)).toEqual(["loose"]);
    const [host] = last?.all("host") ?? [];
    expect(host === undefined ? undefined : [knownValue(host.liveRestore), knownValue(host.rootless)]).toEqual([
      true,
      false,
    ]);
  });

  it("does not say that the host is out of reach of an internal network, unless its bridge has no address", async () => {
    const hostAccess = async (Options: Record<string, string>) => {
      const client = await running([containerJson("web")], {
        "/networks": { json: [{ ...networkJson, Internal: true, Options }] },
      });
      const [network] = (await observe(client, "shop")).all("network");
      await engine?.close();
      return network === undefined ? undefined : knownValue(network.hostAccess);
    };
    expect(await hostAccess({})).toBe(true);
    expect(await hostAccess({ "com.docker.network.bridge.gateway_mode_ipv4": "isolated" })).toBe(false);
  });
});
