import { stackFrom } from "../../../components/testing/stack.ts";
import type { ResolvedStack } from "../../../contracts/resolved.ts";

export interface FakeSecret {
  readonly name: string;
  readonly consumers: readonly string[];
  /** Lines below the secret, such as `overlap: 7d`. */
  readonly more?: string;
}

/** A stack of services that take secrets, and of one that issues them. */
export function fakeStack(secrets: readonly FakeSecret[], more = ""): ResolvedStack {
  const services = [...new Set(secrets.flatMap(({ consumers }) => consumers))];
  const lines = services.flatMap((service) => [
    `  ${service}:`,
    "    image: docker.io/example/app:1.0.0",
    "    user: 1000",
    `    secrets: [${secrets
      .filter((one) => one.consumers.includes(service))
      .map(({ name }) => name)
      .join(", ")}]`,
  ]);
  const declared = secrets.map(
    ({ name, more: own }) => `  ${name}: { kind: password${own === undefined ? "" : `, ${own}`} }`,
  );
  return stackFrom(
    [
      "name: shop",
      more,
      "services:",
      "  issuer: { image: docker.io/example/issuer:1.0.0, user: 999 }",
      ...lines,
      "secrets:",
      ...declared,
      "",
    ].join("\n"),
  );
}
