import { z } from "zod";
import { reloadSchema } from "./rotator-schema.ts";
import {
  cidr,
  containerPath,
  duration,
  hostName,
  image,
  name,
  portNumber,
  rateLimit,
  reason,
  size,
} from "./scalars.ts";
import { componentNames } from "./vocabulary.ts";

const publish = z
  .strictObject({
    address: z
      .union([z.ipv4(), z.ipv6()], "expected an IP address of the host such as `0.0.0.0` or `127.0.0.1`")
      .optional()
      .describe("Address of the host to listen on. Default `0.0.0.0`: every IPv4 address."),
    port: portNumber.optional().describe("Port on the host. Default: the same as inside."),
    reason: reason
      .optional()
      .describe(
        "Why this service is reached from outside directly. Needed for all but edges, and printed in documents.",
      ),
  })
  .describe("Publishes the port on the host.");

const port = z
  .union(
    [
      portNumber.transform((number) => ({ port: number, protocol: undefined, publish: undefined })),
      z.strictObject({
        port: portNumber.optional().describe("Port inside. May be left out for a port that the component has."),
        protocol: z.enum(["tcp", "udp"]).optional().describe("Default `tcp`."),
        publish: z
          .union([z.literal(false), publish])
          .optional()
          .describe("`false` keeps an edge's port inside."),
      }),
    ],
    "expected a port number, or a mapping with `port`, `protocol`, `publish`",
  )
  .describe("A port that the service listens on.");

const secretUse = z
  .union(
    [
      name.transform((secret) => ({
        secret,
        as: "file" as const,
        target: undefined,
        template: undefined,
        reason: undefined,
      })),
      z.strictObject({
        secret: name.describe("A name from `secrets`."),
        as: z
          .enum(["file", "environment"])
          .default("file")
          .describe("`environment` only where the program knows no other way: a value there shows in inspect output."),
        target: z
          .string()
          .regex(
            /^(\/[^\0:]*|[A-Za-z_][A-Za-z0-9_]*)$/,
            "expected an absolute path in the container, or a variable's name",
          )
          .optional()
          .describe("Path in the container (default `/run/secrets/NAME`), or the variable's name."),
        template: z
          .string()
          .refine((text) => text.split("{value}").length === 2, "expected a text that holds `{value}` exactly once")
          .refine((text) => text.split("{user}").length <= 2, "expected a text that holds `{user}` once at most")
          .optional()
          .describe("Text around the value, such as `db:5432:app:{user}:{value}`; `{user}` is the account in turn."),
        reason: reason.optional().describe("Needed with `as: environment`; recorded as an accepted exception."),
      }),
    ],
    "expected a secret's name, or a mapping with `secret`, `as`, `target`, `template`",
  )
  .describe("A secret that this service receives. No other service gets it.");

const volume = z
  .union(
    [
      containerPath.transform((target) => ({ target, mode: undefined, backup: true })),
      z.strictObject({
        target: containerPath,
        mode: z
          .string()
          .regex(/^0?[0-7]{3}$/, "expected a mode in octal such as `0750`")
          .refine((text) => (Number.parseInt(text, 8) & 0o002) === 0, "expected a mode that others cannot write with")
          .transform((text) => Number.parseInt(text, 8))
          .optional()
          .describe("Mode of the volume's root in octal. Default `0700`."),
        backup: z.boolean().default(true).describe("Whether backups take it."),
      }),
    ],
    "expected a path in the container, or a mapping with `target`, `mode`, `backup`",
  )
  .describe("Data that outlives the container, owned by the service's user.");

const config = z
  .strictObject({
    file: z.string().min(1).optional().describe("A file or folder beside stack.yaml, relative, text only."),
    content: z.string().optional().describe("The text itself. Never a secret: it is rendered to disk."),
    target: containerPath.describe("Where it is mounted, read-only."),
  })
  .refine(
    (value) => (value.file === undefined) !== (value.content === undefined),
    "expected either `file` or `content`",
  )
  .describe("Files of configuration, mounted read-only. A change recreates the service.");

const capability = z
  .strictObject({
    name: z
      .string()
      .regex(/^(CAP_)?[A-Z_]+$/, "expected a capability such as `NET_BIND_SERVICE`")
      .refine((text) => text !== "ALL", "expected one capability by name: `ALL` would give everything"),
    reason,
  })
  .describe("A capability added back to none.");

