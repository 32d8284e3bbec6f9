import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../../test/support/thread-time.ts";
import { knownValue } from "../../../facts/fact.ts";
import type { TreeNode } from "../../../formats/tree.ts";
import { Source } from "../../../lib/place.ts";
import { systemsOf } from "../../testing/systems-of.ts";
import { parseComposeText } from "./templated-text.ts";

const role = "roles/web/templates";
const loop = `services:
{% for site in sites %}
  {{ site.name }}:
    image: {{ site.image | default('nginx:1.27') }}
    ports:
      - "{{ site.port }}:80"
      - {{ site.tls_port }}:443
{% endfor %}
  db:
    image: postgres:16
    ports: ["5432:5432"]
    environment:
      POSTGRES_PASSWORD: {{ db_password }}
{% if hardened %}
    read_only: true
    privileged: false
{% endif %}
    user: "70:70"
`;

function workloads(text: string, name = "docker-compose.yml.j2") {
  return systemsOf({ [`${role}/${name}`]: text }).flatMap((system) =>
    system.all("workload").map((workload) => ({ workload, system, name: workload.ref.name })),
  );
}

function scalarsIn(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.flatMap((node) => {
    if (node.kind === "scalar") return [node];
    return scalarsIn(node.kind === "sequence" ? node.items : [...node.entries.values()].map(({ value }) => value));
  });
}

describe("A Compose file that a template engine makes", () => {
  test.each(["docker-compose.yml.j2", "compose.yaml.jinja2", "stack.yml.tmpl", "docker-compose.yml"])(
    "is read as far as it goes: %s",
    (name) => {
      const found = workloads(loop, name);
      expect(found.map((one) => one.name)).toEqual(["site.name", "db"]);
      const [site, db] = found;
      const ports = (one: typeof site) =>
        one?.system.ownedBy(one.workload.ref, "listener").map(({ port }) => knownValue(port) ?? port.kind);
      expect(ports(db)).toEqual([5432]);
      expect(ports(site)).toEqual([80, 443]);
      const [problem, ...others] = site?.system.problems ?? [];
      expect(others).toEqual([]);
      expect(problem).toMatchObject({
        severity: "warning",
        message: expect.stringContaining("blocks are not evaluated"),
      });
    },
  );

  test("leaves open what a block may leave out, and takes the rest as it stands", () => {
    const db = workloads(loop).find(({ name }) => name === "db");
    const [container] = db === undefined ? [] : db.system.containersOf(db.workload);
    expect(container).toMatchObject({
      privileged: { kind: "unknown", why: expect.stringContaining("may be left out") },
      readOnlyRoot: { kind: "unknown" },
      user: { kind: "stated" },
    });
  });

  test("is one of Go templates too", () => {
    const text =
      'services:\n{{- range .Sites }}\n  web-{{ .Name }}:\n    image: "{{ .Image }}"\n{{- end }}\n  db:\n    image: postgres:16\n';
    expect(workloads(text, "compose.yaml.tmpl").map(({ name }) => name)).toEqual(["web-Name", "db"]);
  });

  test.each(["{% include 'more.yml' %}", "{% macro m() %}{% endmacro %}", '{{ template "more" . }}'])(
    "is told and not read where it brings lines that do not stand in it: %s",
    (mark) => {
      const source = new Source("a.yml", "");
      const { documents, problems } = parseComposeText({ source, text: `${mark}\n${loop}` });
      expect(documents).toEqual([]);
      expect(problems).toMatchObject([{ severity: "error", template: true }]);
    },
  );

  test("is told as a template where it is no YAML without its marks either", () => {
    const text = "services:\n{% if a %}\n  web:\n    image: a\n{% else %}\n  web:\n    image: b\n{% endif %}\n";
    expect(parseComposeText({ source: new Source("a.yml", text), text }).documents).toEqual([]);
  });

  test("never throws, and points into the text, whatever marks stand in it", () => {
    const marks = [
      "{% if a %}",
      "{% endif %}",
      "{% for a in b %}",
      "{% endfor %}",
      "{{ a }}",
      "{{ a }}:",
      "{# a #}",
      "{%",
      "}}",
    ];
    const line = fc.constantFrom(...loop.split("\n"), ...marks, "  {{ a }}: {image: b}", "    ports: [{{ p }}:80]");
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), (lines) => {
        const text = `services:\n${lines.join("\n")}\n`;
        const { documents } = parseComposeText({ source: new Source("a.yml", text), text });
        for (const { place } of scalarsIn(documents)) {
          expect(place.kind === "file" && place.offset <= text.length).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("takes time that grows with it", () => {
    const text = `services:\n${"{% if a %}\n  {{ a }}: {image: '{{ b }}', read_only: true}\n{% endif %}\n".repeat(2_000)}`;
    const started = threadMs();
    parseComposeText({ source: new Source("a.yml", text), text });
    const open = `services:\n${"{% if a %}\n{{ ".repeat(20_000)}`;
    parseComposeText({ source: new Source("a.yml", open), text: open });
    expect(threadMs() - started).toBeLessThan(4_000);
  });
});
