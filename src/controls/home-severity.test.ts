/** What people run at home as its own manual says, and how bad each part of it is: what cries wolf is turned off. */
import { describe, expect, test } from "vitest";
import { composeSystem } from "../../test/support/compose-system.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

/** The severities of one control's findings, by what they are about; those told with another's finding too. */
function severities(text: string, control: string): readonly string[] {
  const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  return findings
    .flatMap((finding) => [finding, ...(finding.includes ?? [])])
    .filter((finding) => finding.control === control && finding.verdict === "fail")
    .map(({ subject, severity }) => `${subject.name} ${severity}`);
}

const exporter = (more = "") => `services:
  node-exporter:
    image: quay.io/prometheus/node-exporter:v1.9.0
    network_mode: host
    pid: host
    volumes: ["/:/host:ro,rslave"]
${more}`;

describe("node-exporter as its manual runs it, as nobody,", () => {
  test("is no way to take over the host; what it sees is low, and what it shows to everybody is not", () => {
    expect(severities(exporter(), "workload.exposure-contained")).toEqual([]);
    expect(severities(exporter(), "workload.host-processes-hidden")).toEqual(["node-exporter low"]);
    expect(severities(exporter(), "workload.host-paths-unmounted")).toEqual(["node-exporter:/host low"]);
    expect(severities(exporter(), "network.host-network-off")).toEqual(["node-exporter medium"]);
    expect(severities(exporter(), "identity.admin-interface-unpublished")).toEqual(["node-exporter/9100/tcp medium"]);
  });

  test.each([
    ["root", "    user: root\n"],
    ["a user of the host", '    user: "1000"\n'],
    ["a capability more", "    cap_add: [SYS_PTRACE]\n"],
    ["a group more", "    group_add: [docker]\n"],
    ["privileged", "    privileged: true\n"],
    ["a user that nobody knows", '    user: "${WHO}"\n'],
  ])("is one as %s", (_title, more) => {
    expect(severities(exporter(more), "workload.exposure-contained")).toEqual(["node-exporter critical"]);
  });

  test("is one as root that calls itself so", () => {
    const other = exporter().replace("quay.io/prometheus/node-exporter:v1.9.0", "ghcr.io/example/agent:1.0");
    expect(severities(other, "workload.exposure-contained")).toEqual(["node-exporter critical"]);
    expect(severities(`${other}    user: "65534"\n`, "workload.exposure-contained")).toEqual([]);
  });
});

describe("a fault is not raised for what it is itself, or for where something else stands:", () => {
  test("the password by which Frigate opens a camera is medium, by which players join a game low, and its console's critical", () => {
    const frigate =
      "services:\n  frigate:\n    image: ghcr.io/blakeblackshear/frigate:0.15.0\n    privileged: true\n    ports: ['8971:8971']\n    environment: {FRIGATE_RTSP_PASSWORD: password}\n";
    expect(severities(frigate, "secrets.value-strong")).toEqual(["frigate medium"]);
    const valheim =
      "services:\n  valheim:\n    image: ghcr.io/lloesche/valheim-server:latest\n    ports: ['2456:2456/udp', '9001:9001']\n    environment: {SERVER_PASS: secret1, SUPERVISOR_HTTP_PASS: admin}\n";
    expect(severities(valheim, "secrets.value-strong")).toEqual(["valheim critical", "valheim low"]);
  });

  test("what updates the others is medium, whoever reaches its port", () => {
    const watchtower =
      "services:\n  watchtower:\n    image: containrrr/watchtower:1.7.1\n    ports: ['8089:8080']\n    volumes: ['/var/run/docker.sock:/var/run/docker.sock']\n";
    expect(severities(watchtower, "supply-chain.auto-update-off")).toEqual(["watchtower medium"]);
  });

  test("the host's network is medium", () => {
    const plex = "services:\n  plex: {image: 'lscr.io/linuxserver/plex:1.41.5', network_mode: host}\n";
    expect(severities(plex, "network.host-network-off")).toEqual(["plex medium"]);
  });

  test("the password of another service is medium, one of its own critical where it is published", () => {
    const unifi =
      "services:\n  unifi:\n    image: lscr.io/linuxserver/unifi-network-application:9.0.114\n    ports: ['8443:8443']\n    environment: {MONGO_PASS: changeme}\n";
    expect(severities(unifi, "secrets.value-strong")).toEqual(["unifi medium"]);
    const own = unifi.replace("MONGO_PASS", "ADMIN_PASSWORD");
    expect(severities(own, "secrets.value-strong")).toEqual(["unifi critical"]);
  });

  test("a capability that ends at the service's own network is medium, and one that does not is worse", () => {
    const pihole = (more: string) =>
      `services:\n  pihole:\n    image: pihole/pihole:2025.03.0\n    cap_add: [NET_ADMIN]\n${more}`;
    const control = "workload.capabilities-added-few";
    expect(severities(pihole("    ports: ['53:53/udp']\n"), control)).toEqual(["pihole medium"]);
    expect(severities(pihole("    network_mode: host\n"), control)).toEqual(["pihole high"]);
    const module = pihole("    ports: ['53:53/udp']\n").replace("NET_ADMIN", "SYS_MODULE");
    expect(severities(module, control)).toEqual(["pihole critical"]);
  });

  test("DHCP has no encrypted form, and must be where machines look for it; TFTP need not be there", () => {
    const server = (port: number) =>
      `services:\n  a: {image: 'ghcr.io/example/a:1.0', ports: ['${port}:${port}/udp']}\n`;
    expect(severities(server(67), "network.plaintext-unpublished")).toEqual([]);
    expect(severities(server(67), "network.only-proxy-publishes")).toEqual(["a/0.0.0.0:67/udp low"]);
    expect(severities(server(69), "network.plaintext-unpublished")).toEqual(["a/0.0.0.0:69/udp high"]);
  });
});

describe("what is published on an address of a tailnet", () => {
  const store = (address: string, image = "redis:8") =>
    `services:\n  a: {image: '${image}', ports: ['${address}:6379:6379']}\n`;

  // covers: N6 A3 | compose
  test.each(["100.101.102.103", "[fd7a:115c:a1e0::7]"])("is not open to the internet: %s", (address) => {
    const text = store(address);
    expect(severities(text, "identity.authentication-on")).toEqual(["a medium"]);
    expect(severities(text, "network.datastore-unpublished").join()).toMatch(/ medium$/);
  });

  test("is no worse where a variable lets everybody into a store", () => {
    const postgres = (address: string) =>
      `${store(address, "postgres:17").trimEnd().slice(0, -1)}, environment: {POSTGRES_HOST_AUTH_METHOD: trust}}\n`;
    expect(severities(postgres("100.101.102.103"), "identity.authentication-on")).toEqual(["a medium"]);
    expect(severities(postgres("203.0.113.4"), "identity.authentication-on")).toEqual(["a critical"]);
  });

  test("is as bad as anything that is published beside it on every address", () => {
    const text = `${store("100.101.102.103").trimEnd().slice(0, -2)}, '8080:8080']}\n`;
    expect(severities(text, "identity.authentication-on")).toEqual(["a critical"]);
  });

  test.each(["100.128.0.1", "203.0.113.4", "0.0.0.0"])("is not so on %s", (address) => {
    expect(severities(store(address), "identity.authentication-on")).toEqual(["a critical"]);
  });
});
