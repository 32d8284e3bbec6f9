import { knownValue } from "../../facts/fact.ts";
import type { Container, ImageReference, Workload } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";

/** What a program is for, as far as its image's name tells. */
export type Role = "datastore" | "proxy" | "engine-proxy" | "nested-engine" | "updater" | "alerting" | "ssh-server";

/** What a workload runs. `certain` is false when an image cannot be resolved, so that nothing follows from an absent role. */
export interface Product {
  readonly roles: ReadonlySet<Role>;
  readonly certain: boolean;
  /** Last part of the repository's name, lower case: `postgres`, `nginx-proxy-manager`; empty when not known. */
  readonly image: string;
}

const datastores = words(
  "postgres postgresql postgis timescaledb pgvector pgvecto cockroach cockroachdb mysql mariadb percona mongo mongodb redis valkey keydb dragonfly garnet memcached elasticsearch opensearch influxdb clickhouse cassandra scylla couchdb neo4j rethinkdb arangodb surrealdb questdb etcd zookeeper kafka rabbitmq nats meilisearch typesense solr sonic qdrant weaviate milvus mssql ferretdb tidb victoriametrics",
);
/** Words that make a datastore's name that of a tool beside it: `redis-commander`, `postgres-exporter`. */
const besideDatastore = words(
  "exporter commander express admin adminer backup backups insight proxy operator client ui dashboard web gui sync dump manager tools browser metrics monitor restore bridge connect",
);
const proxies = words(
  "caddy traefik nginx haproxy envoy swag openresty angie kong apisix bunkerweb zoraxy pangolin npmplus nginx-proxy nginx-proxy-manager pingora",
);
const besideProxy = words("exporter ui metrics certs dumper static unit");
const engineProxies = words("docker-socket-proxy socket-proxy cetusguard docker-proxy sockguard dockerproxy");
const updaters = words("watchtower ouroboros");

const cache = new WeakMap<Workload, Product>();

/** What a workload runs, from the names of its images. */
export function productOf(workload: Workload, system: System): Product {
  const known = cache.get(workload);
  if (known !== undefined) return known;
  const product = derive(system.containersOf(workload), system);
  cache.set(workload, product);
  return product;
}

function derive(containers: readonly Container[], system: System): Product {
  const roles = new Set<Role>();
  let certain = containers.length > 0;
  let name = "";
  for (const container of containers) {
    const reference = referenceOf(container, system);
    if (reference === undefined) certain = false;
    else {
      name = baseName(reference);
      for (const role of rolesOfName(name, reference)) roles.add(role);
    }
  }
  return { roles, certain, image: name };
}

/** The image that a container runs, undefined when it cannot be resolved. A built image has the name it is given, or none. */
function referenceOf(container: Container, system: System): ImageReference | undefined {
  const image = container.image === undefined ? undefined : system.get(container.image);
  return image === undefined ? undefined : knownValue(image.reference);
}

export function baseName(reference: ImageReference): string {
  return (reference.repository.split("/").at(-1) ?? "").toLowerCase();
}

function rolesOfName(name: string, reference: ImageReference): Role[] {
  const parts = name.split(/[-_.]/);
  const roles: Role[] = [];
  if (parts.some((part) => datastores.has(part)) && !parts.some((part) => besideDatastore.has(part))) {
    roles.push("datastore");
  }
  const isProxy = proxies.has(name) || parts.some((part) => proxies.has(part));
  if (isProxy && !parts.some((part) => besideProxy.has(part))) roles.push("proxy");
  if (engineProxies.has(name)) roles.push("engine-proxy");
  if (updaters.has(name)) roles.push("updater");
  if (name === "prometheus" || name === "vmalert") roles.push("alerting");
  if (name === "openssh-server" || name === "sshd" || name === "docker-openssh") roles.push("ssh-server");
  if (name === "dind" || (name === "docker" && /(?:^|-)dind/.test(reference.tag ?? ""))) roles.push("nested-engine");
  return roles;
}

export function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
