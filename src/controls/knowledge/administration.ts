import type { ServiceConfiguration } from "../../facts/configuration/service.ts";

/** An interface by which a person, or anybody, administers something. */
export interface Administration {
  readonly name: string;
  /** What makes it graver than its name tells, as a clause: `which shows every mail that it takes`. */
  readonly which?: string;
  /** Whether it asks for a login as it is delivered. */
  readonly login: boolean;
  /** What makes it ask where it does not as it is delivered; absent: nothing does. */
  readonly asksWith?: LoginSwitch;
  /** What it commands: the host or its containers, data, or figures only. */
  readonly commands: "host" | "data" | "figures";
  /** Container ports of the interface; absent: every port of the image. */
  readonly ports?: readonly number[];
  /** The versions that it is true of, by their tags; absent: all. */
  readonly tags?: RegExp;
  /** It stands open only where a variable, or the program's own configuration, says so; else it is not looked at. */
  readonly openedBy?: {
    readonly variable: RegExp;
    readonly value: RegExp;
    readonly software: ServiceConfiguration["software"];
    /** Where that configuration is, inside the container. */
    readonly files: readonly string[];
  };
  /** Options that let whoever comes do more than look. */
  readonly orders?: readonly { readonly option: RegExp; readonly means: string }[];
}

/** What makes a program ask for a login. */
export interface LoginSwitch {
  /** Variables that do, where they have a value. */
  readonly variables?: RegExp;
  /** The values of these that do not. */
  readonly off?: RegExp;
  /** Options in the command that do. */
  readonly options?: RegExp;
  /** A variable that holds options. */
  readonly optionsIn?: RegExp;
  /** Options that name a file in which it may be. */
  readonly fileOption?: RegExp;
  /** Files in which it may be, inside the container. */
  readonly files?: readonly string[];
  /** As which program's these files are read, where they are. */
  readonly software?: ServiceConfiguration["software"];
}

/** Prometheus and its exporters. Source: prometheus/exporter-toolkit, "Web configuration": `basic_auth_users`, or TLS alone. */
const webConfig: LoginSwitch = { fileOption: /^--web\.config\.file(?:=|$)/ };

