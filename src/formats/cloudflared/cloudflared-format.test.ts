import { describe, expect, test } from "vitest";
import { configurationsOf, routesIn, systemsOf } from "../../platforms/testing/systems-of.ts";

const project = `
services:
  cloudflared:
    image: cloudflare/cloudflared:2025.8.1
    command: tunnel --config /etc/cloudflared/config.yml run
    volumes: ["./config.yml:/etc/cloudflared/config.yml:ro"]
  portainer: {image: portainer/portainer-ce:2.33.1}
  wiki: {image: requarks/wiki:2.5}
`;

function read(config: string, compose = project) {
  return systemsOf({ "compose.yaml": compose, "config.yml": config });
}

const routesOf = (config: string) => routesIn(read(config));

const base = "tunnel: 6ff42ae2-765d-4adf-8112-31c55c1551ef\ncredentials-file: /etc/cloudflared/a.json\n";
const common = { path: "/", audience: "everybody", relay: "Cloudflare", edge: "cloudflared" };

describe("A configuration of cloudflared", () => {
  // covers: N6 | compose
  test("leads its host names to services, though nothing is published.", () => {
    const text = `${base}ingress:
  - {hostname: p.example.org, service: "https://portainer:9443", originRequest: {noTLSVerify: true}}
  - {hostname: w.example.org, path: "^/wiki", service: http://wiki:3000}
  - {hostname: s.example.org, service: "ssh://wiki:22"}
  - service: http_status:404
`;
    expect(routesOf(text)).toEqual([
      { ...common, host: "p.example.org", to: "portainer:9443", signIn: "unknown" },
      { ...common, host: "w.example.org", path: "^/wiki", to: "wiki:3000", signIn: "unknown" },
      { ...common, host: "s.example.org", to: "wiki:22", signIn: "unknown", transport: "tcp" },
    ]);
    const [system] = read(text);
    const [file] = system?.all("repository-file").filter(({ configuration }) => configuration !== undefined) ?? [];
    const found = file?.configuration;
    expect(found !== undefined && "unverifiedUpstreams" in found ? found.unverifiedUpstreams : undefined).toMatchObject(
      {
        complete: true,
        items: [{ name: "portainer:9443" }],
      },
    );
  });

  test("demands a sign-in where it refuses what did not pass Access, by itself or for all rules.", () => {
    const access = "originRequest: {access: {required: true, teamName: home, audTag: [a]}}";
    expect(
      routesOf(`${base}ingress:\n  - {hostname: p.example.org, service: "http://portainer:9000", ${access}}\n`),
    ).toMatchObject([{ signIn: "delegated" }]);
    const rules = (more: string) =>
      `${base}${access}\ningress:\n  - {hostname: p.example.org, service: "http://portainer:9000"${more}}\n`;
    expect(routesOf(rules(""))).toMatchObject([{ signIn: "delegated" }]);
    expect(routesOf(rules(", originRequest: {access: {required: false}}"))).toMatchObject([{ signIn: "unknown" }]);
  });

  test("leads every name to `url` where it has no rules, and nowhere where it answers by itself.", () => {
    expect(routesOf(`${base}url: http://wiki:3000\n`)).toEqual([
      { ...common, host: "*", to: "wiki:3000", signIn: "unknown" },
    ]);
    expect(routesOf(`${base}ingress:\n  - service: hello_world\n`)).toEqual([]);
  });

  test("is in doubt of what a template fills in, and of a file that cannot be read to its end.", () => {
    const filled = `${base}ingress:\n  - {hostname: "{{host}}", service: "https://{{upstream}}:8443"}\n`;
    expect(routesOf(filled)).toEqual([{ ...common, host: "unknown", to: "unknown", signIn: "unknown" }]);
    const unverified = (text: string) =>
      configurationsOf(read(text), "cloudflared").map(({ unverifiedUpstreams }) => unverifiedUpstreams?.complete);
    const rules = "ingress:\n  - {hostname: a.example.org, service: 'https://wiki:8443'}\n";
    expect(unverified(base + rules)).toEqual([true]);
    expect(unverified(`${base + rules}  - {hostname: [\n`)).toEqual([false]);
    expect(unverified(`${base}originRequest: {noTLSVerify: "{{ x }}"}\n${rules}`)).toEqual([false]);
    expect(unverified(`${base}{% if x %}\n${rules}{% endif %}\n`)).toEqual([false]);
  });

  test("does not throw for what is no address, and leads nowhere that is known.", () => {
    const odd = [
      "bastion",
      "unix:/run/a.sock",
      "http://[::1",
      "tcp://wiki:99999",
      "constructor://wiki",
      "[1, 2]",
      "{a: 1}",
      "''",
    ];
    const rules = odd.map((service, n) => `  - {hostname: h${n}.example.org, service: ${service}}`).join("\n");
    expect(routesOf(`${base}ingress:\n${rules}\n`).filter(({ to }) => to.includes(":"))).toEqual([]);
    expect(() => routesOf(`${base}ingress: 3\n`)).not.toThrow();
    expect(() => routesOf(`${base}ingress:\n  - [\n`)).not.toThrow();
  });
});
