import { componentRotators } from "../components/registry.ts";
import type { Rotator } from "../contracts/rotator.ts";
import { cloudflareToken } from "../operations/rotation/rotators/cloudflare/cloudflare-token.ts";
import { commandRotator } from "../operations/rotation/rotators/command/index.ts";
import { resticKey } from "../operations/rotation/rotators/restic/restic-key.ts";
import { sshKey } from "../operations/rotation/rotators/ssh/ssh-key.ts";

/** Every way to rotate a secret: what the declaration names, then what the stack's components issue. */
export const rotators: readonly Rotator[] = [resticKey, sshKey, cloudflareToken, commandRotator, ...componentRotators];
