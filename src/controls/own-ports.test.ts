/** What a configuration file opens is as bad as the way to the port that it is about, whatever else its workload publishes. */
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { systemsOf } from "../platforms/testing/systems-of.ts";
import { evaluate } from "./evaluate.ts";
import { flatFindings } from "./known-findings.ts";
import { allControls } from "./registry.ts";

const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;
type Files = Readonly<Record<string, string>>;
const door = "identity.configured-login-required";

/** How bad the first finding of one control is in a folder with these files, and how that came about. */
function told(files: Files, control = door): string | undefined {
  const { findings } = evaluate(systemsOf(files), allControls, options);
  const found = flatFindings(findings).find((each) => each.control === control && each.verdict === "fail");
  return found === undefined ? undefined : `${found.severity}: ${found.severityWhy}`;
}

/** Of a program alone with its file, its ports published as they are. */
interface Program {
  readonly image: string;
  /** Where it finds its file, and what stands there. */
  readonly inside: string;
  readonly text: string;
  readonly more?: string;
  /** A further volume. */
  readonly site?: string;
  readonly control?: string;
}

function publishing(ports: readonly string[], { image, inside, text, more = "", site = "" }: Program): Files {
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

const qbittorrent = (settings = "", more = "", image = "qbittorrentofficial/qbittorrent-nox:5.1.2-1"): Program => ({
  image,
  inside: "/config/qBittorrent/qBittorrent.conf",
  text: `[Preferences]\nWebUI\\AuthSubnetWhitelist=0.0.0.0/0\nWebUI\\AuthSubnetWhitelistEnabled=true\n${settings}`,
  more,
});
const mosquitto = (text: string): Program => ({
  image: "eclipse-mosquitto:2.0.22",
  inside: "/mosquitto/config/mosquitto.conf",
  text,
});
const grafana = (text: string, more = ""): Program => ({
  image: "grafana/grafana:12.0.0",
  inside: "/etc/grafana/grafana.ini",
  text,
  more,
});
const gitea = (text: string, more = ""): Program => ({
  image: "gitea/gitea:1.24.0",
  inside: "/data/gitea/conf/app.ini",
  text: `[repository]\nROOT = /data/git\n[security]\nINSTALL_LOCK = false\n[service]\nDISABLE_REGISTRATION = true\n${text}`,
  more,
});
const frps = (text: string): Program => ({ image: "snowdreamtech/frps:0.65.0", inside: "/etc/frp/frps.toml", text });
const homeAssistant = (http: string): Program => ({
  image: "homeassistant/home-assistant:2025.6",
  inside: "/config/configuration.yaml",
  text: `default_config:\nhomeassistant:\n  auth_providers:\n    - {type: trusted_networks, trusted_networks: [0.0.0.0/0]}\n${http}`,
});
const zigbee = (frontend: string, more = ""): Program => ({
  image: "koenkk/zigbee2mqtt:2.4.0",
  inside: "/app/data/configuration.yaml",
  text: `${frontend === "true" ? "" : "version: 4\n"}mqtt: {server: 'mqtt://mq'}\nserial: {port: /dev/ttyUSB0}\nfrontend: ${frontend}\n`,
  more,
});
const loki = (server: string, more = ""): Program => ({
  image: "grafana/loki:3.5.0",
  inside: "/etc/loki/local-config.yaml",
  text: `auth_enabled: false\nserver: ${server}\nschema_config: {}\n`,
  more,
});
const synapse = (listeners: string): Program => ({
  image: "matrixdotorg/synapse:v1.140.0",
  inside: "/data/homeserver.yaml",
  text: `server_name: e.org\nreport_stats: false\nenable_registration: true\nenable_registration_without_verification: true\nlisteners: ${listeners}\n`,
});
const gluetun = (more = ""): Program => ({
  image: "qmcgaw/gluetun:v3.41.0",
  inside: "/gluetun/auth/config.toml",
  text: '[[roles]]\nname = "r"\nroutes = ["PUT /v1/vpn/status"]\nauth = "none"\n',
  more,
});
const nodeRed = (settings: string, more = ""): Program => ({
  image: "nodered/node-red:4.0.9",
  inside: "/data/settings.js",
  text: `module.exports = {\n    flowFile: 'flows.json',\n${settings}}\n`,
  more,
});
const vault = (address: string, telemetry: string): Program => ({
  image: "hashicorp/vault:1.20",
  inside: "/vault/config/vault.hcl",
  text: `storage "raft" {}\nlistener "tcp" {\n  ${address}\n  tls_disable = 1\n  ${telemetry}\n}\n`,
});
const authelia: Program = {
  image: "authelia/authelia:4.39",
  inside: "/config/configuration.yml",
  text: "access_control: {default_policy: deny}\nsession: {secret: insecure_session_secret}\nstorage: {}\nregulation: {max_retries: 0}\n",
};

const both = "listener 1883\nlistener 9001\nprotocol websockets\nallow_anonymous true\n";
const apart =
  "per_listener_settings true\nlistener 1883\nallow_anonymous false\nlistener 9001\nprotocol websockets\nallow_anonymous true\n";
const anonymous = "[auth.anonymous]\nenabled = true\norg_role = Admin\n";
const weak = "secrets.configured-value-strong";
const brake = "identity.login-guessing-limited";
const clients = "[{port: 8008, resources: [{names: [client]}]}, {port: 8448, resources: [{names: [federation]}]}]";
const metrics = "telemetry {\n    unauthenticated_metrics_access = true\n  }";

// covers: A3 N6 | compose
describe("What a program's file opens", () => {
  const openings: readonly (readonly [what: string, Program, own: string, other: string, control?: string])[] = [
    ["qBittorrent's pages", qbittorrent(), "9090:8080", "6881:6881"],
    ["qBittorrent's pages on another port", qbittorrent("WebUI\\Port=9090\n"), "80:9090", "6881:6881"],
    [
      "qBittorrent's pages where a variable has them",
      qbittorrent(
        "WebUI\\Port=8090\n",
        "    environment: {WEBUI_PORT: 9999}\n",
        "lscr.io/linuxserver/qbittorrent:5.1.2",
      ),
      "9999:9999",
      "8080:8080",
    ],
    ["Mosquitto's only listener", mosquitto("listener 1883\nallow_anonymous true\n"), "1883:1883", "9001:9001"],
    ["one of Mosquitto's listeners", mosquitto(both), "9001:9001", "8883:8883"],
    ["one of Mosquitto's listeners alone", mosquitto(apart), "9001:9001", "1883:1883"],
    [
      "Mosquitto's rights",
      mosquitto("listener 1883\nlistener 1884 127.0.0.1\npassword_file /p\n"),
      "1883:1883",
      "1884:1884",
      "identity.broker-rights-separate",
    ],
    ["Grafana", grafana(anonymous), "80:3000", "9094:9094"],
    ["Grafana on another port", grafana(`[server]\nhttp_port = 4000\n${anonymous}`), "80:4000", "3000:3000"],
    [
      "Grafana where a variable says so",
      grafana(anonymous, "    environment: {GF_SERVER_HTTP_PORT: 4000}\n"),
      "80:4000",
      "3000:3000",
    ],
    ["Grafana's password", grafana("[security]\nadmin_password = admin\n"), "80:3000", "9094:9094", weak],
    [
      "Grafana's brake",
      grafana("[security]\ndisable_brute_force_login_protection = true\n"),
      "80:3000",
      "9094:9094",
      brake,
    ],
    ["Gitea", gitea(""), "80:3000", "2222:22"],
    ["Gitea on another port", gitea("[server]\nHTTP_PORT = 8080\n"), "80:8080", "3000:3000"],
    [
      "Gitea where a variable says so",
      gitea("[server]\nHTTP_PORT = 3000\n", "    environment: {GITEA__server__HTTP_PORT: 8080}\n"),
      "80:8080",
      "3000:3000",
    ],
    ["frps", frps("bindPort = 7000\n"), "7000:7000", "8080:8080"],
    ["frps by QUIC", frps("bindPort = 7000\nquicBindPort = 7001\n"), "7001:7001/udp", "8080:8080"],
    [
      "the page of frps",
      frps('bindPort = 7000\nauth.token = "x9"\nwebServer.port = 7500\nwebServer.addr = "0.0.0.0"\n'),
      "7500:7500",
      "7000:7000",
    ],
    ["the token of frps", frps('bindPort = 7000\nauth.token = "changeme"\n'), "7000:7000", "8080:8080", weak],
    ["Home Assistant", homeAssistant(""), "80:8123", "1400:1400"],
    ["Home Assistant on another port", homeAssistant("http: {server_port: 8124}\n"), "80:8124", "8123:8123"],
    ["Zigbee2MQTT", zigbee("{enabled: true}"), "80:8080", "9000:9000"],
    ["Zigbee2MQTT of old", zigbee("true"), "80:8080", "9000:9000"],
    ["Zigbee2MQTT on another port", zigbee("{enabled: true, port: 8099}"), "80:8099", "8080:8080"],
    [
      "Zigbee2MQTT where a variable says so",
      zigbee("{enabled: true, port: 8099}", "    environment: {ZIGBEE2MQTT_CONFIG_FRONTEND_PORT: 8111}\n"),
      "80:8111",
      "8099:8099",
    ],
    ["Loki", loki("{}"), "3100:3100", "7946:7946"],
    ["Loki by gRPC", loki("{grpc_listen_port: 9096}"), "9096:9096", "9095:9095"],
    ["Synapse's registration", synapse(clients), "8008:8008", "8448:8448"],
    ["gluetun's control server", gluetun(), "8000:8000", "8080:8080"],
    [
      "gluetun's control server on another port",
      gluetun("    environment: {HTTP_CONTROL_SERVER_ADDRESS: ':8001'}\n"),
      "8001:8001",
      "8000:8000",
    ],
    ["Node-RED", nodeRed(""), "80:1880", "1883:1883"],
    ["Node-RED on another port", nodeRed("    uiPort: 1881,\n"), "80:1881", "1880:1880"],
    ["Node-RED as it writes its file", nodeRed("    uiPort: process.env.PORT || 1880,\n"), "80:1880", "1883:1883"],
    [
      "Node-RED where a variable says so",
      nodeRed("    uiPort: process.env.PORT || 1880,\n", "    environment: {PORT: 1990}\n"),
      "80:1990",
      "1880:1880",
    ],
    ["Vault's metrics", vault('address = "0.0.0.0:8200"', metrics), "8200:8200", "8201:8201"],
    [
      "Vault's listener",
      vault('address = "0.0.0.0:8300"', ""),
      "8300:8300",
      "8200:8200",
      "network.vault-listener-encrypted",
    ],
    ["Authelia's secrets", authelia, "9091:9091", "9959:9959", weak],
    ["Authelia's brake", authelia, "9091:9091", "9959:9959", brake],
    [
      "Authelia on another port",
      { ...authelia, text: `${authelia.text}server: {address: 'tcp://0.0.0.0:80/auth'}\n` },
      "8080:80",
      "9091:9091",
      brake,
    ],
  ];
  for (const [what, program, own, other, control] of openings) {
    test(`of ${what} is raised by the port of that alone.`, () => {
      const [onHost = ""] = own.split(":");
      const whole = told(publishing([other, own], program), control);
      expect(whole).toContain(`raised because port ${onHost} is published on every address, with no proxy before it`);
      expect(told(publishing([own], program), control)).toBe(whole);
      expect(told(publishing([other], program), control)).toContain(
        "lowered because nothing published leads straight to",
      );
    });
  }

  test.each<readonly [string, Program, other: string]>([
    ["a variable that is set nowhere", qbittorrent("", "    environment: {WEBUI_PORT: '${PORT}'}\n"), "6881:6881"],
    ["an argument", qbittorrent("", "    command: [qbittorrent-nox, --webui-port=9]\n"), "6881:6881"],
    ["an argument that is not known", qbittorrent("", "    command: [qbittorrent-nox, '${MORE}']\n"), "6881:6881"],
    ["a number that is none", qbittorrent("WebUI\\Port=many\n"), "6881:6881"],
    ["a socket", grafana(`[server]\nprotocol = socket\n${anonymous}`), "9094:9094"],
    ["another variable", grafana(`[server]\nhttp_port = \${PORT}\n${anonymous}`), "9094:9094"],
    ["an argument of Grafana", grafana(anonymous, "    command: ['cfg:server.http_port=4000']\n"), "9094:9094"],
    ["a socket of Gitea", gitea("[server]\nPROTOCOL = http+unix\n"), "2222:22"],
    ["an argument of Gitea", gitea("", "    command: [gitea, web, --port, '80']\n"), "2222:22"],
    ["a file of elsewhere", homeAssistant("http: !include http.yaml\n"), "1400:1400"],
    ["a page of its own", { ...homeAssistant(""), image: "homeassistant/home-assistant:stable" }, "1400:1400"],
    [
      "an argument of Mosquitto",
      { ...mosquitto(both), more: "    command: [mosquitto, -c, /c, -p, '1884']\n" },
      "1884:1884",
    ],
    ["no listener", synapse("[]"), "8448:8448"],
    [
      "a flag",
      loki("{}", "    command: [-config.file=/etc/loki/local-config.yaml, -server.http-listen-port=80]\n"),
      "80:80",
    ],
    ["a variable of old", gluetun("    environment: {HTTP_CONTROL_SERVER_PORT: 8001}\n"), "8001:8001"],
    ["a calculation", nodeRed("    uiPort: 1880 + 1,\n"), "1881:1881"],
    ["two words for it", nodeRed("    uiPort: 1880,\n    uiPort: 1881,\n"), "1881:1881"],
    ["an argument of Node-RED", nodeRed("", "    command: [node-red, --port, '1990']\n"), "1990:1990"],
    ["a template", vault('address = "{{ GetPrivateIP }}:8200"', metrics), "8201:8201"],
  ])("is raised by any port where %s may name its own.", (_, program, other) => {
    expect(told(publishing([other], program))).toMatch(/raised because port \d+ is published on every address/);
  });

  test.each([
    ["an image that is built here", { ...grafana(anonymous), image: "example/all\n    build: ." }],
    ["an image that is not known", { ...grafana(anonymous), image: "${IMAGE}" }],
    ["a whole system", { ...grafana(anonymous), image: "debian:13" }],
  ])("is not lowered in %s, where something else may lead to it.", (_, program) => {
    expect(told(publishing(["80:80"], program))).toBe(
      "high: High by itself; not lowered, because what else runs in it may lead to its port 3000: port 80 is published on every address.",
    );
  });

  test("is raised by a port that is not known, and by the host's network.", () => {
    expect(told(publishing(["${PORT}:${PORT}"], qbittorrent()))).toContain("a port is published on an address that");
    const onHost = publishing([], qbittorrent("", "    network_mode: host\n"));
    expect(told(onHost)).toContain("raised because it shares the host's network");
  });
});

// covers: A3 N6 | compose
describe("The way to a port of its own", () => {
  const traefik = (port: number, more = "") => `  traefik:
    image: traefik:v3.5
    command: [--providers.docker=true, --entrypoints.web.address=:80]
    ports: ["80:80"]
    volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
    labels:
      traefik.http.middlewares.login.basicauth.users: "a:$$2y$$05$$abcdefghijklmnopqrstuu"
  torrent:
    image: qbittorrentofficial/qbittorrent-nox:5.1.2-1
    ports: ["6881:6881"]
    volumes: ["./qBittorrent.conf:/config/qBittorrent/qBittorrent.conf:ro"]
    labels:
      traefik.http.routers.t.rule: Host(\`t.example.org\`)
      traefik.http.routers.t.entrypoints: web
      traefik.http.services.t.loadbalancer.server.port: "${port}"
${more}`;
  const files = (services: string) => ({
    "compose.yaml": `services:\n${services}`,
    "qBittorrent.conf": qbittorrent().text,
  });

  test("is the proxy that leads to it, though another port is published.", () => {
    expect(told(files(traefik(8080)))).toBe(
      "high: High by itself; a proxy leads to it: t.example.org is routed to it.",
    );
  });

  test("is behind the sign-in of that proxy, and low.", () => {
    expect(told(files(traefik(8080, "      traefik.http.routers.t.middlewares: login\n")))).toMatch(/^low/);
    const published = traefik(8080, "      traefik.http.routers.t.middlewares: login\n").replace(
      "6881:6881",
      "8080:8080",
    );
    expect(told(files(published))).toMatch(/^critical/);
  });

  test("tells whether anybody but its proxy reaches what believes everybody.", () => {
    const believing = homeAssistant("http: {use_x_forwarded_for: true, trusted_proxies: [0.0.0.0/0]}\n");
    const control = "edge.forwarded-headers-trusted-few";
    expect(told(publishing(["8123:8123"], believing), control)).toBeDefined();
    expect(told(publishing(["1400:1400"], believing), control)).toBeUndefined();
    expect(told(publishing(["1400:1400"], { ...believing, image: "example/home:1" }), control)).toBeDefined();
  });

  test("is none that its proxy asks at alone where something else in it may lead there.", () => {
    const built = traefik(8080, "      traefik.http.routers.t.middlewares: login\n").replace(
      "image: qbittorrentofficial/qbittorrent-nox:5.1.2-1",
      "build: .",
    );
    expect(told(files(built))).toMatch(/^high/);
  });

  test("may be a route whose port nobody names: the proxy asks the image.", () => {
    const unnamed = traefik(8080).replace(/ +traefik\.http\.services.*\n/, "");
    expect(told(files(unnamed))).toContain("t.example.org is routed to it");
    const virtual = `  proxy:
    image: nginxproxy/nginx-proxy:1.6
    ports: ["80:80"]
    volumes: ["/var/run/docker.sock:/tmp/docker.sock:ro"]
  torrent:
    image: qbittorrentofficial/qbittorrent-nox:5.1.2-1
    ports: ["6881:6881"]
    volumes: ["./qBittorrent.conf:/config/qBittorrent/qBittorrent.conf:ro"]
    environment: {VIRTUAL_HOST: t.example.org}
`;
    expect(told(files(virtual))).toContain("t.example.org is routed to it");
  });

  test("is no route to another of its ports.", () => {
    expect(told(files(traefik(6881)))).toBe(
      "high: High by itself; it shares a network with something that is published.",
    );
  });

  test("is a neighbour that is published, and not one that only it leads to.", () => {
    const beside = (ports: string) =>
      files(`  torrent:
    image: qbittorrentofficial/qbittorrent-nox:5.1.2-1
    ports: ["6881:6881"]
    volumes: ["./qBittorrent.conf:/config/qBittorrent/qBittorrent.conf:ro"]
  other: {image: 'ghcr.io/example/other:1.0'${ports}}
`);
    expect(told(beside(", ports: ['80:80']"))).toContain("High by itself; it shares a network with something");
    expect(told(beside(""))).toContain("lowered because nothing published leads straight to its port 8080");
  });

  test("is one on the machine itself where it is published there alone.", () => {
    expect(told(publishing(["127.0.0.1:8080:8080", "6881:6881"], qbittorrent()))).toBe(
      "high: High by itself; port 8080 is published on the host's loopback.",
    );
  });

  test("is what shares its network, of which it is not told who listens where.", () => {
    const shared = (published: string) => ({
      "compose.yaml": `services:
  vpn:
    image: qmcgaw/gluetun:v3.41.0
    ports: ["${published}"]
    volumes: ["./roles:/gluetun/auth/config.toml:ro"]
  torrent:
    image: qbittorrentofficial/qbittorrent-nox:5.1.2-1
    network_mode: service:vpn
    volumes: ["./qBittorrent.conf:/config/qBittorrent/qBittorrent.conf:ro"]
`,
      "qBittorrent.conf": qbittorrent().text,
    });
    expect(told(shared("8080:8080"))).toContain("it shares the network of vpn, where port 8080 is published");
    expect(told(shared("6881:6881"))).not.toContain("6881");
  });

  test("matters nothing to what a guard lets pass elsewhere.", () => {
    const bypassing = { ...authelia, text: authelia.text.replace("deny", "bypass") };
    for (const port of ["9091:9091", "9959:9959"])
      expect(told(publishing([port], bypassing))).toBe("high: High by itself.");
  });

  test("matters nothing to a key that is of use with the database alone.", () => {
    for (const text of ["[security]\nsecret_key = changeme\n"])
      expect(told(publishing(["3000:3000"], grafana(text)), weak)).toBe("medium: Medium by itself.");
    const key = authelia.text
      .replace("insecure_session_secret", "x7Kq0pL")
      .replace("storage: {}", "storage: {encryption_key: you_must_generate_a_random_string_of_more_than_twenty_chars}");
    expect(told(publishing(["9091:9091"], { ...authelia, text: key }), weak)).toBe("medium: Medium by itself.");
  });

  test("is told with what is said of the same port, and of no other.", () => {
    const partsOf = (text: string) => {
      const { findings } = evaluate(
        systemsOf(publishing(["1883:1883", "9001:9001"], mosquitto(text))),
        allControls,
        options,
      );
      return findings.find(({ control }) => control === door)?.includes?.map(({ control }) => control);
    };
    expect(partsOf(apart)).toEqual(["identity.broker-rights-separate"]);
    expect(partsOf(both)).toEqual(["identity.broker-rights-separate", "network.plaintext-unpublished"]);
  });
});

// covers: A3 H1 S1 | compose
describe("A proxy", () => {
  const nginx = (servers: string): Program => ({
    image: "nginx:1.29",
    inside: "/etc/nginx/conf.d/default.conf",
    text: servers,
    site: ', "./site:/srv/site:ro"',
  });
  const caddy = (sites: string): Program => ({
    image: "caddy:2.10",
    inside: "/etc/caddy/Caddyfile",
    text: sites,
    site: ', "./site:/srv/site:ro"',
  });
  const climbing = "location /files { alias /srv/files/; }";
  const withSecret = (files: Files) => ({ ...files, "site/.env": "PASSWORD=x\n" });
  const hidden = "edge.hidden-files-unserved";
  const climbed = "edge.alias-contained";

  const sites: readonly (readonly [what: string, Program, own: string, other: string, control: string])[] = [
    [
      "nginx where others climb out of",
      nginx(`server { listen 8080; ${climbing} }\nserver { listen 80; return 204; }\n`),
      "81:8080",
      "80:80",
      climbed,
    ],
    ["nginx that says no port", nginx(`server { ${climbing} }\n`), "81:80", "9113:9113", climbed],
    [
      "nginx where secrets lie",
      nginx("server { listen 8080; root /srv/site; }\nserver { listen 80; return 204; }\n"),
      "81:8080",
      "80:80",
      hidden,
    ],
    [
      "Caddy where secrets lie",
      caddy(":8080 {\n\troot * /srv/site\n\tfile_server\n}\n:80 {\n\trespond 204\n}\n"),
      "81:8080",
      "80:80",
      hidden,
    ],
  ];
  for (const [what, program, own, other, control] of sites) {
    test(`has a site of ${what} on the port of that site.`, () => {
      const [onHost = ""] = own.split(":");
      const seen = (...ports: string[]) => told(withSecret(publishing(ports, program)), control);
      expect(seen(other, own)).toBe(
        `critical: High by itself, raised because port ${onHost} is published on every address: critical.`,
      );
      expect(seen(other)).toContain("lowered because nothing published leads straight to");
    });
  }

  test("may have a site behind a socket on any port.", () => {
    const site = nginx(`server { listen unix:/run/a.sock; ${climbing} }\n`);
    expect(told(publishing(["80:80"], site), climbed)).toMatch(/^critical/);
  });

  test("has its dashboard on a port of its own.", () => {
    const traefik = (entryPoints: string): Program => ({
      image: "traefik:v3.5",
      inside: "/etc/traefik/traefik.yml",
      text: `api: {insecure: true}\nentryPoints: {web: {address: ':80'}${entryPoints}}\n`,
    });
    const dashboard = (entryPoints: string, ...ports: string[]) =>
      told(publishing(ports, traefik(entryPoints)), "identity.proxy-admin-closed");
    expect(dashboard("", "80:80")).toMatch(/^low/);
    const built = { ...traefik(""), image: "example/all\n    build: ." };
    expect(told(publishing(["80:80"], built), "identity.proxy-admin-closed")).toMatch(/^medium/);
    expect(dashboard("", "80:80", "8080:8080")).toMatch(/^medium/);
    expect(dashboard(", traefik: {address: ':9000'}", "80:80", "8080:8080")).toMatch(/^low/);
    expect(dashboard(", traefik: {address: ':9000'}", "80:80", "9000:9000")).toMatch(/^medium/);
  });
});

// covers: A3 N6 | compose
describe("What a switch opens", () => {
  const control = "identity.authentication-on";
  const services = (text: string) => ({ "compose.yaml": `services:\n${text}` });
  const traefik = (ports: string, more = "") =>
    services(`  proxy:
    image: traefik:v3.5
    command: [--api.insecure=true, --entrypoints.web.address=:80${more}]
    ports: [${ports}]
`);

  test("is told of the port that it is behind.", () => {
    expect(told(traefik("'80:80', '8081:8080'"), control)).toContain("raised because port 8081 is published");
    expect(told(traefik("'80:80'"), control)).toBe("low: Low by itself.");
  });

  test.each([
    [
      "Traefik's dashboard",
      "traefik:v3.5",
      "TRAEFIK_API_INSECURE: 'true'",
      "TRAEFIK_ENTRYPOINTS_TRAEFIK_ADDRESS: ':9000'",
      "8080:8080",
    ],
    [
      "gluetun's proxy",
      "qmcgaw/gluetun:v3.41.0",
      "HTTPPROXY: 'on'",
      "HTTPPROXY_LISTENING_ADDRESS: ':9999'",
      "8888:8888",
    ],
  ])("by a variable is told of the port of %s, unless another variable has moved it.", (_, image, on, moving, own) => {
    const app = (environment: string, ...ports: readonly string[]) =>
      services(
        `  app: {image: '${image}', ports: [${ports.map((port) => `'${port}'`).join(", ")}], environment: {${environment}}}\n`,
      );
    expect(told(app(on, "80:80", own), control)).toContain(`raised because port ${own.split(":")[0]} is published`);
    expect(told(app(on, "80:80"), control)).toBe("low: Low by itself.");
    expect(told(app(`${on}, ${moving}`, "80:80"), control)).toContain("raised because port 80 is published");
  });

  test("is told of any where another option may have moved it.", () => {
    expect(told(traefik("'80:80'", ", --entrypoints.traefik.address=:9000"), control)).toContain(
      "port 80 is published",
    );
  });

  test("is inside where a router of its own shows its pages on the port for visitors.", () => {
    const [compose = ""] = Object.values(traefik("'80:80'", ", --providers.docker=true"));
    const labels = `    labels:
      traefik.http.routers.dash.rule: Host(\`dash.example.org\`)
      traefik.http.routers.dash.service: api@internal
`;
    expect(told({ "compose.yaml": `${compose}${labels}` }, control)).toBe("low: Low by itself.");
  });

  test("is not inside where a proxy leads to its port.", () => {
    const files = {
      "compose.yaml": `services:
  proxy:
    image: traefik:v3.5
    command: [--api.insecure=true]
    ports: ['80:80']
  front:
    image: caddy:2.10
    ports: ['443:443']
    volumes: ["./Caddyfile:/etc/caddy/Caddyfile:ro"]
`,
      Caddyfile: "dash.example.org {\n\treverse_proxy proxy:8080\n}\n",
    };
    expect(told(files, control)).toBe(
      "medium: Medium by itself; a proxy leads to it: dash.example.org is routed to it.",
    );
    const other = { ...files, Caddyfile: "dash.example.org {\n\treverse_proxy proxy:80\n}\n" };
    expect(told(other, control)).toBe("low: Low by itself.");
  });
});

// covers: A3 N6 | kubernetes
describe("In a cluster", () => {
  const pod = `apiVersion: v1
kind: ConfigMap
metadata: {name: mq, namespace: home}
data:
  mosquitto.conf: |
    per_listener_settings true
    listener 1883
    allow_anonymous true
    listener 9001
    protocol websockets
    allow_anonymous false
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: mq, namespace: home}
spec:
  selector: {matchLabels: {app: mq}}
  template:
    metadata: {labels: {app: mq}}
    spec:
      containers:
        - name: mq
          image: docker.io/library/eclipse-mosquitto:2.0.22
          ports: [{name: mqtt, containerPort: 1883}, {name: ws, containerPort: 9001}]
          volumeMounts: [{name: conf, mountPath: /mosquitto/config}]
      volumes: [{name: conf, configMap: {name: mq}}]
---
`;
  const service = (port: string, type = "LoadBalancer") =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: mq, namespace: home}\nspec: {type: ${type}, selector: {app: mq}, ports: [${port}]}\n`;
  const ingress = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: mq, namespace: home}
spec: {rules: [{host: mq.example.org, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: mq, port: {number: 80}}}}]}}]}
`;

  test.each([
    ["by its number", "{port: 8883, targetPort: 1883}"],
    ["by its name", "{port: 8883, targetPort: mqtt}"],
    ["by the same number", "{port: 1883}"],
  ])("a Service that leads to the port %s raises it.", (_, port) => {
    expect(told({ "mq.yaml": `${pod}${service(port)}` })).toMatch(/^critical: High by itself, raised because port \d+/);
  });

  test.each([
    ["by its number", "{port: 1883, targetPort: 9001}"],
    ["by its name", "{port: 1883, targetPort: ws}"],
  ])("a Service that leads to another port %s does not.", (_, port) => {
    expect(told({ "mq.yaml": `${pod}${service(port)}` })).not.toContain("raised");
  });

  test("a container beside it may lead to its port.", () => {
    const two = pod
      .replace("          volumeMounts", "          args: []\n          volumeMounts")
      .replace(
        "      volumes:",
        "        - {name: proxy, image: 'docker.io/library/nginx:1.29', ports: [{name: web, containerPort: 8080}]}\n      volumes:",
      );
    expect(told({ "mq.yaml": `${two}${service("{port: 80, targetPort: web}")}` })).toContain(
      "what else runs in it may",
    );
  });

  test("a Service whose port no container names leads to any.", () => {
    expect(told({ "mq.yaml": `${pod}${service("{port: 1883, targetPort: other}")}` })).toContain("raised");
  });

  test("an Ingress leads to the port behind its Service.", () => {
    const to = (target: string) => told({ "mq.yaml": `${pod}${service(target, "ClusterIP")}${ingress}` });
    expect(to("{port: 80, targetPort: mqtt}")).toContain("mq.example.org is routed to it");
    expect(to("{port: 80, targetPort: ws}")).not.toContain("mq.example.org");
  });
});

