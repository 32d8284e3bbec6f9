/** Ways to one port of a workload: a proxy, a neighbour, the machine itself, what runs beside the program. */
import { describe, expect, test } from "vitest";
import {
  apart,
  authelia,
  both,
  door,
  grafana,
  homeAssistant,
  mosquitto,
  options,
  publishing,
  qbittorrent,
  told,
  weak,
} from "../../test/support/programs-with-files.ts";
import { systemsOf } from "../platforms/testing/systems-of.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

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
