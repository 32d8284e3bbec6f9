import type { Severity } from "../../contracts/verdict.ts";

/** What a host path gives away when it is mounted. `undefined` where reading, or writing, is nothing to report. */
export interface HostPathDanger {
  readonly read: Severity | undefined;
  readonly write: Severity | undefined;
  /** What lies there, as a clause: `the host's accounts, services and scheduled jobs`. */
  readonly holds: string;
  /** Whoever ends TLS needs to read it. */
  readonly forTls?: true;
}

type Row = readonly [
  path: RegExp,
  read: Severity | undefined,
  write: Severity | undefined,
  holds: string,
  forTls?: true,
];

/** The first row that matches counts. Paths are normal: no trailing slash, `/run` for `/var/run`. */
const rows: readonly Row[] = [
  [/^\/$/, "high", "critical", "the host's whole file system, the engine's socket under it"],
  [
    /^\/etc\/(?:localtime|timezone|machine-id|os-release|hostname|hosts|resolv\.conf|passwd|group|nsswitch\.conf|ssl\/certs(?:\/.*)?|ca-certificates(?:\/.*)?|pki\/tls\/certs(?:\/.*)?)$/,
    undefined,
    "low",
    "a setting of the host that needs reading only",
  ],
  [
    /^\/etc\/(?:shadow|gshadow|sudoers(?:\.d.*)?|ssh(?:\/.*)?)$/,
    "high",
    "critical",
    "the host's password hashes, keys or rights",
  ],
  [
    /^\/etc(?:\/(?:cron[^/]*|systemd|init\.d|profile\.d|ld\.so[^/]*|pam\.d|docker).*)?$/,
    "medium",
    "critical",
    "the host's accounts, services and scheduled jobs",
  ],
  // https://kubernetes.io/docs/setup/best-practices/certificates/ and the distributions' own folders.
  [
    /^\/(?:etc\/kubernetes|var\/lib\/etcd|var\/lib\/rancher\/k3s\/server|var\/lib\/k0s\/pki|etc\/rancher)(?:\/.*)?$/,
    "high",
    "critical",
    "the keys and the data of the control plane: whoever has them has the cluster",
  ],
  [/^\/etc\/letsencrypt(?:\/.*)?$/, "medium", "medium", "private keys of certificates", true],
  [/^\/boot(?:\/.*)?$/, "low", "critical", "the host's kernel and boot loader"],
  [/^\/proc(?:\/.*)?$/, "medium", "critical", "the host's processes and kernel settings"],
  [/^\/sys\/fs\/cgroup(?:\/.*)?$/, undefined, "high", "the host's control groups, whose release agent runs as root"],
  [/^\/sys(?:\/.*)?$/, "low", "high", "the host's kernel and hardware"],
  [
    /^\/dev\/(?:dri|dvb|snd|net|input|v4l|video\d+|bus|usb|serial|tty(?:USB|ACM|AMA|S)\d+|nvidia[\w-]*|kfd|apex_\d+|gpiomem|shm|rtc|null|zero|u?random)(?:\/.*)?$/,
    "low",
    "low",
    "devices of the host",
  ],
  [/^\/dev(?:\/.*)?$/, "high", "high", "the host's devices, its disks among them"],
  [/\/\.ssh(?:\/.*)?$/, "high", "critical", "SSH keys"],
  [
    /\/\.(?:aws|gnupg|kube|azure|config\/gcloud)(?:\/.*)?$|\/\.docker(?:\/config\.json)?$|\/\.(?:netrc|git-credentials|pgpass|vault-token)$/,
    "high",
    "high",
    "somebody's credentials",
  ],
  [/^\/root$/, "high", "critical", "root's home with its keys"],
  [/^\/home(?:\/[^/]+)?$/, "medium", "high", "people's homes with their keys"],
  // Where device plugins and volume drivers speak to the kubelet.
  [
    /^\/var\/lib\/kubelet\/(?:device-plugins|plugins|plugins_registry|pod-resources)(?:\/.*)?$/,
    "low",
    "medium",
    "sockets by which plugins speak to the kubelet",
  ],
  [
    /^\/var\/lib\/(?:docker|containers|containerd)\/containers(?:\/.*)?$/,
    "low",
    "high",
    "the logs and settings of all containers",
  ],
  [
    /^\/var\/lib\/(?:docker|containers|containerd|kubelet|rancher|incus|lxd)(?:\/(?!volumes\/.).*)?$/,
    "high",
    "critical",
    "the files of all containers",
  ],
  [/^\/var\/log(?:\/.*)?$/, undefined, "medium", "the host's logs, which an intruder would clean"],
  [/^\/var\/spool\/cron(?:\/.*)?$/, "low", "critical", "scheduled jobs"],
  [
    /^\/var(?:\/lib)?$/,
    "high",
    "critical",
    "the engine's data and the host's state, the engine's socket under /var/run among it",
  ],
  [
    /^\/run\/(?:dbus(?:\/.*)?|systemd(?:\/.*)?)$/,
    "medium",
    "medium",
    "the bus by which the host's services are commanded",
  ],
  [/^\/run\/udev(?:\/.*)?$/, undefined, "low", "the host's hardware list"],
  [
    /^\/(?:usr|usr\/(?:bin|sbin|lib|lib64|local|local\/bin|local\/sbin|share)|bin|sbin|lib|lib64)$/,
    undefined,
    "critical",
    "the host's programs",
  ],
  [/^\/lib\/modules(?:\/.*)?$/, undefined, "critical", "the kernel's modules"],
  [/^\/(?:opt|srv|mnt|media|data)$/, undefined, "low", "everything that is kept there, other services' data too"],
];

/** What a host path gives away, undefined when nothing is known against it. */
export function hostPathDanger(path: string): HostPathDanger | undefined {
  if (!path.startsWith("/")) return undefined;
  const row = rows.find(([pattern]) => pattern.test(path));
  if (row === undefined) return undefined;
  const [, read, write, holds, forTls] = row;
  return { read, write, holds, ...(forTls === undefined ? {} : { forTls }) };
}
