import type {
  DockerDaemonConfiguration,
  EngineAddress,
  WeakRegistry,
} from "../../facts/configuration/docker-daemon.ts";
import { complete, defaulted, type Fact, type FactList, incomplete, unstated } from "../../facts/fact.ts";
import { hostOf, isLoopback } from "../../lib/own-address.ts";
import { wholeFile } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import { mistakeIn } from "../as-far-as-read.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asText, Fields, textItem } from "../fields.ts";
import { parseJson } from "../json/parse.ts";
import { isTemplate, withTemplated } from "../template/blank.ts";
import type { ScalarNode } from "../tree.ts";
import { loggingOf } from "./logging.ts";
import { isDockerDaemon, isRootless, mayBeDockerDaemon } from "./recognise.ts";
import { type DaemonText, readTemplate } from "./template.ts";

/** Docker's engine: `daemon.json`, and templates of it as far as they go. */
export const dockerDaemonFormat: ConfigFormat = {
  name: "Docker engine configuration",
  mayBe: mayBeDockerDaemon,
  recognises: isDockerDaemon,
  readsOthers: () => false,
  read(input: ConfigInput): ConfigFacts {
    const text = textOf(input.file);
    const { logging, problems } = loggingOf(text.root);
    const configuration = configurationOf(text, input.path, logging);
    return {
      subjects: [configurationFile(input, configuration)],
      problems: [...text.problems, ...problems],
      sources: [],
    };
  },
};

/** What `envsubst`, OpenTofu or ERB fill in: the engine itself knows no variables. */
const variable = /\$\{?[A-Za-z_]|<%/;

function textOf(file: TextFile): DaemonText {
  if (isTemplate(file.text)) return readTemplate(file);
  const { root: written, problems } = parseJson(file.source, file.text);
  const tree = written === undefined ? undefined : withTemplated(written, false, variable);
  const root = Fields.of(tree, wholeFile(file.source), "the file", mistakeIn(problems));
  return { root, problems, ...(root.hidden === undefined ? {} : { unseen: root.hidden }) };
}

function configurationOf(
  { root, unseen }: DaemonText,
  path: string,
  logging: DockerDaemonConfiguration["logging"],
): DockerDaemonConfiguration {
  const flag = (key: string, otherwise: boolean) =>
    root.fact(key, asFlag, "true or false", (place) => defaulted(otherwise, "platform", place));
  return {
    software: "docker-daemon",
    rootless: isRootless(path),
    ...(unseen === undefined ? {} : { unseen }),
    addresses: root.list(
      "hosts",
      textItem((text, place) => ({ value: { text, reach: reachOf(text), place } satisfies EngineAddress })),
    ),
    clientsVerified: flag("tlsverify", false),
    weakRegistries: weakRegistries(root),
    firewall: flag("iptables", true),
    firewall6: flag("ip6tables", true),
    bridgeTraffic: flag("icc", true),
    usersRemapped: usersRemapped(root),
    seccomp: root.fact("seccomp-profile", asProfile, "a text", (place) => defaulted("builtin", "platform", place)),
    liveRestore: flag("live-restore", false),
    experimental: flag("experimental", false),
    logging,
  };
}

/** The engine refuses a text where it wants true or false. */
const asFlag = ({ value }: ScalarNode) => (typeof value === "boolean" ? value : undefined);

/** Empty is as good as left out. */
const asProfile = (node: ScalarNode): "builtin" | "unconfined" | "custom" | undefined => {
  const text = asText(node);
  if (text === undefined || text === "" || text === "builtin") return text === undefined ? undefined : "builtin";
  return text === "unconfined" ? "unconfined" : "custom";
};

function usersRemapped(root: Fields): Fact<string> {
  const fact = root.fact("userns-remap", asText, "a text", (place) => unstated(place));
  return fact.kind === "stated" && fact.value === "" ? unstated(fact.place) : fact;
}

/** Without a scheme it is TCP, and without a host this machine's own. */
function reachOf(text: string): EngineAddress["reach"] {
  const [, scheme = "tcp", rest = ""] = /^(?:([a-z][a-z0-9+.-]{0,30}):\/\/)?(.{0,300})/i.exec(text.trim()) ?? [];
  if (scheme.toLowerCase() !== "tcp") return "socket";
  const host = /^(\[[^\]]*\]|[^:/]*)/.exec(rest)?.[1] ?? "";
  return host === "" || isLoopback(host) ? "loopback" : "network";
}

/** The loopback is spoken to without TLS whatever is stated. */
function weakRegistries(root: Fields): FactList<WeakRegistry> {
  const insecure = root.list<WeakRegistry>(
    "insecure-registries",
    textItem((text, place) => {
      const host = text.trim().replace(/^https?:\/\//i, "");
      return isLoopback(hostOf(host.replace(/\/$/, "")))
        ? "nothing"
        : { value: { host, weakness: "unverified", place } };
    }),
  );
  const mirrors = root.list<WeakRegistry>(
    "registry-mirrors",
    textItem((text, place) => {
      const host = /^http:\/\/(\[[^\]]*\]|[^/:]*)/i.exec(text.trim())?.[1];
      return host === undefined || isLoopback(host) ? "nothing" : { value: { host, weakness: "plaintext", place } };
    }),
  );
  const items = [...insecure.items, ...mirrors.items];
  const open = [insecure, mirrors].find((list) => !list.complete);
  return open === undefined || open.complete
    ? complete(items, insecure.place)
    : incomplete(items, open.why, open.place);
}
