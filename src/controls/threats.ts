/** What an attacker would do to a self-hosted stack, and the controls that stand against it (the threat model as data). */
export interface Threat {
  /** A name for reports and links: `lateral-movement`. */
  readonly id: string;
  /** What happens, as a sentence. */
  readonly threat: string;
  /** What stands against it, as a sentence. */
  readonly answer: string;
  /** Ids of the controls that judge whether the answer holds. */
  readonly controls: readonly string[];
  /** What no control sees of it, as a sentence; absent where nothing is known to be missing. */
  readonly open?: string;
}

/** The threats, from the outside in. A test holds that every control stands against one. */
export const threats: readonly Threat[] = [
  {
    id: "outside-entry",
    threat: "Somebody from outside gets into a service that was never meant for them.",
    answer: "Only the proxy is published; admin interfaces and stores are not, and logins are on.",
    controls: [
      "identity.admin-interface-unpublished",
      "identity.authentication-on",
      "identity.route-access-stated",
      "edge.management-audience-limited",
      "network.only-proxy-publishes",
      "network.datastore-unpublished",
      "network.engine-api-unpublished",
    ],
  },
  {
    id: "password-guessing",
    threat: "Somebody tries passwords until one fits.",
    answer: "Logins are limited, and secrets are strong and nobody's default.",
    controls: ["edge.login-rate-limited", "secrets.value-strong"],
  },
  {
    id: "eavesdropping",
    threat: "Somebody on the way reads or changes what is sent.",
    answer: "TLS 1.2 or newer everywhere outside, verified, with no way back to plain HTTP.",
    controls: [
      "edge.route-encrypted",
      "edge.http-redirected",
      "edge.hsts-set",
      "network.plaintext-unpublished",
      "network.tls-verification-on",
      "edge.certificate-valid",
      "edge.key-strong",
    ],
    open: "Encryption inside of a network is judged only where a listener states it.",
  },
  {
    id: "visitor-attack",
    threat: "A page is turned against those who visit it.",
    answer: "Response headers tell browsers what not to do.",
    controls: ["edge.headers-set", "edge.server-header-removed"],
    open: "Faults of the application itself are not looked for.",
  },
  {
    id: "lateral-movement",
    threat: "One broken service becomes the way to its neighbours.",
    answer: "Each service has its own network; who may talk to whom is stated and enforced.",
    controls: [
      "network.datastore-separated",
      "network.services-separated",
      "network.zones-separated",
      "network.flow-declared",
      "network.default-bridge-unused",
      "network.links-unused",
      "network.subnets-distinct",
      "network.datastore-without-outbound",
      "network.default-deny-set",
      "network.policy-rule-narrow",
      "network.dns-allowed",
      "workload.api-token-unmounted",
    ],
  },
  {
    id: "container-escape",
    threat: "A broken container becomes the host.",
    answer: "No privileges, no engine socket, no host folders or namespaces; seccomp and its like stay on.",
    controls: [
      "workload.exposure-contained",
      "workload.engine-socket-unmounted",
      "workload.engine-proxy-filters",
      "workload.engine-connection-protected",
      "workload.nested-engine-absent",
      "workload.privileged-off",
      "workload.host-paths-unmounted",
      "workload.host-processes-hidden",
      "workload.host-ipc-hidden",
      "workload.host-uts-hidden",
      "workload.host-users-separate",
      "workload.devices-unexposed",
      "workload.mount-propagation-private",
      "workload.cgroup-own",
      "workload.seccomp-confined",
      "workload.apparmor-confined",
      "workload.selinux-confined",
      "workload.system-paths-masked",
      "workload.pod-security-baseline",
      "workload.sysctls-safe",
      "network.host-network-off",
      "network.host-access-closed",
    ],
    open: "Faults of the kernel and the engine are not looked for.",
  },
  {
    id: "privilege-in-container",
    threat: "A fault in a program gives more than the program had.",
    answer:
      "Programs run as users of their own, without capabilities, and cannot gain any; what they run cannot be changed.",
    controls: [
      "workload.user-unprivileged",
      "workload.capabilities-dropped",
      "workload.capabilities-added-few",
      "workload.no-new-privileges-on",
      "workload.root-read-only",
      "workload.pod-security-restricted",
      "workload.build-unprivileged",
      "workload.build-steps-confined",
      "workload.image-user-unprivileged",
      "workload.image-permissions-tight",
      "workload.image-doors-absent",
    ],
  },
  {
    id: "secret-in-repository",
    threat: "A secret is read from a file, from Git or from an image.",
    answer: "No secret stands in the clear in what is shared.",
    controls: [
      "secrets.literal-absent",
      "secrets.manifest-encrypted",
      "secrets.file-ignored",
      "secrets.file-private",
      "secrets.build-free",
      "secrets.image-free",
      "secrets.build-context-clean",
      "secrets.token-absent",
      "secrets.ignore-complete",
      "secrets.sops-applied",
      "secrets.sops-selection-whole",
      "secrets.sops-authenticated",
      "secrets.sops-recipients-current",
      "secrets.sops-recovery-possible",
      "secrets.sops-rules-effective",
    ],
  },
  {
    id: "secret-at-run-time",
    threat: "A secret is read from a process, a log or a neighbour.",
    answer: "Secrets are files for those who need them, and for nobody else.",
    controls: [
      "secrets.command-free",
      "secrets.delivered-as-file",
      "secrets.delivery-restricted",
      "secrets.environment-scoped",
      "workload.processes-separate",
      "secrets.value-unexposed",
    ],
  },
  {
    id: "supply-chain",
    threat: "What is pulled or built is not what was meant.",
    answer: "Versions and digests are pinned, sources are trusted, updates are reviewed.",
    controls: [
      "supply-chain.image-digest-pinned",
      "supply-chain.image-tag-pinned",
      "supply-chain.registry-trusted",
      "supply-chain.pull-reviewed",
      "supply-chain.auto-update-off",
      "supply-chain.download-verified",
      "supply-chain.package-signatures-checked",
      "supply-chain.package-lists-fresh",
    ],
    open: "Whether an image has known holes takes a scanner.",
  },
  {
    id: "exhaustion",
    threat: "One client or one service uses up what all need.",
    answer: "Requests are limited at the edge; memory, processors, processes and logs are bounded.",
    controls: [
      "edge.rate-limited",
      "workload.memory-limited",
      "workload.cpu-limited",
      "workload.pids-limited",
      "workload.ulimits-bounded",
      "detection.log-bounded",
    ],
  },
  {
    id: "host-login",
    threat: "Somebody signs in to the host or into a container.",
    answer: "Nothing but SSH by key leads to the host, and containers have no login.",
    controls: ["workload.sshd-absent"],
  },
  {
    id: "unnoticed",
    threat: "An intrusion or a failure stays unnoticed.",
    answer: "Services are watched, alerts are loaded, what fails comes back.",
    controls: [
      "detection.alerts-loaded",
      "detection.workload-scraped",
      "workload.health-checked",
      "workload.restart-stated",
    ],
    open: "Whether anybody reads the alerts is not seen.",
  },
];
