import type { Severity } from "../../contracts/verdict.ts";

/** Switches by which programs ask nobody who they are. Each is in the program's own documentation. */
export interface OpenDoor {
  readonly name: RegExp;
  /** The values that open the door. */
  readonly value: RegExp;
  /** What that means, as a clause. */
  readonly means: string;
  /** What stands open is a store of data, or runs what it is told: whoever comes has all of it. */
  readonly store?: true;
  /** The container's ports that it may be behind, where it has others too. */
  readonly port?: RegExp;
  /** Variables that put it behind another port. */
  readonly movedByVariable?: RegExp;
  /** Variables that close it again, where one has a value. */
  readonly unless?: RegExp;
  /** Files and images that may close it, of which nothing is read. */
  readonly closedBy?: { readonly mounted: RegExp; readonly image: RegExp };
  /** Left to whoever stands before it: closed where every way in demands a sign-in of the proxy. */
  readonly leftToProxy?: true;
  /** How bad it is where it is not what the control has for all of them; whoever comes from outside is still asked then. */
  readonly severity?: Severity;
  /** A variable by which there is nobody to ask in any case: its own finding tells all of it. */
  readonly toldBy?: { readonly name: RegExp; readonly value: RegExp };
  /** A second variable that gives whoever comes orders to give; then the door is a step worse. */
  readonly more?: { readonly name: string; readonly value: RegExp; readonly means: string };
}

const on = /^(?:1|true|yes|on|enabled)$/i;
const off = /^(?:0|false|no|off|disabled)$/i;

