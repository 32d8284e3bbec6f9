/** A variable, by its names, with a value that counts. */
export interface VariableWithValue {
  readonly name: RegExp;
  readonly value: RegExp;
}

/** A program in which whoever comes may make an account of his own, unless its settings forbid it. */
export interface Registration {
  readonly program: string;
  /** By the repository of its image. */
  readonly images: RegExp;
  /** The versions that it is true of, by their tags; absent: all. The first row that fits counts. */
  readonly tags?: RegExp;
  /** Images of these tags are another part of the program, in which nobody registers. */
  readonly otherParts?: RegExp;
  /** Every name of the variable that decides. */
  readonly variable: RegExp;
  readonly open: RegExp;
  readonly closed: RegExp;
  /** What no variable leaves it at; or who decides then, as a clause. */
  readonly byDefault: "open" | "closed" | { readonly decidedBy: string };
  /** Variables with which nobody gets in by an account of his own, however that one is set. */
  readonly closedBy?: readonly VariableWithValue[];
  /** Variables with which, unless they are empty, `byDefault` is a matter of another place, and what place that is, as a clause. */
  readonly overruledBy?: Pick<VariableWithValue, "name"> & { readonly decidedBy: string };
  /** Variables that let some in and keep others out, unless they are empty. */
  readonly narrowedBy?: Pick<VariableWithValue, "name">;
  /** Where a file in the container may decide, of which nothing is read here. */
  readonly files?: RegExp;
  /** Ports of the container behind which nobody registers. */
  readonly otherPorts?: RegExp;
  /** What closes it, as a sentence. */
  readonly remedy: string;
}

const on = /^(?:true|1)$/i;
const off = /^(?:false|0)$/i;

const invites = "Make the accounts that you need, then set";

