/** How a login that is switched off is switched on again, by the program's own documentation. */
const byVariable: readonly (readonly [name: RegExp, remedy: (name: string) => string])[] = [
  [
    /^POSTGRES_HOST_AUTH_METHOD$/,
    () =>
      "Remove `POSTGRES_HOST_AUTH_METHOD` and set `POSTGRES_PASSWORD_FILE`. A database that exists already keeps its `pg_hba.conf`: `trust` becomes `scram-sha-256` there.",
  ],
  [
    /^(MYSQL|MARIADB)_ALLOW_EMPTY_/,
    (name) =>
      `Remove \`${name}\` and set \`${name.split("_")[0]}_ROOT_PASSWORD_FILE\`. A database that exists already keeps its accounts: give root a password there with \`ALTER USER\`.`,
  ],
  [
    /^GF_AUTH_ANONYMOUS_ENABLED$/,
    (name) =>
      `Set \`${name}\` to \`"false"\`. Who is to see a dashboard gets an account, or that dashboard is shared by itself as a public one.`,
  ],
  [
    /^(?:xpack|ELASTICSEARCH_SECURITY)/i,
    (name) => `Set \`${name}\` to \`"true"\`, and \`ELASTIC_PASSWORD_FILE\` for its first user.`,
  ],
  [
    /^(?:plugins[._]security|DISABLE_SECURITY_PLUGIN)/i,
    (name) => `Remove \`${name}\`, and set \`OPENSEARCH_INITIAL_ADMIN_PASSWORD\` to a value that you generate.`,
  ],
  [
    /^N8N_/,
    (name) =>
      `Remove \`${name}\`: n8n since 1.0 has users of its own, whose first is made at the first visit. Make that visit before anybody else can.`,
  ],
  [
    /__AUTH__METHOD$/i,
    (name) =>
      `Set \`${name}\` to \`Forms\`, or let every route to it pass a sign-in of the proxy, and publish no port beside it.`,
  ],
  [/__AUTH__REQUIRED$/i, (name) => `Set \`${name}\` to \`Enabled\`: then everybody is asked.`],
  [
    /^PAPERLESS_AUTO_LOGIN_USERNAME$/,
    (name) =>
      `Remove \`${name}\`, and sign in; a proxy that asks may name the user by \`PAPERLESS_ENABLE_HTTP_REMOTE_USER\`.`,
  ],
  [/^NEO4J_AUTH$/, () => "Remove `NEO4J_AUTH: none` and set `NEO4J_AUTH_FILE` to a file that holds `neo4j/PASSWORD`."],
  [
    /^INFLUXDB_HTTP_AUTH_ENABLED$/,
    (name) =>
      `Set \`${name}\` to \`"true"\`, and \`INFLUXDB_ADMIN_USER\` with \`INFLUXDB_ADMIN_PASSWORD\` for its first user.`,
  ],
  [
    /^FTLCONF_webserver|^WEBPASSWORD$/,
    (name) => `Give \`${name}\` a value of your own, for the admin pages and the API.`,
  ],
  [
    /^HTTPPROXY$/,
    () =>
      "Set `HTTPPROXY_USER` and `HTTPPROXY_PASSWORD`, or remove the port: services on its network reach it by name.",
  ],
  [
    /^(?:JAVA_OPTS|JENKINS_)/,
    () =>
      "Remove `-Djenkins.install.runSetupWizard=false` and go through the wizard, or give Jenkins its users by Configuration as Code (`CASC_JENKINS_CONFIG`).",
  ],
  [/^TRAEFIK_API_INSECURE$/, (name) => `Remove \`${name}\`. ${dashboard()}`],
  [
    /^ME_CONFIG_BASICAUTH/,
    (name) =>
      `Set \`${name}\` to \`"true"\`, with \`ME_CONFIG_BASICAUTH_USERNAME\` and \`ME_CONFIG_BASICAUTH_PASSWORD\`.`,
  ],
  [
    /^PMA_USER$/,
    () =>
      "Remove `PMA_USER` and `PMA_PASSWORD`: whoever comes is then asked for a user of the database and its password.",
  ],
  [
    /^PGADMIN_CONFIG_SERVER_MODE$/,
    (name) => `Remove \`${name}\`: pgAdmin then asks for \`PGADMIN_DEFAULT_EMAIL\` and its password.`,
  ],
];

function dashboard(): string {
  return "For the dashboard make a router to `api@internal` with a login before it.";
}

const byArgument: readonly (readonly [means: RegExp, remedy: string])[] = [
  [/^Traefik/, `Remove \`--api.insecure\`. ${dashboard()}`],
  [
    /^Redis/,
    "Remove `--protected-mode no` and set a password: `--requirepass`, or users in an ACL file (`--aclfile`).",
  ],
  [
    /^Argo Workflows/,
    "Give it `--auth-mode=sso`, or `--auth-mode=client`, with which each who comes brings a token of the cluster's.",
  ],
  [/^MySQL/, "Remove `--skip-grant-tables`, which is for the one start at which a lost password is set anew."],
  [
    /^Jupyter/,
    "Remove the empty token: Jupyter then makes one at each start. Where it has to stay the same, set a hashed password.",
  ],
];

const byStore: Readonly<Record<string, string>> = {
  Redis:
    "Set a password, `--requirepass`, or users in an ACL file (`--aclfile`), and give it to those who use the store.",
  MongoDB:
    "Set `MONGO_INITDB_ROOT_USERNAME` and `MONGO_INITDB_ROOT_PASSWORD_FILE`. A database that exists already does not read them: make a user there, and start it with `--auth`.",
  "InfluxDB 1":
    'Set `INFLUXDB_HTTP_AUTH_ENABLED: "true"`, with `INFLUXDB_ADMIN_USER` and `INFLUXDB_ADMIN_PASSWORD` for its first user.',
  memcached:
    "Give it no port beyond the network of the one service that uses it. Where others are on that network, `--auth-file` asks for a password.",
};

/** What mends a door that a variable opens. */
export function remedyForVariable(name: string): string {
  const known = byVariable.find(([pattern]) => pattern.test(name))?.[1](name);
  return known ?? `Take \`${name}\` back, and set a login of its own. ${otherwise}`;
}

/** What mends a door that an argument opens; `means` is what is said of it. */
export function remedyForArgument(means: string): string {
  const known = byArgument.find(([pattern]) => pattern.test(means))?.[1];
  return known ?? `Remove the option from the command, and set a login of its own. ${otherwise}`;
}

/** What gives a store that asks for no password one. */
export function remedyForStore(name: string): string {
  return byStore[name] ?? `Set a password. ${otherwise}`;
}

const otherwise = "Where it has none, let a proxy that asks who comes be the only way to it.";
