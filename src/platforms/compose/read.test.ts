import { describe, expect, test } from "vitest";
import { composeProjectOf } from "../../../test/support/compose-tree.ts";
import type { Fact, FactList } from "../../facts/fact.ts";
import type { AnySubject, SubjectKind, SubjectOf } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { describePlace, type Place } from "../../lib/place.ts";
import { type ReadComposeOptions, readComposeProject } from "./read.ts";

function read(text: string, options?: ReadComposeOptions): System {
  return readComposeProject(composeProjectOf(text), options);
}

function one<K extends SubjectKind>(system: System, kind: K, name: string): SubjectOf<K> {
  const found = system.all(kind).find((subject) => subject.ref.name === name);
  if (found === undefined) {
    throw new Error(
      `no ${kind} ${name}, only ${system
        .all(kind)
        .map((subject) => subject.ref.name)
        .join(", ")}`,
    );
  }
  return found;
}

function container(fields: string) {
  return one(read(`services:\n  web:\n${indented(fields)}`), "container", "web");
}

function workload(fields: string) {
  return one(read(`services:\n  web:\n${indented(fields)}`), "workload", "web");
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}

function statedValue<T>(fact: Fact<T>): T {
  if (fact.kind !== "stated") throw new Error(`${fact.kind}, not stated`);
  return fact.value;
}

function at(place: Place): string {
  return describePlace(place);
}

describe("A service of which only the image is written", () => {
  const system = read("services:\n  web:\n    image: nginx:1.27");
  const web = one(system, "container", "web");

  test("has every protection unstated, at the service's key.", () => {
    const protections: readonly Fact<unknown>[] = [
      web.user,
      web.noNewPrivileges,
      web.readOnlyRoot,
      web.memoryLimit,
      web.cpuLimit,
      web.pidsLimit,
      web.healthCheck,
      web.logDriver,
      one(system, "workload", "web").restart,
    ];
    for (const fact of protections) {
      expect(fact.kind).toBe("unstated");
      expect(at(fact.place)).toBe("compose.yaml:2:3");
    }
    expect(web.droppedCapabilities).toMatchObject({ items: [], complete: true });
  });

  test("has Docker's own defaults for what is dangerous.", () => {
    const host = one(system, "workload", "web");
    for (const fact of [web.privileged, host.hostPid, host.hostIpc, host.hostUts, host.hostUsers]) {
      expect(fact).toMatchObject({ kind: "defaulted", value: false, by: "platform" });
    }
    expect(web.seccomp).toMatchObject({ kind: "defaulted", value: { kind: "default" } });
    expect(web.addedCapabilities).toMatchObject({ items: [], complete: true });
  });

  test("is on the default network, which is a bridge that reaches the host.", () => {
    expect(one(system, "workload", "web").attachments.items.map((item) => item.network.name)).toEqual(["default"]);
    const network = one(system, "network", "default");
    expect(network.driver).toMatchObject({ kind: "defaulted", value: "bridge" });
    expect(network.internal).toMatchObject({ kind: "defaulted", value: false });
    expect(network.hostAccess).toMatchObject({ kind: "defaulted", value: true });
  });

  test("listens inside its network on the port that the image is known for.", () => {
    const listener = one(system, "listener", "web/80/tcp");
    expect(listener.port).toMatchObject({ kind: "defaulted", value: 80, by: "image" });
    expect(listener.reach).toMatchObject({ kind: "defaulted", value: "networks" });
    expect(listener.hostPort).toBeUndefined();
  });
});

describe("The user", () => {
  test.each([
    ["1000", { uid: 1000 }],
    ['"1000:1000"', { uid: 1000, gid: 1000 }],
    ["root", { uid: 0, name: "root" }],
    ["0", { uid: 0 }],
    ["nobody:nogroup", { name: "nobody" }],
  ])("%s is read as it is.", (text, expected) => {
    expect(statedValue(container(`user: ${text}`).user)).toMatchObject(expected);
  });

  test("of a name has no uid, for only the image knows it.", () => {
    expect(statedValue(container("user: grafana").user).uid).toBeUndefined();
  });

  test.each(["${PUID}:${PGID}", "${UID}:1000", "1000:${GID}"])("%s is unknown.", (text) => {
    expect(container(`user: "${text}"`).user.kind).toBe("unknown");
  });

  test("that is empty is none.", () => {
    expect(container('user: ""').user.kind).toBe("unstated");
  });

  test("stays unstated when the image is told PUID: it starts as root and drops by itself.", () => {
    expect(container("image: lscr.io/linuxserver/sonarr\nenvironment: {PUID: 1000}").user.kind).toBe("unstated");
  });

  test("stands where it was written.", () => {
    expect(at(container("image: a\nuser: 1000").user.place)).toBe("compose.yaml:4:11");
  });
});

