/** What files of programs at home say about who may come in, together with the services that mount them. */
import { describe, expect, test } from "vitest";
import type { ServiceConfiguration } from "../facts/configuration/service.ts";
import { knownValue } from "../facts/fact.ts";
import { configurationsOf, systemsOf } from "../platforms/testing/systems-of.ts";
import { withoutComments } from "./node-red/without-comments.ts";
import { isWideNetwork } from "./wide-network.ts";

/** The doors of one program's files, and whether the list is whole. */
function doorsOf(software: ServiceConfiguration["software"], files: Readonly<Record<string, string>>) {
  return configurationsOf(systemsOf({ "compose.yaml": "services: {a: {image: 'a:1'}}\n", ...files }), software).flatMap(
    ({ openDoors }) => [
      ...(openDoors?.items ?? []).map(({ name, allows }) => `${name}: ${allows}`),
      ...(openDoors?.complete === true ? [] : ["not whole"]),
    ],
  );
}

test("A network is wide that takes in a large part of the internet, and not one of one's own.", () => {
  for (const wide of ["0.0.0.0/0", "::/0", "128.0.0.0/1", "2000::/3", "::ffff:0:0/96", "::ffff:128.0.0.0/97"])
    expect(isWideNetwork(wide), wide).toBe(true);
  for (const narrow of [
    "10.0.0.0/8",
    "fd00::/8",
    "192.168.0.0/16",
    "203.0.113.0/24",
    "::ffff:203.0.113.0/120",
    "::ffff:10.0.0.0/104",
    "0.0.0.0",
    "home",
    "1.2.3.4/99",
  ])
    expect(isWideNetwork(narrow), narrow).toBe(false);
});

// covers: A3 | compose
describe("Home Assistant", () => {
  const read = (text: string) => doorsOf("home-assistant", { "configuration.yaml": `default_config:\n${text}` });
  const providers = (networks: string) =>
    `homeassistant:\n  auth_providers:\n    - {type: trusted_networks, trusted_networks: ${networks}}\n`;
  const believing = (proxies: string) => `http: {use_x_forwarded_for: true, trusted_proxies: ${proxies}}\n`;

  test.each<readonly [string, string, readonly string[]]>([
    ["everybody", providers("[0.0.0.0/0]"), ["trusted_networks: orders"]],
    ["one network", providers("::/0"), ["trusted_networks: orders"]],
    ["the home", providers("[192.168.1.0/24]"), []],
    [
      "the home, through any proxy",
      providers("[192.168.1.0/24]") + believing("[0.0.0.0/0]"),
      ["trusted_networks: orders"],
    ],
    ["the home, through its own proxy", providers("[192.168.1.0/24]") + believing("[172.18.0.0/16]"), []],
    [
      "the home, through a proxy of elsewhere",
      providers("[192.168.1.0/24]") + believing("!include p.yaml"),
      ["not whole"],
    ],
    ["networks of elsewhere", providers("!secret networks"), ["not whole"]],
    ["a word", providers("[home]"), ["not whole"]],
    ["any proxy alone", believing("[0.0.0.0/0]"), []],
    ["nothing", "", []],
    ["a section of elsewhere", "homeassistant: !include core.yaml\n", ["not whole"]],
  ])("trusts %s.", (_, text, doors) => {
    expect(read(text)).toEqual(doors);
  });

  test("bans those who guess where its file says so, and says nothing of it as it comes.", () => {
    const banning = (text: string) =>
      configurationsOf(systemsOf({ "configuration.yaml": `default_config:\nhttp:\n${text}` }), "home-assistant").map(
        ({ guessingLimited }) =>
          guessingLimited === undefined ? "unsaid" : (knownValue(guessingLimited) ?? guessingLimited.kind),
      );
    expect(banning("  server_port: 8123\n")).toEqual(["unsaid"]);
    expect(banning("  ip_ban_enabled: true\n")).toEqual(["unsaid"]);
    expect(banning("  ip_ban_enabled: yes\n  login_attempts_threshold: 5\n")).toEqual([true]);
    expect(banning("  login_attempts_threshold: -1\n")).toEqual([false]);
    expect(banning("  ip_ban_enabled: !secret ban\n")).toEqual(["unknown"]);
  });
});

