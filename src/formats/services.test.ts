/** What services' configuration files say together with the services that mount them. */
import { describe, expect, test } from "vitest";
import { threadMs } from "../../test/support/thread-time.ts";
import type { ServiceConfiguration } from "../facts/configuration/service.ts";
import type { System } from "../facts/system.ts";
import { describePlace } from "../lib/place.ts";
import { systemsOf } from "../platforms/testing/systems-of.ts";

function systemOf(files: Readonly<Record<string, string>>): System {
  const [system] = systemsOf(files);
  if (system === undefined) throw new Error("There is no system.");
  return system;
}

function configurationOf(system: System, path: string): ServiceConfiguration {
  const file = system.all("repository-file").find((each) => each.path === path && each.configuration !== undefined);
  if (file?.configuration === undefined) throw new Error(`${path} was not read.`);
  return file.configuration as ServiceConfiguration;
}

const mounting = (image: string, file: string, target: string, more = "") =>
  `services:\n  it:\n    image: ${image}\n    volumes: ["./${file}:${target}:ro"]\n${more}`;

// covers: P6 A3 | compose
describe("Grafana's settings", () => {
  const ini = "[auth.anonymous]\nenabled = true\norg_role = Admin\n";

  test("belong to the service that mounts them, so that its way from outside is the file's", () => {
    const system = systemOf({
      "compose.yaml": mounting(
        "grafana/grafana:12.0.0",
        "g.ini",
        "/etc/grafana/grafana.ini",
        '    ports: ["3000:3000"]\n',
      ),
      "g.ini": ini,
    });
    const file = system.all("repository-file").find(({ configuration }) => configuration?.software === "grafana");
    expect(file?.owner?.name).toBe("it");
    expect(file === undefined ? undefined : system.workloadOf(file)?.ref.name).toBe("it");
  });

  test("give way to the variables of the service", () => {
    const variable = '    environment: { GF_AUTH_ANONYMOUS_ENABLED: "false" }\n';
    const system = systemOf({
      "compose.yaml": mounting("grafana/grafana:12.0.0", "g.ini", "/etc/grafana/grafana.ini", variable),
      "g.ini": ini,
    });
    expect(configurationOf(system, "g.ini").openDoors).toMatchObject({ items: [], complete: true });
  });
});

// covers: M1 M2 | compose
describe("A Prometheus configuration", () => {
  const files = {
    "compose.yaml": `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    volumes: ["./prometheus:/etc/prometheus:ro"]
  api:
    image: example/api:1.0
  db:
    image: postgres:17
`,
    "prometheus/prometheus.yml":
      'rule_files: [/etc/prometheus/rules/*.yml]\nscrape_configs:\n  - job_name: a\n    static_configs: [{ targets: ["api:8080", "elsewhere:1"] }]\n',
    "prometheus/rules/one.yml": "groups:\n  - name: g\n    rules:\n      - { alert: Gone, expr: up == 0 }\n",
  };

  test("says which services are scraped, and nothing of those that it does not name", () => {
    const scraped = Object.fromEntries(
      systemOf(files)
        .all("workload")
        .map(({ ref, scraped: is }) => [ref.name, is?.kind]),
    );
    expect(scraped).toEqual({ prometheus: undefined, api: "stated", db: undefined });
  });

  test.each([
    ["grafana/promtail:3.5.0", "promtail", "clients: [{ url: 'http://loki:3100/loki/api/v1/push' }]\n", ""],
    ["grafana/promtail:3.5.0", "promtail", "", ""],
    ["victoriametrics/vmagent:v1.120.0", "prometheus", "", ""],
    ["victoriametrics/victoria-metrics:v1.120.0", "prometheus", "", ""],
    [
      "prom/prometheus:v3.5.0",
      "prometheus",
      "remote_write: [{ url: 'http://mimir/' }]\n",
      '    command: ["--agent"]\n',
    ],
    [
      "prom/prometheus:v3.5.0",
      "prometheus",
      "remote_write: [{ url: 'http://mimir/' }]\n",
      '    entrypoint: ["/bin/prometheus", "--agent"]\n    command: ["--web.listen-address=:9090"]\n',
    ],
  ])("of %s in %s evaluates no alerts, so that none is missed there", (image, folder, more, command) => {
    const system = systemOf({
      "compose.yaml": mounting(image, "config.yml", `/etc/${folder}/config.yml`, command),
      "config.yml": `${more}scrape_configs:\n  - job_name: a\n    static_configs: [{ targets: [localhost] }]\n`,
    });
    expect(system.all("workload")[0]?.alertedConditions).toBeUndefined();
    const read = system.all("repository-file").filter(({ configuration }) => configuration?.software === "prometheus");
    expect(read).toHaveLength(folder === "promtail" ? 0 : 1);
  });

  test("tells what its rules are about, of the files that its patterns name inside the container", () => {
    const { alertedConditions } = systemOf(files).all("workload")[0] ?? {};
    expect(alertedConditions).toMatchObject({ items: ["service-down"], complete: true });
  });

  test("is not taken for whole where a rule file cannot be read to its end", () => {
    const broken = { ...files, "prometheus/rules/one.yml": `${files["prometheus/rules/one.yml"]}more: [\n` };
    expect(systemOf(broken).all("workload")[0]?.alertedConditions).toMatchObject({ complete: false });
  });

  test("with an expression of any length takes no more time than that", () => {
    const started = threadMs();
    for (const expression of ["up{".repeat(20_000), `up${" ".repeat(60_000)}x`, 'up{job="a"} == 0']) {
      const rules = `groups:\n  - name: a\n    rules:\n      - alert: a\n        expr: '${expression}'\n`;
      const { alertedConditions } = systemOf({ ...files, "prometheus/rules/one.yml": rules }).all("workload")[0] ?? {};
      expect(alertedConditions?.items).toEqual(expression.endsWith("0") ? ["service-down"] : []);
    }
    expect(threadMs() - started).toBeLessThan(2_000);
  });

  test("is not taken for whole where a rule file is not in the folder", () => {
    const { "prometheus/rules/one.yml": _, ...without } = files;
    expect(systemOf(without).all("workload")[0]?.alertedConditions).toMatchObject({ items: [], complete: false });
  });
});

