/**
 * What listens on a well-known port, and whether its protocol asks who is there and encrypts when nobody configured
 * anything.
 *
 * Sources: the IANA Service Name and Transport Protocol Port Number Registry for registered names, and each project's
 * own documentation for its default port, where no registration exists (Docker's API, Prometheus, Elasticsearch, …).
 */

/** `no`: whoever connects is let in, or may be by default. `yes`: a login is part of the protocol and on by default. */
export type ByDefault = "yes" | "no";

export interface KnownService {
  readonly name: string;
  readonly authenticates: ByDefault;
  readonly encrypts: ByDefault;
  /** A datastore, a broker or an administration port: nothing that a visitor has business with. */
  readonly internalOnly: boolean;
}

const rows: readonly (readonly [ports: readonly number[], protocol: "tcp" | "udp", name: string, flags: string])[] = [
  // Flags: a = authenticates, e = encrypts, i = for inside only.
  [[21], "tcp", "ftp", "a"],
  // 2022: SFTP of Wings and SFTPGo, by their manuals.
  [[22, 2222, 2022], "tcp", "ssh", "ae"],
  [[23], "tcp", "telnet", "ai"],
  [[25, 587], "tcp", "smtp", ""],
  [[465], "tcp", "smtps", "e"],
  [[53], "tcp", "dns", ""],
  [[53], "udp", "dns", ""],
  // DHCP has no encrypted form, and must be where machines look for it.
  [[67], "udp", "dhcp", ""],
  [[69], "udp", "tftp", "i"],
  [[853], "tcp", "dns-over-tls", "e"],
  [[80, 8080, 8000, 3000, 5000, 8081, 8888, 9000], "tcp", "http", ""],
  // 8448: Matrix' federation, which is HTTPS (Server-Server API, "Resolving server names").
  [[443, 8443, 9443, 8448], "tcp", "https", "e"],
  [[443], "udp", "http3", "e"],
  [[110], "tcp", "pop3", "a"],
  [[143], "tcp", "imap", "a"],
  [[993], "tcp", "imaps", "ae"],
  [[995], "tcp", "pop3s", "ae"],
  [[111, 2049], "tcp", "nfs", "i"],
  [[139, 445], "tcp", "smb", "ai"],
  [[161], "udp", "snmp", "i"],
  [[389], "tcp", "ldap", "ai"],
  [[636], "tcp", "ldaps", "aei"],
  [[873], "tcp", "rsync", "i"],
  [[22000], "tcp", "syncthing", "ae"],
  [[6881, 51413], "tcp", "bittorrent", ""],
  [[25565], "tcp", "minecraft", "a"],
  // Minecraft's remote console: a password and orders in the open.
  [[25575], "tcp", "rcon", "ai"],
  [[1935], "tcp", "rtmp", ""],
  [[554, 8554], "tcp", "rtsp", ""],
  [[3478], "tcp", "turn", ""],
  // go2rtc's README, "Module: WebRTC", and Frigate's manual: the same of both.
  [[8555], "tcp", "webrtc", "e"],
  [[5222, 5269], "tcp", "xmpp", "a"],
  [[4190], "tcp", "sieve", "a"],
  [[1194], "udp", "openvpn", "ae"],
  [[51820], "udp", "wireguard", "ae"],
  [[500, 4500], "udp", "ipsec", "ae"],
  [[1433], "tcp", "mssql", "ai"],
  [[1521], "tcp", "oracle", "ai"],
  [[1883], "tcp", "mqtt", "i"],
  [[8883], "tcp", "mqtts", "ei"],
  [[2375], "tcp", "docker-api", "i"],
  [[2376], "tcp", "docker-api-tls", "aei"],
  [[2379, 2380], "tcp", "etcd", "i"],
  [[2019], "tcp", "caddy-admin", "i"],
  [[3306, 33060], "tcp", "mysql", "ai"],
  [[3389], "tcp", "rdp", "ae"],
  [[4222], "tcp", "nats", "i"],
  [[4369], "tcp", "epmd", "i"],
  [[5432], "tcp", "postgresql", "ai"],
  [[6432], "tcp", "pgbouncer", "ai"],
  [[5672], "tcp", "amqp", "ai"],
  [[5671], "tcp", "amqps", "aei"],
  [[15672], "tcp", "rabbitmq-management", "ai"],
  [[5900, 5901], "tcp", "vnc", "ai"],
  [[5984], "tcp", "couchdb", "ai"],
  [[6379], "tcp", "redis", "i"],
  [[7474], "tcp", "neo4j-http", "ai"],
  [[7687], "tcp", "neo4j", "ai"],
  [[8086], "tcp", "influxdb", "ai"],
  [[8123], "tcp", "clickhouse-http", "i"],
  [[9042], "tcp", "cassandra", "i"],
  [[9090], "tcp", "prometheus", "i"],
  [[9092], "tcp", "kafka", "i"],
  [[9093], "tcp", "alertmanager", "i"],
  [[9100], "tcp", "node-exporter", "i"],
  [[9200], "tcp", "elasticsearch", "i"],
  [[9300], "tcp", "elasticsearch-transport", "i"],
  [[11211], "tcp", "memcached", "i"],
  [[27017], "tcp", "mongodb", "i"],
  [[10250], "tcp", "kubelet", "aei"],
];

const byPort = new Map<string, KnownService>(
  rows.flatMap(([ports, protocol, name, flags]) =>
    ports.map((port) => [`${port}/${protocol}`, describe(name, flags)] as const),
  ),
);

const byName = new Map([...byPort.values()].map((service) => [service.name, service] as const));

function describe(name: string, flags: string): KnownService {
  return {
    name,
    authenticates: flags.includes("a") ? "yes" : "no",
    encrypts: flags.includes("e") ? "yes" : "no",
    internalOnly: flags.includes("i"),
  };
}

/** What usually listens on a port, or undefined when nothing is known to. */
export function serviceOnPort(port: number, protocol: string): KnownService | undefined {
  return byPort.get(`${port}/${protocol}`);
}

/** What is known of a service by its name (`postgresql`, `docker-api`), or undefined. */
export function serviceNamed(name: string): KnownService | undefined {
  return byName.get(name);
}
