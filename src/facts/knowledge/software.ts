/**
 * What a workload is, told from its image: the roles it plays and the ports that it listens on by default.
 *
 * Source: for each row the image's own documentation on its registry (the "How to use this image" page and the
 * `EXPOSE` lines of its Dockerfile). Mirrors and rebuilds keep the last part of the name, so that is what is compared,
 * with the owner where the last part alone would say too little.
 */

export type Role =
  | "datastore"
  | "broker"
  | "proxy"
  | "engine-admin"
  | "socket-proxy"
  | "identity"
  | "vpn"
  | "monitoring"
  | "dns";

export interface KnownPort {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly service: string;
}

export interface Software {
  readonly name: string;
  readonly roles: readonly Role[];
  /** What it listens on when nobody configures anything else. */
  readonly ports: readonly KnownPort[];
}

/** Names are either the last part of a repository (`postgres`), or owner and last part (`goauthentik/server`). */
type Row = readonly [name: string, roles: readonly Role[], ports: string, images: string];

const rows: readonly Row[] = [
  [
    "postgresql",
    ["datastore"],
    "5432:postgresql",
    "postgres postgresql postgis timescaledb timescaledb-ha pgvector pgvecto-rs pgvecto.rs immich-app/postgres supabase/postgres spilo postgresql-repmgr percona-distribution-postgresql",
  ],
  ["pgbouncer", ["datastore"], "6432:pgbouncer", "pgbouncer pgcat"],
  ["mysql", ["datastore"], "3306:mysql", "mysql mysql-server percona percona-server mysql-community-server"],
  ["mariadb", ["datastore"], "3306:mysql", "mariadb mariadb-galera alpine-mariadb mariadb-server"],
  [
    "mongodb",
    ["datastore"],
    "27017:mongodb",
    "mongo mongodb mongodb-community-server mongodb-enterprise-server percona-server-mongodb ferretdb",
  ],
  [
    "redis",
    ["datastore"],
    "6379:redis",
    "redis redis-stack redis-stack-server valkey keydb dragonfly garnet garnet-alpine redis-cluster redis-sentinel",
  ],
  ["memcached", ["datastore"], "11211:memcached", "memcached"],
  [
    "elasticsearch",
    ["datastore"],
    "9200:elasticsearch 9300:elasticsearch-transport",
    "elasticsearch opensearch elasticsearch-oss",
  ],
  ["meilisearch", ["datastore"], "7700:meilisearch", "meilisearch"],
  ["typesense", ["datastore"], "8108:typesense", "typesense"],
  ["sonic", ["datastore"], "1491:sonic", "valeriansaliou/sonic"],
  ["solr", ["datastore"], "8983:solr", "solr"],
  ["clickhouse", ["datastore"], "8123:clickhouse-http 9000:clickhouse", "clickhouse clickhouse-server"],
  ["influxdb", ["datastore"], "8086:influxdb", "influxdb influxdb3-core"],
  ["victoriametrics", ["datastore"], "8428:victoriametrics", "victoria-metrics"],
  ["questdb", ["datastore"], "9000:questdb 8812:postgresql", "questdb"],
  ["couchdb", ["datastore"], "5984:couchdb", "couchdb"],
  ["couchbase", ["datastore"], "8091:couchbase 11210:couchbase", "couchbase"],
  ["etcd", ["datastore"], "2379:etcd 2380:etcd", "etcd"],
  ["consul", ["datastore"], "8500:consul", "consul"],
  ["zookeeper", ["datastore"], "2181:zookeeper", "zookeeper"],
  ["minio", ["datastore"], "9000:s3 9001:http", "minio/minio bitnami/minio chainguard/minio"],
  ["garage", ["datastore"], "3900:s3", "dxflrs/garage"],
  ["seaweedfs", ["datastore"], "8333:s3", "seaweedfs"],
  ["neo4j", ["datastore"], "7687:neo4j 7474:neo4j-http", "neo4j"],
  ["arangodb", ["datastore"], "8529:arangodb", "arangodb"],
  ["cassandra", ["datastore"], "9042:cassandra", "cassandra scylla scylladb"],
  ["cockroachdb", ["datastore"], "26257:postgresql 8080:http", "cockroach cockroachdb"],
  ["mssql", ["datastore"], "1433:mssql", "mssql/server azure-sql-edge mssql-server-linux"],
  ["surrealdb", ["datastore"], "8000:surrealdb", "surrealdb"],
  ["rethinkdb", ["datastore"], "28015:rethinkdb 8080:http", "rethinkdb"],
  ["qdrant", ["datastore"], "6333:qdrant 6334:qdrant", "qdrant"],
  ["weaviate", ["datastore"], "8080:weaviate", "weaviate"],
  ["chroma", ["datastore"], "8000:chroma", "chromadb/chroma chroma-core/chroma"],
  ["milvus", ["datastore"], "19530:milvus", "milvus"],
  ["rabbitmq", ["broker"], "5672:amqp", "rabbitmq"],
  ["mosquitto", ["broker"], "1883:mqtt", "eclipse-mosquitto mosquitto"],
  ["emqx", ["broker"], "1883:mqtt 18083:http", "emqx emqx-enterprise"],
  ["vernemq", ["broker"], "1883:mqtt", "vernemq"],
  ["kafka", ["broker"], "9092:kafka", "kafka cp-kafka redpanda"],
  ["nats", ["broker"], "4222:nats 8222:http", "nats"],
  ["activemq", ["broker"], "61616:activemq 8161:http", "activemq-classic activemq-artemis"],
  ["caddy", ["proxy"], "80:http 443:https", "caddy caddy-docker-proxy caddy-cloudflare caddybuilds"],
  ["traefik", ["proxy"], "80:http", "traefik"],
  ["nginx", ["proxy"], "80:http", "nginx nginx-unprivileged openresty nginx-quic angie"],
  ["nginx-proxy", ["proxy"], "80:http", "nginx-proxy jwilder/nginx-proxy"],
  ["nginx-proxy-manager", ["proxy"], "80:http 81:http 443:https", "nginx-proxy-manager npmplus zoraxy"],
  ["swag", ["proxy"], "80:http 443:https", "swag linuxserver/letsencrypt"],
  ["haproxy", ["proxy"], "", "haproxy haproxy-alpine"],
  ["envoy", ["proxy"], "10000:http", "envoy"],
  ["apache", ["proxy"], "80:http", "httpd"],
  ["bunkerweb", ["proxy"], "8080:http 8443:https", "bunkerweb bunkerweb-all-in-one"],
  ["pangolin", ["proxy"], "", "fosrl/pangolin fosrl/gerbil"],
  ["ingress-nginx", ["proxy"], "80:http 443:https", "ingress-nginx/controller nginx-ingress-controller"],
  ["nginx-ingress", ["proxy"], "80:http 443:https", "nginx-ingress"],
  ["haproxy-ingress", ["proxy"], "8080:http 8443:https", "haproxytech/kubernetes-ingress haproxy-ingress"],
  ["kong", ["proxy"], "8000:http 8443:https", "kong kong-gateway"],
  ["istio-gateway", ["proxy"], "", "istio/proxyv2"],
  ["cloudflared", ["proxy"], "", "cloudflared"],
  ["newt", ["proxy"], "", "fosrl/newt"],
  ["ngrok", ["proxy"], "4040:http", "ngrok"],
  ["frpc", ["proxy"], "", "frpc"],
  ["playit", ["proxy"], "", "playit playit-docker playit-agent playit-cloud"],
  ["zrok", ["proxy"], "", "openziti/zrok openziti/zrok2"],
  ["portainer", ["engine-admin"], "9000:http 9443:https", "portainer portainer-ce portainer-ee"],
  ["portainer-agent", ["engine-admin"], "9001:portainer-agent", "portainer/agent"],
  ["dockge", ["engine-admin"], "5001:http", "dockge"],
  ["watchtower", ["engine-admin"], "", "watchtower"],
  ["yacht", ["engine-admin"], "8000:http", "yacht"],
  ["komodo", ["engine-admin"], "9120:http", "komodo komodo-core komodo-periphery"],
  ["arcane", ["engine-admin"], "3552:http", "ofkm/arcane getarcaneapp/arcane"],
  ["dockhand", ["engine-admin"], "3000:http", "fnsys/dockhand"],
  ["diun", ["engine-admin"], "", "diun"],
  ["dozzle", ["engine-admin"], "8080:http", "dozzle"],
  ["lazydocker", ["engine-admin"], "", "lazydocker"],
  ["ouroboros", ["engine-admin"], "", "ouroboros"],
  ["casaos", ["engine-admin"], "", "casaos casa-img/casaos dockurr/casa"],
  ["coolify", ["engine-admin"], "8080:http", "coollabsio/coolify"],
  ["docker-in-docker", ["engine-admin"], "2375:docker-api 2376:docker-api-tls", "library/docker docker/dind"],
  ["docker-socket-proxy", ["socket-proxy"], "2375:docker-api", "docker-socket-proxy socket-proxy docker-proxy-acl"],
  ["cetusguard", ["socket-proxy"], "2375:docker-api", "cetusguard"],
  ["authelia", ["identity"], "9091:http", "authelia"],
  ["authentik", ["identity"], "9000:http 9443:https", "goauthentik/server authentik"],
  ["keycloak", ["identity"], "8080:http", "keycloak"],
  ["zitadel", ["identity"], "8080:http", "zitadel"],
  ["pocket-id", ["identity"], "1411:http", "pocket-id"],
  ["kanidm", ["identity"], "8443:https", "kanidm/server kanidm"],
  ["lldap", ["identity"], "3890:ldap 17170:http", "lldap"],
  ["openldap", ["identity"], "389:ldap 636:ldaps", "openldap"],
  ["casdoor", ["identity"], "8000:http", "casdoor casdoor-all-in-one"],
  ["oauth2-proxy", ["identity"], "4180:http", "oauth2-proxy"],
  ["tinyauth", ["identity"], "3000:http", "tinyauth"],
  ["vault", ["identity", "datastore"], "8200:vault", "vault hashicorp/vault openbao"],
  ["atlantis", [], "4141:http", "runatlantis/atlantis atlantis"],
  ["infisical", ["identity"], "8080:http", "infisical"],
  ["vaultwarden", ["identity"], "80:http", "vaultwarden/server vaultwarden bitwarden/lite bitwarden/self-host"],
  ["step-ca", ["identity"], "9000:https", "step-ca"],
  ["wireguard", ["vpn"], "51820/udp:wireguard", "wireguard wg-portal"],
  ["wg-easy", ["vpn"], "51820/udp:wireguard 51821:http", "wg-easy"],
  ["openvpn", ["vpn"], "1194/udp:openvpn", "openvpn openvpn-as docker-openvpn"],
  ["gluetun", ["vpn"], "", "gluetun"],
  ["tailscale", ["vpn"], "", "tailscale"],
  ["headscale", ["vpn"], "8080:http", "headscale"],
  ["netbird", ["vpn"], "", "netbirdio/netbird netbirdio/management"],
  ["firezone", ["vpn"], "13000:http 51820/udp:wireguard", "firezone"],
  ["ipsec-vpn-server", ["vpn"], "500/udp:ipsec 4500/udp:ipsec", "ipsec-vpn-server"],
  ["prometheus", ["monitoring"], "9090:prometheus", "prometheus"],
  ["alertmanager", ["monitoring"], "9093:alertmanager", "alertmanager"],
  ["node-exporter", ["monitoring"], "9100:node-exporter", "node-exporter"],
  ["grafana", ["monitoring"], "3000:http", "grafana grafana-oss grafana-enterprise"],
  ["loki", ["monitoring"], "3100:http", "grafana/loki"],
  ["cadvisor", ["monitoring"], "8080:http", "cadvisor"],
  ["netdata", ["monitoring"], "19999:http", "netdata"],
  ["uptime-kuma", ["monitoring"], "3001:http", "uptime-kuma"],
  ["pushgateway", ["monitoring"], "9091:http", "pushgateway"],
  ["blackbox-exporter", ["monitoring"], "9115:http", "blackbox-exporter"],
  ["node-red", [], "1880:http", "node-red"],
  ["code-server", [], "8443:http", "linuxserver/code-server"],
  ["code-server", [], "8080:http", "codercom/code-server coder/code-server"],
  ["go2rtc", [], "1984:http", "go2rtc"],
  ["frigate", [], "5000:http 8971:https 1984:http", "frigate"],
  ["mailpit", [], "8025:http 1025:smtp", "mailpit"],
  ["rspamd", [], "11334:http", "rspamd"],
  ["registry", [], "5000:http", "library/registry"],
  ["jackett", [], "9117:http", "jackett"],
  ["ollama", [], "11434:http", "ollama"],
  ["kibana", [], "5601:http", "kibana"],
  ["redis-commander", [], "8081:http", "redis-commander"],
  ["pihole", ["dns"], "53:dns 53/udp:dns 80:http", "pihole"],
  ["adguardhome", ["dns"], "53:dns 53/udp:dns 3000:http", "adguardhome"],
];

