import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import { routesIn, systemsOf } from "../../platforms/testing/systems-of.ts";

const project = `
services:
  ngrok:
    image: ngrok/ngrok:3-alpine
    command: start --all --config /etc/ngrok.yml
    volumes: ["./ngrok.yml:/etc/ngrok.yml:ro"]
  portainer: {image: portainer/portainer-ce:2.33.1}
  wiki: {image: requarks/wiki:2.5}
`;

const read = (config: string, compose = project) => systemsOf({ "compose.yaml": compose, "ngrok.yml": config });
const routesOf = (config: string) => routesIn(read(config));
const common = { path: "/", relay: "ngrok", edge: "ngrok" };
const open = { ...common, audience: "everybody", signIn: "unstated" };
const v2 = (tunnel: string) => `version: "2"\nauthtoken: \${NGROK_AUTHTOKEN}\ntunnels:\n  a: ${tunnel}\n`;
const v3 = (endpoint: string) => `version: 3\nagent: {authtoken: x}\nendpoints:\n  - ${endpoint}\n`;

describe("A configuration of ngrok's agent", () => {
  // covers: N6 | compose
  test("leads its names to services, though nothing is published.", () => {
    expect(routesOf(v2("{proto: http, addr: 'portainer:9000', hostname: p.example.org}"))).toEqual([
      { ...open, host: "p.example.org", to: "portainer:9000" },
    ]);
    expect(routesOf(v2("{proto: tcp, addr: 'wiki:22', remote_addr: '1.tcp.ngrok.io:12345'}"))).toEqual([
      { ...open, host: "1.tcp.ngrok.io", to: "wiki:22", transport: "tcp" },
    ]);
    expect(routesOf(v3("{name: a, url: 'https://p.ngrok.app', upstream: {url: 'https://portainer:9443'}}"))).toEqual([
      { ...open, host: "p.ngrok.app", to: "portainer:9443" },
    ]);
    expect(routesOf(v3("{name: a, upstream: {url: 'http://wiki:3000/x'}}"))).toEqual([
      { ...open, host: "unknown", to: "wiki:3000" },
    ]);
  });

  // covers: A3 | compose
  test.each([
    ["basic_auth: ['anna:Sup3rS3cret99']", "single-factor"],
    ["oauth: {provider: google, allow_domains: [example.org]}", "delegated"],
    ["oauth: {provider: google}", "unknown"],
    ["oidc: {issuer_url: 'https://id.example.org', client_id: a}", "delegated"],
    ["mutual_tls_cas: /etc/ca.pem", "single-factor"],
    ["verify_webhook: {provider: github, secret: x}", "single-factor"],
    ["inspect: false", "unstated"],
  ])("knows what a tunnel asks of visitors: %s", (setting, signIn) => {
    expect(routesOf(v2(`{proto: http, addr: 'wiki:3000', ${setting}}`))).toMatchObject([{ signIn }]);
  });

  test.each([
    [
      "on_http_request: [{actions: [{type: basic-auth, config: {credentials: ['a:b1c2d3e4f5']}}]}]",
      "single-factor",
      "everybody",
    ],
    ["on_http_request: [{actions: [{type: oauth, config: {provider: google}}]}]", "unknown", "everybody"],
    [
      "on_http_request: [{actions: [{type: oauth, config: {provider: google}}]}, {expressions: [a], actions: [{type: deny}]}]",
      "delegated",
      "everybody",
    ],
    ["on_http_request: [{expressions: [a], actions: [{type: basic-auth}]}]", "unknown", "everybody"],
    [
      "on_tcp_connect: [{actions: [{type: restrict-ips, config: {allow: [192.0.2.0/24]}}]}]",
      "unstated",
      "192.0.2.0/24",
    ],
    [
      "on_http_request: [{actions: [{type: restrict-ips, config: {enforce: false, allow: [192.0.2.0/24]}}]}]",
      "unstated",
      "everybody",
    ],
    ["on_http_request: [{actions: [{type: compress-response}]}]", "unstated", "everybody"],
    ["on_http_request: [{actions: [{type: restrict-ips, config: {ip_policies: [ipp_1]}}]}]", "unstated", "unknown"],
    [
      "on_http_request: [{actions: [{type: restrict-ips, config: {allow: [192.0.2.0/24], ip_policies: [ipp_1]}}]}]",
      "unstated",
      "unknown",
    ],
    [
      "on_http_request: [{actions: [{type: basic-auth, config: {enforce: false, credentials: ['a:b1c2d3e4f5']}}]}]",
      "unstated",
      "everybody",
    ],
    [
      "on_http_request: [{actions: [{type: basic-auth, config: {enforce: '${X}', credentials: ['a:b1c2d3e4f5']}}]}]",
      "unknown",
      "everybody",
    ],
  ])("knows what a policy asks of visitors: %s", (policy, signIn, audience) => {
    const endpoint = `{name: a, url: 'https://w.example.org', upstream: {url: 'wiki:3000'}, traffic_policy: {${policy}}}`;
    expect(routesOf(v3(endpoint))).toMatchObject([{ signIn, audience }]);
  });

  test("takes the networks of a tunnel in both of their places.", () => {
    for (const setting of ["ip_restriction: {allow_cidrs: [192.0.2.0/24]}", "allow_cidrs: [192.0.2.0/24]"])
      expect(routesOf(v2(`{proto: http, addr: 'wiki:3000', ${setting}}`))).toMatchObject([
        { audience: "192.0.2.0/24" },
      ]);
  });

  test("is in doubt of what is set up at ngrok, of templates, and of what is no address.", () => {
    for (const endpoint of [
      "{name: a, url: 'https://a.internal', upstream: {url: 'wiki:3000'}}",
      "{name: a, url: 'https://a.example.org', bindings: [internal], upstream: {url: 'wiki:3000'}}",
    ])
      expect(routesOf(v3(endpoint))).toMatchObject([{ audience: "unknown", signIn: "unknown" }]);
    expect(routesOf(v2("{addr: 'wiki:3000', labels: [edge=edghts_x]}"))).toMatchObject([{ audience: "unknown" }]);
    expect(routesOf(v3("{name: a, upstream: {url: 'wiki:3000'}, traffic_policy: policy.yml}"))).toMatchObject([
      { signIn: "unknown" },
    ]);
    expect(routesOf(v2("{proto: http, addr: '{{ upstream }}'}"))).toMatchObject([{ to: "unknown" }]);
    for (const odd of ["'http://[::1'", "'wiki:99999'", "[1, 2]", "{a: 1}", "''", "'file:///srv'", "'a b'"])
      expect(routesOf(v2(`{proto: http, addr: ${odd}}`)).filter(({ to }) => to.includes(":"))).toEqual([]);
    expect(() => routesOf("tunnels: 3\nendpoints: {a: [\n")).not.toThrow();
  });

  // covers: S1 | files
  test("tells the passwords of visitors that stand in it, and never their values.", () => {
    const secrets = (text: string) =>
      read(text, "services: {}\n").flatMap((system) =>
        system
          .all("repository-file")
          .flatMap(({ secretsInText }) => secretsInText?.items.map(({ what }) => what) ?? []),
      );
    expect(secrets(v2("{proto: http, addr: 80, basic_auth: ['anna:Sup3rS3cret99']}"))).toEqual([
      "a password for visitors",
    ]);
    expect(secrets(v2("{proto: http, addr: 80, basic_auth: ['anna:${PASSWORD}']}"))).toEqual([]);
    expect(JSON.stringify(read(v2("{proto: http, addr: 80, basic_auth: ['anna:Sup3rS3cret99']}")))).not.toContain(
      "Sup3r",
    );
  });

  test("takes time that grows with its length.", () => {
    const started = threadMs();
    read(v2(`{proto: http, addr: '${"a".repeat(200_000)}'}`));
    read(
      `version: 3\nendpoints:\n${"  - {name: a, url: 'https://a.example.org', upstream: {url: 80}}\n".repeat(2_000)}`,
    );
    expect(threadMs() - started).toBeLessThan(2_500);
  });
});
