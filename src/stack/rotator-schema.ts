/** How a secret that no component issues is rotated: the part of the declaration under `secrets.NAME.rotator`. */
import { z } from "zod";
import { name } from "./scalars.ts";

const words = z
  .array(z.string().min(1), "expected a list of words, such as `[/usr/local/bin/rotate, stage]`: no shell reads it")
  .min(1, "expected at least one word");

const restic = z
  .strictObject({
    repository: z.string().min(1).describe("The repository as restic names it; nothing secret in it."),
  })
  .describe("The key of a restic repository: a key is added, proven, and the old one removed.");

const ssh = z
  .strictObject({
    user: z
      .string()
      .regex(/^[a-z_][a-z0-9_-]*$/, "expected a user's name")
      .describe("Who signs in."),
    hosts: z
      .array(z.string().regex(/^[A-Za-z0-9.:[\]-]+$/, "expected a host, with `:port` where it is not 22"))
      .min(1, "expected at least one host")
      .describe("Hosts whose authorized_keys hold the key; `host:port` where the port is not 22."),
    knownHosts: z
      .string()
      .min(1)
      .optional()
      .describe("A known_hosts file beside stack.yaml; the user's own when left out."),
  })
  .describe("An administrator's SSH key, replaced in authorized_keys on each host.");

const cloudflare = z
  .strictObject({
    zones: z.array(z.string().min(1)).min(1).describe("Zones whose DNS records the token may edit."),
    issuer: name.optional().describe("The secret with a token that may make tokens. Without it a person is asked."),
    account: z.string().min(1).optional().describe("The account that owns the token; the user's own when left out."),
    api: z
      .url({ protocol: /^https?$/, error: "expected an address" })
      .optional()
      .describe("Default `https://api.cloudflare.com/client/v4`."),
  })
  .describe("A Cloudflare API token for DNS-01.");

const command = z
  .strictObject({
    stage: words.describe("Makes the new value work. Reads it from standard input."),
    verify: words.describe("Ends with 0 when the value on standard input works, with 10 when it is refused."),
    revoke: words.describe("Ends the old value, read from standard input."),
    unstage: words.optional().describe("Takes `stage` back."),
    obtain: words.optional().describe("Prints the new value; it is generated when left out."),
    overlap: z.boolean().default(false).describe("Whether old and new work side by side in between."),
  })
  .describe("Programs of this host, run without a shell.");

const only = (key: "restic" | "ssh" | "cloudflare" | "command") => `expected one rotator; this one is ${key}`;

/** Exactly one of the rotators by name. */
export const rotatorSchema = z
  .union(
    [
      z.strictObject({ restic }, only("restic")),
      z.strictObject({ ssh }, only("ssh")),
      z.strictObject({ cloudflare }, only("cloudflare")),
      z.strictObject({ command }, only("command")),
    ],
    "expected one of `restic`, `ssh`, `cloudflare`, `command`",
  )
  .describe("How it is rotated, where no component of the stack issues it.");

export type RotatorChoice = z.output<typeof rotatorSchema>;

const signal = z
  .enum(["HUP", "USR1", "USR2", "INT", "TERM"], "expected a signal such as `HUP`")
  .describe("Sent to the service's first process.");

/** How a service takes a secret that changed while it runs. */
export const reloadSchema = z
  .union(
    [
      z.enum(["none", "restart"]),
      z.strictObject({ signal }),
      z.strictObject({ command: words.describe("Run in the container.") }),
    ],
    "expected `none` (it reads the file each time), `restart`, `{ signal: HUP }` or `{ command: [...] }`",
  )
  .describe("How it takes a secret that changed: what it is told. Default: the component's way, else `restart`.");

export type ReloadChoice = z.output<typeof reloadSchema>;
