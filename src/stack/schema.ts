/**
 * The declaration: what a user writes in `stack.yaml`. One schema gives the checks, the types and the JSON Schema.
 *
 * Every mapping is strict: an unknown key is a mistake, never ignored. Short forms are read as long ones.
 */
import { z } from "zod";
import { parseBlackout } from "./blackout.ts";
import { rotatorSchema } from "./rotator-schema.ts";
import { cidr, domainName, duration, image, isoDate, name, reason, rotation } from "./scalars.ts";
import { routeSchema, serviceSchema } from "./service-schema.ts";
import { storeSchema } from "./store-schema.ts";
import { externalAccess, secretKinds } from "./vocabulary.ts";

/** The version of the schema that this Ringwall writes and understands best. */
export const currentVersion = 1;

const ipv4Network = cidr.refine((text) => !text.includes(":"), "expected an IPv4 network such as `10.10.0.0/24`");

const zone = z
  .strictObject({
    purpose: z.string().min(1).describe("What lives here, as a sentence for documents."),
    outside: z
      .enum(externalAccess)
      .default("none")
      .describe("What may pass between it and outside: nothing (default), calls out, an edge's way in, or both."),
    cidr: ipv4Network.optional().describe("Its addresses. Default: a block of `addresses`, the same on every run."),
    members: z
      .enum(["declared", "all"])
      .default("declared")
      .describe("`declared`: only pairs in `talksTo` share a network. `all`: everyone here reaches everyone."),
  })
  .describe("A named network with a purpose and a policy towards outside.");

const secret = z
  .union(
    [
      z.enum(secretKinds).transform((kind) => ({
        kind,
        length: undefined,
        rotation: undefined,
        names: undefined,
        rotator: undefined,
        overlap: undefined,
      })),
      z.strictObject({
        kind: z
          .enum(secretKinds)
          .describe(
            "How it is made: letters and digits, hexadecimal, URL-safe base64, a certificate; or `external`: brought.",
          ),
        length: z.int("expected a number of characters").min(1).max(4096).optional().describe("In characters."),
        rotation: rotation.optional().describe("How often it is replaced: `90d` (default) or `on-compromise`."),
        rotator: rotatorSchema.optional(),
        overlap: duration
          .optional()
          .describe(
            "How long the old value goes on working after a rotation, for users outside the stack. Default `0d`.",
          ),
        names: z
          .array(z.string().min(1))
          .optional()
          .describe("Host names and addresses that a `tls-self-signed` certificate is for."),
      }),
    ],
    `expected a kind (${secretKinds.join(", ")}), or a mapping with \`kind\`, \`length\`, \`rotation\``,
  )
  .describe("A secret of the stack. Its value lives in a store, never here.");

const receiver = z
  .strictObject({
    name,
    webhook: z.url({ protocol: /^https?$/, error: "expected an http or https address" }).optional(),
    webhookSecret: name.optional().describe("The secret that holds the address, when the address holds a token."),
  })
  .refine((value) => (value.webhook === undefined) !== (value.webhookSecret === undefined), {
    error: "expected either `webhook` or `webhookSecret`",
  });

const exception = z
  .strictObject({
    control: z.string().regex(/^[a-z-]+\.[a-z0-9-]+$/, "expected a control's id such as `workload.root-read-only`"),
    subject: z.string().min(1).optional().describe("The service, network or route; every subject when left out."),
    reason,
    owner: z.string().min(1).describe("Who answers for it."),
    until: isoDate.optional().describe("The last day on which it holds."),
  })
  .describe("A risk that is accepted, by whom, and until when.");

export const stackSchema = z
  .strictObject({
    version: z.literal(currentVersion, `expected ${currentVersion}`).optional().describe("Version of this schema."),
    name: name.describe("The stack's name: of its project, networks, volumes."),
    domain: domainName.default("stack.localhost").describe("The domain that routes stand under."),
    platform: z
      .literal("compose", "expected `compose`: the other platforms are not written yet")
      .default("compose")
      .describe("Where it runs."),
    operators: z.array(cidr).default([]).describe("Networks that administrators come from."),
    addresses: ipv4Network
      .optional()
      .describe("The pool that zones take their addresses from. Default: a /16 of 10.128.0.0/9 that follows the name."),
    zones: z.record(name, zone).default({}),
    services: z
      .record(name, serviceSchema)
      .refine((services) => Object.keys(services).length > 0, "expected at least one service"),
    routes: z.array(routeSchema).default([]),
    secrets: z.record(name, secret).default({}),
    store: storeSchema.optional(),
    images: z
      .record(z.string(), image)
      .default({})
      .describe("Local images in place of upstream ones, by upstream repository or by service."),
    backups: z
      .strictObject({
        schedule: z.enum(["@hourly", "@daily", "@weekly"]).default("@daily"),
        keep: duration.optional().describe("Default `7d`."),
      })
      .optional(),
    monitoring: z
      .strictObject({
        scrapeInterval: duration.optional().describe("Default `30s`."),
        retention: duration.optional().describe("Default `30d`."),
        alerts: z.array(receiver).optional().describe("Where alerts go."),
      })
      .optional(),
    rotation: z
      .strictObject({
        blackout: z
          .array(
            z.string().refine((text) => parseBlackout(text) !== undefined, {
              error: "expected a window such as `Fri 18:00-Mon 06:00`, or days of the year such as `12-20..01-03`",
            }),
          )
          .default([])
          .describe("When `rotate --due` leaves secrets as they are: hours of the week, or days of the year."),
        jitter: duration.optional().describe("How much earlier than due a secret may be taken. Default: not at all."),
        timezone: z
          .string()
          .refine(isTimezone, "expected a time zone such as `Europe/Zurich`")
          .default("UTC")
          .describe("The clock that `blackout` is told by. Default `UTC`."),
      })
      .optional()
      .describe("When secrets are replaced unasked."),
    policies: z
      .strictObject({
        hostAccess: z
          .enum(["open", "firewall"])
          .default("open")
          .describe(
            "`firewall`: `up` closes the host's own listeners to the stack's networks. Default `open`: it stays as it is.",
          ),
      })
      .optional(),
    exceptions: z.array(exception).default([]),
  })
  .describe("A stack: what runs, who may talk to whom, who may come in.");

function isTimezone(text: string): boolean {
  try {
    return Intl.DateTimeFormat("en-US", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** What a person writes: short forms, nothing filled in. */
export type StackInput = z.input<typeof stackSchema>;
/** What is read: short forms as long ones, sizes in bytes, durations in seconds. */
export type Declaration = z.output<typeof stackSchema>;
export type ServiceDeclaration = Declaration["services"][string];
export type RouteDeclaration = Declaration["routes"][number];
export type ZoneDeclaration = Declaration["zones"][string];
