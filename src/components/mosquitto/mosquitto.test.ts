import { describe, expect, it } from "vitest";
import { loadText } from "../../resolve/load.ts";
import { components } from "../registry.ts";
import { fileAt, serviceIn, stackFrom } from "../testing/stack.ts";

const text = (settings: string) => `name: home
zones: { a: { purpose: x, outside: ingress } }
services: { mqtt: { use: mosquitto, zone: a, settings: ${settings} } }
secrets: { sensors: password, board: password, cert: { kind: tls-self-signed, names: [mqtt.home.test] } }
`;
const users =
  "users: { sensors: { secret: sensors, write: ['a/#'], read: [b] }, board: { secret: board, read: ['a/#'] } }";

describe("mosquitto", () => {
  // covers: A8 N6 | compose
  it("lets in nobody without a password, and nobody beyond the topics of their own", () => {
    const stack = stackFrom(text(`{ ${users} }`));
    const config = fileAt(stack, "mqtt", "/mosquitto/config/mosquitto.conf").content;
    expect(config).toContain("allow_anonymous false");
    expect(config).toContain("password_file /run/secrets/mosquitto-passwords");
    const acl = fileAt(stack, "mqtt", "/mosquitto/config/acl").content;
    expect(acl).toContain("user board\ntopic read a/#\n");
    expect(acl).toContain("user sensors\ntopic write a/#\ntopic read b\n");
  });

  it("gets the users' passwords hashed in one file, and the passwords themselves not at all", () => {
    const stack = stackFrom(text(`{ ${users} }`));
    expect(serviceIn(stack, "mqtt").secrets.map((use) => use.secret)).toEqual(["mqtt-passwords"]);
    expect(stack.secrets.find((secret) => secret.name === "mqtt-passwords")).toMatchObject({
      generated: false,
      derived: {
        format: "mosquitto-passwd",
        entries: [
          { user: "board", secret: "board" },
          { user: "sensors", secret: "sensors" },
        ],
      },
    });
  });

  it("listens in the clear inside only until it has a certificate, and then with TLS alone", () => {
    const ports = (settings: string) => serviceIn(stackFrom(text(settings)), "mqtt").ports.map((port) => port.port);
    expect(ports("{}")).toEqual([1883]);
    expect(ports("{ certificate: cert }")).toEqual([8883]);
    expect(ports("{ certificate: cert, plaintext: true }")).toEqual([1883, 8883]);
    const config = fileAt(stackFrom(text("{ certificate: cert }")), "mqtt", "/mosquitto/config/mosquitto.conf").content;
    expect(config).toContain(
      "listener 8883\ncertfile /run/secrets/mosquitto-certificate\nkeyfile /run/secrets/mosquitto-certificate\n",
    );
    expect(config).not.toContain("listener 1883");
  });

  it("refuses users whose secret nobody declared, and topics with spaces", () => {
    const load = (settings: string) => () =>
      loadText({ path: "/x/stack.yaml", folder: "/x", shownAs: "stack.yaml" }, text(settings), components);
    expect(load("{ users: { a: { secret: sensor, read: [x] } } }")).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ message: 'Unknown secret "sensor".' })] }),
    );
    expect(load("{ users: { a: { secret: sensors, read: ['a b'] } } }")).toThrow();
  });
});