// covers: A3 | compose
describe("Zigbee2MQTT", () => {
  const base = "mqtt: {server: 'mqtt://m'}\nserial: {port: /dev/ttyUSB0}\n";
  const read = (frontend: string, environment = "") =>
    doorsOf("zigbee2mqtt", {
      "compose.yaml": `services:\n  z:\n    image: koenkk/zigbee2mqtt:2.7.2\n    volumes: ["./z.yaml:/app/data/configuration.yaml"]\n${environment}`,
      "z.yaml": `${base}${frontend}`,
    });

  test.each<readonly [string, string, readonly string[]]>([
    ["in short", "frontend: true\n", ["frontend: orders"]],
    ["switched off in short", "frontend: false\n", []],
    ["with nothing but a port", "frontend: {port: 8080}\n", ["frontend: orders"]],
    ["with nothing but a port, in 2.x", "version: 4\nfrontend: {port: 8080}\n", []],
    ["on the loopback", "frontend: {host: 127.0.0.1}\n", []],
    ["on a socket", "frontend: {host: /run/z.sock}\n", []],
    ["with a token", "frontend: {auth_token: a1b2}\n", []],
    ["with an empty token", "frontend: {auth_token: ''}\n", ["frontend: orders"]],
    ["with a token of a template", "frontend: {auth_token: '{{ token }}'}\n", ["not whole"]],
    ["switched by a word", "frontend: {enabled: maybe}\n", ["not whole"]],
    ["not at all", "", []],
  ])("shows its pages %s.", (_, frontend, doors) => {
    expect(read(frontend)).toEqual(doors);
  });

  test("takes the variables of the service before the file.", () => {
    const name = "ZIGBEE2MQTT_CONFIG_FRONTEND_AUTH_TOKEN";
    expect(read("frontend: true\n", `    environment: {${name}: a1b2}\n`)).toEqual([]);
    expect(read("frontend: true\n", `    environment: {${name}: '\${T}'}\n`)).toEqual(["not whole"]);
    expect(read("frontend: true\n", `    environment: {${name}: ''}\n`)).toEqual(["frontend: orders"]);
    const given = (more: string, frontend = "") => read(frontend, `    environment: {${more}}\n`);
    const enabled = "ZIGBEE2MQTT_CONFIG_FRONTEND_ENABLED";
    expect(given(`${enabled}: 'true'`)).toEqual(["frontend: orders"]);
    expect(given(`${enabled}: 'true', ${name}: a1b2`)).toEqual([]);
    expect(given(`${enabled}: '\${ON}'`)).toEqual(["not whole"]);
    expect(given(`${enabled}: 'false'`, "frontend: true\n")).toEqual([]);
    expect(given("ZIGBEE2MQTT_CONFIG_FRONTEND_HOST: 127.0.0.1", "frontend: true\n")).toEqual([]);
  });
});

// covers: A3 | files
describe("Synapse", () => {
  const read = (text: string) =>
    doorsOf("synapse", { "homeserver.yaml": `server_name: a.org\nreport_stats: no\n${text}` });
  const open = "enable_registration: true\nenable_registration_without_verification: true\n";

  test.each<readonly [string, string, readonly string[]]>([
    ["to everybody", open, ["registration: reading"]],
    ["to everybody, in words", open.replaceAll("true", "'yes'"), ["registration: reading"]],
    [
      "to everybody in the old way",
      `${open.replace("true", "false")}disable_registration: false\n`,
      ["registration: reading"],
    ],
    ["to nobody in the old way", `${open}disable_registration: true\n`, []],
    ["by mail", `${open}registrations_require_3pid: [email]\n`, []],
    ["by a riddle", `${open}enable_registration_captcha: true\n`, []],
    ["after verification", "enable_registration: true\n", []],
    ["to nobody", "enable_registration: false\n", []],
    ["as somebody says", open.replace("true", "${OPEN}"), ["not whole"]],
    ["to nobody as it comes", "", []],
  ])("gives accounts %s.", (_, text, doors) => {
    expect(read(text)).toEqual(doors);
  });
});