const byImage = new Map<string, Software>(
  rows.flatMap(([name, roles, ports, images]) => {
    const software: Software = { name, roles, ports: ports.split(" ").flatMap(parsePort) };
    return images.split(" ").map((image) => [image, software] as const);
  }),
);
byImage.delete("");

function parsePort(text: string): KnownPort[] {
  const match = /^(\d+)(\/udp)?:(.+)$/.exec(text);
  if (match === null) return [];
  return [{ port: Number(match[1]), protocol: match[2] === undefined ? "tcp" : "udp", service: match[3] ?? "" }];
}

/** What is known of an image by its repository (`library/postgres`, `bitnami/postgresql`), or undefined. */
export function softwareOf(repository: string): Software | undefined {
  const known = asked.get(repository);
  if (known !== undefined || asked.has(repository)) return known;
  const found = lookedUp(repository);
  if (asked.size < mostKept) asked.set(repository, found);
  return found;
}

/** Answers that are kept: each image is asked about by many. */
const mostKept = 4096;
const asked = new Map<string, Software | undefined>();

function lookedUp(repository: string): Software | undefined {
  const parts = repository.toLowerCase().split("/");
  const last = parts.at(-1) ?? "";
  const owner = parts.at(-2);
  return (owner === undefined ? undefined : byImage.get(`${owner}/${last}`)) ?? byImage.get(last);
}