export const openVariables: readonly OpenDoor[] = [
  {
    name: /^POSTGRES_HOST_AUTH_METHOD$/,
    value: /^trust$/i,
    means: "PostgreSQL lets everybody in without a password",
    store: true,
  },
  {
    name: /^(?:MYSQL|MARIADB)_ALLOW_EMPTY_(?:ROOT_)?PASSWORD$/,
    value: /^(?!0$|no$|false$|$).+/i,
    means: "the database's root has no password",
    store: true,
  },
  { name: /^ALLOW_EMPTY_PASSWORD$/, value: on, means: "it runs without a password", store: true },
  {
    name: /^ALLOW_ANONYMOUS(?:_LOGIN|_ACCESS)?$|_ALLOW_ANONYMOUS$|^ANONYMOUS_ENABLED$/,
    value: on,
    means: "anybody may connect",
  },
  // Source: Grafana's documentation, "Configure high availability": on 9094 its alerting speaks to its like.
  {
    name: /^GF_AUTH_ANONYMOUS_ENABLED$/,
    value: on,
    means: "Grafana shows its dashboards to everybody",
    port: /^(?!9094$)/,
    movedByVariable: /^GF_SERVER_HTTP_PORT$/,
    more: {
      name: "GF_AUTH_ANONYMOUS_ORG_ROLE",
      value: /^(?:admin|editor)$/i,
      means: "everybody may change Grafana's dashboards, and as Admin its data sources and users",
    },
  },
  {
    name: /^(?:xpack[._]security[._]enabled|ELASTICSEARCH_SECURITY_ENABLED)$/i,
    value: off,
    means: "Elasticsearch asks for no login",
    store: true,
  },
  {
    name: /^(?:plugins[._]security[._]disabled|DISABLE_SECURITY_PLUGIN)$/i,
    value: on,
    means: "OpenSearch asks for no login",
    store: true,
  },
  // Source: dani-garcia/vaultwarden, `.env.template`: only for where something else asks before the admin page. Before 1.29
  // `WEBSOCKET_PORT`, 3012, had its notifications.
  {
    name: /^DISABLE_ADMIN_TOKEN$/,
    value: /^(?:true|t|yes|y|1)$/i,
    means: "Vaultwarden's admin page asks nobody, and whoever comes deletes and invites users there",
    store: true,
    port: /^(?!3012$)/,
    movedByVariable: /^(?:ROCKET|WEBSOCKET)_PORT$/,
    leftToProxy: true,
  },
  // Source: docs.paperless-ngx.com, "Configuration" (`PAPERLESS_AUTO_LOGIN_USERNAME`: not to be used on the internet).
  {
    name: /^PAPERLESS_AUTO_LOGIN_USERNAME$/,
    value: /\S.*/,
    means: "Paperless-ngx takes whoever comes for that user",
    store: true,
  },
  // Source: Sonarr, `ConfigFileProvider.cs` (variables go before its file) and Servarr's wiki, "Forms, Basic or External":
  // `External` disables the program's own login, and a proxy has to ask.
  {
    name: /^(?:SONARR|RADARR|PROWLARR|LIDARR|READARR|WHISPARR)__AUTH__METHOD$/i,
    value: /^(?:external|none)$/i,
    means: "the program asks nobody, and no proxy that is seen here asks in its place",
    leftToProxy: true,
  },
  {
    name: /^(?:SONARR|RADARR|PROWLARR|LIDARR|READARR|WHISPARR)__AUTH__REQUIRED$/i,
    value: /^disabledforlocaladdresses$/i,
    means: "whoever comes from a private address is asked for no login",
    severity: "low",
    toldBy: {
      name: /^(?:SONARR|RADARR|PROWLARR|LIDARR|READARR|WHISPARR)__AUTH__METHOD$/i,
      value: /^(?:external|none)$/i,
    },
  },
  // Source: docker-pi-hole's README and Pi-hole's documentation, "Docker: configuration": an empty text sets no password.
  {
    name: /^(?:FTLCONF_webserver_api_password|WEBPASSWORD)$/,
    value: /^$/,
    means: "Pi-hole's web interface and API ask for no password",
    // Not those of DNS, DHCP and NTP.
    port: /^(?!53$|67$|123$)/,
  },
  // Source: gluetun's wiki, "HTTP proxy options": a name and a password are optional, and none is set.
  {
    name: /^HTTPPROXY$/,
    value: on,
    means: "gluetun's HTTP proxy serves everybody who reaches it",
    port: /^8888$/,
    movedByVariable: /^(?:HTTPPROXY_LISTENING_ADDRESS|(?:HTTPPROXY|TINYPROXY|PROXY)_PORT)$/,
    unless: /^HTTPPROXY_(?:USER|PASSWORD)(?:_SECRETFILE)?$/,
  },
  // Source: jenkinsci/docker, README ("Connecting agents": on 50000); JEP-302 (Configuration as Code): without the wizard
  // nobody is made administrator.
  {
    name: /^(?:JAVA_OPTS|JENKINS_JAVA_OPTS|JENKINS_OPTS)$/,
    value: /-Djenkins\.install\.runSetupWizard=false/i,
    means: "Jenkins starts with no login, and everybody runs code until somebody turns its security on",
    store: true,
    port: /^(?!50000$)/,
    movedByVariable: /^(?:JENKINS_SLAVE_AGENT_PORT|JENKINS_OPTS)$/,
    unless: /^CASC_JENKINS_CONFIG$/,
    closedBy: { mounted: /init\.groovy|casc|jenkins\.ya?ml|config\.xml|\/ref(?:\/|$)/i, image: /^jenkins\/jenkins$/ },
  },
  { name: /^N8N_BASIC_AUTH_ACTIVE$/, value: off, means: "n8n's login is off", store: true },
  { name: /^N8N_USER_MANAGEMENT_DISABLED$/, value: on, means: "n8n has no users", store: true },
  { name: /^NEO4J_AUTH$/, value: /^none$/i, means: "Neo4j asks for no login", store: true },
  // Source: InfluxDB v1's documentation, "InfluxDB ports": what comes by Graphite, OpenTSDB, UDP and collectd is written alone.
  {
    name: /^INFLUXDB_HTTP_AUTH_ENABLED$/,
    value: off,
    means: "InfluxDB asks for no login",
    store: true,
    port: /^(?!2003$|4242$|8089$|25826$)/,
    movedByVariable: /^INFLUXDB_.*BIND_ADDRESS$/,
  },
  {
    name: /^TRAEFIK_API_INSECURE$/,
    value: on,
    means: "Traefik's dashboard and API are open on port 8080",
    port: /^8080$/,
    movedByVariable: /^TRAEFIK_ENTRYPOINTS_TRAEFIK_ADDRESS$/i,
  },
  { name: /^ME_CONFIG_BASICAUTH(?:_ENABLED)?$/, value: off, means: "mongo-express asks for no login", store: true },
  // Source: phpMyAdmin's image, config.inc.php: with `PMA_USER` its `auth_type` is `config`.
  {
    name: /^PMA_USER$/,
    value: /\S+/,
    means: "phpMyAdmin signs everybody in as that user of the database",
    store: true,
  },
  // Source: pgAdmin 4's manual, "Container Deployment" and "Desktop Deployment": a desktop has no users.
  {
    name: /^PGADMIN_CONFIG_SERVER_MODE$/,
    value: off,
    means: "pgAdmin runs as on a desktop, and asks for no login",
    store: true,
  },
  { name: /^WEBUI_AUTH$/, value: off, means: "the web interface asks for no login" },
  // Source: SeleniumHQ/docker-selenium, README, "VNC server" (5900) and noVNC (7900), and its `ENV_VARIABLES.md`.
  {
    name: /^(?:SE_)?VNC_NO_PASSWORD$/,
    value: on,
    means: "whoever comes sees the browser and works with it",
    port: /^(?:5900|7900)$/,
    movedByVariable: /^(?:SE_)?(?:NO_)?VNC_PORT$/,
  },
  { name: /^FB_NOAUTH$/, value: on, means: "File Browser asks for no login", store: true },
  {
    name: /^AUTH(?:ENTICATION)?(?:_METHOD|_TYPE|_MODE|_PROVIDER)?$/,
    value: /^(?:none|disabled|anonymous)$/i,
    means: "it asks for no login",
  },
  {
    name: /^(?:ENABLE_AUTH|REQUIRE_AUTH|AUTH_REQUIRED|AUTH_ENABLED|LOGIN_REQUIRED|USE_AUTH|SECURITY_ENABLED)$/,
    value: off,
    means: "it asks for no login",
  },
  {
    name: /^(?:DISABLE_AUTH|DISABLE_AUTHENTICATION|DISABLE_LOGIN|NO_AUTH|NOAUTH|AUTH_DISABLED|SKIP_AUTH|BYPASS_AUTH|WITHOUT_AUTH|DANGEROUSLY_DISABLE_AUTH|DANGEROUSLY_OMIT_AUTH)$/,
    value: on,
    means: "it asks for no login",
  },
];

