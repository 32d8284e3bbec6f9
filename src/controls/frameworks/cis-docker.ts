import type { FrameworkItem } from "./item.ts";

/**
 * CIS Docker Benchmark, sections 2 (the engine's configuration, `daemon.json`), 4 (images and build files) and 5 (container
 * runtime), as numbered since v1.6.0, which put the item on swarm mode first in section 5; the numbers, with what each is
 * about, stand in docker/docker-bench-security (`tests/`). Titles are ours. Sections 1, 3, 6 and 7 are about the host, its
 * files and its operation.
 */
export const cisDockerItems: readonly FrameworkItem[] = [
  {
    id: "2.1",
    title: "The engine runs without root",
    open: "Who starts the engine is not in its file; that root of a container is nobody on the host is judged (workload.engine-users-remapped).",
  },
  { id: "2.2", title: "Containers on the default bridge do not reach one another" },
  {
    id: "2.3",
    title: "The engine logs at the level info",
    open: "That is the engine's default; who states another one is looking for a fault.",
  },
  { id: "2.4", title: "The engine keeps its rules in the firewall" },
  { id: "2.5", title: "No insecure registries" },
  { id: "2.6", title: "The storage driver is not aufs", open: "Docker 24 and later have none." },
  { id: "2.7", title: "The engine's API verifies its clients" },
  {
    id: "2.8",
    title: "Default ulimits are configured",
    open: "What a container lifts is judged (workload.ulimits-bounded); which limit fits all of a host is for its owner to know.",
  },
  { id: "2.9", title: "User namespaces are on" },
  {
    id: "2.10",
    title: "The default control group is confirmed",
    open: "Another one is no danger by itself; that of a container is judged (workload.cgroup-own).",
  },
  {
    id: "2.11",
    title: "The base device's size is left alone",
    open: "The driver that had it is gone since Docker 25.",
  },
  {
    id: "2.12",
    title: "Orders to the engine are authorized",
    open: "A plugin for that is asked for nowhere: the socket is root's, and the network's clients are verified.",
  },
  {
    id: "2.13",
    title: "Logs are kept in one place",
    open: "That a container's log is bounded or shipped is judged (detection.log-bounded); the engine's own default is not.",
  },
  {
    id: "2.14",
    title: "Containers gain no privileges",
    open: "Judged of every container (workload.no-new-privileges-on), and not of the engine's default a second time.",
  },
  { id: "2.15", title: "Containers run on without the engine" },
  {
    id: "2.16",
    title: "The userland proxy is off",
    open: "It takes addresses of visitors away and exposes nothing; it is the engine's default and not asked about.",
  },
  {
    id: "2.17",
    title: "A seccomp profile of one's own where it is needed",
    open: "That there is a profile is judged; which calls a host's services need is for their author to know.",
  },
  { id: "2.18", title: "No experimental features" },
  { id: "4.1", title: "The container has a user of its own" },
  {
    id: "4.2",
    title: "Base images are trusted",
    open: "The registry and the version are judged; who publishes under a name is for a person to know.",
  },
  {
    id: "4.3",
    title: "No unneeded packages are installed",
    open: "Servers for remote shells and open sudo are judged; which other packages a program needs is for its author to know.",
  },
  {
    id: "4.4",
    title: "Images are scanned and rebuilt with patches",
    open: "Whether a pipeline scans what it builds is judged; what the scanner finds takes the image itself.",
  },
  {
    id: "4.5",
    title: "Content trust is enabled",
    open: "That is a setting of whoever pulls; a digest in the file has the same effect for that image.",
  },
  {
    id: "4.6",
    title: "Images have a health check",
    open: "The service's is judged, which the Dockerfile's is taken for where one is built here. An image alone is not asked for one, for Kubernetes reads none.",
  },
  { id: "4.7", title: "Package lists are not updated alone" },
  {
    id: "4.8",
    title: "Set-user-id rights are removed from images",
    open: "What a Dockerfile adds is judged; those of the base image are not seen, and workload.no-new-privileges-on takes their effect.",
  },
  {
    id: "4.9",
    title: "COPY instead of ADD",
    open: "Of ADD, what it downloads without a checksum is judged; a local file is copied by both alike.",
  },
  { id: "4.10", title: "No secrets in Dockerfiles" },
  { id: "4.11", title: "Only verified packages are installed" },
  {
    id: "4.12",
    title: "Signed artifacts are verified",
    open: "A digest pins what was verified; the signature itself is not in the file.",
  },
  {
    id: "5.1",
    title: "Swarm mode is off where it is not needed",
    open: "That is a state of the engine, not of a file.",
  },
  { id: "5.2", title: "AppArmor is not switched off" },
  { id: "5.3", title: "SELinux is not switched off" },
  { id: "5.4", title: "Capabilities are restricted" },
  { id: "5.5", title: "No privileged containers" },
  { id: "5.6", title: "No sensitive host directories are mounted" },
  { id: "5.7", title: "No SSH server in containers" },
  {
    id: "5.8",
    title: "Privileged ports are not mapped",
    open: "A proxy's front door passes, which is there for that.",
  },
  { id: "5.9", title: "Only needed ports are open" },
  { id: "5.10", title: "The host's network is not shared" },
  { id: "5.11", title: "Memory is limited" },
  { id: "5.12", title: "CPU is shared fairly" },
  { id: "5.13", title: "The root file system is read-only" },
  {
    id: "5.14",
    title: "Published ports are bound to one interface",
    open: "A proxy's front door passes on every one.",
  },
  {
    id: "5.15",
    title: "Restarts after a failure are bounded",
    open: "A stated policy passes: how often a service may restart is a choice between staying up and giving up.",
  },
  { id: "5.16", title: "The host's processes are not shared" },
  { id: "5.17", title: "The host's shared memory is not shared" },
  { id: "5.18", title: "Host devices are not handed in" },
  { id: "5.19", title: "Ulimits are overridden only as needed" },
  { id: "5.20", title: "Mounts do not spread to the host" },
  { id: "5.21", title: "The host's name is not shared" },
  { id: "5.22", title: "The default seccomp profile is on" },
  { id: "5.23", title: "No privileged exec", open: "That is what somebody does at a prompt, and stands in no file." },
  { id: "5.24", title: "No exec as root", open: "That is what somebody does at a prompt, and stands in no file." },
  { id: "5.25", title: "Control groups are the engine's own" },
  { id: "5.26", title: "Programs gain no privileges" },
  { id: "5.27", title: "Health is checked at run time" },
  {
    id: "5.28",
    title: "The image's version is the newest that is wanted",
    open: "That a version is named is judged; which is the newest takes a look at the registry.",
  },
  { id: "5.29", title: "The number of processes is limited" },
  { id: "5.30", title: "The default bridge is not used" },
  { id: "5.31", title: "User namespaces are not opted out of" },
  { id: "5.32", title: "The engine's socket is mounted nowhere" },
];
