/** What a configuration file opens is as bad as the way to the port that it is about, whatever else its workload publishes. */
import { describe, expect, test } from "vitest";
import {
  anonymous,
  apart,
  authelia,
  both,
  brake,
  clients,
  frps,
  gitea,
  gluetun,
  grafana,
  homeAssistant,
  loki,
  metrics,
  mosquitto,
  nodeRed,
  type Program,
  publishing,
  qbittorrent,
  synapse,
  told,
  vault,
  weak,
  zigbee,
} from "../../test/support/programs-with-files.ts";

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
