import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { knownValue } from "../../facts/fact.ts";
import type { Container, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { describePlace } from "../../lib/place.ts";
import { readPaths } from "../read-paths.ts";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "fixtures");
const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** The system of one text in OpenTofu's language. */
function systemOf(text: string, name = "main.tf"): System {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-incus-"));
  made.push(folder);
  writeFileSync(join(folder, name), text);
  const system = readPaths([folder], { cwd: folder }).systems.find(({ platform }) => platform === "incus");
  if (system === undefined) throw new Error("There is no system of Incus.");
  return system;
}

function only(system: System): { readonly workload: Workload; readonly container: Container } {
  const [workload] = system.all("workload");
  const [container] = system.all("container");
  if (workload === undefined || container === undefined) throw new Error("There is no instance.");
  return { workload, container };
}

function instance(body: string): string {
  return `resource "incus_instance" "app" {\n  name  = "app"\n  image = "docker:library/caddy:2.11.4"\n${body}\n}\n`;
}

// covers: P1 | incus
// covers: P6 | incus
describe("The atlas project", () => {
  const { systems, problems } = readPaths([join(fixtures, "atlas")], { cwd: fixtures });
  const system = systems.find(({ platform }) => platform === "incus");
  if (system === undefined) throw new Error("The atlas project has no system.");

  test("is read without a problem, through modules, for_each, merge and templates", () => {
    expect(problems).toEqual([]);
    expect(system.problems).toEqual([]);
    expect(
      system
        .all("workload")
        .map(({ ref }) => ref.name)
        .sort(),
    ).toEqual([
      "alertmanager01",
      "caddy01",
      "grafana01",
      "loki01",
      "mosquitto01",
      "node-exporter01",
      "prometheus01",
      "step-ca01",
    ]);
  });

  // covers: N1 | incus
  // covers: N3 | incus
  test("has its zones with their ranges, and the proxy in both and outside", () => {
    const ranges = system.all("zone").map(({ ref, cidr }) => [ref.name, knownValue(cidr)]);
    expect(ranges).toEqual([
      ["management", "10.20.0.1/24"],
      ["production", "10.10.0.1/24"],
    ]);
    const caddy = system.all("workload").find(({ ref }) => ref.name === "caddy01");
    expect(caddy?.attachments.items.map(({ network }) => network.name).sort()).toEqual([
      "incusbr0",
      "management",
      "production",
    ]);
    const ports = system.all("listener").filter(({ owner }) => owner.name === "caddy01");
    expect(ports.map(({ hostPort }) => hostPort && knownValue(hostPort))).toEqual([80, 443]);
  });

  // covers: N10 | incus
  test("tells that the server routes from one zone into the other", () => {
    const management = system.all("network").find(({ ref }) => ref.name === "management");
    const routes = management?.incus?.routedFrom.items.map(({ from, open }) => [from[0]?.name, knownValue(open)]);
    expect(routes).toEqual([["production", true]]);
    const mosquitto = system.workload({ kind: "workload", system: system.name, name: "grafana01" });
    const into = mosquitto === undefined ? [] : system.reach.into(mosquitto.ref);
    expect(into.some(({ allowedBy }) => allowedBy === "Incus routes from the network production into management")).toBe(
      true,
    );
  });

  // covers: S2 | incus
  test("delivers the Cloudflare token as a file that its owner alone reads, and keeps no value of it", () => {
    const token = system.all("secret-reference").find(({ secret }) => secret === "cloudflare_token");
    expect(token && knownValue(token.delivery)).toBe("file");
    expect(token && knownValue(token.mode)).toBe(0o400);
    expect(token && knownValue(token.uid)).toBe(0);
  });

  // covers: W2 | incus
  // covers: W3 | incus
  test("has the limits of its modules and the owner of its volumes", () => {
    const prometheus = system.all("container").find(({ ref }) => ref.name === "prometheus01");
    expect(prometheus && knownValue(prometheus.memoryLimit)).toBe(2 * 1024 ** 3);
    expect(prometheus && knownValue(prometheus.cpuLimit)).toBe(2);
    expect(prometheus && knownValue(prometheus.pidsLimit)).toBe(512);
    const mount = system.all("mount").find(({ ref }) => ref.name === "prometheus01:/prometheus");
    expect(mount?.sourceOwner && knownValue(mount.sourceOwner)).toBe(65534);
    expect(mount?.sourceMode && knownValue(mount.sourceMode)).toBe(0o750);
  });

  test("leads from the Caddyfile, a template with an unknown domain, to the services behind it", () => {
    const targets = system.all("route").map(({ target }) => knownValue(target)?.workload.name);
    expect(targets).toEqual(["prometheus01", "grafana01"]);
    expect(system.all("route").every(({ host }) => host.kind === "unknown")).toBe(true);
  });

  test("places a fact where somebody wrote it: the image of a module at the call, not in the module", () => {
    const image = system.all("image").find(({ ref }) => ref.name === "loki01");
    expect(image && describePlace(image.place)).toMatch(/^terraform\/main\.tf:/);
  });
});

