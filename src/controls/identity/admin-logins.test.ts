/** Whether an admin interface asks for a login, as its image delivers it and as it is set up. */
import { describe, expect, test } from "vitest";
import { composeSystem } from "../../../test/support/compose-system.ts";
import { adminInterfaceUnpublished } from "./identity.admin-interface-unpublished.ts";

function judged(service: string): string {
  const system = composeSystem(`services:\n  app: {${service}}\n`);
  const answers = system.all("listener").flatMap((listener) => {
    const answer = adminInterfaceUnpublished.check(listener, system);
    return Array.isArray(answer) ? answer : [answer];
  });
  const found = answers.find(({ verdict }) => verdict === "fail" || verdict === "unknown") ?? answers[0];
  const said = /asks for no login|is an admin interface|cannot be told/.exec(found?.message ?? "")?.[0] ?? "";
  return `${found?.verdict} ${found?.severity ?? ""} ${said}`.trim();
}

describe("No login is asked for, and anybody commands the host", () => {
  test.each([
    ["image: lscr.io/linuxserver/code-server:4.103.2, ports: ['8443:8443']"],
    ["image: lscr.io/linuxserver/code-server:4.103.2, ports: ['8443:8443'], environment: {PASSWORD: ''}"],
    ["image: ghcr.io/wg-easy/wg-easy:14, ports: ['51821:51821/tcp']"],
    ["image: nodered/node-red:4.1, ports: ['1880:1880'], volumes: ['data:/data']"],
    ["image: nodered/node-red:4.1, network_mode: host"],
    ["image: amir20/dozzle:v8.13, ports: ['8080:8080']"],
    ["image: amir20/dozzle:v8.13, ports: ['8080:8080'], environment: {DOZZLE_AUTH_PROVIDER: none}"],
    ["image: alexxit/go2rtc:1.9.9, network_mode: host"],
  ])("%s", (service) => expect(judged(service)).toBe("fail critical asks for no login"));
});

describe("No login is asked for, and anybody has the data", () => {
  test.each([
    [
      "image: prom/prometheus:v3.5.0, ports: ['9090:9090'], command: ['--web.enable-admin-api', '--web.enable-lifecycle']",
    ],
    ["image: prom/blackbox-exporter:v0.27.0, ports: ['9115:9115']"],
    ["image: axllent/mailpit:v1.27, ports: ['8025:8025']"],
    ["image: registry:2, ports: ['5000:5000']"],
    ["image: ghcr.io/blakeblackshear/frigate:0.16.0, ports: ['1984:1984']"],
    ["image: ghcr.io/blakeblackshear/frigate:0.16.0, ports: ['5000:5000']"],
    ["image: koenkk/zigbee2mqtt:2.6, ports: ['8080:8080'], volumes: ['data:/app/data']"],
    ["image: docker.elastic.co/kibana/kibana:8.19.0, ports: ['5601:5601']"],
  ])("%s", (service) => expect(judged(service)).toBe("fail high asks for no login"));
});

describe("Figures alone are shown to anybody", () => {
  test.each([
    ["image: prom/prometheus:v3.5.0, ports: ['9090:9090']"],
    ["image: prom/pushgateway:v1.11.1, ports: ['9091:9091']"],
    ["image: nicolargo/glances:4.3, ports: ['61208:61208'], environment: {GLANCES_OPT: '-w'}"],
  ])("%s", (service) => expect(judged(service)).toBe("fail medium asks for no login"));
});

