/** The configuration of Docker's engine, also where a template engine fills it in. */
const named = /(?:^|\/)(?:[\w.-]*[._-])?(?:daemon|dockerd)\.json(?:\.(?:j2|jinja2?|tmpl|tpl|tftpl|erb))?$/i;

/** Keys that no other program's file has, as the reference of `dockerd` lists them. */
const keys =
  /"(?:allow-direct-routing|authorization-plugins|bip|bridge|cgroup-parent|containerd|containerd-snapshotter|data-root|default-address-pools|default-cgroupns-mode|default-gateway|default-ipc-mode|default-runtime|default-shm-size|default-ulimits|dns-opts|exec-opts|exec-root|experimental|features|fixed-cidr(?:-v6)?|hosts|icc|init|insecure-registries|ip6?tables|ip-forward|ip-masq|ipv6|live-restore|log-driver|log-level|log-opts|max-concurrent-(?:down|up)loads|metrics-addr|mtu|no-new-privileges|oom-score-adjust|registry-mirrors|runtimes|seccomp-profile|selinux-enabled|shutdown-timeout|storage-driver|storage-opts|swarm-default-advertise-addr|tls(?:cacert|cert|key|verify)|userland-proxy|userns-remap)"\s*:/;

const inItsFolder = /(?:^|\/)\.?docker\/daemon\.json/i;

export function mayBeDockerDaemon(path: string): boolean {
  return named.test(path);
}

/** In a folder `docker` any object is the engine's, an empty one too: then its defaults hold. */
export function isDockerDaemon(path: string, text: string): boolean {
  return keys.test(text) || (inItsFolder.test(path) && /^\s*\{\s*(?:"|\}|$)/.test(text));
}

/** Where an engine without root looks for it (docs.docker.com, "Rootless mode"). */
export function isRootless(path: string): boolean {
  return /(?:^|\/)\.config\/docker\/[^/]+$/.test(path);
}
