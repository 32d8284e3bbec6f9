import { spawn } from "node:child_process";
import pg from "pg";
import type {
  Credential,
  CredentialCheck,
  LoginAttempt,
  RotationTools,
  ServiceControl,
} from "../../contracts/rotator.ts";
import { Secret } from "../../secrets/secret.ts";

/** Tries a login over loopback at a port, whatever host the attempt names. For tests. */
export async function loginAt(port: number, attempt: LoginAttempt): Promise<CredentialCheck> {
  return attempt.protocol === "postgres" ? postgresLogin(port, attempt) : mqttLogin(port, attempt);
}

async function postgresLogin(
  port: number,
  { user, database, password }: Extract<LoginAttempt, { protocol: "postgres" }>,
): Promise<CredentialCheck> {
  const client = new pg.Client({ host: "127.0.0.1", port, user, database, password: password.expose() });
  try {
    await client.connect();
    await client.end();
    return { outcome: "accepted", detail: "signed in" };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return { outcome: code.startsWith("28") ? "refused" : "unreachable", detail: code };
  }
}

async function mqttLogin(
  port: number,
  { user, password }: Extract<LoginAttempt, { protocol: "mqtt" }>,
): Promise<CredentialCheck> {
  const { connectAsync } = await import("mqtt");
  try {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      username: user,
      password: password.expose(),
      reconnectPeriod: 0,
      connectTimeout: 2_000,
    });
    await client.endAsync();
    return { outcome: "accepted", detail: "signed in" };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? Number(error.code) : undefined;
    return { outcome: code === 4 || code === 5 ? "refused" : "unreachable", detail: `code ${code ?? "none"}` };
  }
}

/** Runs a program with standard input, as `ServiceControl.exec` promises. For tests. */
export function runWithInput(
  program: string,
  args: readonly string[],
  stdin: Secret | undefined,
  environment: Readonly<Record<string, string>> = {},
): ReturnType<ServiceControl["exec"]> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: process.env.PATH ?? "", ...environment } });
    const out = { stdout: "", stderr: "" };
    child.stdout.on("data", (bytes: Buffer) => (out.stdout += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => (out.stderr += bytes.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, ...out }));
    // A program that ends without reading its input is no failure of the test.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin?.expose() ?? "");
  });
}

/** Tools for a rotator under test: `services` as given, no person, a clock and randomness of the machine. */
export function testTools(
  services: ServiceControl,
  given: Partial<RotationTools> & { readonly valid?: RotationTools["valid"] } = {},
): RotationTools {
  return {
    id: "rotate-20260102T030405006-abcdef",
    services,
    now: () => new Date(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    report: () => undefined,
    signal: undefined,
    other: async () => undefined,
    valid: async () => [],
    ask: async (question) => {
      throw new Error(`nobody is there to be asked: ${question}`);
    },
    account: undefined,
    run: (command, args, options) => runWithInput(command, args, options?.stdin, options?.environment),
    ...given,
  };
}

export function credential(account: string | undefined, value: string): Credential {
  return { account, value: new Secret("test", value) };
}
