import type { Guarantee } from "../../contracts/platform.ts";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import { listed } from "../../lib/listed.ts";
import { sentence } from "./guarantees-words.ts";

/** Where secret values are, and where they are not. */
export const secretGuarantees: readonly Guarantee[] = [
  {
    id: "secrets.delivered-as-files",
    controls: ["secrets.delivered-as-file", "secrets.delivery-restricted", "secrets.delivery-owned"],
    statements: (stack) =>
      secretNames(stack).flatMap((secret) =>
        sentence(
          usesOf(stack, secret).filter(({ use }) => use.delivery === "file"),
          (uses) => {
            const readers = uses.map(
              ({ service, use }) => `${service.name} (mode ${use.mode.toString(8).padStart(4, "0")}, uid ${use.uid})`,
            );
            return `The secret ${secret} is a file that only ${listed([...new Set(readers)])} can read.`;
          },
        ),
      ),
  },
  {
    id: "secrets.values-hidden",
    controls: ["secrets.value-unexposed"],
    statements: (stack) =>
      sentence(
        secretNames(stack).filter((secret) => usesOf(stack, secret).every(({ use }) => use.delivery === "file")),
        (secrets) =>
          `No value of ${listed(secrets)} stands in what the engine tells of containers, in arguments, environments or logs.`,
      ),
  },
];

/** Secrets that some service takes, in order of their names. */
function secretNames(stack: ResolvedStack): readonly string[] {
  return [...new Set(stack.services.flatMap((service) => service.secrets.map((use) => use.secret)))].sort();
}

/** Who takes a secret, and how. */
function usesOf(stack: ResolvedStack, secret: string) {
  return stack.services.flatMap((service) =>
    service.secrets.filter((use) => use.secret === secret).map((use) => ({ service, use })),
  );
}
