/** What a person reads first: said once, in words that fit, and as loud as it is bad. */
import { expect, test } from "vitest";
import { composeSystem } from "../../test/support/compose-system.ts";
import { wholeFile } from "../lib/place.ts";
import { foldFindings } from "../report/groups.ts";
import { evaluate } from "./evaluate.ts";
import { inputFinding } from "./evaluate-reserved.ts";
import { allControls } from "./registry.ts";

const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;

function found(text: string, control: string) {
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  return findings
    .flatMap((finding) => [finding, ...(finding.includes ?? [])])
    .filter((finding) => finding.control === control && finding.verdict === "fail")
    .map(({ subject, severity, message }) => ({ name: subject.name, severity, message }));
}

// covers: N5 | compose
test("A published datastore does not make its neighbours worse than they are.", () => {
  const text =
    "services:\n  db: {image: 'postgres:17', ports: ['5432:5432']}\n  a: {image: 'ghcr.io/example/a:1.0'}\n  b: {image: 'ghcr.io/example/b:1.0'}\n";
  expect(found(text, "network.datastore-separated").map(({ severity }) => severity)).toEqual(["medium"]);
  expect(found(text, "network.datastore-unpublished").map(({ severity }) => severity)).toEqual(["high"]);
});

test("What is critical by itself is not said to be raised.", () => {
  const text =
    "services:\n  edge: {image: 'caddy:2', ports: ['443:443']}\n  agent: {image: 'ghcr.io/example/a:1.0', privileged: true, volumes: ['/var/run/docker.sock:/var/run/docker.sock']}\n";
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  const socket = findings.find(({ control }) => control === "workload.engine-socket-unmounted");
  expect(socket?.severityWhy).toBe("Critical by itself; the container is a step to the host: it is privileged.");
});

test("A folder of one's home is named as it was written.", () => {
  const text = "services:\n  a: {image: 'ghcr.io/example/a:1.0', volumes: ['~/.aws:/root/.aws']}\n";
  const [message = ""] = found(text, "workload.host-paths-unmounted").map((each) => each.message);
  expect(message).toMatch(/^~\/\.aws of the host is mounted writable/);
});

test("An anonymous administrator of Grafana is worse than an anonymous reader.", () => {
  const text = (role: string) =>
    `services:\n  g:\n    image: grafana/grafana:11.1.0\n    networks: [in]\n    environment: {GF_AUTH_ANONYMOUS_ENABLED: 'true', GF_AUTH_ANONYMOUS_ORG_ROLE: ${role}}\n    ports: ['3000:3000']\nnetworks: {in: {}}\n`;
  const severity = (role: string) => found(text(role), "identity.authentication-on").map((each) => each.severity);
  expect(severity("Viewer")).toEqual(["high"]);
  expect(severity("Admin")).toEqual(["critical"]);
});

test("SYS_PTRACE reaches the container's own processes alone, unless it sees the host's.", () => {
  const text = (more: string) =>
    `services:\n  dev: {image: 'mcr.microsoft.com/devcontainers/go:1', cap_add: [SYS_PTRACE]${more}}\n`;
  const severity = (more: string) => found(text(more), "workload.capabilities-added-few").map((each) => each.severity);
  expect(severity("")).toEqual(["low"]);
  expect(severity(", pid: host")).not.toEqual(["low"]);
});

test("A template that another program fills in is told quietly; a broken file is not.", () => {
  const place = wholeFile({ path: "templates/app.yaml", locate: () => ({ line: 1, column: 1 }) } as never);
  const of = { name: "app", lens: "written" } as const;
  const problem = { severity: "error", message: "This is a template.", place } as const;
  expect(inputFinding({ ...problem, template: true }, of)).toMatchObject({ verdict: "unknown", severity: "low" });
  expect(inputFinding(problem, of)).toMatchObject({ verdict: "unknown", severity: "high" });
});

test("Who sees the whole host is not said to see its folders too.", () => {
  const text =
    "services:\n  c: {image: 'gcr.io/cadvisor/cadvisor:v0.52.1', privileged: true, ports: ['8081:8080'], volumes: ['/:/rootfs:ro', '/var/run:/var/run:ro']}\n";
  const [message = ""] = found(text, "workload.exposure-contained").map((each) => each.message);
  expect(message).toMatch(/it is privileged and it sees the engine's socket under \/$/);
});

test("A store without a password is as bad by a switch as by leaving the password out, where it is published.", () => {
  const text = (image: string, environment: string, ports: string) =>
    `services:\n  db: {image: '${image}', environment: {${environment}}, ports: [${ports}]}\n`;
  const severity = (...args: Parameters<typeof text>) =>
    found(text(...args), "identity.authentication-on").map((each) => each.severity);
  expect(severity("redis:8.2", "", "'6379:6379'")).toEqual(["critical"]);
  expect(severity("postgres:17", "POSTGRES_HOST_AUTH_METHOD: trust", "'5432:5432'")).toEqual(["critical"]);
  expect(severity("postgres:17", "POSTGRES_HOST_AUTH_METHOD: trust", "")).toEqual(["low"]);
});

test("The filtering proxy that is asked for is no alarm; what it lets through is.", () => {
  const text = (more: string) =>
    `services:\n  edge: {image: 'traefik:v3.5', ports: ['443:443'], networks: [socket]}\n  socket-proxy: {image: 'tecnativa/docker-socket-proxy:v0.4.1', environment: {CONTAINERS: 1${more}}, volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'], networks: [socket]}\nnetworks: {socket: {internal: true}}\n`;
  const mounted = found(text(""), "workload.engine-socket-unmounted");
  expect(mounted.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
    "low the engine's socket /run/docker.sock is mounted in the proxy that filters it",
  ]);
  expect(found(text(", POST: 1"), "workload.engine-proxy-filters").map(({ severity }) => severity)).toEqual([
    "critical",
  ]);
});