describe("Security options", () => {
  test.each(["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"])(
    "%s forbids new privileges.",
    (option) => {
      expect(container(`security_opt: ["${option}"]`).noNewPrivileges).toMatchObject({ kind: "stated", value: true });
    },
  );

  test("no-new-privileges:false states that it does not.", () => {
    expect(container("security_opt: [no-new-privileges:false]").noNewPrivileges).toMatchObject({ value: false });
  });

  test.each([
    ["seccomp:unconfined", { kind: "unconfined" }],
    ["seccomp=unconfined", { kind: "unconfined" }],
    ["seccomp=./profile.json", { kind: "custom", name: "./profile.json" }],
    ["seccomp=builtin", { kind: "default" }],
  ])("%s is the seccomp profile.", (option, expected) => {
    expect(container(`security_opt: ["${option}"]`).seccomp).toMatchObject({ kind: "stated", value: expected });
  });

  test("apparmor:unconfined, label:disable and systempaths=unconfined are told apart.", () => {
    const web = container("security_opt: [apparmor:unconfined, label:disable, systempaths=unconfined]");
    expect(web.appArmor).toMatchObject({ kind: "stated", value: { kind: "unconfined" } });
    expect(web.seLinux).toMatchObject({ kind: "stated", value: { kind: "unconfined" } });
    expect(web.seccomp).toMatchObject({ kind: "defaulted", value: { kind: "default" } });
    expect(workload("security_opt: [systempaths=unconfined]").compose?.systemPaths).toMatchObject({
      value: "unconfined",
    });
  });

  test("that hold one variable leave every other option unknown.", () => {
    const web = container('security_opt: ["${EXTRA}"]');
    expect(web.noNewPrivileges.kind).toBe("unknown");
    expect(web.seccomp.kind).toBe("unknown");
  });

  test("of a privileged container are off by default.", () => {
    expect(container("privileged: true").seccomp).toMatchObject({ kind: "defaulted", value: { kind: "unconfined" } });
    expect(container('privileged: "${P}"').seccomp.kind).toBe("unknown");
  });
});

describe("Limits", () => {
  test("are read from the plain keys and from deploy, which wins.", () => {
    const plain = container('mem_limit: "536870912"\ncpus: 0.5\npids_limit: 100');
    expect([plain.memoryLimit, plain.cpuLimit, plain.pidsLimit].map(statedValue)).toEqual([536870912, 0.5, 100]);
    const deployed = container('deploy: {resources: {limits: {memory: "1073741824", cpus: 2, pids: 50}}}');
    expect([deployed.memoryLimit, deployed.cpuLimit, deployed.pidsLimit].map(statedValue)).toEqual([1073741824, 2, 50]);
  });

  test("of zero or less are none.", () => {
    const web = container("mem_limit: 0\ncpus: 0\npids_limit: -1");
    expect([web.memoryLimit.kind, web.cpuLimit.kind, web.pidsLimit.kind]).toEqual(["unstated", "unstated", "unstated"]);
  });

  test("of a quota are a share of its period.", () => {
    expect(statedValue(container("cpu_quota: 50000").cpuLimit)).toBe(0.5);
    expect(statedValue(container("cpu_quota: 50000\ncpu_period: 25000").cpuLimit)).toBe(2);
  });
});

