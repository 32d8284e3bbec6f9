/** What programs begin with where nothing sets another: an account whose password, or a key that, their manual tells everybody. */
export interface InitialLogin {
  readonly program: string;
  /** By the repository of its image. */
  readonly images: RegExp;
  /** The versions that it is true of, by their tags; absent: all. */
  readonly tags?: RegExp;
  /** What it begins with, as a noun: `the password of Grafana's account admin`. */
  readonly what: string;
  /** Variables that set another; absent where only the program itself changes it. */
  readonly setBy?: RegExp;
  /** Variables with which there is nothing to begin with. */
  readonly unless?: RegExp;
  /** Where a file in the container may set it, of which nothing is read here. */
  readonly files?: RegExp;
  /** It is changed in the program too, as most do: then nothing is known for sure where no variable sets it. */
  readonly changedInside?: true;
  /** What mends it, as a sentence. */
  readonly remedy: string;
}

const beforeOthers = "before anybody else can reach it, and keep its port on loopback until then.";

export const initialLogins: readonly InitialLogin[] = [
  // Source: grafana/grafana, `conf/defaults.ini` (`[security] admin_user`, `admin_password`, `disable_initial_admin_creation`).
  {
    program: "Grafana",
    images: /(?:^|\/)grafana\/grafana(?:-oss|-enterprise)?$/,
    what: "the password of Grafana's account admin",
    setBy: /^GF_SECURITY_ADMIN_PASSWORD(?:__FILE)?$/,
    unless: /^GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION$/,
    files: /^\/etc\/grafana(?:\/grafana\.ini)?$/,
    remedy:
      "Set `GF_SECURITY_ADMIN_PASSWORD__FILE` to the path of a secret. It counts at the first start: an account that is there already gets a new password by `grafana cli admin reset-admin-password`.",
  },
  // Source: minio/minio, `internal/auth/credentials.go` (`DefaultAccessKey`, `DefaultSecretKey`) and its manual, "Root access".
  {
    program: "MinIO",
    images: /(?:^|\/)minio\/minio$/,
    what: "MinIO's root user and password",
    setBy: /^MINIO_(?:ROOT_PASSWORD|SECRET_KEY)(?:_FILE)?$|^MINIO_CONFIG_ENV_FILE$/,
    files: /^\/etc\/(?:default|config)(?:\/minio)?$|\/config\.env$/,
    remedy: "Set `MINIO_ROOT_USER` and `MINIO_ROOT_PASSWORD_FILE`, the latter to the path of a secret.",
  },
  // Source: lldap/lldap, `lldap_config.docker_template.toml` (`ldap_user_pass`); it warns of its own default at each start.
  {
    program: "LLDAP",
    images: /(?:^|\/)lldap(?:\/lldap)?$|(?:^|\/)nitnelave\/lldap$/,
    what: "the password of LLDAP's account admin",
    setBy: /^LLDAP_LDAP_USER_PASS(?:_FILE)?$/,
    files: /^\/data(?:\/lldap_config\.toml)?$/,
    remedy: "Set `LLDAP_LDAP_USER_PASS_FILE` to the path of a secret, and `LLDAP_JWT_SECRET_FILE` beside it.",
  },
  // Source: paperless-ngx/paperless-ngx 2, `src/paperless/settings.py` (`SECRET_KEY`): the next version starts with none.
  {
    program: "Paperless-ngx",
    images: /(?:^|\/)paperless-ngx(?:\/paperless-ngx)?$/,
    tags: /^v?[12](?:\.|$)/,
    what: "the key by which Paperless-ngx signs sessions",
    setBy: /^PAPERLESS_SECRET_KEY(?:_FILE)?$/,
    files: /paperless\.conf$/,
    remedy:
      "Set `PAPERLESS_SECRET_KEY_FILE` to the path of a secret that `openssl rand -hex 32` made; everybody signs in once more.",
  },
  // Source: Nginx Proxy Manager's manual, "Full Setup Instructions" (`INITIAL_ADMIN_PASSWORD`).
  {
    program: "Nginx Proxy Manager",
    images: /(?:^|\/)jc21\/nginx-proxy-manager$/,
    what: "the password of Nginx Proxy Manager's first account",
    setBy: /^INITIAL_ADMIN_PASSWORD(?:__FILE)?$/,
    changedInside: true,
    remedy: `Set \`INITIAL_ADMIN_EMAIL\` and \`INITIAL_ADMIN_PASSWORD\` for the first start, or change it ${beforeOthers}`,
  },
  // Source: linuxserver/docker-bookstack and solidnerd/docker-bookstack, README; BookStack's manual, "Installation".
  {
    program: "BookStack",
    images: /(?:^|\/)(?:linuxserver|solidnerd)\/bookstack$/,
    what: "the password of BookStack's account admin@admin.com",
    changedInside: true,
    remedy: `Change it ${beforeOthers}`,
  },
  // Source: qBittorrent's wiki, "Web UI password locked" (until 4.6.0 one for everybody, since then one in the log).
  {
    program: "qBittorrent",
    images: /(?:^|\/)(?:linuxserver|hotio)\/qbittorrent$|(?:^|\/)qbittorrentofficial\/qbittorrent-nox$/,
    tags: /^(?:version-|release-)?v?(?:[0-3]\.\d|4\.[0-5]\.|4\.6\.0)/,
    what: "the password of qBittorrent's account admin",
    changedInside: true,
    remedy: `Raise it to 4.6.1 or newer, which begins with a password of its own, or change it ${beforeOthers}`,
  },
  // Source: Apache Guacamole's manual, "Database authentication" (`002-create-admin-user.sql`).
  {
    program: "Guacamole",
    images: /(?:^|\/)guacamole\/guacamole$/,
    what: "the password of Guacamole's account guacadmin",
    changedInside: true,
    remedy: `Make an administrator of your own and delete guacadmin ${beforeOthers}`,
  },
  // Source: umami-software/umami, README, "Build the Application".
  {
    program: "Umami",
    images: /(?:^|\/)umami(?:-software)?\/umami$/,
    what: "the password of Umami's account admin",
    changedInside: true,
    remedy: `Change it ${beforeOthers}`,
  },
  // Source: Zabbix's manual, "Login and configuring user".
  {
    program: "Zabbix",
    images: /(?:^|\/)zabbix\/zabbix-web-[a-z-]+$|(?:^|\/)zabbix\/zabbix-appliance$/,
    what: "the password of Zabbix's account Admin",
    changedInside: true,
    remedy: `Change it ${beforeOthers}`,
  },
];