test("Doors that ask nobody are told as that: Ollama's API, Frigate's port for programs, a notebook without a token.", () => {
  const at = (image: string, port: number) =>
    found(
      `services:\n  a: {image: '${image}', ports: ['${port}:${port}']}\n`,
      "identity.admin-interface-unpublished",
    ).map((each) => each.message);
  expect(at("ollama/ollama:0.12.0", 11434)).toEqual([expect.stringMatching(/and Ollama's API asks for no login$/)]);
  expect(at("ghcr.io/blakeblackshear/frigate:0.16.0", 5000)).toEqual([expect.stringMatching(/asks for no login$/)]);
  expect(at("ghcr.io/blakeblackshear/frigate:0.16.0", 8971)).toEqual([]);
  const notebook =
    "services:\n  a:\n    image: quay.io/jupyter/minimal-notebook:2025-09-01\n    command: start-notebook.py --ServerApp.token=''\n    ports: ['8888:8888']\n";
  expect(found(notebook, "identity.authentication-on").map(({ severity }) => severity)).toEqual(["critical"]);
});

test("A broker is called one, and a VPN's open port makes what its manual asks for no worse.", () => {
  const rabbit = "services:\n  a: {image: 'rabbitmq:4', ports: ['5672:5672']}\n";
  expect(found(rabbit, "network.datastore-unpublished").map(({ message }) => message)).toEqual([
    expect.stringMatching(/and a is a broker$/),
  ]);
  const vpn =
    "services:\n  a: {image: 'ghcr.io/wg-easy/wg-easy:15', cap_add: [NET_ADMIN, SYS_MODULE], ports: ['51820:51820/udp']}\n";
  expect(
    found(vpn, "workload.capabilities-added-few")
      .map(({ severity }) => severity)
      .sort(),
  ).toEqual(["high", "low"]);
});

test("The way in to a port is by that port, whatever others its service publishes.", () => {
  const text =
    "services:\n  mail: {image: 'mailserver/docker-mailserver:14.0.0', ports: ['25:25', '143:143']}\n  npm: {image: 'jc21/nginx-proxy-manager:2.11.3', ports: ['80:80', '443:443', '8181:81', '3000-3001:3000-3001']}\n";
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  const ways = findings
    .filter(({ subject }) => subject.kind === "listener")
    .map(({ subject, path }) => [subject.name, path.map(({ to, port, by }) => `${to}:${port} ${by}`).join()]);
  expect(Object.fromEntries(ways)).toMatchObject({
    "mail/0.0.0.0:143/tcp": "mail:143 port 143 is published on every address",
    "npm/0.0.0.0:8181/tcp": "npm:81 port 8181 is published on every address",
    "npm/0.0.0.0:3001/tcp": "npm:3001 port 3001 is published on every address",
  });
});

test("A resolver that answers everybody is told apart from a page that no proxy stands before.", () => {
  const text = "services:\n  dns: {image: 'ghcr.io/example/dns:1.0', ports: ['53:53/udp', '8123:8123']}\n";
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  const groups = foldFindings(findings).filter(({ control }) => control === "network.only-proxy-publishes");
  expect(groups.map((group) => group.findings.map(({ subject }) => subject.name))).toEqual([
    ["dns/0.0.0.0:53/udp"],
    ["dns/0.0.0.0:8123/tcp"],
  ]);
});

// covers: W1 | compose
test("Who an image drops to is told by the variable that says so, and root by being root.", () => {
  const text = (environment: string) =>
    `services:\n  a: {image: 'ghcr.io/example/a:1.0', environment: {${environment}}}\n`;
  const said = (environment: string) => found(text(environment), "workload.user-unprivileged")[0];
  expect(said("USER_UID: '1000'")).toMatchObject({
    severity: "low",
    message: expect.stringContaining("USER_UID says"),
  });
  expect(said("PUID: '1000'")).toMatchObject({ severity: "low", message: expect.stringContaining("PUID says") });
  expect(said("PUID: '0'")).toMatchObject({ severity: "medium", message: expect.stringContaining("PUID is 0") });
  expect(said("PUID: abc")).toMatchObject({ severity: "medium", message: expect.stringContaining("image decides") });
});
