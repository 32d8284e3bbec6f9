import { z } from "zod";
import { name } from "../../stack/scalars.ts";
import { restingUser } from "./user-pair.ts";

const topic = z
  .string()
  .regex(/^[^\0\s#+]*(?:[#+]|\/[#+]|[^\0\s#+])*$/, "expected a topic such as `sensors/#`, without spaces")
  .min(1);

const user = z.strictObject({
  /** The secret of the stack that is the user's password. */
  secret: name,
  /** Topics that the user may write to. */
  write: z.array(topic).default([]),
  /** Topics that the user may read. */
  read: z.array(topic).default([]),
});

/** What `settings:` of a Mosquitto may hold. */
export const mosquittoSettings = z.strictObject({
  /** Who may connect; nobody without a password. */
  users: z
    .record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a user's name of letters, digits, - and _"), user)
    .refine((users) => Object.keys(users).every((user) => users[restingUser(user)] === undefined), {
      error:
        "expected no user that is called like another with `_b` after it: that name takes turns with it in rotations",
    })
    .default({}),
  /** The secret with certificate and key in one PEM text; with it, 8883 is open with TLS. */
  certificate: name.optional(),
  /** Whether 1883 is open without TLS, inside only. Follows from `certificate` if left out: open without one. */
  plaintext: z.boolean().optional(),
});

export type MosquittoSettings = z.output<typeof mosquittoSettings>;

export function listensPlain(settings: MosquittoSettings): boolean {
  return settings.plaintext ?? settings.certificate === undefined;
}