// covers: A3 N6 | incus
describe("In an instance of Incus", () => {
  const instance = (listen: string, connect: string) => ({
    "main.tf": `resource "incus_instance" "mq" {
  name  = "mq"
  image = "docker:library/eclipse-mosquitto:2.0.22"
  file {
    content     = "listener 1883\\nallow_anonymous true\\n"
    target_path = "/mosquitto/config/mosquitto.conf"
  }
  device {
    name       = "in"
    type       = "proxy"
    properties = { listen = "${listen}", connect = "${connect}" }
  }
}
`,
  });

  test.each([
    ["one port", "tcp:0.0.0.0:8883", "tcp:127.0.0.1:1883"],
    ["a stretch of ports that it lies in", "tcp:0.0.0.0:1800-1900", "tcp:127.0.0.1:1800-1900"],
    ["another stretch of the host's", "tcp:0.0.0.0:2800-2900", "tcp:127.0.0.1:1800-1900"],
  ])("a device that leads to it by %s raises it.", (_, listen, connect) => {
    expect(told(instance(listen, connect))).toMatch(/^critical/);
  });

  test.each([
    ["one port", "tcp:0.0.0.0:1883", "tcp:127.0.0.1:9001"],
    ["a stretch of ports that it is not in", "tcp:0.0.0.0:2000-2100", "tcp:127.0.0.1:2000-2100"],
    ["another stretch of the host's", "tcp:0.0.0.0:1800-1900", "tcp:127.0.0.1:2800-2900"],
  ])("a device that leads elsewhere by %s does not.", (_, listen, connect) => {
    expect(told(instance(listen, connect))).not.toContain("raised");
  });
});