// covers: A3 | files
describe("frps", () => {
  const read = (text: string, name = "frps.toml") => doorsOf("frps", { [name]: text });

  test.each<readonly [string, string, readonly string[]]>([
    ["everybody", "bindPort = 7000\n", ["auth: orders"]],
    ["who has the token", 'bindPort = 7000\nauth.token = "a1b2"\n', []],
    ["who has the token of a file", 'bindPort = 7000\n[auth.tokenSource]\ntype = "file"\nfile.path = "/t"\n', []],
    ["who signs in elsewhere", 'bindPort = 7000\nauth.method = "oidc"\n', []],
    ["a few addresses", 'bindPort = 7000\nallowedClientIPs = ["203.0.113.4"]\n', []],
    ["whom a template says", 'bindPort = 7000\nauth.token = "{{ .Envs.T }}"\n', ["not whole"]],
    ["who has an empty token", 'bindPort = 7000\nauth.token = ""\n', ["auth: orders"]],
    [
      "lookers-on",
      'bindPort = 7000\nauth.token = "a1b2"\nwebServer.port = 7500\nwebServer.addr = "0.0.0.0"\n',
      ["webServer: reading"],
    ],
    ["lookers-on here alone as it comes", 'bindPort = 7000\nauth.token = "a1b2"\nwebServer.port = 7500\n', []],
  ])("serves %s.", (_, text, doors) => {
    expect(read(text)).toEqual(doors);
  });

  test("says the same in its other forms, and is no client.", () => {
    expect(read("bindPort: 7000\n", "frps.yaml")).toEqual(["auth: orders"]);
    expect(read('{"bindPort": 7000, "auth": {"token": "a1b2"}}', "frps.json")).toEqual([]);
    expect(read("[common]\nbind_port = 7000\ndashboard_port = 7500\n", "frps.ini")).toEqual([
      "auth: orders",
      "webServer: reading",
    ]);
    expect(read("[common]\nserver_addr = a.org\nserver_port = 7000\n", "frps.ini")).toEqual([]);
  });
});

// covers: A3 | files
describe("qBittorrent", () => {
  const read = (list: string, on = "true") =>
    doorsOf("qbittorrent", {
      "qBittorrent.conf": `[Preferences]\nWebUI\\Port=8080\nWebUI\\AuthSubnetWhitelist=${list}\nWebUI\\AuthSubnetWhitelistEnabled=${on}\n`,
    });

  test("asks those of its networks for no password.", () => {
    expect(read("192.168.1.0/24, 0.0.0.0/0")).toEqual(["whitelist: orders"]);
    expect(read("0.0.0.0/0", "false")).toEqual([]);
    expect(read("192.168.1.0/24")).toEqual([]);
    expect(read("@Invalid()")).toEqual([]);
    expect(read("${NETWORKS}")).toEqual(["not whole"]);
    expect(read("0.0.0.0/0", "${ON}")).toEqual(["not whole"]);
  });
});

// covers: A3 | compose
describe("Gitea", () => {
  const read = (service: string, lock = "true", environment = "") =>
    doorsOf("gitea", {
      "compose.yaml": `services:\n  git:\n    image: gitea/gitea:1.25.3\n    volumes: ["./app.ini:/data/gitea/conf/app.ini"]\n${environment}`,
      "app.ini": `[repository]\nROOT = /r\n[security]\nINSTALL_LOCK = ${lock}\n[service]\n${service}\n`,
    });
  const closed = "DISABLE_REGISTRATION = true";
  const open = "DISABLE_REGISTRATION = false";

  test.each<readonly [string, string, readonly string[]]>([
    ["to everybody", open, ["registration: reading"]],
    ["to nobody", closed, []],
    ["to those of elsewhere", `${open}\nALLOW_ONLY_EXTERNAL_REGISTRATION = true`, []],
    ["as an administrator confirms", "REGISTER_MANUAL_CONFIRM = true", []],
    ["as the version has it", "", ["not whole"]],
    ["by a word", "DISABLE_REGISTRATION = maybe", ["not whole"]],
    ["by a template", "DISABLE_REGISTRATION = {{ closed }}", ["not whole"]],
  ])("gives accounts %s.", (_, service, doors) => {
    expect(read(service)).toEqual(doors);
  });

  test("is set up by whoever comes first where its page is open.", () => {
    expect(read(closed, "false")).toEqual(["install: orders"]);
    expect(read(closed, "${LOCK}")).toEqual(["not whole"]);
    expect(read(closed, "")).toEqual(["not whole"]);
  });

  test("takes the variables of the service before the file.", () => {
    const given = (name: string, value: string) => read(open, "true", `    environment: {${name}: '${value}'}\n`);
    expect(given("GITEA__service__DISABLE_REGISTRATION", "true")).toEqual([]);
    expect(given("FORGEJO__SERVICE__DISABLE_REGISTRATION", "true")).toEqual([]);
    expect(given("GITEA__service__DISABLE_REGISTRATION", "${CLOSED}")).toEqual(["not whole"]);
  });
});