describe("Profiles", () => {
  const profiles = (names: string) => `
    resource "incus_profile" "base" {
      name = "base"
      config = { "security.nesting" = "true", "limits.memory" = "1GiB" }
      device {
        name = "eth0"
        type = "nic"
        properties = { network = "outer" }
      }
    }
    resource "incus_profile" "inner" {
      name = "inner"
      config = { "limits.memory" = "2GiB" }
      device {
        name = "eth0"
        type = "nic"
        properties = { network = "inner" }
      }
    }
    ${instance(`  profiles = ${names}\n  config = { "security.nesting" = "false" }`)}`;

  // covers: N4 | incus
  test("are laid over one another in their order, the instance over all", () => {
    const { workload, container } = only(systemOf(profiles("[incus_profile.base.name, incus_profile.inner.name]")));
    expect(knownValue(container.memoryLimit)).toBe(2 * 1024 ** 3);
    expect(workload.incus && knownValue(workload.incus.nesting)).toBe(false);
    expect(workload.attachments.items.map(({ network }) => network.name)).toEqual(["inner"]);
    expect(workload.incus?.clashes.items).toMatchObject([{ device: "eth0", lost: "outer", kept: "inner" }]);
  });

  test("of which one is made elsewhere leave unknown what it may say, and what lies below it", () => {
    const { workload, container } = only(systemOf(profiles('[incus_profile.base.name, "elsewhere"]')));
    expect(container.memoryLimit).toMatchObject({
      kind: "unknown",
      why: "the profile elsewhere is not described in these files",
    });
    expect(workload.attachments.complete).toBe(false);
    expect(workload.incus && knownValue(workload.incus.nesting)).toBe(false);
  });

  test("none stated is the profile default, as the server makes it; an empty list is none", () => {
    const first = only(systemOf(instance("")));
    expect(first.workload.attachments.items.map(({ network }) => network.name)).toEqual(["incusbr0"]);
    const none = only(systemOf(instance("  profiles = []")));
    expect(none.workload.attachments).toMatchObject({ items: [], complete: true });
    expect(knownValue(none.workload.networkMode)).toEqual({ kind: "none" });
  });

  test("of a project of one's own: its default is empty until somebody fills it, and unknown here", () => {
    const { workload } = only(systemOf(instance('  project = "apps"')));
    expect(workload.attachments.complete).toBe(false);
  });
});

