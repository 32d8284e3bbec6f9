/**
 * What people who know Compose write into a declaration, and what is written here instead: hints for keys that a stack
 * does not know, and for values in Compose's form.
 */
import type { Path } from "./places.ts";

const ofService: Readonly<Record<string, string>> = {
  build: "Build the image first, and name it as `image`.",
  cap_add: "Here: `capabilities: [{ name: NET_BIND_SERVICE, reason: … }]`.",
  cap_drop: "All are dropped already.",
  configs: "Here: `config: [{ file: nginx.conf, target: /etc/nginx/nginx.conf }]`.",
  depends_on: "Here: `talksTo: [db]`; a service starts after those that it talks to.",
  deploy: "Here: `resources: { cpus: 1, memory: 256MB, pids: 128 }`.",
  env_file: "Here: `environment` for plain settings, and `secrets` for the others.",
  expose: "Here: `ports: { http: 8080 }`.",
  healthcheck: "Here: `health: [wget, -q, --spider, http://127.0.0.1:8080/]`.",
  links: "Here: `talksTo: [db]`.",
  logging: "Every log is rotated already.",
  mem_limit: "Here: `resources: { memory: 256MB }`.",
  network_mode: "Here: `zone`, and `talksTo` for whom it may reach.",
  networks: "Here: `zone`, and `talksTo` for whom it may reach; networks are made from that.",
  pids_limit: "Here: `resources: { pids: 128 }`.",
  privileged: "There is none here: `capabilities` gives a service what it needs, each with a reason.",
  read_only: "The root is read-only already; `writable: [/tmp]` names what is not.",
  security_opt: "Privileges that grow and unfiltered system calls are off already.",
  tmpfs: "Here: `writable: [/tmp]`.",
};

const ofStack: Readonly<Record<string, string>> = {
  configs: "Here: `config` of a service.",
  include: "A stack is one file.",
  networks: "Here: `zones`; networks are made from who `talksTo` whom.",
  volumes: "Here: `volumes: { data: /var/lib/app }` of a service.",
};

/** What a key of Compose's is called here; undefined for any other. */
export function wordForComposeKey(path: Path, key: string): string | undefined {
  if (path.length === 0) return Object.hasOwn(ofStack, key) ? ofStack[key] : undefined;
  const inService = path.length === 2 && path[0] === "services";
  return inService && Object.hasOwn(ofService, key) ? ofService[key] : undefined;
}

const forms: Readonly<Record<string, string>> = {
  ports: "Such as `ports: { http: 8080 }`; what is reached from outside is a route.",
  environment: "Such as `environment: { LOG_LEVEL: info }`.",
  volumes: "Such as `volumes: { data: /var/lib/app }`; folders of the host are `hostMounts`, each with a reason.",
};

/** How a value of a service is written that Compose takes as a list; undefined for any other. */
export function formForComposeList(path: Path, value: unknown): string | undefined {
  const key = String(path[2] ?? "");
  const inService = path.length === 3 && path[0] === "services";
  return inService && Array.isArray(value) && Object.hasOwn(forms, key) ? forms[key] : undefined;
}
