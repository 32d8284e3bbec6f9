/** Programs with a configuration file of their own, as a Compose file runs them, and how bad what is found there is. */
import { posix } from "node:path";
import { evaluate } from "../../src/controls/evaluate.ts";
import { flatFindings } from "../../src/controls/known-findings.ts";
import { allControls } from "../../src/controls/registry.ts";
import { systemsOf } from "../../src/platforms/testing/systems-of.ts";

export const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;
/** Files of a folder by their paths. */
export type Files = Readonly<Record<string, string>>;
export const door = "identity.configured-login-required";

/** How bad the first finding of one control is in a folder with these files, and how that came about. */
export function told(files: Files, control = door): string | undefined {
  const { findings } = evaluate(systemsOf(files), allControls, options);
  const found = flatFindings(findings).find((each) => each.control === control && each.verdict === "fail");
  return found === undefined ? undefined : `${found.severity}: ${found.severityWhy}`;
}

/** Of a program alone with its file, its ports published as they are. */
export interface Program {
  readonly image: string;
  /** Where it finds its file, and what stands there. */
  readonly inside: string;
  readonly text: string;
  readonly more?: string;
  /** A further volume. */
  readonly site?: string;
}

export function publishing(ports: readonly string[], { image, inside, text, more = "", site = "" }: Program): Files {
  const file = posix.basename(inside);
  return {
    "compose.yaml": `services:
  app:
    image: ${image}
    ports: [${ports.map((port) => `"${port}"`).join(", ")}]
    volumes: ["./${file}:${inside}:ro"${site}]
${more}`,
    [file]: text,
  };
}

export const qbittorrent = (
  settings = "",
  more = "",
  image = "qbittorrentofficial/qbittorrent-nox:5.1.2-1",
): Program => ({
  image,
  inside: "/config/qBittorrent/qBittorrent.conf",
  text: `[Preferences]\nWebUI\\AuthSubnetWhitelist=0.0.0.0/0\nWebUI\\AuthSubnetWhitelistEnabled=true\n${settings}`,
  more,
});
export const mosquitto = (text: string): Program => ({
  image: "eclipse-mosquitto:2.0.22",
  inside: "/mosquitto/config/mosquitto.conf",
  text,
});
export const grafana = (text: string, more = ""): Program => ({
  image: "grafana/grafana:12.0.0",
  inside: "/etc/grafana/grafana.ini",
  text,
  more,
});
export const gitea = (text: string, more = ""): Program => ({
  image: "gitea/gitea:1.24.0",
  inside: "/data/gitea/conf/app.ini",
  text: `[repository]\nROOT = /data/git\n[security]\nINSTALL_LOCK = false\n[service]\nDISABLE_REGISTRATION = true\n${text}`,
  more,
});
export const frps = (text: string): Program => ({
  image: "snowdreamtech/frps:0.65.0",
  inside: "/etc/frp/frps.toml",
  text,
});
export const homeAssistant = (http: string): Program => ({
  image: "homeassistant/home-assistant:2025.6",
  inside: "/config/configuration.yaml",
  text: `default_config:\nhomeassistant:\n  auth_providers:\n    - {type: trusted_networks, trusted_networks: [0.0.0.0/0]}\n${http}`,
});
export const zigbee = (frontend: string, more = ""): Program => ({
  image: "koenkk/zigbee2mqtt:2.4.0",
  inside: "/app/data/configuration.yaml",
  text: `${frontend === "true" ? "" : "version: 4\n"}mqtt: {server: 'mqtt://mq'}\nserial: {port: /dev/ttyUSB0}\nfrontend: ${frontend}\n`,
  more,
});
export const loki = (server: string, more = ""): Program => ({
  image: "grafana/loki:3.5.0",
  inside: "/etc/loki/local-config.yaml",
  text: `auth_enabled: false\nserver: ${server}\nschema_config: {}\n`,
  more,
});
export const synapse = (listeners: string): Program => ({
  image: "matrixdotorg/synapse:v1.140.0",
  inside: "/data/homeserver.yaml",
  text: `server_name: e.org\nreport_stats: false\nenable_registration: true\nenable_registration_without_verification: true\nlisteners: ${listeners}\n`,
});
export const gluetun = (more = ""): Program => ({
  image: "qmcgaw/gluetun:v3.41.0",
  inside: "/gluetun/auth/config.toml",
  text: '[[roles]]\nname = "r"\nroutes = ["PUT /v1/vpn/status"]\nauth = "none"\n',
  more,
});
export const nodeRed = (settings: string, more = ""): Program => ({
  image: "nodered/node-red:4.0.9",
  inside: "/data/settings.js",
  text: `module.exports = {\n    flowFile: 'flows.json',\n${settings}}\n`,
  more,
});
export const vault = (address: string, telemetry: string): Program => ({
  image: "hashicorp/vault:1.20",
  inside: "/vault/config/vault.hcl",
  text: `storage "raft" {}\nlistener "tcp" {\n  ${address}\n  tls_disable = 1\n  ${telemetry}\n}\n`,
});
export const authelia: Program = {
  image: "authelia/authelia:4.39",
  inside: "/config/configuration.yml",
  text: "access_control: {default_policy: deny}\nsession: {secret: insecure_session_secret}\nstorage: {}\nregulation: {max_retries: 0}\n",
};

export const both = "listener 1883\nlistener 9001\nprotocol websockets\nallow_anonymous true\n";
export const apart =
  "per_listener_settings true\nlistener 1883\nallow_anonymous false\nlistener 9001\nprotocol websockets\nallow_anonymous true\n";
export const anonymous = "[auth.anonymous]\nenabled = true\norg_role = Admin\n";
export const weak = "secrets.configured-value-strong";
export const brake = "identity.login-guessing-limited";
export const clients =
  "[{port: 8008, resources: [{names: [client]}]}, {port: 8448, resources: [{names: [federation]}]}]";
export const metrics = "telemetry {\n    unauthenticated_metrics_access = true\n  }";