describe("An instance", () => {
  test("is unprivileged and confined unless it says otherwise", () => {
    const { container } = only(systemOf(instance("  profiles = []")));
    expect(container.privileged).toMatchObject({ kind: "defaulted", value: false, by: "platform" });
    expect(container.seccomp).toMatchObject({ kind: "defaulted", value: { kind: "default" } });
  });

  test("of the other provider, with that one's words, is the same", () => {
    const text = instance('  profiles = []\n  limits = { cpu = 2, memory = "1GB" }').replaceAll("incus_", "lxd_");
    const { container, workload } = only(systemOf(text));
    expect(knownValue(container.cpuLimit)).toBe(2);
    expect(knownValue(container.memoryLimit)).toBe(1e9);
    expect(workload.incus?.flavour).toBe("lxd");
  });

  test("that may not be there says on what it depends", () => {
    const text = `variable "on" {}\n${instance("  count = var.on ? 1 : 0\n  profiles = []")}`;
    const [condition] = only(systemOf(text)).workload.onlyWith;
    expect(condition).toBe("count is var.on ? 1 : 0, and var.on is given no value in these files");
  });

  // covers: S3 | incus
  test("keeps a secret from a variable to itself: no text of the system holds it", () => {
    const text = `variable "password" {\n  sensitive = true\n  default = "h7Kq2vXw9LmZ4rTb"\n}\n${instance('  profiles = []\n  config = { "environment.DB_PASSWORD" = var.password, "user.user-data" = "password: ${var.password}" }')}`;
    expect(JSON.stringify(systemOf(text).subjects)).not.toContain("h7Kq2vXw9LmZ4rTb");
  });

  // covers: N6 | incus
  test.each([
    ["tcp:0.0.0.0:80", "everywhere"],
    ["tcp:[::]:80", "everywhere"],
    ["tcp:127.0.0.1:80", "loopback"],
    ["udp:192.168.1.2:80", "one-address"],
  ])("with a proxy device on %s is reached %s", (listen, reach) => {
    const text = instance(
      `  profiles = []\n  device {\n    name = "web"\n    type = "proxy"\n    properties = { listen = "${listen}", connect = "tcp:127.0.0.1:8080" }\n  }`,
    );
    const [listener] = systemOf(text).all("listener");
    expect(listener && knownValue(listener.reach)).toBe(reach);
    expect(listener && knownValue(listener.port)).toBe(8080);
  });

  test("on a macvlan, or on a bridge of the host's, has an address on the local network", () => {
    const nic = (properties: string) =>
      instance(
        `  profiles = []\n  device {\n    name = "eth0"\n    type = "nic"\n    properties = { ${properties} }\n  }`,
      );
    for (const properties of ['nictype = "macvlan", parent = "enp1s0"', 'nictype = "bridged", parent = "br0"']) {
      const system = systemOf(nic(properties));
      expect(system.reach.exposure(only(system).workload).exposure).toBe("published");
    }
    const inside = systemOf(nic('nictype = "bridged", parent = "incusbr0"'));
    expect(inside.reach.exposure(only(inside).workload).exposure).toBe("internal");
  });

  test("is a whole system or one program by where its image comes from", () => {
    const kindOf = (image: string, more = "") => {
      const { workload } = only(
        systemOf(instance(`  profiles = []${more}`).replace("docker:library/caddy:2.11.4", image)),
      );
      return workload.incus && knownValue(workload.incus.instanceKind);
    };
    expect(kindOf("images:debian/12")).toBe("system");
    expect(kindOf("ubuntu:24.04")).toBe("system");
    expect(kindOf("docker:library/caddy:2.11.4")).toBe("application");
    expect(kindOf("mine:team/app:1.2")).toBe("application");
    expect(kindOf("images:debian/12", '\n  type = "virtual-machine"')).toBe("vm");
  });

  // covers: W6 | incus
  test("that is unprivileged is nobody to a host path, unless the mount is shifted", () => {
    const disk = (more: string, config = "") =>
      systemOf(
        instance(
          `  profiles = []\n  config = { ${config} }\n  device {\n    name = "host"\n    type = "disk"\n    properties = { source = "/srv", path = "/srv"${more} }\n  }`,
        ),
      ).all("mount")[0]?.asNobody;
    expect(disk("")).toMatchObject({ value: true });
    expect(disk(', shift = "true"')).toMatchObject({ value: false });
    expect(disk("", '"security.privileged" = "true"')).toMatchObject({ value: false });
  });
});