describe("A login was set, and it is an admin interface as any", () => {
  test.each([
    ["image: lscr.io/linuxserver/code-server:4.103.2, ports: ['8443:8443'], environment: {HASHED_PASSWORD: a}"],
    ["image: ghcr.io/wg-easy/wg-easy:14, ports: ['51821:51821/tcp'], environment: {PASSWORD_HASH: a}"],
    ["image: ghcr.io/wg-easy/wg-easy:15, ports: ['51821:51821/tcp']"],
    ["image: amir20/dozzle:v8.13, ports: ['8080:8080'], environment: {DOZZLE_AUTH_PROVIDER: simple}"],
    ["image: amir20/dozzle:v8.13, ports: ['8080:8080'], command: --auth-provider simple"],
    [
      "image: docker.elastic.co/kibana/kibana:8.19.0, ports: ['5601:5601'], environment: {ELASTICSEARCH_USERNAME: kibana_system, ELASTICSEARCH_PASSWORD: a}",
    ],
    ["image: registry:2, ports: ['5000:5000'], environment: {REGISTRY_AUTH: htpasswd}"],
    ["image: axllent/mailpit:v1.27, ports: ['8025:8025'], environment: {MP_UI_AUTH_FILE: /run/users}"],
    ["image: rspamd/rspamd:3.13, ports: ['11334:11334']"],
  ])("%s", (service) => expect(judged(service)).toBe("fail high is an admin interface"));

  test("but figures behind a login are nobody's fault.", () => {
    const options = "environment: {GLANCES_OPT: '-w --password'}";
    expect(judged(`image: nicolargo/glances:4.3, ports: ['61208:61208'], ${options}`)).toBe("pass");
    expect(judged("image: gcr.io/cadvisor/cadvisor:v0.52.1, ports: ['8080:8080'], command: --http_auth_file=/a")).toBe(
      "pass",
    );
  });
});

describe("Whether a login is asked for stands where nothing is read", () => {
  test.each([
    ["fail high is an admin interface", "image: nodered/node-red:4.1, ports: ['1880:1880'], volumes: ['./data:/data']"],
    [
      "fail high is an admin interface",
      "image: nodered/node-red:4.1, ports: ['1880:1880'], volumes: ['./settings.js:/data/settings.js']",
    ],
    [
      "fail high is an admin interface",
      "image: amir20/dozzle:v8.13, ports: ['8080:8080'], environment: [DOZZLE_AUTH_PROVIDER]",
    ],
    [
      "unknown low cannot be told",
      "image: prom/prometheus:v3.5.0, ports: ['9090:9090'], command: ['--web.config.file=/etc/prometheus/web.yml']",
    ],
    [
      "unknown low cannot be told",
      "image: haproxy:3.2, ports: ['8404:8404'], volumes: ['./haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro']",
    ],
  ])("%s: %s", (expected, service) => expect(judged(service)).toBe(expected));
});

describe("What stands open only by a setting is no admin interface without it, and in doubt where it is not seen", () => {
  const gluetun = "image: 'qmcgaw/gluetun:v3.41.0', ports: ['8000:8000/tcp']";
  test.each([
    ["not-applicable", gluetun],
    ["not-applicable", `${gluetun}, volumes: ['data:/gluetun']`],
    ["not-applicable", `${gluetun}, environment: {HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE: '{"auth":"apikey"}'}`],
    ["unknown low cannot be told", `${gluetun}, environment: [HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE]`],
    ["unknown low cannot be told", `${gluetun}, env_file: not-here.env`],
    ["unknown low cannot be told", `${gluetun}, volumes: ['/srv/gluetun:/gluetun']`],
    ["pass", `${gluetun.replace("8000:8000", "127.0.0.1:8000:8000")}, env_file: not-here.env`],
  ])("%s: %s", (expected, service) => expect(judged(service)).toBe(expected));

  test("It is said what the interface does, in one sentence.", () => {
    const system = composeSystem(`services:\n  app: {${gluetun}, env_file: not-here.env}\n`);
    expect(adminInterfaceUnpublished.check(system.all("listener")[0]!, system)).toMatchObject({
      message: expect.stringMatching(
        /^whether anybody reaches gluetun's control server, which stops and starts the VPN, without a login cannot be told/,
      ),
    });
  });
});

test("What makes an interface graver than its name tells is said of it, and not in what is to be done about it.", () => {
  const system = composeSystem("services:\n  app: {image: 'axllent/mailpit:v1.27', ports: ['8025:8025']}\n");
  const answer = adminInterfaceUnpublished.check(system.all("listener")[0]!, system);
  expect(answer).toMatchObject({
    message: expect.stringContaining("and Mailpit, which shows every mail that it takes, asks for no login"),
    remedy: expect.stringContaining("let the proxy reach Mailpit with a login"),
  });
});
