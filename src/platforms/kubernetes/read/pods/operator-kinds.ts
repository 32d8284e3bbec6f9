/**
 * Kinds of which an operator makes pods that stand in no object: what a store listens on, and what asks for a password, is
 * the operator's to say.
 *
 * Sources: the custom resources of Strimzi, CloudNativePG, the operators of Zalando, Crunchy and Percona, of MariaDB, MySQL,
 * MongoDB, RabbitMQ, Elastic, MinIO and ClickHouse, of Redis (OT-CONTAINER-KIT, Spotahome) and Dragonfly, K8ssandra, Rook,
 * the Prometheus and the Grafana operator, OpenTelemetry, Jaeger, Keycloak and KubeVirt.
 */
const kinds: Readonly<Record<string, string>> = {
  "kafka.strimzi.io": "Kafka KafkaConnect KafkaBridge KafkaMirrorMaker2",
  "postgresql.cnpg.io": "Cluster Pooler",
  "acid.zalan.do": "postgresql",
  "postgres-operator.crunchydata.com": "PostgresCluster PGAdmin",
  "pxc.percona.com": "PerconaXtraDBCluster",
  "psmdb.percona.com": "PerconaServerMongoDB",
  "pgv2.percona.com": "PerconaPGCluster",
  "k8s.mariadb.com": "MariaDB MaxScale",
  "mysql.oracle.com": "InnoDBCluster",
  "mongodbcommunity.mongodb.com": "MongoDBCommunity",
  "rabbitmq.com": "RabbitmqCluster",
  "elasticsearch.k8s.elastic.co": "Elasticsearch",
  "kibana.k8s.elastic.co": "Kibana",
  "minio.min.io": "Tenant",
  "clickhouse.altinity.com": "ClickHouseInstallation",
  "redis.redis.opstreelabs.in": "Redis RedisCluster RedisReplication RedisSentinel",
  "databases.spotahome.com": "RedisFailover",
  "dragonflydb.io": "Dragonfly",
  "k8ssandra.io": "K8ssandraCluster",
  "ceph.rook.io": "CephCluster CephObjectStore CephFilesystem CephNFS",
  "monitoring.coreos.com": "Prometheus PrometheusAgent Alertmanager ThanosRuler",
  "grafana.integreatly.org": "Grafana",
  "opentelemetry.io": "OpenTelemetryCollector",
  "jaegertracing.io": "Jaeger",
  "k8s.keycloak.org": "Keycloak",
  "kubevirt.io": "VirtualMachine VirtualMachineInstance",
};

/** `GROUP/Kind` of each. */
export const operatorKinds: ReadonlySet<string> = new Set(
  Object.entries(kinds).flatMap(([group, names]) => names.split(" ").map((kind) => `${group}/${kind}`)),
);
