import type { FrameworkItem } from "./item.ts";

/** OWASP Kubernetes Top 10, edition of 2025. Titles follow its own. */
export const owaspKubernetesItems: readonly FrameworkItem[] = [
  { id: "K01", title: "Insecure workload configurations" },
  {
    id: "K02",
    title: "Overly permissive authorization configurations",
    open: "What the files bind is judged; roles that an operator or a cloud adds at run time are not seen.",
  },
  { id: "K03", title: "Secrets management failures" },
  {
    id: "K04",
    title: "Lack of cluster level policy enforcement",
    open: "The labels of Pod Security admission are read; the rules of policy engines are not interpreted.",
  },
  { id: "K05", title: "Missing network segmentation controls" },
  { id: "K06", title: "Overly exposed Kubernetes components" },
  {
    id: "K07",
    title: "Misconfigured and vulnerable cluster components",
    open: "Configuration in files is judged; whether a version has known holes takes a scanner.",
  },
  {
    id: "K08",
    title: "Cluster to cloud lateral movement",
    open: "Roles and metadata services of a cloud are outside of what these files show.",
  },
  {
    id: "K09",
    title: "Broken authentication mechanisms",
    open: "How people sign in to the API is decided by credentials that no manifest shows.",
  },
  {
    id: "K10",
    title: "Inadequate logging and monitoring",
    open: "Whether audit logs and metrics are configured is judged; whether anybody reads them is not.",
  },
];
