import { expect, test } from "vitest";
import { threadMs } from "../../test/support/thread-time.ts";
import { Source } from "../lib/place.ts";
import { UnjudgedFiles } from "./unjudged-files.ts";

function told(...paths: readonly string[]): readonly string[] {
  return toldOf(Object.fromEntries(paths.map((path) => [path, "[Service]\n"])));
}

function toldOf(texts: Readonly<Record<string, string>>): readonly string[] {
  const files = new UnjudgedFiles();
  files.see({
    paths: Object.keys(texts),
    files: {
      glance: (path) => {
        const text = texts[path] ?? "";
        return { ok: true, path, text, source: new Source(path, text), mode: undefined };
      },
    },
  });
  return files.sentences;
}

test("Files of kinds that nothing judges are counted in one sentence, the most first.", () => {
  expect(
    told(
      "roles/web/tasks/main.yml",
      "ansible/roles/web/handlers/main.yaml",
      "jobs/web.nomad.hcl",
      "units/backup.service",
      "units/backup.timer",
      "units/other.socket",
      "units/constructor.container",
    ),
  ).toEqual([
    "Only secrets are looked for in 3 units of systemd, 2 files of Ansible tasks, 1 Nomad job and 1 quadlet of Podman.",
  ]);
});

test("Proxies and guards whose files are not read are told by the names of those.", () => {
  expect(told("lb/haproxy.cfg", "envoy/envoy.yaml", "f2b/jail.local", "httpd/httpd.conf")).toEqual([
    "Only secrets are looked for in 1 configuration of Apache, 1 configuration of Envoy, 1 configuration of HAProxy and 1 file of fail2ban's jails.",
  ]);
});

test("Templates of configurations that are read only as they are when filled in are counted, and what else fills in is not.", () => {
  const role = "roles/web/templates";
  expect(
    told(
      `${role}/nginx.conf.j2`,
      `${role}/nginx/site.conf.j2`,
      `${role}/prometheus.yml.j2`,
      `${role}/mosquitto.conf.jinja2`,
      `${role}/traefik.toml.jinja`,
      `${role}/haproxy.cfg.j2`,
    ),
  ).toEqual(["Only secrets are looked for in 5 templates of configurations and 1 configuration of HAProxy."]);
  const other = {
    "traefik.yml.j2": "services:\n  traefik: {image: '{{ image }}'}\n",
    "loki.yaml.j2": "---\napiVersion: v1\nkind: ConfigMap\n",
    "motd.j2": "hello",
    "site.conf.j2": "a = b",
    "nginx.conf.tmpl": "events {}",
    "nginx.conf": "events {}",
    "daemon.json.j2": "{}",
  };
  expect(toldOf(other)).toEqual([]);
});

test("What is judged, and what nobody knows by its name, is not counted.", () => {
  expect(
    told(
      "compose.yaml",
      "tasks/main.yml",
      "service",
      "timer",
      ".github/workflows/ci.yml",
      "main.tf",
      "__proto__",
      "a.constructor",
    ),
  ).toEqual([]);
  expect(told()).toEqual([]);
});

test("Playbooks are told by their plays, and other files of such names are none.", () => {
  expect(
    toldOf({
      "site.yml": "---\n- hosts: all\n  tasks: []\n",
      "ansible/playbooks/web.yaml": "- name: web\n  hosts: web\n",
      "playbook-all.yml": "- import_playbook: site.yml\n",
      "playbooks/readme.yml": "a: 1\n",
      "main.yml": "services: {}\n",
    }),
  ).toEqual(["Only secrets are looked for in 3 playbooks of Ansible."]);
});

test("Services of Avahi and of D-Bus end as units do, and are none.", () => {
  expect(
    toldOf({
      "avahi/services/smb.service": '<?xml version="1.0" standalone="no"?>\n<service-group/>\n',
      "etc/avahi/ssh.service": "\n<!-- ssh -->\n<!DOCTYPE service-group SYSTEM 'avahi-service.dtd'>\n",
      "dbus/org.example.service": "[D-BUS Service]\nName=org.example\n",
    }),
  ).toEqual([]);
  expect(
    toldOf({ "a.service": "# <b>\n[Unit]\n", "b.service": "<service-group/>\n", "c.timer": "<x>\n", "d.service": "" }),
  ).toEqual(["Only secrets are looked for in 3 units of systemd."]);
});

test("What a unit is of is asked in time that grows with it, whatever blank lines it has.", () => {
  const started = threadMs();
  expect(toldOf({ "a.service": `${"\n".repeat(100_000)}[D-BUS Service]\nName=a\n` })).toEqual([]);
  expect(toldOf({ "a.service": "\n".repeat(100_000) })).toHaveLength(1);
  expect(threadMs() - started).toBeLessThan(500);
});
