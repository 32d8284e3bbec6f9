import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { RingwallError } from "../../../lib/error.ts";
import { jsonOf } from "../../../lib/json.ts";

/** Certificates for an engine behind TLS, as paths. */
export interface EndpointTls {
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly verify: boolean;
}

/** Where an engine listens, and what named it (`DOCKER_HOST`, a context, the default). */
export type Endpoint = { readonly from: string } & (
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls: EndpointTls | undefined }
  | { readonly kind: "ssh"; readonly target: string }
);

/** What of the caller's surroundings decides on the endpoint. `variables` holds `DOCKER_*` and `HOME`. */
export interface EndpointSurroundings {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

const configSchema = z.object({ currentContext: z.string().optional() });
const metaSchema = z.object({
  Endpoints: z.object({ docker: z.object({ Host: z.string(), SkipTLSVerify: z.boolean().optional() }).optional() }),
});

/**
 * The endpoint that the `docker` program would use, in its order: `DOCKER_HOST`, then `DOCKER_CONTEXT`, then the
 * current context of its configuration, then `/var/run/docker.sock`.
 * (docs.docker.com/engine/manage-resources/contexts; the folder of a context is the SHA-256 of its name.)
 */
export async function findEndpoint(surroundings: EndpointSurroundings): Promise<Endpoint> {
  const { variables } = surroundings;
  const host = variables.DOCKER_HOST;
  if (host !== undefined && host !== "") return parseEndpoint(host, "DOCKER_HOST", tlsOfVariables(surroundings));
  const configFolder = variables.DOCKER_CONFIG ?? join(surroundings.home, ".docker");
  const context = variables.DOCKER_CONTEXT || (await currentContext(configFolder));
  if (context === undefined || context === "" || context === "default") {
    return { kind: "unix", path: "/var/run/docker.sock", from: "the default" };
  }
  return endpointOfContext(configFolder, context);
}

/** `unix:///run/docker.sock`, `tcp://host:2376`, `ssh://user@host`. */
export function parseEndpoint(text: string, from: string, tls?: EndpointTls): Endpoint {
  const match = /^(unix|tcp|http|https|ssh):\/\/(.*)$/.exec(text);
  const rest = match?.[2] ?? "";
  switch (match?.[1]) {
    case "unix":
      if (!rest.startsWith("/")) break;
      return { kind: "unix", path: rest, from };
    case "ssh":
      if (rest === "") break;
      return { kind: "ssh", target: rest, from };
    case "tcp":
    case "http":
    case "https":
      return tcpEndpoint(text, from, match[1] === "https" ? (tls ?? verifiedTls) : tls);
  }
  throw notAnEndpoint(text, from);
}

const verifiedTls: EndpointTls = { ca: undefined, certificate: undefined, key: undefined, verify: true };

function tcpEndpoint(text: string, from: string, tls: EndpointTls | undefined): Endpoint {
  const url = URL.parse(text.replace(/^tcp:/, "http:"));
  if (url === null || url.hostname === "") throw notAnEndpoint(text, from);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (tls === undefined ? 2375 : 2376) : Number(url.port);
  return { kind: "tcp", host, port, tls, from };
}

function notAnEndpoint(text: string, from: string): RingwallError {
  return new RingwallError("usage", `"${text}" (from ${from}) is no address of a container engine.`, {
    hint: "Expected unix:///path/to/docker.sock, tcp://host:port or ssh://user@host.",
  });
}

function tlsOfVariables({ variables, home }: EndpointSurroundings): EndpointTls | undefined {
  const verify = (variables.DOCKER_TLS_VERIFY ?? "") !== "";
  if (!verify && (variables.DOCKER_TLS ?? "") === "") return undefined;
  const folder = variables.DOCKER_CERT_PATH || join(home, ".docker");
  return {
    ca: join(folder, "ca.pem"),
    certificate: join(folder, "cert.pem"),
    key: join(folder, "key.pem"),
    verify,
  };
}

async function currentContext(configFolder: string): Promise<string | undefined> {
  const text = await readFile(join(configFolder, "config.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  return configSchema.safeParse(jsonOf(text)).data?.currentContext;
}

async function endpointOfContext(configFolder: string, context: string): Promise<Endpoint> {
  const id = createHash("sha256").update(context).digest("hex");
  const path = join(configFolder, "contexts", "meta", id, "meta.json");
  const text = await readFile(path, "utf8").catch(() => undefined);
  const docker = metaSchema.safeParse(jsonOf(text ?? "")).data?.Endpoints.docker;
  if (docker === undefined) {
    throw new RingwallError("engine-missing", `The Docker context "${context}" is not defined in ${configFolder}.`, {
      hint: "Run `docker context ls` to see those that are, or `docker context use default`.",
    });
  }
  const folder = join(configFolder, "contexts", "tls", id, "docker");
  const tls = await tlsOfContext(folder, docker.SkipTLSVerify !== true);
  return parseEndpoint(docker.Host, `the context "${context}"`, tls);
}

async function tlsOfContext(folder: string, verify: boolean): Promise<EndpointTls | undefined> {
  const present = async (name: string) =>
    await readFile(join(folder, name)).then(
      () => join(folder, name),
      () => undefined,
    );
  const [ca, certificate, key] = await Promise.all([present("ca.pem"), present("cert.pem"), present("key.pem")]);
  if (ca === undefined && certificate === undefined) return undefined;
  return { ca, certificate, key, verify };
}

/** `/var/run/docker.sock (from DOCKER_HOST)`, for messages. */
export function describeEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case "unix":
      return `${endpoint.path} (from ${endpoint.from})`;
    case "tcp":
      return `tcp://${endpoint.host}:${endpoint.port} (from ${endpoint.from})`;
    case "ssh":
      return `ssh://${endpoint.target} (from ${endpoint.from})`;
  }
}

/** Whether the engine's files are those of this machine. A TCP address of the loopback may be a tunnel, so it is remote too. */
export function isRemote(endpoint: Endpoint): boolean {
  return endpoint.kind !== "unix";
}
