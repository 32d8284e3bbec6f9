/** How bad an open door is hangs on whether its own port is published, not on any other of the service. */
import { expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import { evaluate } from "../evaluate.ts";
import { allControls } from "../registry.ts";

function found(text: string): readonly string[] {
  const options = { today: new Date("2027-01-01T00:00:00Z"), profile: "homelab", ownStack: false } as const;
  const { findings } = evaluate([composeSystem(text)], allControls, options);
  return findings
    .flatMap((finding) => [finding, ...(finding.includes ?? [])])
    .filter(({ control }) => control === "identity.authentication-on")
    .map(({ verdict, severity }) => `${verdict} ${severity}`);
}

const gluetun = (ports: string) =>
  `services:\n  vpn:\n    image: qmcgaw/gluetun:v3.40\n    ports: [${ports}]\n    environment: {HTTPPROXY: "on"}\n`;
const pihole = (ports: string) =>
  `services:\n  dns:\n    image: pihole/pihole:2025.08.0\n    ports: [${ports}]\n    environment: {FTLCONF_webserver_api_password: ""}\n`;

test("A proxy for everybody is grave on its own port, and low where only another's port is published.", () => {
  expect(found(gluetun('"8888:8888"'))).toEqual(["fail high"]);
  expect(found(gluetun('"8080:8080"'))).toEqual(["fail low"]);
});

test("An admin page without a password is grave where it is published, and low where only names are answered.", () => {
  expect(found(pihole('"53:53/udp", "80:80"'))).toEqual(["fail high"]);
  expect(found(pihole('"53:53/udp"'))).toEqual(["fail low"]);
});

const traefik = (more: string, argument = "--accesslog=true") =>
  `services:\n  proxy:\n    image: traefik:v3.3\n    command: [--api.insecure=true, ${argument}]\n    ${more}\n`;

test("A proxy's dashboard without a login is grave where its own port is published, or cannot be told apart from others.", () => {
  expect(found(traefik('ports: ["80:80", "8080:8080"]'))).toEqual(["fail high"]);
  expect(found(traefik('ports: ["80:80", "127.0.0.1:8080:8080"]'))).toEqual(["fail low"]);
  expect(found(traefik('ports: ["80:80"]', "--entryPoints.traefik.address=:80"))).toEqual(["fail high"]);
  expect(found(traefik("network_mode: host"))).toEqual(["fail high"]);
});

const routed = (rule: string, ...more: readonly string[]) =>
  `services:
  proxy:
    image: traefik:v3.3
    ports: ["443:443"]
    command: [--providers.docker=true, "--entryPoints.web.address=:443"]
    volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
  documents:
    image: ghcr.io/paperless-ngx/paperless-ngx:2.18
    environment: {PAPERLESS_AUTO_LOGIN_USERNAME: owner}
    labels: ${JSON.stringify([`traefik.http.routers.d.rule=${rule}`, ...more])}
`;

test("A store of papers that takes everybody for its owner is grave where a proxy leads everybody to it, and not where it asks.", () => {
  expect(found(routed("Host(`papers.example.org`)"))).toEqual(["fail high"]);
  const asks = ["traefik.http.routers.d.middlewares=in", "traefik.http.middlewares.in.basicauth.users=a:$$2y$$05$$x"];
  expect(found(routed("Host(`papers.example.org`)", ...asks))).toEqual(["fail medium"]);
  expect(found(routed("Host(`papers.home.arpa`)"))).toEqual(["fail medium"]);
});

const serving = (image: string, environment: string, ports: string) =>
  `services:\n  app:\n    image: ${image}\n    ports: [${ports}]\n    environment: {${environment}}\n`;
const wizard = "JAVA_OPTS: -Djenkins.install.runSetupWizard=false";
const viewer = "GF_AUTH_ANONYMOUS_ENABLED: 'true'";
const admin = `${viewer}, GF_AUTH_ANONYMOUS_ORG_ROLE: Admin`;
const keys = "DISABLE_ADMIN_TOKEN: 'true'";
const series = "INFLUXDB_HTTP_AUTH_ENABLED: 'false'";
const screen = "SE_VNC_NO_PASSWORD: 'true'";

test.each([
  ["Jenkins' agents", "jenkins/jenkins:2.516", wizard, "8080", "50000", "JENKINS_SLAVE_AGENT_PORT: '8080'"],
  ["Grafana's peers", "grafana/grafana:12.0.0", viewer, "3000", "9094", "GF_SERVER_HTTP_PORT: '9094'"],
  [
    "peers of a Grafana that is everybody's",
    "grafana/grafana:12.0.0",
    admin,
    "3000",
    "9094",
    "GF_SERVER_HTTP_PORT: '9094'",
  ],
  ["Vaultwarden's notifications", "vaultwarden/server:1.28.1", keys, "80", "3012", "ROCKET_PORT: '3012'"],
  [
    "what only writes into InfluxDB",
    "example/influxdb:1.8",
    series,
    "8086",
    "2003",
    "INFLUXDB_HTTP_BIND_ADDRESS: ':2003'",
  ],
  ["Selenium's orders", "selenium/standalone-chrome:4.34", screen, "7900", "4444", "SE_NO_VNC_PORT: '4444'"],
])(
  "A login that is off is not behind the port of %s, unless the ports are others.",
  (_, image, off, own, other, moved) => {
    const told = (environment: string, port: string) => found(serving(image, environment, `"${port}:${port}"`))[0];
    expect(told(off, own)).toMatch(/^fail (?:medium|high|critical)$/);
    expect(told(off, other)).toBe("fail low");
    expect(told(`${off}, ${moved}`, other)).not.toBe("fail low");
  },
);