// covers: N10 | incus
describe("ACLs", () => {
  const networks = (rule: string, inner = "") => `
    resource "incus_network" "a" {
      name = "a"
      config = { "ipv4.address" = "10.1.0.1/24", "ipv6.address" = "none", "security.acls" = "edge"${inner} }
    }
    resource "incus_network" "b" {
      name = "b"
      config = { "ipv4.address" = "10.2.0.1/24", "ipv6.address" = "none" }
    }
    resource "incus_network_acl" "edge" {
      name    = "edge"
      egress  = [{ action = "allow", state = "enabled" }]
      ingress = [${rule}]
    }
    ${instance("")}`;
  const open = (text: string) => {
    const network = systemOf(text)
      .all("network")
      .find(({ ref }) => ref.name === "a");
    return network?.incus?.routedFrom.items.map((route) => knownValue(route.open));
  };

  test.each([
    ["no rule", "", false],
    ["a rule for everything", '{ action = "allow", state = "enabled" }', true],
    ["a rule for every address of IPv4", '{ action = "allow", state = "enabled", source = "0.0.0.0/0" }', true],
    [
      "a rule for every address of either family",
      '{ action = "allow", state = "enabled", source = "0.0.0.0/0,::/0" }',
      true,
    ],
    ["a rule for all of TCP", '{ action = "allow", state = "enabled", protocol = "tcp" }', true],
    [
      "a rule for every port of TCP",
      '{ action = "allow", state = "enabled", protocol = "tcp", destination_port = "1-65535" }',
      true,
    ],
    [
      "a rule as a plan prints it, with empty texts for what is not stated",
      '{ action = "allow", state = "enabled", protocol = "", source = "", destination = "", destination_port = "" }',
      true,
    ],
    [
      "a rule for all of TCP and one that drops TCP from the other network",
      '{ action = "allow", state = "enabled", protocol = "tcp" }, { action = "drop", state = "enabled", protocol = "tcp", source = "10.2.0.0/24" }',
      false,
    ],
    ["a rule for pings", '{ action = "allow", state = "enabled", protocol = "icmp4" }', false],
    ["a rule for one member", '{ action = "allow", state = "enabled", destination = "10.1.0.5" }', false],
    ["a rule that is switched off", '{ action = "allow", state = "disabled" }', false],
    [
      "a rule for one port",
      '{ action = "allow", state = "enabled", protocol = "tcp", destination_port = "443" }',
      false,
    ],
    [
      "a rule for the other network, made on purpose",
      '{ action = "allow", state = "enabled", source = "10.2.0.0/24" }',
      false,
    ],
    [
      "a rule for everything and one that drops the other network, which comes first",
      '{ action = "allow", state = "enabled" }, { action = "drop", state = "enabled", source = "10.2.0.0/24" }',
      false,
    ],
  ])("with %s", (_, rule, expected) => {
    expect(open(networks(rule))).toEqual([expected]);
  });

  test("without a rule, but with a default that lets in, keep nothing out", () => {
    expect(open(networks("", ', "security.acls.default.ingress.action" = "allow"'))).toEqual([true]);
  });
});

describe("What tofu show -json prints", () => {
  const shown = (values: string, unknown = "{}") => `{
    "format_version": "1.2",
    "planned_values": { "root_module": { "child_modules": [ { "address": "module.x", "resources": [ {
      "address": "module.x.incus_instance.app", "mode": "managed", "type": "incus_instance", "name": "app",
      "values": ${values},
      "sensitive_values": { "config": { "environment.TOKEN": true } }
    } ] } ] } },
    "resource_changes": [ { "address": "module.x.incus_instance.app", "change": { "after_unknown": ${unknown} } } ]
  }`;

  test("is read as the configuration would be, with what is not known yet", () => {
    const values = `{ "name": "app", "image": "docker:library/caddy:2.11.4", "profiles": [],
      "config": { "limits.memory": "1GiB", "environment.TOKEN": "h7Kq2vXw9LmZ4rTb" },
      "device": [ { "name": "eth0", "type": "nic", "properties": { "network": "inner" } } ] }`;
    const system = systemOf(shown(values, '{ "config": { "security.privileged": true } }'), "plan.json");
    const { container, workload } = only(system);
    expect(knownValue(container.memoryLimit)).toBe(1024 ** 3);
    expect(container.privileged).toMatchObject({ kind: "unknown", why: "it is known only after it is applied" });
    expect(workload.attachments.items.map(({ network }) => network.name)).toEqual(["inner"]);
    expect(container.environment.items).toMatchObject([{ name: "TOKEN", from: "plan.json" }]);
    expect(JSON.stringify(system.subjects)).not.toContain("h7Kq2vXw9LmZ4rTb");
  });
});

describe("Bad input", () => {
  test("one module of a registry is told, and does not hide the rest", () => {
    const system = systemOf(`module "x" {\n  source = "example/x/incus"\n}\n${instance("")}`);
    expect(system.all("workload")).toHaveLength(1);
    expect(system.problems.map(({ message }) => message)).toEqual([
      "What module.x makes is not checked: it comes from a registry.",
    ]);
  });

  test("modules that call one another in a circle end", () => {
    const system = systemOf(`module "x" {\n  source = "./"\n}\n${instance("")}`);
    expect(system.problems.map(({ message }) => message)).toEqual([
      "What module.x makes is not checked: it calls itself, through others or directly.",
    ]);
  });

  test("a list that multiplies itself ends with a sentence", () => {
    const doubling = Array.from({ length: 40 }, (_, at) => `  l${at + 1} = concat(local.l${at}, local.l${at})`);
    const text = `locals {\n  l0 = ["a", "b"]\n${doubling.join("\n")}\n}\n${instance("")}\nresource "incus_network" "n" {\n  name = join("", local.l40)\n}\n`;
    const began = performance.now();
    expect(systemOf(text).problems[0]?.message).toMatch(/^Evaluating this configuration takes more work/);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
