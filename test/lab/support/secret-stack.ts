import { randomBytes } from "node:crypto";
import { components } from "../../../src/components/registry.ts";
import type { ResolvedStack } from "../../../src/contracts/resolved.ts";
import { loadText } from "../../../src/resolve/load.ts";
import { resolveStack } from "../../../src/resolve/resolve.ts";
import { generateSecret } from "../../../src/secrets/generate.ts";
import type { Secret } from "../../../src/secrets/secret.ts";
import { type AccountOf, readSecretValues } from "../../../src/secrets/secret-values.ts";

/**
 * A stack for what happens to secrets while services run: PostgreSQL with a role that an API signs in as, a broker, and
 * three services that take the same secret in three ways. `signalled` copies it on SIGHUP, `commanded` when it is told
 * to, `restarted` only when it starts.
 */
export function secretStack(name: string, mqttPort: number): ResolvedStack {
  const text = `
name: ${name}
zones: { a: { purpose: a test of secrets, outside: ingress } }
services:
  db:
    use: postgres
    zone: a
    settings: { database: app, roles: { app: { secret: db-app } } }
    secrets: [db-app]
    config:
      - target: /docker-entrypoint-initdb.d/10-init.sql
        content: |
          \\set password \`cat /run/secrets/db-app\`
          create role app login password :'password';
          create role locked nologin password :'password';
  api:
    image: busybox:1
    zone: a
    user: 4101
    talksTo: [db]
    command: [tail, -f, /dev/null]
    reload: none
    secrets:
      - { secret: db-app, target: /run/secrets/pg_service.conf, template: "user={user}\\npassword={value}\\n" }
  mqtt:
    use: mosquitto
    zone: a
    ports: { mqtts: { publish: { port: ${mqttPort}, reason: the test connects from outside } } }
    settings:
      certificate: certificate
      users: { sensors: { secret: mqtt-sensors, write: ["a/#"] }, board: { secret: mqtt-board, read: ["a/#"] } }
  signalled:
    image: busybox:1
    zone: a
    user: 4102
    writable: [/tmp]
    command: [sh, -c, "trap 'cp -f /run/secrets/key /tmp/seen' HUP; cp /run/secrets/key /tmp/seen; while :; do sleep 1; done"]
    reload: { signal: HUP }
    secrets: [key]
  commanded:
    image: busybox:1
    zone: a
    user: 4103
    writable: [/tmp]
    command: [tail, -f, /dev/null]
    reload: { command: [cp, -f, /run/secrets/key, /tmp/seen] }
    secrets: [key]
  restarted:
    image: busybox:1
    zone: a
    user: 4104
    writable: [/tmp]
    command: [sh, -c, "cp /run/secrets/key /tmp/seen; exec tail -f /dev/null"]
    secrets: [key, { secret: key, target: /etc/key }]
secrets:
  key: token
  db-app: password
  mqtt-sensors: password
  mqtt-board: password
  certificate: { kind: tls-self-signed, names: [mqtt.test] }
`;
  const file = { path: "/nowhere/stack.yaml", folder: "/nowhere", shownAs: "stack.yaml" };
  const standIns = {
    "docker.io/library/busybox": "ringwall-lab/busybox:current",
    "docker.io/library/postgres": "ringwall-lab/postgres:current",
    "docker.io/library/eclipse-mosquitto": "ringwall-lab/mosquitto:current",
  };
  return resolveStack(loadText(file, text, components), components, { standIns });
}

/** Fresh values for every secret of a stack that can be generated; `given` in place of some. */
export async function freshValues(
  stack: ResolvedStack,
  given: ReadonlyMap<string, Secret> = new Map(),
  accountOf?: AccountOf,
): Promise<ReadonlyMap<string, Secret>> {
  const made = stack.secrets.flatMap((secret) => {
    if (secret.derived !== undefined || secret.kind === "external") return [];
    const value = given.get(secret.name) ?? generateSecret({ ...secret, kind: secret.kind }, randomBytes, new Date());
    return [[secret.name, value] as const];
  });
  const known = new Map(made);
  const refuse = () => Promise.reject(new Error("the test only reads"));
  const store = {
    description: "a test's memory",
    list: async () => [...known.keys()],
    get: async (name: string) => known.get(name),
    set: refuse,
    remove: refuse,
  };
  return (await readSecretValues(stack.secrets, store, accountOf)).values;
}

/** A password that was never given out. */
export function anotherPassword(name: string): Secret {
  return generateSecret({ name, kind: "password", length: 32, names: [] }, randomBytes, new Date());
}