// covers: A8 | compose
describe("A broker's configuration", () => {
  const doors = (text: string) => configurationOf(systemOf({ "mosquitto.conf": text }), "mosquitto.conf").openDoors;

  test("takes anonymous clients only where it says so and listens beyond the loopback", () => {
    expect(doors("listener 1883\n")?.items).toEqual([]);
    expect(doors("allow_anonymous true\n")?.items).toEqual([]);
    const open = doors("listener 1883\nallow_anonymous true\n")?.items ?? [];
    expect(open.map(({ what, place }) => `${describePlace(place)} ${what}`)).toEqual([
      "mosquitto.conf:2:1 listener 1883 takes clients that give no name, for every topic",
    ]);
  });

  test("lets everybody in before 2.0, unless it is told otherwise", () => {
    const of = (tag: string, text: string) =>
      configurationOf(
        systemOf({
          "compose.yaml": mounting(`eclipse-mosquitto:${tag}`, "m.conf", "/mosquitto/config/mosquitto.conf"),
          "m.conf": text,
        }),
        "m.conf",
      ).openDoors?.items.map(({ what }) => what);
    expect(of("1.6.15", "persistence true\npassword_file /p\n")).toEqual([
      "the default listener takes clients that give no name, for every topic, as every version before 2.0 does that is not told otherwise",
    ]);
    expect(of("1.6", "listener 1883\n")).toHaveLength(1);
    expect(of("1.6", "listener 1883\nallow_anonymous false\n")).toEqual([]);
    expect(of("2.0.22", "listener 1883\n")).toEqual([]);
    expect(of("openssl", "listener 1883\n")).toEqual([]);
  });

  test("keeps its listeners apart where it is told to", () => {
    const text =
      "per_listener_settings true\nlistener 1883\nallow_anonymous true\nlistener 8883\nallow_anonymous false\n";
    expect(doors(text)?.items.map(({ name }) => name)).toEqual(["listener 1883"]);
  });

  test("has listeners that say it for themselves, since 2.1", () => {
    const own = "allow_anonymous false\nlistener 1883\nlistener_allow_anonymous true\nlistener 8883\n";
    expect(doors(own)?.items.map(({ name }) => name)).toEqual(["listener 1883"]);
    expect(doors("allow_anonymous true\nlistener 1883\nlistener_allow_anonymous false\n")?.items).toEqual([]);
    expect(doors("listener 1883\nlistener_allow_anonymous true\nplugin_use dynsec\n")?.items).toEqual([]);
  });

  test("says true and false in numbers too, and what is neither keeps the broker from starting", () => {
    expect(doors("listener 1883\nallow_anonymous 1\n")?.items).toHaveLength(1);
    expect(doors("listener 1883\nallow_anonymous 1\nrequire_certificate 1\n")?.items).toEqual([]);
    expect(doors("listener 1883\nallow_anonymous ${ANONYMOUS}\n")).toMatchObject({ items: [], complete: false });
    const system = systemOf({ "mosquitto.conf": "listener\nallow_anonymous maybe\nlistener 1883x\n" });
    expect(system.problems.map(({ message, place }) => `${describePlace(place)} ${message}`)).toEqual([
      "mosquitto.conf:1:1 Mosquitto does not start with this file: `listener` has no value.",
      "mosquitto.conf:2:1 Mosquitto does not start with this file: the value of `allow_anonymous` is neither true nor false.",
      "mosquitto.conf:3:1 Mosquitto does not start with this file: the value of `listener` is neither a port nor 0 for a socket's path.",
    ]);
    expect(configurationOf(system, "mosquitto.conf").openDoors).toMatchObject({ items: [], complete: false });
  });

  test("leaves open what stands in a folder that is not here", () => {
    expect(doors("include_dir /mosquitto/conf.d\nlistener 1883\n")).toMatchObject({ items: [], complete: false });
  });
});