describe("Restart policies", () => {
  test.each([
    ['restart: "no"', { kind: "no" }],
    ["restart: always", { kind: "always" }],
    ["restart: on-failure:3", { kind: "on-failure", attempts: 3 }],
    ["deploy: {restart_policy: {condition: any}}", { kind: "always" }],
    ["deploy: {restart_policy: {condition: on-failure, max_attempts: 5}}", { kind: "on-failure", attempts: 5 }],
  ])("%s is read.", (text, expected) => {
    expect(statedValue(workload(text).restart)).toEqual(expected);
  });

  test("that Docker does not know are unknown.", () => {
    expect(workload("restart: sometimes").restart.kind).toBe("unknown");
  });
});

describe("Networks", () => {
  test("of the host, of none and of another service are told apart.", () => {
    expect(statedValue(workload("network_mode: host").networkMode)).toEqual({ kind: "host" });
    expect(statedValue(workload("network_mode: none").networkMode)).toEqual({ kind: "none" });
    expect(statedValue(workload("network_mode: service:vpn").networkMode)).toEqual({ kind: "shared", with: "vpn" });
    expect(workload("network_mode: other_net").networkMode.kind).toBe("unknown");
  });

  test("A service in another's network is attached where that one is, also by the container's name.", () => {
    const system = read(`
services:
  vpn: {image: gluetun, container_name: tunnel, networks: {front: null}}
  app: {image: app, network_mode: "container:tunnel"}
networks: {front: {}}
`);
    const app = one(system, "workload", "app");
    expect(statedValue(app.networkMode)).toEqual({ kind: "shared", with: "vpn" });
    expect(app.attachments.items.map((item) => item.network.name)).toEqual(["front"]);
  });

  test("Services that share one another's network in a circle end in an incomplete list.", () => {
    const system = read("services:\n  a: {network_mode: service:b}\n  b: {network_mode: service:a}");
    expect(one(system, "workload", "a").attachments.complete).toBe(false);
  });

  test("An external network is not described here.", () => {
    const system = read("services:\n  web: {networks: {proxy: null}}\nnetworks: {proxy: {external: true}}");
    const network = one(system, "network", "proxy");
    expect(statedValue(network.external)).toBe(true);
    expect([network.driver.kind, network.internal.kind, network.memberTraffic.kind]).toEqual([
      "unknown",
      "unknown",
      "unknown",
    ]);
    expect(network.subnets.complete).toBe(false);
  });

  test("The external network named host is the host's.", () => {
    const system = read("services:\n  web: {networks: {h: null}}\nnetworks: {h: {external: true, name: host}}");
    expect(statedValue(one(system, "workload", "web").networkMode)).toEqual({ kind: "host" });
  });

  test("Driver options close the traffic among members, and the way to the host.", () => {
    const system = read(`
services: {web: {networks: {n: null}}}
networks:
  n:
    internal: true
    driver_opts:
      com.docker.network.bridge.enable_icc: "false"
      com.docker.network.bridge.gateway_mode_ipv4: isolated
    ipam: {config: [{subnet: 10.0.0.0/24}]}
`);
    const network = one(system, "network", "n");
    expect(network.memberTraffic).toMatchObject({ kind: "stated", value: false });
    expect(network.hostAccess).toMatchObject({ kind: "stated", value: false });
    expect(network.subnets.items.map(statedValue)).toEqual(["10.0.0.0/24"]);
  });

  test("An internal network alone leaves the way to the host open.", () => {
    const system = read("services: {web: {networks: {n: null}}}\nnetworks: {n: {internal: true}}");
    expect(one(system, "network", "n").hostAccess).toMatchObject({ kind: "defaulted", value: true });
  });
});