const rows: readonly (readonly [image: string, row: Administration])[] = [
  ["portainer", { name: "Portainer", login: true, commands: "host" }],
  ["portainer-ce", { name: "Portainer", login: true, commands: "host" }],
  ["portainer-ee", { name: "Portainer", login: true, commands: "host" }],
  // Source: Portainer 2.19's documentation, "Install Portainer Agent": without `AGENT_SECRET` any Portainer may take it.
  [
    "portainer/agent",
    {
      name: "the Portainer agent",
      login: false,
      asksWith: { variables: /^AGENT_SECRET$/ },
      commands: "host",
      ports: [9001],
    },
  ],
  ["dockge", { name: "Dockge", login: true, commands: "host" }],
  ["komodo-core", { name: "Komodo", login: true, commands: "host" }],
  ["yacht", { name: "Yacht", login: true, commands: "host" }],
  ["arcane", { name: "Arcane", login: true, commands: "host" }],
  // Source: dozzle.dev, "Authentication": `none` unless a provider is set; before version 5 a name and a password.
  [
    "dozzle",
    {
      name: "Dozzle",
      login: false,
      asksWith: {
        variables: /^DOZZLE_(?:AUTH_PROVIDER|USERNAME)$/,
        off: /^none$/i,
        options: /^--(?:auth-provider(?:=(?!none)|$)|username(?:=|$))/,
      },
      commands: "host",
    },
  ],
  ["docker-webui", { name: "the Docker web interface", login: false, commands: "host" }],
  // Source: the images' README: without `PASSWORD` nobody is asked.
  [
    "webtop",
    {
      name: "a desktop in the browser",
      login: false,
      asksWith: { variables: /^(?:FILE__)?PASSWORD$/ },
      commands: "host",
    },
  ],
  // Source: linuxserver/docker-code-server, `svc-code-server/run`: `--auth none` unless one of them is set.
  [
    "linuxserver/code-server",
    {
      name: "code-server",
      login: false,
      asksWith: { variables: /^(?:FILE__)?(?:HASHED_)?PASSWORD$/ },
      commands: "host",
      ports: [8443],
    },
  ],
  ["code-server", { name: "code-server", login: true, commands: "host" }],
  // Source: nodered.org, "Securing Node-RED": `adminAuth` in `settings.js`, commented out as it is delivered.
  [
    "node-red",
    {
      name: "Node-RED",
      login: false,
      asksWith: {
        files: ["/data/settings.js"],
        software: "node-red",
        fileOption: /^(?:--settings|-s)(?:=|$)/,
      },
      commands: "host",
      ports: [1880],
    },
  ],
  ["filebrowser", { name: "File Browser", login: true, commands: "data" }],
  ["adminer", { name: "Adminer", login: true, commands: "data" }],
  ["phpmyadmin", { name: "phpMyAdmin", login: true, commands: "data" }],
  ["pgadmin4", { name: "pgAdmin", login: true, commands: "data" }],
  // Source: redis-commander 0.9, docs/security_checks.md.
  [
    "redis-commander",
    {
      name: "Redis Commander",
      login: false,
      asksWith: {
        variables: /^HTTP_(?:USER|PASSWORD(?:_HASH)?(?:_FILE)?)$/,
        options: /^--http-(?:auth-username|u|user)(?:=|$)/,
      },
      commands: "data",
    },
  ],
  ["redisinsight", { name: "Redis Insight", login: false, commands: "data" }],
  ["mongo-express", { name: "mongo-express", login: true, commands: "data" }],
  // Source: docs.kafka-ui.provectus.io and ui.docs.kafbat.io, "Authentication": `AUTH_TYPE` is `DISABLED` unless it is set.
  [
    "kafka-ui",
    {
      name: "Kafka UI",
      login: false,
      asksWith: {
        variables: /^AUTH_TYPE$/i,
        off: /^disabled$/i,
        fileOption: /^--spring\.config\.(?:additional-)?location(?:=|$)/,
        files: ["/etc/kafkaui/dynamic_config.yaml"],
      },
      commands: "data",
    },
  ],
  ["cloudbeaver", { name: "CloudBeaver", login: true, commands: "data" }],
  ["duplicati", { name: "Duplicati", login: true, commands: "data" }],
  ["duplicacy-web", { name: "Duplicacy", login: true, commands: "data" }],
  ["rabbitmq", { name: "the RabbitMQ management interface", login: true, commands: "data", ports: [15672] }],
  ["traefik", { name: "the Traefik dashboard", login: false, commands: "figures", ports: [8080] }],
  ["caddy", { name: "Caddy's admin API", login: false, commands: "host", ports: [2019] }],
  ["nginx-proxy-manager", { name: "Nginx Proxy Manager", login: true, commands: "host", ports: [81] }],
  ["npmplus", { name: "NPMplus", login: true, commands: "host", ports: [81] }],
  // Source: HAProxy's configuration manual: `stats auth` in its file, without which there are no statistics at all.
  [
    "haproxy",
    {
      name: "HAProxy's statistics",
      login: false,
      asksWith: { files: ["/usr/local/etc/haproxy/haproxy.cfg"], fileOption: /^-f$/ },
      commands: "figures",
      ports: [8404],
    },
  ],
  // Source: longhorn.io 1.9.2, "Create an Ingress with Basic Authentication": nobody is asked unless the proxy does.
  [
    "longhorn-ui",
    {
      name: "the Longhorn UI",
      which: "in which whoever comes deletes volumes",
      login: false,
      commands: "data",
      ports: [8000],
    },
  ],
  // Source: kubernetes/dashboard 2.7, docs/user/accessing-dashboard and access-control: a token of the cluster's.
  ["kubernetesui/dashboard", { name: "the Kubernetes Dashboard", login: true, commands: "host", ports: [8443, 9090] }],
  ["argoproj/argocd", { name: "Argo CD", login: true, commands: "host", ports: [8080] }],
  ["rancher/rancher", { name: "Rancher", login: true, commands: "host", ports: [80, 443] }],
  // Source: cilium/hubble, issue 833: what stands before it has to ask.
  [
    "cilium/hubble-ui",
    { name: "Hubble", which: "which shows who speaks to whom", login: false, commands: "figures", ports: [8081] },
  ],
  // Source: weaveworks/scope, site/faq.md (`--app.basicAuth` since 1.10) and its README: whoever comes controls the containers.
  [
    "weaveworks/scope",
    {
      name: "Weave Scope",
      which: "by which whoever comes runs commands in the containers",
      login: false,
      asksWith: { variables: /^ENABLE_BASIC_AUTH$/, options: /^--?app\.basicAuth(?:=true)?$/ },
      commands: "host",
      ports: [4040],
    },
  ],
  // Source: headscale-ui's README: pages alone; each who comes has to bring a key of headscale's API.
  ["headscale-ui", { name: "Headscale UI", login: true, commands: "data" }],
  ["lldap", { name: "the LLDAP web interface", login: true, commands: "data", ports: [17170] }],
  // Source: prometheus.io, "Prometheus" (command line) and "TSDB Admin APIs".
  [
    "prometheus",
    {
      name: "Prometheus",
      login: false,
      asksWith: webConfig,
      commands: "figures",
      orders: [
        {
          option: /^--web\.enable-admin-api(?:=true)?$/,
          means: "with `--web.enable-admin-api` whoever comes deletes what it measured",
        },
        {
          option: /^--web\.enable-lifecycle(?:=true)?$/,
          means: "with `--web.enable-lifecycle` whoever comes stops it",
        },
      ],
    },
  ],
  ["alertmanager", { name: "Alertmanager", login: false, asksWith: webConfig, commands: "figures" }],
  // Source: prometheus/pushgateway, README: whoever comes pushes and deletes groups of figures.
  [
    "pushgateway",
    {
      name: "the Pushgateway",
      login: false,
      asksWith: webConfig,
      commands: "figures",
      orders: [
        {
          option: /^--web\.enable-admin-api(?:=true)?$/,
          means: "with `--web.enable-admin-api` whoever comes deletes all figures",
        },
        {
          option: /^--web\.enable-lifecycle(?:=true)?$/,
          means: "with `--web.enable-lifecycle` whoever comes stops it",
        },
      ],
    },
  ],
  // Source: prometheus/blackbox_exporter, README: `/probe?target=` fetches what it names.
  [
    "blackbox-exporter",
    {
      name: "the Blackbox Exporter",
      which: "which fetches any address for whoever asks",
      login: false,
      asksWith: webConfig,
      commands: "data",
    },
  ],
  // Source: gluetun 3.41, `internal/server/middlewares/auth/settings.go` (`SetDefaultRole`: a method of every route that no
  // role has).
  [
    "gluetun",
    {
      name: "gluetun's control server",
      which: "which stops and starts the VPN",
      login: false,
      openedBy: {
        variable: /^HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE$/,
        value: /"auth"\s*:\s*"none"/i,
        software: "gluetun",
        files: ["/gluetun/auth/config.toml"],
      },
      commands: "data",
      ports: [8000],
    },
  ],
  // Source: the same of 3.40 (`SetDefaults`: without roles every route but the settings is public), and none before 3.39.1.
  [
    "gluetun",
    {
      name: "gluetun's control server",
      which: "which stops and starts the VPN",
      login: false,
      asksWith: {
        variables: /^HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE$/,
        off: /"auth"\s*:\s*"(?:none)?"/i,
        files: ["/gluetun/auth/config.toml"],
      },
      commands: "data",
      ports: [8000],
      tags: /^v?3\.(?:\d|[123]\d|40)(?:\.\d+)?$/,
    },
  ],
  ["loki", { name: "Loki", login: false, commands: "data", ports: [3100] }],
  ["node-exporter", { name: "Node Exporter", login: false, asksWith: webConfig, commands: "figures" }],
  // Source: google/cadvisor, docs/web.md.
  [
    "cadvisor",
    {
      name: "cAdvisor",
      login: false,
      asksWith: { options: /^--?http_(?:auth|digest)_file(?:=|$)/ },
      commands: "figures",
    },
  ],
  ["netdata", { name: "Netdata", login: false, commands: "figures" }],
  // Source: Glances' documentation, "Command reference" and "Docker".
  [
    "glances",
    {
      name: "Glances",
      login: false,
      asksWith: { options: /^--(?:password|username)(?:=|$)/, optionsIn: /^GLANCES_OPT$/ },
      commands: "figures",
    },
  ],
  // Source: flower.readthedocs.io, "Authentication" and "Configuration": each option also as a variable.
  [
    "flower",
    {
      name: "Flower",
      login: false,
      asksWith: {
        variables: /^FLOWER_(?:BASIC_AUTH|AUTH|AUTH_PROVIDER)$/,
        options: /^--(?:basic[-_]auth|auth|auth_provider)(?:=|$)/,
      },
      commands: "data",
    },
  ],
  // Source: Elastic's documentation, "Kibana security settings" and "Install Kibana with Docker": it asks where its store does.
  [
    "kibana",
    {
      name: "Kibana",
      login: false,
      asksWith: {
        variables: /^ELASTICSEARCH_(?:USERNAME|PASSWORD|SERVICEACCOUNTTOKEN)$/i,
        files: ["/usr/share/kibana/config/kibana.yml"],
      },
      commands: "data",
    },
  ],
  ["ollama", { name: "Ollama's API", login: false, commands: "data", ports: [11434] }],
  // Its other port, 8971, asks for a login. Source: Frigate's manual, "Authentication".
  ["frigate", { name: "Frigate's port for programs", login: false, commands: "data", ports: [5000] }],
  // Source: go2rtc's `internal/api/README.md`: without a login whoever comes has the cameras, and may get the server.
  [
    "go2rtc",
    { name: "go2rtc", login: false, asksWith: { files: ["/config/go2rtc.yaml"] }, commands: "host", ports: [1984] },
  ],
  // Source: Frigate's manual, "Restream" and "Authentication": go2rtc's own port is not behind Frigate's login.
  ["frigate", { name: "Frigate's go2rtc", login: false, commands: "data", ports: [1984] }],
  // Source: wg-easy 14, README: a password is asked for when one is set. From version 15 there is always one.
  [
    "wg-easy",
    {
      name: "wg-easy",
      which: "by which whoever comes gets into the network",
      login: false,
      asksWith: { variables: /^PASSWORD(?:_HASH)?$/ },
      // As much as the host: each who comes makes a way in for himself.
      commands: "host",
      ports: [51821],
      tags: /^v?(?:\d|1[0-4])(?:[.-]|$)/,
    },
  ],
  ["wg-easy", { name: "wg-easy", login: true, commands: "data", ports: [51821] }],
  // Source: zigbee2mqtt.io, "Frontend" (`auth_token`) and "Configuration" (settings as variables).
  [
    "zigbee2mqtt",
    {
      name: "the frontend of Zigbee2MQTT",
      login: false,
      asksWith: {
        variables: /^ZIGBEE2MQTT_CONFIG_FRONTEND_AUTH_TOKEN$/,
        files: ["/app/data/configuration.yaml"],
        software: "zigbee2mqtt",
      },
      commands: "data",
      ports: [8080],
    },
  ],
  // Source: mailpit.axllent.org, "HTTP authentication".
  [
    "mailpit",
    {
      name: "Mailpit",
      which: "which shows every mail that it takes",
      login: false,
      asksWith: { variables: /^MP_UI_AUTH(?:_FILE)?$/, options: /^--ui-auth(?:-file)?(?:=|$)/ },
      commands: "data",
      ports: [8025],
    },
  ],
  // Source: MailHog's docs/Auth.md.
  [
    "mailhog",
    {
      name: "MailHog",
      which: "which shows every mail that it takes",
      login: false,
      asksWith: { variables: /^MH_AUTH_FILE$/, options: /^-?-auth-file(?:=|$)/ },
      commands: "data",
      ports: [8025],
    },
  ],
  // Source: rspamd.com, "Controller worker": a password, unless the address is one of `secure_ip`.
  ["rspamd", { name: "Rspamd's controller", login: true, commands: "data", ports: [11334] }],
  // Source: distribution.github.io, "Configuring a registry": no `auth` lets everybody push.
  ...["library/registry", "distribution/distribution", "distribution"].map(
    (image) =>
      [
        image,
        {
          name: "the registry",
          which: "to which everybody pushes",
          login: false,
          asksWith: {
            variables: /^REGISTRY_AUTH(?:_|$)/,
            files: ["/etc/docker/registry/config.yml", "/etc/distribution/config.yml"],
          },
          commands: "data",
          ports: [5000],
        },
      ] as const,
  ),
  // Source: Jackett's README, "Admin password": set on its page, and kept in its file.
  [
    "jackett",
    { name: "Jackett", login: false, asksWith: { files: ["/config/Jackett/ServerConfig.json"] }, commands: "data" },
  ],
];

/** By the last part of the image's name, or its owner and that. What each asks for and listens on is said in the product's own documentation. */
export const administrations: ReadonlyMap<string, readonly Administration[]> = new Map(
  [...Map.groupBy(rows, ([image]) => image)].map(([image, found]) => [image, found.map(([, row]) => row)]),
);

/** The name with its clause, as a part of a sentence: `Mailpit, which shows every mail that it takes,`. */
export function withClause({ name, which }: Pick<Administration, "name" | "which">): string {
  return which === undefined ? name : `${name}, ${which},`;
}