const hostMount = z
  .strictObject({
    source: z.string().regex(/^\//, "expected an absolute path on the host"),
    target: containerPath,
    readOnly: z.boolean().default(true),
    reason,
  })
  .describe("A path of the host. Each is a recorded exception.");

const command = z
  .array(z.string(), 'expected a list of words, such as `["sleep", "60"]`: no shell reads it')
  .min(1, "expected at least one word");

export const serviceSchema = z
  .strictObject({
    use: z.enum(componentNames).optional().describe("A component that Ringwall knows; its image, user, limits follow."),
    image: image.optional().describe("The image, with a tag and better a digest; never `latest`."),
    zone: name.optional().describe("The zone it lives in."),
    zones: z
      .array(name)
      .min(1, "expected at least one zone")
      .optional()
      .describe("Several zones: for edges and the like."),
    ports: z.record(name, port).optional().describe("Ports that it listens on, by name."),
    talksTo: z
      .array(z.string().regex(/^[a-z0-9-]+(:[a-z0-9-]+)?$/, "expected a service, or `service:port`"))
      .optional()
      .describe("Services that it opens connections to; `service:port` by number or name. Nobody else is reachable."),
    outbound: z.boolean().optional().describe("Whether it may open connections to outside. Default no."),
    user: z
      .union(
        [
          z.int("expected a user id").min(0, "expected a user id").max(4_294_967_294, "expected a user id"),
          z.string().regex(/^\d{1,10}:\d{1,10}$/, "expected `uid` or `uid:gid` as numbers"),
        ],
        "expected `uid` or `uid:gid` as numbers: names differ by image",
      )
      .optional()
      .describe("Whom it runs as. Default: the component's; otherwise an id of its own from 20000 to 59999."),
    command: command.optional().describe("Arguments after the entrypoint, in place of the image's."),
    entrypoint: command.optional().describe("In place of the image's entrypoint."),
    environment: z
      .record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected a variable's name"),
        z
          .union([z.string(), z.number(), z.boolean()], "expected a text, a number, `true` or `false`")
          .transform((value) => String(value)),
      )
      .optional()
      .describe("Plain settings. Never a secret: see `secrets`."),
    secrets: z.array(secretUse).optional(),
    volumes: z.record(name, volume).optional().describe("Named volumes."),
    writable: z.array(containerPath).optional().describe("Paths in memory that it may write; the root is read-only."),
    readOnlyRoot: z.boolean().optional().describe("Default true. False only for an image that cannot do without."),
    config: z.array(config).optional(),
    resources: z
      .strictObject({
        cpus: z.number("expected a number of CPUs such as 0.5").min(0.01).max(1024).optional().describe("Default 1."),
        memory: size.optional().describe("A hard limit such as `256MB`, which is the default."),
        pids: z.int("expected a number of processes").min(1).max(1_000_000).optional().describe("Default 128."),
      })
      .optional()
      .describe("Hard limits. Every service has them."),
    health: z
      .union(
        [
          command,
          z
            .string()
            .min(1)
            .transform((text) => ["/bin/sh", "-c", text]),
        ],
        "expected a list of words, or a shell line",
      )
      .optional()
      .describe("A command inside that ends with 0 when the service is well. A text runs in the image's shell."),
    reload: reloadSchema.optional(),
    restart: z.enum(["always", "unless-stopped", "on-failure", "no"]).optional().describe("Default `unless-stopped`."),
    capabilities: z.array(capability).optional(),
    hostMounts: z.array(hostMount).optional(),
    isolation: z.enum(["container", "vm"]).optional().describe("`vm` is refused where the platform has none."),
    scrape: z
      .union(
        [
          portNumber.transform((number) => ({ port: number, path: "/metrics" })),
          z.strictObject({
            port: portNumber,
            path: z.string().startsWith("/", "expected a path such as `/metrics`").default("/metrics"),
          }),
        ],
        "expected a port number, or a mapping with `port` and `path`",
      )
      .optional()
      .describe("Where Prometheus reads its metrics."),
    settings: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("What only this component knows; see docs/stack.md."),
  })
  .describe("One workload.");

export const routeSchema = z
  .strictObject({
    host: hostName.describe("A host name, a label under the domain (`www`), or `@` for the domain itself."),
    path: z
      .string()
      .regex(/^\/[A-Za-z0-9._~!$&'()+,;=:@%/-]*$/, "expected a path such as `/api`, without wildcards")
      .default("/")
      .describe("The path and all below it. Default `/`."),
    to: z
      .string()
      .regex(/^[a-z0-9-]+(:[a-z0-9-]+)?$/, "expected a service, or `service:port`")
      .describe("The service that answers; `service:port` where it has several."),
    edge: name.optional().describe("The proxy, when the stack has several."),
    audience: z
      .union([z.enum(["public", "operators"]), z.array(cidr).min(1, "expected at least one network")], {
        error: "expected `public`, `operators` or a list of networks such as [10.0.0.0/8]",
      })
      .default("operators")
      .describe("Who may come: everyone, the operators' networks (default), or these networks. Others are cut off."),
    authentication: z
      .enum(["none", "application"])
      .default("none")
      .describe("`application`: the service signs people in itself."),
    rateLimit: rateLimit.optional().describe("Requests of one client, `100/1m` by default; `none` to have no limit."),
    loginRateLimit: rateLimit.optional().describe("The same for `loginPaths`, `10/1m` by default."),
    loginPaths: z
      .array(z.string().regex(/^\/[A-Za-z0-9._~/-]*\*?$/, "expected a path such as `/login*`"))
      .optional()
      .describe("Default `/login*` and `/api/login*`."),
    maxBody: size.optional().describe("The largest request body, `10MB` by default."),
    hsts: z
      .strictObject({
        maxAge: duration.optional().describe("Default `365d`."),
        includeSubDomains: z.boolean().optional().describe("Default true."),
        preload: z.boolean().optional().describe("Hard to undo: browsers ship the list. Default false."),
      })
      .optional(),
  })
  .describe("A way in through an edge.");