describe("Published ports", () => {
  const ports = (entry: string) => read(`services:\n  web:\n    image: app\n    ports: [${entry}]`).all("listener")[0]!;

  test("without an address are open everywhere.", () => {
    const listener = ports('{mode: ingress, target: 80, published: "8080", protocol: tcp}');
    expect(listener.ref.name).toBe("web/0.0.0.0:8080/tcp");
    expect(listener.reach).toMatchObject({ kind: "defaulted", value: "everywhere" });
    expect(statedValue(listener.hostPort!)).toBe(8080);
  });

  test.each([
    ["127.0.0.1", "loopback"],
    ["::1", "loopback"],
    ["0.0.0.0", "everywhere"],
    ["::", "everywhere"],
    ["192.168.1.5", "one-address"],
  ])("on %s reach %s.", (address, reach) => {
    expect(statedValue(ports(`{target: 80, published: "80", host_ip: "${address}"}`).reach)).toBe(reach);
  });

  test("of an address in a variable have an unknown reach.", () => {
    expect(ports('{target: 80, published: "80", host_ip: "${BIND}"}').reach.kind).toBe("unknown");
  });

  test("in a variable as a whole are a listener of which nothing is known.", () => {
    const listener = ports('"${PORTS}"');
    expect([listener.port.kind, listener.reach.kind, listener.protocol.kind]).toEqual([
      "unknown",
      "unknown",
      "unknown",
    ]);
  });

  test("without a port on the host have none stated, and reach everywhere all the same.", () => {
    const listener = ports("{target: 80}");
    expect(listener.hostPort?.kind).toBe("unstated");
    expect(listener.reach).toMatchObject({ value: "everywhere" });
  });

  test("published twice are two subjects.", () => {
    const entry = '{target: 80, published: "80"}';
    const system = read(`services:\n  web:\n    image: app\n    ports: [${entry}, ${entry}]`);
    expect(system.all("listener").map((listener) => listener.ref.name)).toEqual([
      "web/0.0.0.0:80/tcp",
      "web/0.0.0.0:80/tcp#2",
    ]);
  });

  test("leave nothing to be told twice: an exposed or known port that is published is one listener.", () => {
    const system = read(
      'services:\n  db:\n    image: postgres\n    expose: ["5432"]\n    ports: [{target: 5432, published: "5432"}]',
    );
    expect(system.all("listener").map((listener) => [listener.ref.name, listener.service])).toEqual([
      ["db/0.0.0.0:5432/tcp", "postgresql"],
    ]);
  });
});

describe("Mounts", () => {
  const mounts = (text: string) => read(text).all("mount");

  test("of every kind are told apart.", () => {
    const system = mounts(`
services:
  web:
    volumes:
      - {type: bind, source: /var/run/docker.sock, target: /var/run/docker.sock, read_only: true}
      - {type: volume, source: data, target: /data}
      - {type: volume, target: /cache}
      - {type: tmpfs, target: /tmp}
    tmpfs: ["/run:ro,size=1m"]
volumes: {data: {}}
`);
    expect(system.map((mount) => [mount.ref.name, statedValue(mount.type)])).toEqual([
      ["web:/var/run/docker.sock", "bind"],
      ["web:/data", "volume"],
      ["web:/cache", "anonymous-volume"],
      ["web:/tmp", "tmpfs"],
      ["web:/run", "tmpfs"],
    ]);
    expect(system[0]?.readOnly).toMatchObject({ kind: "stated", value: true });
    expect(system[1]?.readOnly).toMatchObject({ kind: "defaulted", value: false });
    expect(system[4]?.readOnly).toMatchObject({ kind: "stated", value: true });
  });

  test("of a local volume with `o: bind` are binds of its device.", () => {
    const [mount] = mounts(`
services: {web: {volumes: [{type: volume, source: etc, target: /x}]}}
volumes: {etc: {driver_opts: {type: none, o: bind, device: /etc}}}
`);
    expect(statedValue(mount!.type)).toBe("bind");
    expect(statedValue(mount!.source)).toBe("/etc");
  });

  test("taken from another service are that one's, read-only where asked.", () => {
    const all = mounts(`
services:
  db: {volumes: [{type: bind, source: /srv, target: /data}]}
  backup: {volumes_from: ["db:ro"]}
`);
    const mount = all.find((candidate) => candidate.owner.name === "backup");
    expect(statedValue(mount!.source)).toBe("/srv");
    expect(mount!.readOnly).toMatchObject({ kind: "stated", value: true });
  });

  test("of the engine's socket come with use_api_socket.", () => {
    expect(mounts("services: {web: {use_api_socket: true}}")[0]?.source).toMatchObject({
      value: "/var/run/docker.sock",
    });
  });

  test("that may be missing are one unknown mount.", () => {
    const [mount] = mounts('services: {web: {volumes: ["?`more.yml` lies outside the folder"]}}');
    expect(mount?.source).toMatchObject({ kind: "unknown", why: "`more.yml` lies outside the folder" });
  });
});

