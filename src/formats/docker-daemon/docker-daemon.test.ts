import { describe, expect, test } from "vitest";
import type { DockerDaemonConfiguration } from "../../facts/configuration/docker-daemon.ts";
import type { RepositoryFile } from "../../facts/subjects.ts";
import { Source } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import type { ConfigInput } from "../config-format.ts";
import { dockerDaemonFormat } from "./index.ts";

function read(text: string, path = "docker/daemon.json") {
  const file: TextFile = { ok: true, path, text, source: new Source(path, text), mode: 0o644 };
  const input = { file, path, system: path, lens: "written", platform: "files", owner: undefined };
  const { subjects, problems } = dockerDaemonFormat.read(input as unknown as ConfigInput);
  return { problems, engine: (subjects[0] as RepositoryFile).configuration as DockerDaemonConfiguration };
}

// covers: N7 | files
describe("The configuration of Docker's engine", () => {
  test.each([
    ["tcp://0.0.0.0:2375", "network"],
    ["tcp://[::]:2375", "network"],
    ["tcp://docker.example.org", "network"],
    ["0.0.0.0:2375", "network"],
    ["TCP://192.168.1.2:2375", "network"],
    ["tcp://172.17.0.1:2375", "network"],
    ["tcp://", "loopback"],
    [":2375", "loopback"],
    ["tcp://localhost:2375", "loopback"],
    ["tcp://[::1]:2375", "loopback"],
    ["unix:///var/run/docker.sock", "socket"],
    ["fd://", "socket"],
    ["npipe://", "socket"],
  ])("An address %s is met from the %s.", (address, reach) => {
    const { engine } = read(JSON.stringify({ hosts: [address] }));
    expect(engine.addresses.items.map((item) => item.reach)).toEqual([reach]);
  });

  test("It is told from other files by its name and its keys.", () => {
    const is = (path: string, text: string) =>
      dockerDaemonFormat.mayBe(path) && dockerDaemonFormat.recognises(path, text);
    for (const path of [
      "daemon.json",
      "etc/docker/daemon.json",
      "roles/docker/templates/daemon.json.j2",
      "x/docker-daemon.json",
    ])
      expect(is(path, '{ "live-restore": true }'), path).toBe(true);
    expect(is("etc/docker/daemon.json", "{}")).toBe(true);
    expect(is("daemon.json", "{}")).toBe(false);
    expect(is("other/daemon.json", '{ "Addresses": { "API": "/ip4/127.0.0.1" } }')).toBe(false);
    expect(is("package.json", '{ "hosts": [] }')).toBe(false);
  });

  test("How logs are kept is told where the engine starts with it, and what keeps it from that has its place.", () => {
    const logging = (file: object) => read(JSON.stringify(file)).engine.logging;
    expect(logging({ icc: false }).kind).toBe("unstated");
    expect(logging({ "log-opts": { "max-size": "10m" } })).toMatchObject({
      kind: "stated",
      value: { driver: "json-file", options: { "max-size": "10m" } },
    });
    expect(logging({ "log-driver": "journald", "log-opts": { tag: "a" } }).kind).toBe("stated");
    const told = (file: object) => read(JSON.stringify(file)).problems.map(({ message }) => message);
    expect(told({ "log-driver": "local", "log-opts": { "max-size": "10m", mode: "non-blocking" } })).toEqual([]);
    expect(told({ "log-opts": { "max-size": "10m", "max-file": 3 } })).toEqual([
      "Docker's engine does not start with this file: `max-file` is not a text.",
    ]);
    expect(told({ "log-opts": { "max-sise": "10m" } })).toEqual([
      "Docker's engine does not start with this file: `max-sise` is no option of the log driver json-file.",
    ]);
    for (const odd of [
      { "log-opts": { "max-file": 3 } },
      { "log-opts": "10m" },
      { "log-driver": ["local"] },
      { "log-opts": { a: "b" } },
    ])
      expect(logging(odd).kind, JSON.stringify(odd)).toBe("unknown");
  });

  test("A text that is no JSON is a problem with its place, and nothing of it is taken for a default.", () => {
    const { engine, problems } = read('{ "icc": false, }');
    expect(problems).toHaveLength(1);
    expect(engine.bridgeTraffic.kind).toBe("unknown");
    expect(engine.addresses.complete).toBe(false);
    for (const text of [
      "",
      "[]",
      "null",
      "{",
      '{"hosts":{"a":1}}',
      '{"hosts":[null,1,{}]}',
      "{{ x }}",
      "{% x",
      '{"log-driver":"toString","log-opts":{"a":"b"}}',
    ])
      expect(() => read(text)).not.toThrow();
  });

  test("A template without blocks is read as it stands, and what it fills in is unknown.", () => {
    const text = '{\n  "hosts": ["tcp://{{ address }}:2375", "fd://"],\n  "icc": false,\n  "mtu": {{ mtu }}\n}\n';
    const { engine, problems } = read(text, "daemon.json.j2");
    expect(problems).toEqual([]);
    expect(engine.addresses.complete).toBe(false);
    expect(engine.bridgeTraffic).toMatchObject({ kind: "stated", value: false });
    expect(engine.firewall).toMatchObject({ kind: "defaulted", value: true });
  });

  test("The loopback's registries need no TLS, and mirrors over HTTP are told with the insecure ones.", () => {
    const { engine } = read(
      JSON.stringify({
        "insecure-registries": [
          "http://r.example.org:5000",
          "localhost:5000",
          "127.0.0.0/8",
          "10.0.0.0/8",
          "[::1]:5000",
          "::ffff:127.0.0.1",
          "127.0.0.1/0",
        ],
        "registry-mirrors": ["http://127.0.0.1:5000", "https://m.example.org", "http://m.example.org/v2"],
      }),
    );
    expect(engine.weakRegistries.items.map(({ host, weakness }) => [host, weakness])).toEqual([
      ["r.example.org:5000", "unverified"],
      ["10.0.0.0/8", "unverified"],
      ["127.0.0.1/0", "unverified"],
      ["m.example.org", "plaintext"],
    ]);
  });
});