/** Whether a name is that of any of them: one test for most variables, which are none. */
export const openVariableName = new RegExp(openVariables.map(({ name }) => name.source).join("|"), "i");

/** A switch among the words of a command. */
export interface OpenArgument extends Pick<OpenDoor, "means" | "port"> {
  readonly pattern: RegExp;
  /** Whoever comes runs code, or has all that a store holds. */
  readonly grave?: true;
  /** Words that put the door behind another port than `port`. */
  readonly movedBy?: RegExp;
}

export const openArguments: readonly OpenArgument[] = [
  // Source: doc.traefik.io, "API & Dashboard": the entry point `traefik`, on port 8080 unless its address is set.
  {
    pattern: /(?:^|\s)--api\.insecure(?:=true|\s+true|\s*$|\s+-)/i,
    means: "Traefik's dashboard and API are open on port 8080",
    port: /^8080$/,
    movedBy: /(?:^|\s)--entrypoints\.traefik\.address\b/i,
  },
  {
    pattern:
      /(?:^|\s)--?(?:no-?auth|disable-auth(?:entication)?|without-auth(?:entication)?|skip-login|enable-skip-login|allow-anonymous)(?:=true)?(?:\s|$)/i,
    means: "it asks for no login",
  },
  { pattern: /(?:^|\s)--auth(?:[= ])none(?:\s|$)/i, means: "it asks for no login" },
  // Source: Cockroach Labs' manual, "cockroach start-single-node", `--insecure`: no certificates, and no passwords.
  {
    pattern: /(?:^|\s)(?:start-single-node|\S*cockroach\s+start)(?:\s+(?!start)\S+)*?\s+--insecure(?:=true)?(?:\s|$)/,
    means: "CockroachDB asks nobody for a password, its root neither",
    grave: true,
  },
  // Source: kopia, cli/command_server_start.go, `without-password`: whoever comes reads, restores and deletes backups.
  {
    pattern: /(?:^|\s)server\s+start(?:\s+(?!server\s)\S+)*?\s+--without-password(?:=true)?(?:\s|$)/i,
    means: "Kopia gives everybody its backups",
    grave: true,
  },
  // Source: Argo Workflows, "Argo Server Auth Mode" (`server`: the server's own account) and GHSA-rc7p-gmvh-xfx2.
  {
    pattern: /(?:^|\s)--auth-mode(?:=|\s+)server(?:\s|$)/,
    means: "Argo Workflows runs for everybody what its own account may run",
    grave: true,
  },
  {
    pattern: /(?:^|\s)--protected-mode\s+no(?:\s|$)/i,
    means: "Redis answers everybody without a password",
    grave: true,
  },
  { pattern: /(?:^|\s)--skip-grant-tables(?:\s|$)/i, means: "MySQL lets everybody in as root", grave: true },
  // An API server's own default, which identity.cluster-anonymous-off judges with what it allows.
  { pattern: /^(?!.*\bkube-apiserver\b)(?:.*\s)?--anonymous-auth=true(?:\s|$)/is, means: "anybody may connect" },
  {
    pattern: /(?:^|\s)--(?:NotebookApp|ServerApp|IdentityProvider)\.(?:token|password)=(?:''|"")?(?:\s|$)/,
    means: "Jupyter runs code for everybody",
    grave: true,
  },
];