describe("Secrets", () => {
  test("from a file keep the file's own owner and mode, whatever is asked for.", () => {
    const system = read(
      `
services: {db: {secrets: [{source: pw, target: /run/secrets/pw, uid: "1000", mode: "0400"}]}}
secrets: {pw: {file: ./pw.txt}}
`,
      { findFile: (path) => (path === "./pw.txt" ? "pw.txt" : undefined) },
    );
    const secret = one(system, "secret-reference", "db/pw");
    expect(secret.mode.kind).toBe("unknown");
    expect(secret.uid.kind).toBe("unknown");
    expect(secret.plaintextSource).toMatchObject({ kind: "stated", value: "pw.txt" });
  });

  test("from the environment of whoever starts it are written with the mode that is asked for.", () => {
    const system = read(
      'services: {db: {secrets: [{source: pw, uid: "999", mode: "0400"}]}}\nsecrets: {pw: {environment: PW}}',
    );
    const secret = one(system, "secret-reference", "db/pw");
    expect(secret.mode).toMatchObject({ kind: "stated", value: 0o400 });
    expect(secret.uid).toMatchObject({ kind: "stated", value: 999 });
    expect(secret.target).toMatchObject({ value: "/run/secrets/pw" });
    expect(secret.plaintextSource).toMatchObject({ value: "none" });
  });

  test("in the environment are told by name and value, and their value is never shown.", () => {
    const system = read(`
services:
  db:
    environment:
      POSTGRES_PASSWORD: kq83nf92hd
      POSTGRES_PASSWORD_FILE: /run/secrets/pw
      DATABASE_URL: postgres://app:kq83nf92hd@db/app
      PASSWORD_POLICY: strict
      FROM_OUTSIDE_TOKEN:
      API_TOKEN: "\${API_TOKEN}"
`);
    const secrets = system.all("secret-reference");
    expect(secrets.map((secret) => [secret.secret, statedValue(secret.delivery), secret.plaintextSource.kind])).toEqual(
      [
        ["POSTGRES_PASSWORD", "environment", "stated"],
        ["POSTGRES_PASSWORD_FILE", "file", "stated"],
        ["DATABASE_URL", "environment", "stated"],
        ["FROM_OUTSIDE_TOKEN", "environment", "defaulted"],
        ["API_TOKEN", "environment", "unknown"],
      ],
    );
    expect(JSON.stringify(system.subjects)).not.toContain("kq83nf92hd");
  });

  test("in build arguments stay in the image.", () => {
    const system = read("services: {app: {build: {context: ., args: {NPM_TOKEN: kq83nf92hd, VERSION: '1'}}}}");
    expect(system.all("secret-reference").map((secret) => [secret.secret, statedValue(secret.delivery)])).toEqual([
      ["build.NPM_TOKEN", "build"],
    ]);
  });
});

describe("Images", () => {
  test("are taken apart.", () => {
    const system = read("services: {web: {image: 'ghcr.io/org/app:1.2'}}");
    expect(statedValue(one(system, "image", "web").reference)).toMatchObject({
      registry: "ghcr.io",
      repository: "org/app",
      tag: "1.2",
    });
  });

  test("of a tag in a variable are unknown, and still known to be a datastore.", () => {
    const image = one(read('services: {db: {image: "postgres:${TAG}"}}'), "image", "db");
    expect(image.reference.kind).toBe("unknown");
    expect(image.likelyRepository).toBe("library/postgres");
  });

  test("that are built have no reference of their own.", () => {
    const image = one(read("services: {app: {build: {context: .}}}"), "image", "app");
    expect(image.built).toBe(true);
    expect(image.reference.kind).toBe("unstated");
  });
});

describe("Whatever may be missing", () => {
  test("makes what a service does not say unknown instead of absent.", () => {
    const system = read("services: {web: {image: app, '?`base.yml` cannot be read': null}}");
    const web = one(system, "container", "web");
    expect(web.user).toMatchObject({ kind: "unknown", why: "`base.yml` cannot be read" });
    expect(web.privileged.kind).toBe("unknown");
    expect(web.addedCapabilities.complete).toBe(false);
    expect(web.environment.complete).toBe(false);
    expect(one(system, "workload", "web").networkMode.kind).toBe("unknown");
    expect(system.all("mount").map((mount) => mount.source.kind)).toContain("unknown");
    expect(system.all("listener").map((listener) => listener.reach.kind)).toContain("unknown");
  });
});

