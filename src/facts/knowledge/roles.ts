import { knownValue } from "../fact.ts";
import { repositoryOf } from "../image-repository.ts";
import { oncePerKey } from "../once.ts";
import { type Container, type Image, sameRef, type Workload } from "../subjects.ts";
import type { System } from "../system.ts";
import { serviceOnPort } from "./services.ts";
import { type Role, type Software, softwareOf } from "./software.ts";

/**
 * Services of which one listening port is enough to call a workload a datastore or a broker. 8123 is not: ClickHouse has
 * it, and so has Home Assistant.
 */
const datastoreServices = new Set([
  "postgresql",
  "mysql",
  "mssql",
  "oracle",
  "mongodb",
  "redis",
  "memcached",
  "elasticsearch",
  "cassandra",
  "couchdb",
  "neo4j",
  "etcd",
  "influxdb",
]);
const brokerServices = new Set(["mqtt", "mqtts", "amqp", "amqps", "kafka", "nats"]);

/** What a workload is, as far as its images and ports tell. */
export interface WorkloadRoles {
  readonly roles: ReadonlySet<Role>;
  /** The software by name (`postgresql`), where an image says so. */
  readonly software: readonly string[];
  /** Why there may be more roles: the image cannot be told. Undefined when it can. */
  readonly doubt: string | undefined;
}

/**
 * The roles of a workload: from its images' names, and from the ports it listens on, so that an image built here or of
 * an unknown name still counts as a datastore when it serves one's port.
 */
export function rolesOf(subject: Workload | Container, system: System): WorkloadRoles {
  const workload = subject.kind === "workload" ? subject : system.workload(subject.workload);
  if (workload === undefined)
    return { roles: new Set(), software: [], doubt: "its workload is not part of the system" };
  return rolesOfWorkload(workload, system);
}

const rolesOfWorkload = oncePerKey<Workload, WorkloadRoles>(compute);

/** Whether a workload plays a role; `unknown` when its image cannot be told and nothing else says so. */
export function playsRole(subject: Workload | Container, role: Role, system: System): "yes" | "no" | "unknown" {
  const { roles, doubt } = rolesOf(subject, system);
  if (roles.has(role)) return "yes";
  return doubt === undefined ? "no" : "unknown";
}

function compute(workload: Workload, system: System): WorkloadRoles {
  const roles = new Set<Role>();
  const software: string[] = [];
  let doubt: string | undefined;
  for (const container of system.containersOf(workload)) {
    // What prepares a pod (waits for a database with its own client, say) is not what it is.
    if (container.kubernetes?.role === "init" || container.kubernetes?.role === "ephemeral") continue;
    const image = container.image === undefined ? undefined : system.get(container.image);
    const known = image === undefined ? undefined : softwareOfImage(image);
    if (known !== undefined) {
      software.push(known.name);
      for (const role of known.roles) roles.add(role);
    } else if (image?.reference.kind === "unknown") doubt = image.reference.why;
  }
  if (roles.has("proxy") && software.every((name) => webServers.has(name)) && isBackend(workload, system))
    roles.delete("proxy");
  if (software.length === 0) for (const role of rolesByPort(workload, system)) roles.add(role);
  return { roles, software, doubt: software.length > 0 ? undefined : doubt };
}

/** Software that is a proxy in one stack and serves a site's files in another. */
const webServers = new Set(["nginx", "apache"]);

/** Whether routes lead to a workload and through none: then it serves a site, and is no proxy. */
function isBackend(workload: Workload, system: System): boolean {
  const routes = system.all("route");
  const is = (ref: Workload["ref"] | undefined): boolean => ref !== undefined && sameRef(ref, workload.ref);
  return (
    routes.some((route) => is(knownValue(route.target)?.workload) || is(route.owner)) &&
    !routes.some((route) => is(route.edge))
  );
}

function rolesByPort(workload: Workload, system: System): readonly Role[] {
  return system.ownedBy(workload.ref, "listener").flatMap((listener): Role[] => {
    const port = knownValue(listener.port);
    const service = port === undefined ? undefined : serviceOnPort(port, knownValue(listener.protocol) ?? "tcp");
    if (service === undefined) return [];
    if (datastoreServices.has(service.name)) return ["datastore"];
    return brokerServices.has(service.name) ? ["broker"] : [];
  });
}

/** What is known of an image, by its reference or by the part of it that can be read; undefined for nothing. */
export function softwareOfImage(image: Image): Software | undefined {
  const repository = repositoryOf(image);
  return repository === undefined ? undefined : softwareOf(repository);
}
