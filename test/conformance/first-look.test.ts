/** What a person sees who points `ringwall check` at a repository for the first time, in repositories as people write them. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkFolder } from "../support/check-folder.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function repository(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), "ringwall-first-look-"));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe("a repository for Ansible", () => {
  it("does not end with 1 because a template is a template", async () => {
    const { code, findings } = await checkFolder(
      repository({
        "roles/web/templates/compose.yaml":
          "services:\n  web:\n    image: nginx:{{ version }}\n    environment:\n      NAME: {{ name }}\n",
        "roles/web/tasks/main.yml": "- ansible.builtin.template: {src: compose.yaml, dest: /opt/web/compose.yaml}\n",
      }),
    );
    const input = findings.filter(({ control }) => control === "input");
    expect(input.map(({ severity, verdict }) => `${verdict} ${severity}`)).toEqual(["unknown low"]);
    expect(input[0]?.message).toMatch(/^This is a template \(it has `\{\{ … \}\}` in it\)/);
    expect(code).not.toBe(1);
  });
});

describe("expressions without quotes", () => {
  it("are said once, and what stands beside them is judged", async () => {
    const values = Array.from({ length: 20 }, (_, index) => `      NAME_${index}: {{ name_${index} }}\n`).join("");
    const { findings, controls } = await checkFolder(
      repository({
        "templates/compose.yaml": `services:\n  web:\n    image: nginx:1.27\n    privileged: true\n    user: {{ uid }}\n    environment:\n${values}`,
      }),
    );
    const input = findings.filter(({ control }) => control === "input");
    expect(input.map(({ severity, line }) => [severity, line])).toEqual([["low", 5]]);
    expect(controls).toContain("workload.privileged-off");
    const user = findings.find(({ control }) => control === "workload.user-unprivileged");
    expect(user?.verdict ?? "unknown").toBe("unknown");
  });
});

describe("a file that nobody can read", () => {
  it("is told once", async () => {
    const utf16 = new Uint8Array(Buffer.from("\ufeffservices:\n  a: {image: nginx}\n", "utf16le"));
    const { findings } = await checkFolder(
      repository({ "a/compose.yaml": utf16, "b/compose.yaml": "services: {b: {image: 'nginx:1.27'}}\n" }),
    );
    const input = findings.filter(({ control }) => control === "input");
    expect(input.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      "high a/compose.yaml is UTF-16 text; save it as UTF-8.",
    ]);
  });
});

describe("a route", () => {
  const proxy =
    "services:\n  proxy:\n    image: nginx:1.27\n    ports: ['443:443']\n    volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']\n";
  const site = (more: string) =>
    `events {}\nhttp {\n  server {\n    listen 443 ssl;\n    server_name a.example.com;\n    ssl_certificate a.crt;\n    ssl_certificate_key a.key;\n    ${more}\n    location / { proxy_pass http://192.0.2.7:80; }\n  }\n}\n`;

  it("that takes an old TLS is no alarm, for nobody who listens reads it", async () => {
    const files = { "compose.yaml": proxy, "nginx.conf": site("ssl_protocols TLSv1 TLSv1.2;") };
    const { findings } = await checkFolder(repository(files));
    const found = findings.filter(({ control }) => control === "edge.route-encrypted");
    expect(found.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      "medium TLS is allowed from version 1.0",
    ]);
  });

  it("by labels to what asks for no login is told as that", async () => {
    const traefik = `services:
  traefik:
    image: traefik:v3.5
    command: [--providers.docker=true, --entrypoints.websecure.address=:443]
    ports: ["443:443"]
  prometheus:
    image: prom/prometheus:v3.5.0
    labels:
      - traefik.enable=true
      - traefik.http.routers.prom.rule=Host(\`prom.example.com\`)
      - traefik.http.routers.prom.entrypoints=websecure
      - traefik.http.services.prom.loadbalancer.server.port=9090
`;
    const { findings } = await checkFolder(repository({ "compose.yaml": traefik }));
    expect(findings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Prometheus asks for no login, .*prom\.example\.com answers everybody$/),
    );
  });
});

describe("a cluster that denies by default", () => {
  const policy = `apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: default-deny}
spec:
  endpointSelector: {}
  ingress: [{}]
  egress: [{}]
`;
  const pod = `apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: media, labels: {app: agent}}
spec:
  containers:
    - name: agent
      image: ghcr.io/example/agent:1.0
      ports: [{containerPort: 9001}]
      volumeMounts: [{name: sock, mountPath: /run/containerd/containerd.sock}]
  volumes: [{name: sock, hostPath: {path: /run/containerd/containerd.sock}}]
---
apiVersion: v1
kind: Service
metadata: {name: agent, namespace: media}
spec: {type: LoadBalancer, selector: {app: agent}, ports: [{port: 9001}]}
`;
  const chain = async (files: Readonly<Record<string, string>>) => {
    const { findings } = await checkFolder(repository(files));
    return findings.filter(({ control }) => control === "workload.exposure-contained");
  };

  it("is not said to let in what its policies keep out", async () => {
    const [open] = await chain({ "agent.yaml": pod });
    expect(open?.severity).toBe("critical");
    expect(open?.message).toMatch(/^it can be reached from outside/);
    const [denied] = await chain({ "agent.yaml": pod, "policy.yaml": policy });
    expect(denied?.severity).toBe("high");
    expect(denied?.message).toMatch(
      /^it may be reached from outside \(port 9001 is published by the Service media\/agent of type LoadBalancer, and whether that is reached cannot be told: network policies let no address from outside in/,
    );
  });
});

describe("a broker with two listeners", () => {
  it("that one option opens is one finding", async () => {
    const { findings } = await checkFolder(
      repository({
        "compose.yaml":
          "services:\n  mqtt:\n    image: eclipse-mosquitto:2\n    ports: ['1883:1883', '9001:9001']\n    volumes: ['./mosquitto.conf:/mosquitto/config/mosquitto.conf']\n",
        "mosquitto.conf": "listener 1883\nallow_anonymous true\nlistener 9001\nprotocol websockets\n",
      }),
    );
    const found = findings.filter(({ control }) => control === "identity.configured-login-required");
    expect(found.map(({ message, line }) => [message, line])).toEqual([
      ["in Mosquitto listener 1883 and listener 9001 take clients that give no name, for every topic", 2],
    ]);
  });
});

describe("a module with a mistake", () => {
  it("is named by its path, and not by a name that the root's file has too", async () => {
    const incus = 'terraform {\n  required_providers {\n    incus = { source = "lxc/incus" }\n  }\n}\n';
    const { findings } = await checkFolder(
      repository({
        "main.tf": `${incus}module "vm" {\n  source = "./modules/vm"\n}\n`,
        "modules/vm/main.tf": `${incus}resource "incus_instance" "a" { name = "a" image = "b" }\n`,
      }),
    );
    const said = findings.map(({ message }) => message).filter((message) => message.includes("could not be read"));
    expect(said.length).toBeGreaterThan(0);
    for (const message of said) expect(message).toContain("part of modules/vm/main.tf could not be read");
  });
});

describe.skipIf(spawnSync("git", ["--version"]).status !== 0)("the history of a repository", () => {
  it("tells first of what is gone from the files, which nothing else tells", async () => {
    const token = (end: string) => `glpat-${["kV7mQz2x", "Wp9sLtR4"].join("")}${end}`;
    const root = repository({
      "a.sh": `curl -H "PRIVATE-TOKEN: ${token("aKdw")}" https://gitlab.com\n`,
      "b.sh": `curl -H "PRIVATE-TOKEN: ${token("bMfu")}" https://gitlab.com\n`,
    });
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
        stdio: "ignore",
        env: { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: "1" },
      });
    git("init", "-q");
    git("add", "a.sh", "b.sh");
    git("commit", "-q", "-m", "x");
    git("rm", "-q", "b.sh");
    git("commit", "-q", "-m", "y");
    const { findings } = await checkFolder(root, "--history");
    const told = findings.filter(({ control }) => control === "secrets.history-free").map(({ message }) => message);
    expect(told).toEqual([
      expect.stringMatching(/ b\.sh .*; it is gone from the files/),
      expect.stringMatching(/ a\.sh .*; it still stands there$/),
    ]);
  });
});