/** Fields of a service, each with a value that is as good as can be, and the facts that it decides. */
const decided: readonly (readonly [
  field: string,
  good: string,
  facts: (system: System) => readonly (Fact<unknown> | FactList<unknown>)[],
])[] = [
  ["user", "1000", (s) => [one(s, "container", "web").user]],
  ["privileged", "false", (s) => [one(s, "container", "web").privileged, one(s, "container", "web").seccomp]],
  ["read_only", "true", (s) => [one(s, "container", "web").readOnlyRoot]],
  ["mem_limit", "1000", (s) => [one(s, "container", "web").memoryLimit]],
  ["cpus", "1", (s) => [one(s, "container", "web").cpuLimit]],
  ["pids_limit", "10", (s) => [one(s, "container", "web").pidsLimit]],
  ["deploy", "{resources: {limits: {memory: '1000'}}}", (s) => [one(s, "container", "web").memoryLimit]],
  ["cap_add", "[]", (s) => [one(s, "container", "web").addedCapabilities]],
  ["cap_drop", "[ALL]", (s) => [one(s, "container", "web").droppedCapabilities]],
  [
    "security_opt",
    "[no-new-privileges]",
    (s) => [one(s, "container", "web").noNewPrivileges, one(s, "container", "web").seccomp],
  ],
  ["healthcheck", "{test: [CMD, x]}", (s) => [one(s, "container", "web").healthCheck]],
  ["restart", "always", (s) => [one(s, "workload", "web").restart]],
  ["network_mode", "none", (s) => [one(s, "workload", "web").networkMode, one(s, "workload", "web").attachments]],
  ["networks", "{a: null}", (s) => [one(s, "workload", "web").attachments]],
  ["pid", "service:web", (s) => [one(s, "workload", "web").hostPid]],
  ["ipc", "private", (s) => [one(s, "workload", "web").hostIpc]],
  ["uts", "''", (s) => [one(s, "workload", "web").hostUts]],
  ["userns_mode", "''", (s) => [one(s, "workload", "web").hostUsers]],
  ["cgroup", "private", (s) => [one(s, "workload", "web").compose!.cgroupNamespace]],
  ["devices", "[]", (s) => [one(s, "container", "web").devices]],
  ["sysctls", "{}", (s) => [one(s, "container", "web").sysctls]],
  ["ulimits", "{nofile: 10}", (s) => [one(s, "container", "web").ulimits]],
  ["environment", "{}", (s) => [one(s, "container", "web").environment]],
  ["command", "[run]", (s) => [one(s, "container", "web").command]],
  ["logging", "{driver: journald}", (s) => [one(s, "container", "web").logDriver]],
  ["group_add", "[]", (s) => [one(s, "container", "web").supplementaryGroups]],
  ["labels", "{}", (s) => [one(s, "workload", "web").labels]],
  ["image", "app:1", (s) => [one(s, "image", "web").reference]],
  ["ports", "[]", (s) => s.all("listener").map((listener) => listener.reach)],
  ["volumes", "[]", (s) => s.all("mount").map((mount) => mount.source)],
  ["secrets", "[]", (s) => s.all("secret-reference").map((secret) => secret.delivery)],
];

describe("A field that is one variable decides nothing", () => {
  test.each(decided)("%s", (field, good, facts) => {
    const resolved = facts(read(`services: {web: {${field}: ${good}}}`));
    expect(resolved.every(isKnown)).toBe(true);
    const hidden = facts(read(`services: {web: {${field}: "\${X}"}}`));
    expect(hidden.length).toBeGreaterThan(0);
    expect(hidden.some(isKnown)).toBe(false);
  });
});

function isKnown(fact: Fact<unknown> | FactList<unknown>): boolean {
  return "items" in fact ? fact.complete : fact.kind !== "unknown";
}

