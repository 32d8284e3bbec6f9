import { z } from "zod";
import { name } from "../../stack/scalars.ts";
import { defineComponent } from "../define-component.ts";

const megabyte = 1024 * 1024;

const settings = z.strictObject({
  /** The database that is made on first start. */
  database: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, "expected a database's name in lower case")
    .default("postgres"),
  /** The administrator that is made on first start. */
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, "expected a user's name in lower case")
    .default("postgres"),
  /** Roles that sign in with a password of the stack; each is rotated by two roles in turn. */
  roles: z
    .record(
      z.string().regex(/^[a-z_][a-z0-9_]{0,60}$/, "expected a role's name in lower case"),
      z.strictObject({ secret: name }),
    )
    .refine((roles) => Object.keys(roles).every((role) => roles[`${role}_b`] === undefined), {
      error:
        "expected no role that is called like another with `_b` after it: that name takes turns with it in rotations",
    })
    .default({}),
});

/** PostgreSQL from the official image, its password read from a file. */
export const postgres = defineComponent({
  name: "postgres",
  purpose: "Relational database",
  roles: ["datastore"],
  image: {
    repository: "docker.io/library/postgres",
    tag: "18.2-trixie",
    uid: 999,
    gid: 999,
    writable: ["/tmp", "/var/run/postgresql"],
    // Over TCP: while first-start scripts run, the server listens on its socket only, and is not ready yet.
    health: ["pg_isready", "--quiet", "--host=127.0.0.1", "--port=5432"],
    capabilities: [],
    capabilitiesReason: "",
    citation:
      "docker-library/postgres 18/trixie/Dockerfile at 12eb5762e3cf3c44440ed078b59843b5dfbde570 (postgres is 999:999; the Alpine variant's is 70:70)",
  },
  ports: [{ name: "postgresql", port: 5432, protocol: "tcp", audience: "declared" }],
  settings,
  resources: { cpus: 1, memoryBytes: 512 * megabyte, pids: 256 },
  // From 18 on, the volume is the parent of the data folder (docker-library/docs#2582).
  volumes: [{ name: "data", target: "/var/lib/postgresql", purpose: "The databases" }],
  secrets: [
    {
      name: "password",
      kind: "password",
      target: "/run/secrets/postgres-password",
      purpose: "the administrator's password, set on first start",
    },
  ],
  accounts: ({ user, roles }) => [
    { account: user, secret: "password", own: true },
    ...Object.entries(roles).map(([account, { secret }]) => ({ account, secret })),
  ],
  // The server reads its secret on first start only; what changes later is told by SQL.
  reload: "none",
  hostMounts: [],
  exceptions: [],
  environment: ({ database, user }) => ({
    PGDATA: "/var/lib/postgresql/18/docker",
    POSTGRES_DB: database,
    POSTGRES_INITDB_ARGS: "--auth-host=scram-sha-256",
    POSTGRES_PASSWORD_FILE: "/run/secrets/postgres-password",
    POSTGRES_USER: user,
  }),
  gaps: () => [
    "Connections to PostgreSQL inside the stack are not encrypted: only the two services on their own network can see them.",
  ],
});
