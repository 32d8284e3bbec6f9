import { describe, expect, test } from "vitest";
import { describePlace } from "../../lib/place.ts";
import { configurationsOf, routesIn, systemsOf } from "../../platforms/testing/systems-of.ts";

/** As Tailscale's own guide for Docker has it: the application lives in the node's network. */
const project = `
services:
  ts:
    image: tailscale/tailscale:v1.90.6
    environment: {TS_SERVE_CONFIG: /config/serve.json, TS_STATE_DIR: /var/lib/tailscale}
    volumes: ["./config:/config:ro"]
  app: {image: example/app, network_mode: "service:ts"}
  wiki: {image: requarks/wiki:2.5}
`;

function read(config: string, compose = project, more: Readonly<Record<string, string>> = {}) {
  return systemsOf({ "compose.yaml": compose, "config/serve.json": config, ...more });
}

const routesOf = (...args: Parameters<typeof read>) => routesIn(read(...args));

const domain = "$" + "{TS_CERT_DOMAIN}";
const name = `${domain}:443`;
const https = { TCP: { 443: { HTTPS: true } } };

function web(proxy: unknown, more: object = {}, at = name): string {
  return JSON.stringify({ ...https, Web: { [at]: { Handlers: { "/": { Proxy: proxy } } } }, ...more });
}

const tailnet = "100.64.0.0/10 fd7a:115c:a1e0::/48";
const common = { host: "unknown", path: "/", signIn: "unstated", audience: tailnet, relay: "Tailscale", edge: "ts" };

