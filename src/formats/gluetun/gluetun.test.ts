import { describe, expect, test } from "vitest";
import { describePlace } from "../../lib/place.ts";
import { configurationsOf, systemsOf } from "../../platforms/testing/systems-of.ts";

function read(roles: string, variables = "") {
  const compose = `services:\n  vpn:\n    image: qmcgaw/gluetun:v3.41.0\n    volumes: ["./auth/config.toml:/gluetun/auth/config.toml:ro"]\n${variables}`;
  return systemsOf({ "compose.yaml": compose, "auth/config.toml": roles });
}

function doorsOf(roles: string, variables = "") {
  return configurationsOf(read(roles, variables), "gluetun").flatMap(({ openDoors }) => [
    ...(openDoors?.items ?? []).map(({ name, allows }) => `${name}: ${allows}`),
    ...(openDoors?.complete === true ? [] : ["not whole"]),
  ]);
}

const role = (auth: string, ...routes: readonly string[]) =>
  `[[roles]]\nname = "r"\nroutes = ${JSON.stringify(routes)}\nauth = ${auth}\n`;

// covers: A3 | compose
describe("The roles of gluetun's control server", () => {
  test.each<readonly [string, string, readonly string[]]>([
    ["orders to everybody", role('"none"', "GET /v1/vpn/status", "PUT /v1/vpn/status"), ["r: orders"]],
    ["a restart to everybody", role('"none"', "GET /v1/openvpn/actions/restart"), ["r: orders"]],
    ["the settings to everybody", role('"none"', "GET /v1/vpn/settings"), ["r: reading"]],
    ["an address to everybody", role('"none"', "GET /v1/publicip/ip"), ["r: figures"]],
    ["nothing, for there is no route", role('"none"'), []],
    ["orders to who has a key", `${role('"apikey"', "PUT /v1/vpn/status")}apikey = "k"\n`, []],
    [
      "orders to everybody beside a role with a key",
      `${role('"apikey"', "GET /v1/vpn/status")}${role('"none"', "PUT /v1/dns/status")}`,
      ["r: orders"],
    ],
  ])("give %s.", (_, text, doors) => {
    expect(doorsOf(text)).toEqual(doors);
  });

  test("are in doubt where a method or the routes cannot be told.", () => {
    expect(doorsOf(role("[1]", "PUT /v1/vpn/status"))).toEqual(["not whole"]);
    expect(doorsOf(role('"none"').replace("[]", "[[1]]"))).toEqual(["not whole"]);
    for (const odd of ["{{ method }}", "{% if a %}none{% endif %}", "$METHOD", "open"])
      expect(doorsOf(role(`"${odd}"`, "PUT /v1/vpn/status")), odd).toEqual(["not whole"]);
    expect(doorsOf(role('"none"', "{{ route }}"))).toEqual(["not whole"]);
    expect(doorsOf(`${role('"apikey"', "PUT /v1/vpn/status")}[[roles]]\nroutes = ["PUT /v1/dns/status"]\n`)).toEqual([
      "not whole",
    ]);
  });

  test("are none where gluetun is told to read another file.", () => {
    const other = "    environment: {HTTP_CONTROL_SERVER_AUTH_CONFIG_FILEPATH: /gluetun/roles.toml}\n";
    expect(doorsOf(role('"none"', "PUT /v1/vpn/status"), other)).toEqual([]);
  });

  test("keep it from starting with a method that it does not know.", () => {
    const problems = read(role('"open"', "PUT /v1/vpn/status")).flatMap((system) =>
      system.problems.map(({ message, place }) => `${describePlace(place)} ${message}`),
    );
    expect(problems).toEqual([
      "auth/config.toml:4:8 gluetun does not start with this file: `auth` is no method that it knows.",
    ]);
    for (const odd of ["[[roles]]\nroutes = 3\nauth = 4\n", "[[roles]]\nroutes = [\nauth = \n"])
      expect(() => read(odd)).not.toThrow();
  });
});