// covers: N7 | files | real: templates of public Ansible roles, shortened
describe("A template of the engine's configuration", () => {
  test("whose conditions bring no other key says all else by leaving it out.", () => {
    const text =
      '#jinja2: lstrip_blocks: "True"\n{\n  {# rotates by itself #}\n  "log-driver": "local",\n  {% if zfs_root %}\n  "log-opts": {\n    "compress": "false"\n  },\n  {% endif %}\n  "ip": "127.0.0.1"\n}\n';
    const { engine, problems } = read(text, "roles/docker/templates/daemon.json.j2");
    expect(problems).toEqual([]);
    expect(engine.addresses).toMatchObject({ complete: true, items: [] });
    expect(engine.firewall).toMatchObject({ kind: "defaulted" });
  });

  test("is not known where a condition or a loop decides.", () => {
    const text =
      '{\n{% if verified %}\n  "tlsverify": true,\n{% endif %}\n  "icc": false,\n  "hosts": [\n{% for host in hosts %}\n    "{{ host }}"{% if not loop.last %},{% endif %}\n\n{% endfor %}\n  ]\n}\n';
    const { engine, problems } = read(text, "daemon.json.j2");
    expect(problems).toEqual([]);
    expect(engine.clientsVerified.kind).toBe("unknown");
    expect(engine.addresses.complete).toBe(false);
    expect(engine.bridgeTraffic).toMatchObject({ kind: "stated", value: false });
  });

  test.each([
    ['{\n  {{ more }}\n  "icc": false\n}\n'],
    ['{\n  {% include "more.json" %}\n  "icc": false\n}\n'],
    [
      '{\n{% for key, value in options.items() %}\n  "{{ key }}": {{ value | to_json }},\n{% endfor %}\n  "icc": false\n}\n',
    ],
    ['{\n{{ if .Api }}\n  "hosts": ["{{ .Api }}"],\n{{ end }}\n  "icc": false\n}\n'],
  ])("takes nothing for left out where other keys may come: %j", (text) => {
    const { engine } = read(text, "daemon.json.j2");
    expect(engine.firewall.kind).toBe("unknown");
    expect(engine.addresses.complete).toBe(false);
  });
});
