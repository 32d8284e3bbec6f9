import type { ResolvedSecret, ResolvedStack } from "../contracts/resolved.ts";

/**
 * Whether two accounts may take turns for a secret that the stack issues: `pair` when every service that uses it takes
 * the account's name with the value, or when its users are outside and the old value is to work for a while. `single`:
 * somebody knows one name only.
 */
export function turnOf(secret: ResolvedSecret, stack: ResolvedStack): "pair" | "single" {
  const uses = stack.services
    .filter(({ name }) => name !== secret.issuedBy?.service)
    .flatMap((service) => service.secrets.filter((use) => use.secret === secret.name));
  if (uses.length === 0) return secret.overlapSeconds > 0 ? "pair" : "single";
  return uses.every(({ template }) => template?.includes("{user}") === true) ? "pair" : "single";
}