export const registrations: readonly Registration[] = [
  // Source: vaultwarden's `.env.template` (`SIGNUPS_ALLOWED=true`, `SIGNUPS_DOMAINS_WHITELIST` goes before it) and wiki,
  // "Configuration overview": what the admin page saved in `config.json` goes before the variables.
  {
    program: "Vaultwarden",
    images: /(?:^|\/)(?:vaultwarden\/server|bitwardenrs\/server|vaultwarden)$/,
    variable: /^SIGNUPS_ALLOWED$/,
    open: /^(?:true|t|yes|y|1)$/i,
    closed: /^(?:false|f|no|n|0)$/i,
    byDefault: "open",
    overruledBy: { name: /^ADMIN_TOKEN(?:_FILE)?$/, decidedBy: "its admin page may have closed it" },
    narrowedBy: { name: /^SIGNUPS_DOMAINS_WHITELIST$/ },
    remedy: `${invites} \`SIGNUPS_ALLOWED: "false"\`; whoever comes later is invited.`,
  },
  // Source: go-gitea/gitea, `docker/root/etc/s6/gitea/setup` and `templates/app.ini` (`DISABLE_REGISTRATION` is false, and
  // is taken once; `environment-to-ini` lays `GITEA__SECTION__KEY` over app.ini at each start; the set-up page asks unless
  // `INSTALL_LOCK` or `SECRET_KEY` skip it), docs.gitea.com, "Configuration cheat sheet".
  {
    program: "Gitea",
    images: /(?:^|\/)gitea\/gitea$/,
    variable: /^(?:GITEA__service__)?DISABLE_REGISTRATION$/i,
    open: off,
    closed: on,
    byDefault: { decidedBy: "its set-up page asks, and keeps the answer in app.ini" },
    closedBy: [{ name: /^GITEA__service__(?:ALLOW_ONLY_EXTERNAL_REGISTRATION|REGISTER_MANUAL_CONFIRM)$/i, value: on }],
    otherPorts: /^(?:22|2222)$/,
    remedy: `${invites} \`GITEA__service__DISABLE_REGISTRATION: "true"\`.`,
  },
  // Source: forgejo.org, "Configuration Cheat Sheet" and "Installation with Docker" (`FORGEJO__SECTION__KEY`).
  {
    program: "Forgejo",
    images: /(?:^|\/)forgejo\/forgejo$|(?:^|\/)forgejo$/,
    variable: /^(?:(?:FORGEJO|GITEA)__service__)?DISABLE_REGISTRATION$/i,
    open: off,
    closed: on,
    byDefault: { decidedBy: "its set-up page asks, and keeps the answer in app.ini" },
    closedBy: [
      {
        name: /^(?:FORGEJO|GITEA)__service__(?:ALLOW_ONLY_EXTERNAL_REGISTRATION|REGISTER_MANUAL_CONFIRM)$/i,
        value: on,
      },
    ],
    otherPorts: /^(?:22|2222)$/,
    remedy: `${invites} \`FORGEJO__service__DISABLE_REGISTRATION: "true"\`.`,
  },
  // Source: Mealie's documentation, "Backend Configuration": false since 1.4.0. What it was before is not judged.
  {
    program: "Mealie",
    images: /(?:^|\/)(?:hkotel|mealie-recipes)\/mealie$/,
    tags: /^(?:api-|frontend-)?v?(?:0\.|1\.[0-3](?:\D|$))/,
    otherParts: /^frontend-/,
    variable: /^ALLOW_SIGNUP$/,
    open: on,
    closed: off,
    byDefault: { decidedBy: "the version does" },
    remedy: `${invites} \`ALLOW_SIGNUP: "false"\`; whoever comes later is invited.`,
  },
  {
    program: "Mealie",
    images: /(?:^|\/)(?:hkotel|mealie-recipes)\/mealie$/,
    otherParts: /^frontend-/,
    variable: /^ALLOW_SIGNUP$/,
    open: on,
    closed: off,
    byDefault: "closed",
    remedy: `${invites} \`ALLOW_SIGNUP: "false"\`; whoever comes later is invited.`,
  },
  // Source: go-vikunja/vikunja, `config-raw.json` (`service.enableregistration`: true) and "Config options".
  {
    program: "Vikunja",
    images: /(?:^|\/)vikunja\/(?:vikunja|api)$/,
    variable: /^VIKUNJA_SERVICE_ENABLEREGISTRATION$/i,
    open: /^(?:true|t|1)$/i,
    closed: /^(?:false|f|0)$/i,
    byDefault: "open",
    closedBy: [{ name: /^VIKUNJA_AUTH_LOCAL_ENABLED$/i, value: off }],
    files: /^\/(?:etc|app)\/vikunja(?:\/config\.(?:ya?ml|toml|json))?$/,
    remedy: `${invites} \`VIKUNJA_SERVICE_ENABLEREGISTRATION: "false"\`.`,
  },
  // Source: karakeep-app/karakeep, "Configuration", "Authentication / Signup".
  {
    program: "Karakeep",
    images: /(?:^|\/)(?:karakeep-app\/karakeep|hoarder-app\/hoarder(?:-web)?)$/,
    variable: /^DISABLE_SIGNUPS$/,
    open: off,
    closed: on,
    byDefault: "open",
    closedBy: [{ name: /^DISABLE_PASSWORD_AUTH$/, value: on }],
    remedy: `${invites} \`DISABLE_SIGNUPS: "true"\`.`,
  },
  // Source: linkwarden/linkwarden, `.env.sample` and `postUser` (nothing but `true` refuses).
  {
    program: "Linkwarden",
    images: /(?:^|\/)linkwarden\/linkwarden$/,
    variable: /^NEXT_PUBLIC_DISABLE_REGISTRATION$/,
    open: /^(?!true$)/,
    closed: /^true$/,
    byDefault: "open",
    remedy: `${invites} \`NEXT_PUBLIC_DISABLE_REGISTRATION: "true"\`.`,
  },
  // Source: sysadminsmedia/homebox, "Configure" (`HBOX_OPTIONS_ALLOW_REGISTRATION`: true).
  {
    program: "Homebox",
    images: /(?:^|\/)(?:sysadminsmedia|hay-kot)\/homebox$/,
    variable: /^HBOX_OPTIONS_ALLOW_REGISTRATION$/,
    open: on,
    closed: off,
    byDefault: "open",
    remedy: `${invites} \`HBOX_OPTIONS_ALLOW_REGISTRATION: "false"\`; whoever comes later is invited.`,
  },
  // Source: healthchecks.io, "Server Configuration" (`REGISTRATION_OPEN`: True).
  {
    program: "Healthchecks",
    images: /(?:^|\/)(?:healthchecks|linuxserver)\/healthchecks$/,
    variable: /^REGISTRATION_OPEN$/,
    open: /^true$/i,
    closed: /^false$/i,
    byDefault: "open",
    remedy: `${invites} \`REGISTRATION_OPEN: "False"\`; whoever comes later is invited.`,
  },
  // Source: laurent22/joplin, `packages/server/src/env.ts` (`SIGNUP_ENABLED`: false).
  {
    program: "Joplin Server",
    images: /(?:^|\/)joplin\/server$/,
    variable: /^SIGNUP_ENABLED$/,
    open: on,
    closed: off,
    byDefault: "closed",
    remedy: 'Set `SIGNUP_ENABLED: "false"`, and make accounts on the admin page.',
  },
  // Source: docs.paperless-ngx.com, "Configuration" (`PAPERLESS_ACCOUNT_ALLOW_SIGNUPS`: False).
  {
    program: "Paperless-ngx",
    images: /(?:^|\/)paperless-ngx\/paperless-ngx$/,
    variable: /^PAPERLESS_ACCOUNT_ALLOW_SIGNUPS$/,
    open: /^(?:true|t|yes|y|1)$/i,
    closed: /^(?:false|f|no|n|0)$/i,
    byDefault: "closed",
    remedy: 'Set `PAPERLESS_ACCOUNT_ALLOW_SIGNUPS: "false"`, and make accounts in its settings.',
  },
  // Source: docs.tandoor.dev, "Configuration" (`ENABLE_SIGNUP`: 0).
  {
    program: "Tandoor",
    images: /(?:^|\/)vabene1111\/recipes$/,
    variable: /^ENABLE_SIGNUP$/,
    open: /^1$/,
    closed: /^0$/,
    byDefault: "closed",
    remedy: 'Set `ENABLE_SIGNUP: "0"`; whoever comes later is invited by a link.',
  },
  // Source: HedgeDoc 1's configuration, "Login settings" (`CMD_ALLOW_EMAIL_REGISTER`: true; nothing but `true` is).
  {
    program: "HedgeDoc",
    images: /(?:^|\/)(?:hedgedoc|linuxserver)\/hedgedoc$/,
    variable: /^CMD_ALLOW_EMAIL_REGISTER$/,
    open: /^true$/,
    closed: /^(?!true$|$)/,
    byDefault: "open",
    closedBy: [{ name: /^CMD_EMAIL$/, value: /^(?!true$|$)/ }],
    files: /^\/hedgedoc(?:\/config\.json)?$/,
    remedy: `${invites} \`CMD_ALLOW_EMAIL_REGISTER: "false"\`; \`manage_users\` makes further ones.`,
  },
  // Source: docs.openwebui.com, "Environment Variable Configuration": an account waits for an administrator unless
  // `DEFAULT_USER_ROLE` says otherwise; both are read at the first start and kept in its database.
  {
    program: "Open WebUI",
    images: /(?:^|\/)open-webui\/open-webui$/,
    variable: /^DEFAULT_USER_ROLE$/,
    open: /^(?:user|admin)$/,
    closed: /^pending$/,
    byDefault: "closed",
    closedBy: [{ name: /^ENABLE_SIGNUP$/, value: /^(?!true$|$)/i }],
    remedy:
      'Remove `DEFAULT_USER_ROLE`, so that each new account waits for you, or set `ENABLE_SIGNUP: "false"`. Where it has started once already, change it on the admin page.',
  },
  // Source: wallabag/docker, `SYMFONY__ENV__FOSUSER_REGISTRATION`; its default changed between the images.
  {
    program: "wallabag",
    images: /(?:^|\/)wallabag\/wallabag$/,
    variable: /^SYMFONY__ENV__FOSUSER_REGISTRATION$/,
    open: on,
    closed: off,
    byDefault: { decidedBy: "the image's version does" },
    remedy: `${invites} \`SYMFONY__ENV__FOSUSER_REGISTRATION: "false"\`.`,
  },
  // Source: thedevs-network/kutt, `server/env.js` (`DISALLOW_REGISTRATION`: true since version 3).
  {
    program: "Kutt",
    images: /(?:^|\/)kutt\/kutt$/,
    variable: /^DISALLOW_REGISTRATION$/,
    open: /^(?:false|f|no|off|0)$/i,
    closed: /^(?:true|t|yes|on|1)$/i,
    byDefault: { decidedBy: "the version does" },
    remedy: `${invites} \`DISALLOW_REGISTRATION: "true"\`.`,
  },
  // Source: muety/wakapi, README and `config/config.go` (`allow_signup`: true; the image sets the variable so too).
  {
    program: "Wakapi",
    images: /(?:^|\/)muety\/wakapi$/,
    variable: /^WAKAPI_ALLOW_SIGNUP$/,
    open: on,
    closed: off,
    byDefault: "open",
    remedy: `${invites} \`WAKAPI_ALLOW_SIGNUP: "false"\`.`,
  },
  // Source: seanmorley15/AdventureLog, `backend/server/main/settings.py` (nothing but `true` disables it).
  {
    program: "AdventureLog",
    images: /(?:^|\/)seanmorley15\/adventurelog-backend$/,
    variable: /^DISABLE_REGISTRATION$/,
    open: /^(?!true$)/i,
    closed: /^true$/i,
    byDefault: "open",
    remedy: `${invites} \`DISABLE_REGISTRATION: "True"\`; whoever comes later is invited.`,
  },
  // Source: danny-avila/LibreChat, `validateRegistration` (`isEnabled(process.env.ALLOW_REGISTRATION)`).
  {
    program: "LibreChat",
    images: /(?:^|\/)(?:danny-avila|librechat)\/librechat(?:-dev)?(?:-api)?$/,
    variable: /^ALLOW_REGISTRATION$/,
    open: /^true$/i,
    closed: /^false$/i,
    byDefault: "closed",
    files: /^\/app(?:\/\.env)?$/,
    remedy: `${invites} \`ALLOW_REGISTRATION: "false"\`.`,
  },
  // Source: wger-project/docker, `config/prod.env`, by which all of it is set.
  {
    program: "wger",
    images: /(?:^|\/)wger\/server$/,
    variable: /^ALLOW_REGISTRATION$/,
    open: /^true$/i,
    closed: /^false$/i,
    byDefault: { decidedBy: "the image's own settings do" },
    remedy: `${invites} \`ALLOW_REGISTRATION: "False"\`, and \`ALLOW_GUEST_USERS\` too.`,
  },
  // Source: woodpecker-ci.org, "Server": who has an account at the forge signs in where it is open, or who is in an organization.
  {
    program: "Woodpecker",
    images: /(?:^|\/)woodpeckerci\/woodpecker-server$/,
    variable: /^WOODPECKER_OPEN$/,
    open: on,
    closed: off,
    byDefault: "closed",
    narrowedBy: { name: /^WOODPECKER_ORGS$/ },
    otherPorts: /^9000$/,
    remedy:
      "Remove `WOODPECKER_OPEN`, or name in `WOODPECKER_ORGS` whose members may come: whoever is in runs programs on the agents.",
  },
  // Source: docs.drone.io, "Registration": open by default, `DRONE_USER_FILTER` names who may come.
  {
    program: "Drone",
    images: /(?:^|\/)drone\/drone$/,
    variable: /^DRONE_REGISTRATION_CLOSED$/,
    open: off,
    closed: on,
    byDefault: "open",
    narrowedBy: { name: /^DRONE_USER_FILTER$/ },
    remedy: "Name in `DRONE_USER_FILTER` who may come: whoever is in runs programs on the runners.",
  },
  // Source: chatwoot/chatwoot, `.env.example` (`ENABLE_ACCOUNT_SIGNUP`; what it is where it is left out changed over time).
  {
    program: "Chatwoot",
    images: /(?:^|\/)chatwoot\/chatwoot$/,
    variable: /^ENABLE_ACCOUNT_SIGNUP$/,
    open: /^(?:true|api_only)$/i,
    closed: /^false$/i,
    byDefault: { decidedBy: "the version does" },
    remedy: "Set `ENABLE_ACCOUNT_SIGNUP=false`, and invite people.",
  },
  // Source: binwiederhier/ntfy, `server/server.yml` (`enable-signup: false`; variables `NTFY_…` of the same name).
  {
    program: "ntfy",
    images: /(?:^|\/)binwiederhier\/ntfy$/,
    variable: /^NTFY_ENABLE_SIGNUP$/,
    open: /^(?:1|t|true)$/i,
    closed: /^(?:0|f|false)$/i,
    byDefault: "closed",
    files: /^\/etc\/ntfy(?:\/server\.ya?ml)?$/,
    remedy: 'Set `NTFY_ENABLE_SIGNUP: "false"`, and make users with `ntfy user add`.',
  },
  // Source: Grafana 12.0, `conf/defaults.ini` (`[users] allow_sign_up = false`).
  {
    program: "Grafana",
    images: /(?:^|\/)grafana\/grafana(?:-oss|-enterprise)?$/,
    variable: /^GF_USERS_ALLOW_SIGN_UP$/,
    open: /^(?:1|t|true|yes|y|on)$/i,
    closed: /^(?:0|f|false|no|n|off)$/i,
    byDefault: "closed",
    files: /^\/etc\/grafana(?:\/grafana\.ini)?$/,
    remedy: "Remove `GF_USERS_ALLOW_SIGN_UP`, and invite people.",
  },
];