describe("Fields of the wrong type", () => {
  test.each([
    ["user", "[1000]"],
    ["privileged", "{a: 1}"],
    ["privileged", "maybe"],
    ["read_only", "[true]"],
    ["mem_limit", "much"],
    ["pids_limit", "1.5"],
    ["healthcheck", "yes"],
    ["security_opt", "{a: {b: c}}"],
    ["ports", "80"],
    ["volumes", "{a: b}"],
    ["networks", "7"],
    ["environment", "[[a]]"],
    ["labels", "[[a]]"],
    ["ulimits", "[a]"],
    ["devices", "[[a]]"],
    ["secrets", "{a: b}"],
    ["deploy", "[]"],
  ])("%s: %s ends in no crash and in nothing that could pass.", (field, value) => {
    const system = read(`services: {web: {image: app, ${field}: ${value}}}`);
    const facts = decided.find(([name]) => name === field)?.[2](system) ?? [];
    expect(facts.length).toBeGreaterThan(0);
    for (const fact of facts) expect("items" in fact ? fact.items.length : fact.kind).not.toBe("stated");
  });

  test("A service that is no mapping is a service of which nothing is known.", () => {
    const system = read("services: {web: hello}");
    expect(one(system, "container", "web").privileged.kind).toBe("unknown");
  });

  test("A file without services has no subjects but itself.", () => {
    expect(read("x-a: 1").subjects).toEqual([] satisfies AnySubject[]);
  });
});

describe("Routes", () => {
  const traefik = `
services:
  web:
    image: app
    labels:
      traefik.enable: "true"
      traefik.http.routers.web.rule: Host(\`shop.example.org\`) && PathPrefix(\`/api\`)
      traefik.http.routers.web.tls.certresolver: le
      traefik.http.routers.web.middlewares: limit, office@docker
      traefik.http.services.web.loadbalancer.server.port: "8080"
      traefik.http.middlewares.limit.ratelimit.average: "100"
      traefik.http.middlewares.limit.ratelimit.period: 1m
      traefik.http.middlewares.office.ipallowlist.sourcerange: 10.0.0.0/8, 192.168.0.0/16
  proxy: {image: "traefik:v3", ports: [{target: 443, published: "443"}]}
`;

  test("of Traefik are read from labels, with their middlewares.", () => {
    const route = one(read(traefik), "route", "web/shop.example.org/api");
    expect(statedValue(route.host)).toBe("shop.example.org");
    expect(statedValue(route.path)).toBe("/api");
    expect(statedValue(route.target)).toEqual({
      workload: { kind: "workload", system: "shop", name: "web" },
      port: 8080,
    });
    expect(route.edge?.name).toBe("proxy");
    expect(statedValue(route.rateLimit)).toEqual({ requests: 100, windowSeconds: 60 });
    expect(statedValue(route.audience)).toEqual({ kind: "networks", cidrs: ["10.0.0.0/8", "192.168.0.0/16"] });
    expect(route.tls).toMatchObject({ kind: "defaulted", value: { minimum: "1.2" } });
    expect(route.authentication.kind).toBe("unstated");
  });

  test("with a middleware that a file defines are unknown in what it could do.", () => {
    const route = one(read(traefik.replace("office@docker", "office@file")), "route", "web/shop.example.org/api");
    expect(route.audience.kind).toBe("unknown");
    expect(route.authentication.kind).toBe("unknown");
    expect(route.headers.complete).toBe(false);
  });

  test("are none where traefik.enable is false.", () => {
    expect(read(traefik.replace('enable: "true"', 'enable: "false"')).all("route")).toEqual([]);
  });

  test("of a rule in a variable have an unknown host.", () => {
    const system = read('services: {web: {labels: {traefik.http.routers.a.rule: "${RULE}"}}}');
    expect(one(system, "route", "web/a").host.kind).toBe("unknown");
  });

  test("of caddy-docker-proxy are served over TLS by themselves.", () => {
    const system = read(`
services:
  web:
    labels:
      caddy: shop.example.org
      caddy.reverse_proxy: "{{upstreams 8080}}"
      caddy.header.-Server: ""
`);
    const route = one(system, "route", "web/shop.example.org/");
    expect(statedValue(route.target).port).toBe(8080);
    expect(route.tls).toMatchObject({ value: { minimum: "1.2" } });
    expect(route.redirectsToTls).toMatchObject({ value: true });
    expect(route.headers.items).toMatchObject([{ name: "server", value: null }]);
  });
});
