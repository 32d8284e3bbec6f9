import { describe, expect, test } from "vitest";
import { configurationsOf, routesIn, systemsOf } from "../../platforms/testing/systems-of.ts";

function project(path = "frpc.toml"): string {
  return `
services:
  frpc:
    image: snowdreamtech/frpc:0.65
    volumes: ["./frp:/etc/frp:ro"]
    command: -c /etc/frp/${path}
  portainer: {image: portainer/portainer-ce:2.33.1}
  wiki: {image: requarks/wiki:2.5}
`;
}

function read(files: Readonly<Record<string, string>>, compose = project(Object.keys(files)[0])) {
  const inFolder = Object.entries(files).map(([name, text]) => [`frp/${name}`, text]);
  return systemsOf({ "compose.yaml": compose, ...Object.fromEntries(inFolder) });
}

const routesOf = (text: string, name = "frpc.toml") => routesIn(read({ [name]: text }));
const base = 'serverAddr = "frp.example.org"\nserverPort = 7000\n';
const proxy = (...lines: readonly string[]) => `[[proxies]]\n${lines.join("\n")}\n`;
const common = { path: "/", audience: "everybody", relay: "frp", edge: "frpc", signIn: "unstated" };

describe("A configuration of frpc", () => {
  // covers: N6 | compose
  test("leads ports and names of its server to services, though nothing is published.", () => {
    const text = `${base}${proxy('name = "p"', 'type = "tcp"', 'localIP = "portainer"', "localPort = 9000", "remotePort = 6000")}${proxy(
      'name = "w"',
      'type = "http"',
      'localIP = "wiki"',
      "localPort = 3000",
      'customDomains = ["w.example.org"]',
      'locations = ["/", "/pic"]',
      'httpUser = "a"',
      'httpPassword = "b"',
    )}`;
    const http = { ...common, host: "w.example.org", to: "wiki:3000", signIn: "single-factor" };
    expect(routesOf(text)).toEqual([
      { ...common, host: "frp.example.org", to: "portainer:9000", transport: "tcp" },
      http,
      { ...http, path: "/pic" },
    ]);
    const [system] = read({ "frpc.toml": text });
    const portainer = system?.workload({ kind: "workload", system: system.name, name: "portainer" });
    expect(portainer && system?.reach.pathFromOutside(portainer.ref).map(({ allowedBy }) => allowedBy)).toEqual([
      "it is the end of a tunnel from frp, by which visitors come in",
      "frp.example.org is routed to it",
    ]);
  });

  test.each<readonly [string, string, string]>([
    [
      "YAML",
      "frpc.yaml",
      "serverAddr: frp.example.org\nproxies:\n  - {name: p, type: tcp, localIP: portainer, localPort: 9000, remotePort: 6000}\n",
    ],
    [
      "JSON",
      "frpc.json",
      JSON.stringify({
        serverAddr: "frp.example.org",
        proxies: [{ name: "p", type: "tcp", localIP: "portainer", localPort: 9000 }],
      }),
    ],
    [
      "INI",
      "frpc.ini",
      "[common]\nserver_addr = frp.example.org\nserver_port = 7000\n[p]\ntype = tcp\nlocal_ip = portainer\nlocal_port = 9000\n[v]\nrole = visitor\ntype = stcp\n",
    ],
  ])("says the same in %s.", (_, name, text) => {
    expect(routesOf(text, name)).toEqual([
      { ...common, host: "frp.example.org", to: "portainer:9000", transport: "tcp" },
    ]);
  });

  test("leads where a plugin says, by several names, and by the key that the other end must have.", () => {
    const named = `${base}${proxy('name = "w"', 'type = "https"', 'customDomains = ["a.org", "b.org"]', 'subdomain = "w"', "[proxies.plugin]", 'type = "https2http"', 'localAddr = "wiki:3000"')}`;
    expect(routesOf(named).map(({ host, to }) => `${host} ${to}`)).toEqual([
      "a.org wiki:3000",
      "b.org wiki:3000",
      "unknown wiki:3000",
    ]);
    const secret = `${base}${proxy('name = "s"', 'type = "stcp"', 'secretKey = "k"', 'localIP = "portainer"', "localPort = 9000")}`;
    expect(routesOf(secret)).toMatchObject([{ to: "portainer:9000", signIn: "single-factor", audience: "unknown" }]);
    const socket = `${base}${proxy('name = "d"', 'type = "tcp"', "remotePort = 1", "[proxies.plugin]", 'type = "unix_domain_socket"')}`;
    expect(routesOf(socket)).toMatchObject([{ to: "unstated" }]);
  });

  test("starts what it names, and leads nowhere by UDP.", () => {
    const all = `${proxy('name = "p"', 'type = "tcp"', 'localIP = "portainer"', "localPort = 9000")}${proxy('name = "w"', 'localIP = "wiki"', "localPort = 3000")}${proxy('name = "dns"', 'type = "udp"', 'localIP = "wiki"', "localPort = 53")}`;
    expect(routesOf(`${base}start = ["w"]\n${all}`).map(({ to }) => to)).toEqual(["wiki:3000"]);
    const off = all.replace("localPort = 9000", "localPort = 9000\nenabled = false");
    expect(routesOf(`${base}${off}`).map(({ to }) => to)).toEqual(["wiki:3000"]);
  });

  test("includes further files.", () => {
    const systems = read({
      "frpc.toml": `${base}includes = ["./confd/*.toml"]\n`,
      "confd/a.toml": proxy('name = "p"', 'type = "tcp"', 'localIP = "portainer"', "localPort = 9000"),
    });
    expect(routesIn(systems).map(({ to }) => to)).toEqual(["portainer:9000"]);
  });

  test("that nobody here is seen to read leads to a port of the machine that a service has.", () => {
    const text = `${base}${proxy('name = "p"', 'type = "tcp"', 'localIP = "127.0.0.1"', "localPort = 9000")}`;
    const compose = 'services: {portainer: {image: portainer/portainer-ce:2, ports: ["127.0.0.1:9000:9000"]}}\n';
    const found = routesIn(read({ "frpc.toml": text }, compose)).filter(({ to }) => to.includes(":"));
    expect(found).toEqual([
      { ...common, host: "frp.example.org", to: "portainer:9000", transport: "tcp", edge: undefined },
    ]);
  });

  test("is in doubt of who comes by a server on one's own network, and of what a template fills in.", () => {
    const at = (server: string) =>
      `serverAddr = "${server}"\n${proxy('name = "p"', 'type = "tcp"', 'localIP = "portainer"', "localPort = 9000")}`;
    expect(routesOf(at("192.168.1.5"))).toMatchObject([{ audience: "unknown" }]);
    expect(routesOf(at("{{ .Envs.SERVER }}"))).toMatchObject([{ audience: "unknown", host: "unknown" }]);
    const [system] = read({ "frpc.toml": at("a.org").replace("9000", "{{ .Envs.PORT }}") });
    expect(system?.problems.map(({ severity, message }) => [severity, message])).toEqual([
      ["warning", "frp/frpc.toml is a Go template that frpc fills in; where it leads is not seen."],
    ]);
  });

  const doors = (web: string, name = "frpc.toml", text = `${base}${web}\nproxies = []\n`) =>
    configurationsOf(read({ [name]: text }), "frpc").flatMap(({ openDoors }) => [
      ...(openDoors?.items ?? []).map(({ allows }) => allows),
      ...(openDoors?.complete === false ? [openDoors.why] : []),
    ]);

  test("takes orders on its own page from everybody where that is not its own machine's and asks for nothing.", () => {
    expect(doors('webServer.addr = "0.0.0.0"\nwebServer.port = 7400')).toEqual(["orders"]);
    expect(doors("webServer.port = 7400")).toEqual([]);
    expect(doors('webServer.addr = "0.0.0.0"')).toEqual([]);
    expect(doors('webServer.addr = "0.0.0.0"\nwebServer.port = 7400\nwebServer.password = "x"')).toEqual([]);
  });

  test("is in doubt of its own page where who reaches it, or what it asks for, cannot be told.", () => {
    const filled = "a template fills it in";
    const open = 'webServer.addr = "0.0.0.0"\nwebServer.port = 7400\n';
    expect(doors('webServer.addr = "{{ .Envs.ADDRESS }}"\nwebServer.port = 7400')).toEqual([filled]);
    expect(doors('webServer.addr = "0.0.0.0"\nwebServer.port = "{{ .Envs.PORT }}"')).toEqual([filled]);
    expect(doors(`${open}webServer.user = "{{ .Envs.NAME }}"`)).toEqual([filled]);
    expect(doors(`${open}webServer.user = "{{ .Envs.NAME }}"\nwebServer.password = "x"`)).toEqual([]);
    expect(doors('webServer.addr = "0.0.0.0"\nwebServer.port = 7400.5')).toEqual(["`port` is not a number"]);
    expect(doors('webServer.port = "{{ .Envs.PORT }}"')).toEqual([]);
    expect(doors('webServer.addr = ""\nwebServer.port = 7400')).toEqual([]);
    const ini = "[common]\nserver_addr = a.org\nadmin_addr = 0.0.0.0\nadmin_port = 7400\n";
    expect(doors("", "frpc.ini", `${ini}admin_pwd = {{ .Envs.PASSWORD }}\n`)).toEqual([filled]);
    for (const block of ["{{ if .Envs.P }}\nadmin_pwd = x\n{{ end }}", '{{ template "admin" }}'])
      expect(doors("", "frpc.ini", `${ini}${block}\n`)).toEqual(["the file is a Go template that frpc fills in"]);
  });

  test("is in doubt of its own page where the file cannot be read as it stands.", () => {
    expect(doors("", "frpc.toml", `${base}webServer.port = {{ .Envs.PORT }}\nproxies = []\n`)).toEqual([
      "the file is a Go template that frpc fills in",
    ]);
    const [why, ...more] = doors("", "frpc.json", '{"serverAddr": "a.org", "proxies": [}');
    expect([why, more]).toEqual([expect.stringMatching(/JSON/), []]);
  });

  test("says which of the files that it includes are not seen.", () => {
    const told = (includes: string, more: Readonly<Record<string, string>> = {}) =>
      read({ "frpc.toml": `${base}includes = [${includes}]\nproxies = []\n`, ...more }).flatMap(({ problems }) =>
        problems.map(({ severity, message }) => `${severity}: ${message}`),
      );
    const warning = (why: string) => [
      `warning: Not all that frp/frpc.toml includes is seen, for ${why}; where that leads is not judged.`,
    ];
    expect(told('"./confd/*.toml"')).toEqual(warning("`./confd/*.toml` is not in what is checked"));
    expect(told('"/srv/frp/a.toml"')).toEqual(warning("`/srv/frp/a.toml` is not in this folder"));
    expect(told('"{{ .Envs.MORE }}"')).toEqual(warning("a template fills it in"));
    expect(told('"./confd/*.toml"', { "confd/a.toml": "proxies = []\n" })).toEqual([]);
    expect(told('"./confd/*.toml"', { "confd/a.ini": "[p]\n" })).toEqual([]);
  });

  test("does not throw for what is none.", () => {
    for (const odd of [
      `${base}proxies = 3\n`,
      `${base}[[proxies]]\ntype = 3\nlocalPort = "x"\n`,
      `${base}[[proxies]]\nlocalIP = "wiki"\nlocalPort = 99999\ncustomDomains = 3\n`,
      `${base}[[proxies]\n`,
      `${base}includes = ["../../../*", "/etc/*"]\nproxies = []\n`,
    ])
      expect(() => routesOf(odd), odd).not.toThrow();
    expect(() => routesOf("[common]\nserver_addr = a\nconstructor = 1\n__proto__ = 1\n", "frpc.ini")).not.toThrow();
  });
});