describe("A serve configuration of Tailscale", () => {
  // covers: N6 | compose
  test("leads the devices of the tailnet to the one beside the node, and by Funnel everybody.", () => {
    expect(routesOf(web("http://127.0.0.1:3000"))).toEqual([{ ...common, to: "app:3000" }]);
    const open = { audience: "everybody", relay: "Tailscale Funnel" };
    expect(routesOf(web("http://127.0.0.1:3000", { AllowFunnel: { [name]: true } }))).toEqual([
      { ...common, ...open, to: "app:3000" },
    ]);
    const named = "wiki.tail1.ts.net:8443";
    const text = web("http://wiki:3000", { TCP: { 8443: { HTTPS: true } }, AllowFunnel: { [named]: true } }, named);
    expect(routesOf(text)).toEqual([{ ...common, ...open, host: "wiki.tail1.ts.net", to: "wiki:3000" }]);
  });

  test("opens nothing to everybody that only looks so: off, for another name, on another port, inside of a handler.", () => {
    const off = [
      web("3000", { AllowFunnel: { [name]: false } }),
      web("3000", { AllowFunnel: { [`${domain}:8443`]: true } }),
      web("3000", { TCP: { 444: { HTTPS: true } }, AllowFunnel: { [`${domain}:444`]: true } }, `${domain}:444`),
      JSON.stringify({
        ...https,
        Web: { [name]: { Handlers: { "/": { Proxy: "http://127.0.0.1:3000" } }, AllowFunnel: { [name]: true } } },
      }),
    ];
    for (const text of off) expect(routesOf(text), text).toEqual([{ ...common, to: "app:3000" }]);
    expect(routesOf(web("3000", { AllowFunnel: { [name]: "true" } }))[0]?.audience).toBe("unknown");
  });

  test("is reached from outside by its node, which says where it leads.", () => {
    const [system] = read(web("http://wiki:3000"));
    const wiki = system?.workload({ kind: "workload", system: system.name, name: "wiki" });
    const path = wiki === undefined ? [] : (system?.reach.pathFromOutside(wiki.ref) ?? []);
    expect(path.map(({ through, allowedBy }) => [through, allowedBy])).toEqual([
      ["tunnel", "it is the end of a tunnel from Tailscale, by which visitors come in"],
      ["route", "a host name is routed to it"],
    ]);
  });

  test("hands connections on as they are.", () => {
    const text = (more: object = {}) =>
      JSON.stringify({
        TCP: { 443: { TCPForward: "wiki:22", TerminateTLS: domain }, 5432: { TCPForward: "127.0.0.1:5432" } },
        ...more,
      });
    const tcp = { ...common, transport: "tcp" };
    expect(routesOf(text())).toEqual([
      { ...tcp, to: "wiki:22" },
      { ...tcp, to: "app:5432" },
    ]);
    expect(
      routesOf(text({ AllowFunnel: { "a.ts.net:443": true } })).map(({ host, audience }) => [host, audience]),
    ).toEqual([
      ["a.ts.net", "everybody"],
      ["unknown", tailnet],
    ]);
  });

  test("serves services of the tailnet too, and leads nowhere where it answers itself or speaks on no such port.", () => {
    const service = JSON.stringify({
      Services: {
        "svc:wiki": { ...https, Web: { "wiki.a.ts.net:443": { Handlers: { "/": { Proxy: "http://wiki:3000" } } } } },
      },
    });
    expect(routesOf(service)).toEqual([{ ...common, host: "wiki.a.ts.net", to: "wiki:3000" }]);
    const silent = JSON.stringify({
      ...https,
      Web: {
        [name]: { Handlers: { "/": { Text: "hello" } } },
        [`${domain}:8443`]: { Handlers: { "/": { Proxy: "3000" } } },
      },
    });
    expect(routesOf(silent)).toEqual([]);
  });

  test("counts where the container is told to read it, also in the Compose file itself, and not beside that.", () => {
    const funnel = web("3000", { AllowFunnel: { [name]: true } });
    const beside = { "config/serve-funnel.json": funnel };
    expect(routesOf(web("3000"), project, beside)).toEqual([{ ...common, to: "app:3000" }]);
    expect(routesOf(web("3000"), project.replace("/config/serve.json,", "'',"))).toEqual([]);
    const open = project.replace("/config/serve.json,", "'/config/$" + "{MODE}.json',");
    expect(routesOf(web("3000"), open).map(({ to }) => to)).toEqual(["unknown"]);
    const inline = `
services:
  ts: {image: "tailscale/tailscale:v1", environment: [TS_SERVE_CONFIG=/config/serve.json], configs: [{source: s, target: /config/serve.json}]}
  app: {image: example/app, network_mode: "service:ts"}
configs:
  s: {content: '${web("http://127.0.0.1:80").replaceAll("$", "$$$$")}'}
`;
    expect(routesOf("{}", inline)).toEqual([{ ...common, to: "app:80" }]);
  });

  test("of the machine's own node leads to a port that a service has.", () => {
    const compose = 'services: {app: {image: example/app, ports: ["127.0.0.1:3000:80"]}}\n';
    const funnel = web("http://127.0.0.1:3000", { AllowFunnel: { [name]: true } });
    const found = routesOf(funnel, compose).filter(({ to }) => to.includes(":"));
    expect(found).toEqual([
      { ...common, audience: "everybody", relay: "Tailscale Funnel", edge: undefined, to: "app:80" },
    ]);
  });

  test("is in doubt which of several beside it listens, and takes the one that is known to.", () => {
    const third = `${project}  cache: {image: example/cache, network_mode: "service:ts"}\n`;
    expect(routesOf(web("3000"), third).map(({ to }) => to)).toEqual(["unknown"]);
    const known = third.replace("image: example/cache", "image: example/cache, expose: ['3000']");
    expect(routesOf(web("3000"), known).map(({ to }) => to)).toEqual(["cache:3000"]);
  });

  test("leads to a server without a look at its certificate, and says which.", () => {
    const upstreams = (config: string) =>
      configurationsOf(read(config), "tailscale").flatMap(({ unverifiedUpstreams: list }) => [
        ...(list?.items ?? []).map((each) => each.name),
        ...(list?.complete === true ? [] : ["not whole"]),
      ]);
    expect(upstreams(web("https+insecure://wiki:8443"))).toEqual(["wiki:8443"]);
    expect(upstreams(web("https+insecure://127.0.0.1:8443"))).toEqual([]);
    expect(upstreams(web("https://wiki:8443"))).toEqual([]);
    expect(upstreams(web("https://wiki:8443").slice(0, -1))).toEqual(["not whole"]);
  });

  test("with a value of another kind keeps Tailscale from starting, and is told of at its place.", () => {
    const problems = (text: string) =>
      read(text).flatMap((system) => system.problems.map(({ message, place }) => [message, describePlace(place)]));
    expect(problems(web("3000"))).toEqual([]);
    expect(
      problems('{\n"TCP": {"443": {"HTTPS": "true"}},\n"Web": {"a:443": {"Handlers": {"/": {"Proxy": 3000}}}}\n}'),
    ).toEqual([
      ["Tailscale does not start with this file: `HTTPS` is not a boolean.", "config/serve.json:2:26"],
      ["Tailscale does not start with this file: `Proxy` is not a text.", "config/serve.json:3:47"],
    ]);
    expect(problems('{"TCP": {"https": {"HTTPS": true}}}')[0]?.[0]).toContain("`https` under `TCP` is no port");
    expect(problems('{"TCP": {"443": {"HTTPS": true},}}')).toHaveLength(1);
  });

  test("does not throw for what is no address, and leads nowhere that is known.", () => {
    for (const odd of [
      "",
      "unix:/run/a.sock",
      "http://[::1",
      "tcp://wiki:99999",
      "ftp://wiki",
      "wiki:99999",
      3000,
      null,
      ["a"],
      "constructor://wiki",
    ])
      expect(
        routesOf(web(odd)).filter(({ to }) => to.includes(":")),
        String(odd),
      ).toEqual([]);
    for (const odd of [
      '{"TCP": 3, "Web": {"a": []}, "Handlers": 1}',
      '{"Web": {"a:443": {"Handlers": "x"}}}',
      '{"TCP":{',
      "[]",
    ])
      expect(() => routesOf(odd)).not.toThrow();
  });

  // covers: N6 | kubernetes
  test("in a ConfigMap leads to the pod that its sidecar is in.", () => {
    const pod = `apiVersion: v1
kind: ConfigMap
metadata: {name: serve, namespace: a}
data:
  serve.json: |
    ${web("http://127.0.0.1:3000", { AllowFunnel: { [name]: true } })}
---
apiVersion: v1
kind: Pod
metadata: {name: app, namespace: a}
spec:
  containers:
    - {name: app, image: example/app}
    - {name: ts, image: "ghcr.io/tailscale/tailscale:v1.90", env: [{name: TS_SERVE_CONFIG, value: /config/serve.json}], volumeMounts: [{name: c, mountPath: /config}]}
  volumes: [{name: c, configMap: {name: serve}}]
`;
    const found = routesOf("{}", "services: {}", { "pod.yaml": pod });
    expect(found.map(({ to, audience, edge }) => [to, audience, edge])).toEqual([
      ["a/Pod/app:3000", "everybody", "a/Pod/app"],
    ]);
  });
});
