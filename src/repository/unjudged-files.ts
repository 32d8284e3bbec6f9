import { listed } from "../lib/listed.ts";
import type { Repository } from "./repository.ts";

type Kind = readonly [one: string, several: string];

const units: Kind = ["unit of systemd", "units of systemd"];
const quadlets: Kind = ["quadlet of Podman", "quadlets of Podman"];
const firewallRules: Kind = ["file of firewall rules", "files of firewall rules"];
const nomadJobs: Kind = ["Nomad job", "Nomad jobs"];
const ansibleTasks: Kind = ["file of Ansible tasks", "files of Ansible tasks"];
const envoy: Kind = ["configuration of Envoy", "configurations of Envoy"];
const playbooks: Kind = ["playbook of Ansible", "playbooks of Ansible"];
const templates: Kind = ["template of a configuration", "templates of configurations"];

/** Kinds that are told by their name alone, of which nothing but secrets in their text is judged: see docs/formats.md. */
const byName: ReadonlyMap<string, Kind> = new Map([
  [".woodpecker.yml", ["pipeline of Woodpecker", "pipelines of Woodpecker"]],
  [".woodpecker.yaml", ["pipeline of Woodpecker", "pipelines of Woodpecker"]],
  [".drone.yml", ["pipeline of Drone", "pipelines of Drone"]],
  ["Jenkinsfile", ["pipeline of Jenkins", "pipelines of Jenkins"]],
  ["docker-bake.hcl", ["bake file", "bake files"]],
  ["nftables.conf", firewallRules],
  ["rules.v4", firewallRules],
  ["rules.v6", firewallRules],
  ["haproxy.cfg", ["configuration of HAProxy", "configurations of HAProxy"]],
  ["envoy.yaml", envoy],
  ["envoy.yml", envoy],
  ["jail.local", ["file of fail2ban's jails", "files of fail2ban's jails"]],
  ["httpd.conf", ["configuration of Apache", "configurations of Apache"]],
]);
const byEnding: ReadonlyMap<string, Kind> = new Map([
  ["service", units],
  ["timer", units],
  ["socket", units],
  ["container", quadlets],
  ["kube", quadlets],
  ["nft", firewallRules],
  ["nomad", nomadJobs],
]);
/** How playbooks are named, most often; what they are their text tells. */
const playbookName = /(?:^|\/)(?:site|main|playbook[\w-]*|[\w-]+[_-]playbook)\.ya?ml$|(?:^|\/)playbooks\/[^/]+\.ya?ml$/;
/** A play: the hosts that it is for, at the top of a list. */
const play = /^(?:-|[ \t])[ \t]*(?:ansible\.builtin\.)?(?:hosts|import_playbook)[ \t]*:/m;
const roleTasks = /(?:^|\/)roles\/[^/]+\/(?:tasks|handlers)\/[^/]+\.ya?ml$/;

/** How files are named that Jinja fills in. What Go or a shell fills in may be mounted as it is, and is read then. */
const templateEnding = /\.(?:j2|jinja2?)$/i;
/** Configurations that are read, though not as templates: how they are named, most often, when they are filled in. */
const configurationName =
  /(?:^|\/)(?:nginx(?:[^/]*|[^/]*\/(?:[^/]+\/)*[^/]+)\.conf|(?:mosquitto|qbittorrent)[^/]*\.conf|(?:traefik|prometheus|alertmanager|loki|cloudflared|authelia|ngrok|homeserver|grafana|atlantis|oauth2[-_]proxy|frp[cs])[\w.-]*\.(?:ya?ml|toml|ini|cfg|json)|configuration\.ya?ml|app\.ini)$/i;
/** A Compose file or a manifest: those are read, or told, as templates too. */
const ofContainers = /^(?:services|apiVersion)[ \t]*:/m;

/** Files of known kinds that no control judges, counted by their names while folders are opened. */
export class UnjudgedFiles {
  readonly #counts = new Map<string, { readonly kind: Kind; count: number }>();

  see({ paths, files }: Pick<Repository, "paths"> & { readonly files: Pick<Repository["files"], "glance"> }): void {
    for (const path of paths) {
      const kind = kindIn(files, path);
      if (kind === undefined) continue;
      const known = this.#counts.get(kind[0]);
      if (known === undefined) this.#counts.set(kind[0], { kind, count: 1 });
      else known.count++;
    }
  }

  /** One sentence, the most first; none where there are no such files. */
  get sentences(): readonly string[] {
    if (this.#counts.size === 0) return [];
    const counts = [...this.#counts.values()].sort((a, b) => b.count - a.count || (a.kind[0] < b.kind[0] ? -1 : 1));
    const told = counts.map(({ kind: [one, several], count }) => `${count} ${count === 1 ? one : several}`);
    return [`Only secrets are looked for in ${listed(told)}.`];
  }
}

/** What people call the kind of a file, one of them: `unit of systemd`; undefined for other files. */
export function unjudgedKind(files: Pick<Repository["files"], "glance">, path: string): string | undefined {
  return kindIn(files, path)?.[0];
}

/** By its name, where its text does not show it to be something else. */
function kindIn(files: Pick<Repository["files"], "glance">, path: string): Kind | undefined {
  const kind = kindOf(path);
  if (kind === templates) return isConfiguration(files, path) ? kind : undefined;
  if (kind === units && isOfAnother(files, path)) return undefined;
  return kind === playbooks && !isPlaybook(files, path) ? undefined : kind;
}

/** Units that are none, or that are judged: Avahi's services end as units do, and are XML (avahi.service(5)); D-Bus takes the ending too (its specification, "Message Bus Starting Services"). */
function isOfAnother(files: Pick<Repository["files"], "glance">, path: string): boolean {
  if (!path.endsWith(".service")) return false;
  const file = files.glance(path);
  return file.ok && (/^\s*</.test(file.text) || /^[ \t]*\[D-BUS Service\]/m.test(file.text) || ofK3s.test(file.text));
}

function isPlaybook(files: Pick<Repository["files"], "glance">, path: string): boolean {
  const file = files.glance(path);
  return file.ok && play.test(file.text);
}

function isConfiguration(files: Pick<Repository["files"], "glance">, path: string): boolean {
  const file = files.glance(path);
  return file.ok && !ofContainers.test(file.text);
}

/** What a unit tells k3s is judged as k3s's own file is. */
const ofK3s = /\bk3s["']?(?:[ \t]|\\\n)+["']?(?:server|agent)\b/;

function kindOf(path: string): Kind | undefined {
  if (templateEnding.test(path)) return kindOfTemplate(path.replace(templateEnding, ""));
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  const ending = dot < 1 ? "" : name.slice(dot + 1);
  if (ending === "yml" || ending === "yaml")
    return byName.get(name) ?? (roleTasks.test(path) ? ansibleTasks : playbookName.test(path) ? playbooks : undefined);
  return byEnding.get(ending) ?? byName.get(name) ?? (name.endsWith(".nomad.hcl") ? nomadJobs : undefined);
}

function kindOfTemplate(path: string): Kind | undefined {
  return byName.get(path.slice(path.lastIndexOf("/") + 1)) ?? (configurationName.test(path) ? templates : undefined);
}
