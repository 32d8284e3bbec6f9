import { chmodSync, chownSync, writeFileSync } from "node:fs";
import type { RunningQuickstart } from "../support/running-quickstart.ts";
import type { Fault } from "./fault.ts";

const secret = "api-db-password";

/** A value is put into one service's definition, or run beside it. */
function leaked(
  title: string,
  put: (stack: RunningQuickstart, value: string) => Promise<void> | void,
  fault: Pick<Fault, "named" | "follows">,
): Fault {
  return {
    title,
    breaks: ["secrets.values-hidden"],
    put: (stack) => put(stack, stack.secret(secret)),
    take: (stack) => stack.restore("site"),
    ...fault,
  };
}

export const secretFaults: readonly Fault[] = [
  {
    title: "a secret's file can be read by everybody",
    breaks: ["secrets.delivered-as-files"],
    put: (stack) => chmodSync(stack.deliveredFile("api", secret), 0o444),
    take: (stack) => chmodSync(stack.deliveredFile("api", secret), 0o400),
    named: [`secrets.delivery-restricted secret-reference api/${secret}`],
  },
  {
    title: "a secret's file belongs to another user",
    breaks: ["secrets.delivered-as-files"],
    put: (stack) => chownSync(stack.deliveredFile("api", secret), 4999, 4999),
    take: (stack) => chownSync(stack.deliveredFile("api", secret), 1000, 1000),
    named: [`secrets.delivery-owned secret-reference api/${secret}`],
  },
  leaked(
    "a secret stands in a variable of another service",
    (stack, value) => stack.override("site", `environment: { BACKEND_PASSWORD: ${JSON.stringify(value)} }`),
    {
      named: [`secrets.value-unexposed secret-reference site/${secret}`],
      follows: [/^secrets\.[a-z-]+ (secret-reference|container|workload) site(\/|$)/],
    },
  ),
  leaked(
    "a secret stands among the arguments of a process",
    (stack, value) => void stack.docker("exec", "-d", stack.container("site"), "sh", "-c", "sleep 120; true", value),
    {
      named: [`secrets.value-unexposed secret-reference site/${secret}`],
      follows: [/^secrets\.[a-z-]+ secret-reference site\//],
    },
  ),
  leaked(
    "a secret stands in a log",
    (stack, value) => writeFileSync(`/proc/${stack.pidOf("site")}/fd/1`, `login with ${value}\n`),
    {
      named: [`secrets.value-unexposed secret-reference site/${secret}`],
      follows: [/^secrets\.[a-z-]+ secret-reference site\//],
    },
  ),
  leaked(
    "a secret's file is mounted into another service",
    (stack) =>
      stack.override("site", `volumes:\n  - ${stack.deliveredFile("api", secret)}:/run/secrets/somebody-elses:ro`),
    {
      named: [`secrets.value-unexposed secret-reference site/${secret}`],
      follows: [/^secrets\.[a-z-]+ (secret-reference|mount) site[/:]/],
    },
  ),
];
