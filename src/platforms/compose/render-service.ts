import { asBytes, asSeconds, literal, literals, quotedOctal } from "./render-scalars.ts";
import { filled, mapping, type YamlEntry, type YamlNode } from "./render-yaml.ts";
import { secretsTarget } from "./resource-names.ts";
import type {
  ComposeHealth,
  ComposeMount,
  ComposePort,
  ComposeSecretMount,
  ComposeService,
  ComposeTemporary,
} from "./resources.ts";

/**
 * One service of `compose.yaml`. Uses only what versions 1.29 and 2 of Compose both read: short ports (1.29 knows no
 * `host_ip`), limits beside the service (it ignores `deploy` outside a swarm), binds without `create_host_path` but for
 * the folder of secrets: a service must not start on an empty folder that the engine made.
 */
export function renderService(service: ComposeService): YamlEntry {
  return {
    key: service.name,
    value: mapping({
      image: literal(service.image),
      // The older name of `missing`, which 1.29 knows too.
      pull_policy: service.pullPolicy === "missing" ? "if_not_present" : service.pullPolicy,
      entrypoint: optionalList(service.entrypoint),
      command: optionalList(service.command),
      user: `${service.uid}:${service.gid}`,
      read_only: service.readOnlyRoot,
      cap_drop: ["ALL"],
      cap_add: filled(literals(service.addedCapabilities)),
      security_opt: ["no-new-privileges:true"],
      init: true,
      mem_limit: asBytes(service.memoryBytes),
      memswap_limit: asBytes(service.memorySwapBytes),
      cpus: service.cpus,
      pids_limit: service.pids,
      ulimits: mapping(
        Object.fromEntries(service.ulimits.map(({ name, soft, hard }) => [name, mapping({ soft, hard })])),
      ),
      restart: service.restart,
      stop_grace_period: asSeconds(service.stopGraceSeconds),
      healthcheck: service.health === undefined ? undefined : health(service.health),
      depends_on: filled(dependencies(service)),
      networks: filled(literals(service.networks)),
      network_mode: service.networks.length === 0 ? "none" : undefined,
      ports: filled(service.ports.flatMap(published)),
      expose: filled(service.ports.map((port) => `${port.port}/${port.protocol}`)),
      environment: filled(record(service.environment)),
      env_file: filled(literals(service.environmentFiles)),
      secrets: filled(service.secrets.filter(({ mountedBy }) => mountedBy === "file").map(secretUse)),
      volumes: filled([...service.mounts.map(mount), ...folderOfSecrets(service)]),
      tmpfs: filled(service.temporary.map(temporary)),
      logging: mapping({ driver: service.log.driver, options: record(service.log.options) }),
      labels: record(service.labels),
    }),
  };
}

/** An empty list of a command is not "no command": it takes away the image's own. */
function optionalList(items: readonly string[] | undefined): YamlNode | undefined {
  return items === undefined ? undefined : literals(items);
}

function health(check: ComposeHealth): YamlNode {
  return mapping({
    test: ["CMD", ...literals(check.command)],
    interval: asSeconds(check.intervalSeconds),
    timeout: asSeconds(check.timeoutSeconds),
    retries: check.retries,
    start_period: asSeconds(check.startPeriodSeconds),
  });
}

function dependencies(service: ComposeService): YamlNode {
  return mapping(
    Object.fromEntries(
      service.dependsOn.map(({ service: name, condition }) => [name, mapping({ condition: `service_${condition}` })]),
    ),
  );
}

function published(port: ComposePort): YamlNode[] {
  if (port.host === undefined) return [];
  const address = port.host.address.includes(":") ? `[${port.host.address}]` : port.host.address;
  return [`${address}:${port.host.port}:${port.port}/${port.protocol}`];
}

function secretUse(secret: ComposeSecretMount): YamlNode {
  return mapping({ source: secret.key, target: literal(secret.target) });
}

/** A folder and no files: a bind of one file goes on showing the file that was there when the container was made. */
function folderOfSecrets({ secretFolder }: ComposeService): YamlNode[] {
  if (secretFolder === undefined) return [];
  return [
    mapping({
      type: "bind",
      source: literal(secretFolder),
      target: secretsTarget,
      read_only: true,
      bind: mapping({ create_host_path: false }),
    }),
  ];
}

function mount(entry: ComposeMount): YamlNode {
  switch (entry.kind) {
    case "volume":
      // Without `nocopy` the engine copies the image's folder, owner and all, over the owner that `up` has set.
      return mapping({
        type: "volume",
        source: entry.source,
        target: literal(entry.target),
        volume: mapping({ nocopy: true }),
      });
    case "host":
      return mapping({
        type: "bind",
        source: literal(entry.source),
        target: literal(entry.target),
        read_only: entry.readOnly,
        bind: entry.propagation === undefined ? undefined : mapping({ propagation: entry.propagation }),
      });
    case "config":
      return mapping({
        type: "bind",
        source: literal(`./${entry.source}`),
        target: literal(entry.target),
        read_only: true,
      });
  }
}

function temporary({ target, uid, gid, mode, bytes }: ComposeTemporary): YamlNode {
  return literal(
    `${target}:rw,noexec,nosuid,nodev,uid=${uid},gid=${gid},mode=${quotedOctal(mode)},size=${asBytes(bytes)}`,
  );
}

function record(values: Readonly<Record<string, string>>): YamlNode {
  return mapping(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, literal(value)])));
}
