/** An interface by which a person, or anybody, administers something. */
export interface Administration {
  readonly name: string;
  /** Whether it asks for a login as it is delivered. */
  readonly login: boolean;
  /** What it commands: the host or its containers, data, or figures only. */
  readonly commands: "host" | "data" | "figures";
  /** Container ports of the interface; absent: every port of the image. */
  readonly ports?: readonly number[];
}

/** By the last part of the image's name. What each asks for and listens on is said in the product's own documentation. */
export const administrations: ReadonlyMap<string, Administration> = new Map([
  ["portainer", { name: "Portainer", login: true, commands: "host" }],
  ["portainer-ce", { name: "Portainer", login: true, commands: "host" }],
  ["portainer-ee", { name: "Portainer", login: true, commands: "host" }],
  ["agent", { name: "the Portainer agent", login: false, commands: "host", ports: [9001] }],
  ["dockge", { name: "Dockge", login: true, commands: "host" }],
  ["komodo-core", { name: "Komodo", login: true, commands: "host" }],
  ["yacht", { name: "Yacht", login: true, commands: "host" }],
  ["arcane", { name: "Arcane", login: true, commands: "host" }],
  ["dozzle", { name: "Dozzle", login: false, commands: "host" }],
  ["docker-webui", { name: "the Docker web interface", login: false, commands: "host" }],
  ["webtop", { name: "a desktop in the browser", login: false, commands: "host" }],
  ["code-server", { name: "code-server", login: true, commands: "host" }],
  ["node-red", { name: "Node-RED", login: false, commands: "host", ports: [1880] }],
  ["filebrowser", { name: "File Browser", login: true, commands: "data" }],
  ["adminer", { name: "Adminer", login: true, commands: "data" }],
  ["phpmyadmin", { name: "phpMyAdmin", login: true, commands: "data" }],
  ["pgadmin4", { name: "pgAdmin", login: true, commands: "data" }],
  ["redis-commander", { name: "Redis Commander", login: false, commands: "data" }],
  ["redisinsight", { name: "Redis Insight", login: false, commands: "data" }],
  ["mongo-express", { name: "mongo-express", login: true, commands: "data" }],
  ["kafka-ui", { name: "Kafka UI", login: false, commands: "data" }],
  ["cloudbeaver", { name: "CloudBeaver", login: true, commands: "data" }],
  ["duplicati", { name: "Duplicati", login: true, commands: "data" }],
  ["duplicacy-web", { name: "Duplicacy", login: true, commands: "data" }],
  ["rabbitmq", { name: "the RabbitMQ management interface", login: true, commands: "data", ports: [15672] }],
  ["traefik", { name: "the Traefik dashboard", login: false, commands: "figures", ports: [8080] }],
  ["caddy", { name: "Caddy's admin API", login: false, commands: "host", ports: [2019] }],
  ["nginx-proxy-manager", { name: "Nginx Proxy Manager", login: true, commands: "host", ports: [81] }],
  ["npmplus", { name: "NPMplus", login: true, commands: "host", ports: [81] }],
  ["haproxy", { name: "HAProxy's statistics", login: false, commands: "figures", ports: [8404] }],
  ["headscale-ui", { name: "Headscale UI", login: false, commands: "host" }],
  ["lldap", { name: "the LLDAP web interface", login: true, commands: "data", ports: [17170] }],
  ["prometheus", { name: "Prometheus", login: false, commands: "figures" }],
  ["alertmanager", { name: "Alertmanager", login: false, commands: "figures" }],
  ["loki", { name: "Loki", login: false, commands: "data", ports: [3100] }],
  ["node-exporter", { name: "Node Exporter", login: false, commands: "figures" }],
  ["cadvisor", { name: "cAdvisor", login: false, commands: "figures" }],
  ["netdata", { name: "Netdata", login: false, commands: "figures" }],
  ["glances", { name: "Glances", login: false, commands: "figures" }],
  ["flower", { name: "Flower", login: false, commands: "data" }],
  ["kibana", { name: "Kibana", login: false, commands: "data" }],
  ["ollama", { name: "Ollama's API", login: false, commands: "data", ports: [11434] }],
  // Its other port, 8971, asks for a login. Source: Frigate's manual, "Authentication".
  ["frigate", { name: "Frigate's port for programs", login: false, commands: "data", ports: [5000] }],
  ["wg-easy", { name: "wg-easy", login: true, commands: "data", ports: [51821] }],
  ["jackett", { name: "Jackett", login: false, commands: "data" }],
]);