// covers: A3 | files
describe("Node-RED", () => {
  const read = (text: string) => doorsOf("node-red", { "settings.js": `module.exports = {uiPort: 1880,\n${text}\n}` });

  test.each<readonly [string, string, readonly string[]]>([
    ["nobody", "", ["adminAuth: orders"]],
    ["nobody for a comment", "// adminAuth: {},", ["adminAuth: orders"]],
    ["everybody", 'url: "http://a", adminAuth: {},', []],
    ["everybody by a quoted name", '"adminAuth": {},', []],
    ["what a comment over lines hides", "/*\nadminAuth: {},\n*/", ["not whole"]],
    ["as another file says", "...require('./a'),", ["not whole"]],
    ["everybody behind an open text", "title: 'it\\'s', adminAuth: {},", []],
    [
      "everybody but who only looks",
      "adminAuth: {users: [{permissions: '*'}], default: {permissions: 'read'}},",
      ["default: reading"],
    ],
    ["nobody by a user for all", "adminAuth: {users: [], default: { permissions: ['*'] }},", ["default: orders"]],
  ])("asks %s.", (_, text, doors) => {
    expect(read(text)).toEqual(doors);
  });

  test("is read in one pass.", () => {
    for (const odd of ["/*".repeat(100_000), '"'.repeat(100_001), "`".repeat(3), "//", "/"])
      expect(() => withoutComments(odd), odd.slice(0, 4)).not.toThrow();
    expect(withoutComments("a // b\nc /* d */ e 'f // g' `h\n/* i */`")).toBe("a  \nc   e 'f // g' `h\n/* i */`");
  });
});

// covers: T5 | files
describe("frpc", () => {
  const plain = (more: string, server = "frp.example.org", name = "frpc.toml") => {
    const text = name.endsWith(".ini")
      ? `[common]\nserver_addr = ${server}\nserver_port = 7000\n${more}\n[p]\ntype = tcp\nlocal_port = 80\n`
      : `serverAddr = "${server}"\n${more}\n[[proxies]]\nname = "p"\nlocalPort = 80\n`;
    return configurationsOf(systemsOf({ [name]: text }), "frpc").flatMap(({ unverifiedUpstreams: list }) => [
      ...(list?.items ?? []).map(({ name: upstream, plain: isPlain }) => `${upstream} ${isPlain}`),
      ...(list?.complete === true ? [] : ["not whole"]),
    ]);
  };

  test("speaks to its server in the clear only where it is told to.", () => {
    const off = "transport.tls.enable = false";
    expect(plain("")).toEqual([]);
    expect(plain(off)).toEqual(["its server frp.example.org true"]);
    expect(plain(`${off}\ntransport.protocol = "wss"`)).toEqual([]);
    expect(plain(off, "192.168.1.9")).toEqual([]);
    expect(plain(off, "{{ .Envs.SERVER }}")).toEqual(["not whole"]);
    expect(plain('transport.tls.enable = "{{ .Envs.TLS }}"')).toEqual(["not whole"]);
    expect(plain("tls_enable = false", "frp.example.org", "frpc.ini")).toEqual(["its server frp.example.org true"]);
    expect(plain("tls_enable = false\nprotocol = quic", "frp.example.org", "frpc.ini")).toEqual([]);
  });
});

test("Files that are wrong are no reason to throw.", () => {
  for (const [name, text] of [
    ["configuration.yaml", "default_config:\nhomeassistant: [1]\nhttp: 3\n"],
    ["configuration.yaml", "homeassistant:\n  auth_providers: 4\n  - \n"],
    ["configuration.yaml", "mqtt: 3\nserial: [\nfrontend: [true]\nadvanced: {network_key: {a: 1}}\n"],
    ["configuration.yaml", "mqtt: 3\nserial: 4\nfrontend: [true]\nadvanced: {network_key: [a, [1]]}\n"],
    ["homeserver.yaml", "server_name: {}\nreport_stats: no\nenable_registration: [1]\n"],
    ["app.ini", "[repository\n[service]\nDISABLE_REGISTRATION\n[security]\n__proto__ = 1\n[repository]\n"],
    ["frps.toml", "bindPort = \n[auth\n"],
    ["frps.ini", "[common]\nbind_port = x\n__proto__ = 1\n"],
    ["qBittorrent.conf", "WebUI\\Port\n[Preferences\nWebUI\\=\n"],
  ] as const)
    expect(() => systemsOf({ [name]: text }), text).not.toThrow();
});
