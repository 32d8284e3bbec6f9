import type {
  DockerDaemonConfiguration,
  EngineAddress,
  WeakRegistry,
} from "../../facts/configuration/docker-daemon.ts";
import { complete, defaulted, type Fact, type FactList, incomplete, unstated } from "../../facts/fact.ts";
import type { InputProblem } from "../../facts/system.ts";
import { placeAt, wholeFile } from "../../lib/place.ts";
import type { TextFile } from "../../repository/files.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asText, Fields, textItem } from "../fields.ts";
import { parseJson } from "../json/parse.ts";
import { blanked, isTemplate, withTemplated } from "../template/blank.ts";
import type { ScalarNode } from "../tree.ts";
import { parseYaml } from "../yaml/parse.ts";
import { isDockerDaemon, isRootless, mayBeDockerDaemon } from "./recognise.ts";

/** Docker's engine: `daemon.json`, and templates of it as far as they go. */
export const dockerDaemonFormat: ConfigFormat = {
  name: "Docker engine configuration",
  mayBe: mayBeDockerDaemon,
  recognises: isDockerDaemon,
  readsOthers: () => false,
  read(input: ConfigInput): ConfigFacts {
    const { root, problems } = rootOf(input.file);
    return { subjects: [configurationFile(input, configurationOf(root, input.path))], problems, sources: [] };
  },
};

function rootOf(file: TextFile): { readonly root: Fields; readonly problems: readonly InputProblem[] } {
  const place = wholeFile(file.source);
  if (isTemplate(file.text)) return templateOf(file);
  const { root, problems } = parseJson(file.source, file.text);
  const broken = problems[0]?.message.replace(/\.$/, "");
  return { root: Fields.of(root, place, "the file", broken), problems };
}

/** JSON is YAML, which takes what stands for an expression outside of quotes. Mistakes that the template makes are none. */
function templateOf(file: TextFile) {
  const { source } = file;
  const place = wholeFile(source);
  const { text, blocks } = blanked(file.text);
  const { documents, problems } = parseYaml(source, text);
  const [first] = documents;
  const open = blocks || problems.length > 0;
  const hidden = open ? "the blocks of its template are not evaluated" : undefined;
  const root = Fields.of(first === undefined ? undefined : withTemplated(first, open), place, "the file", hidden);
  if (!open) return { root, problems: [] };
  const problem: InputProblem = {
    severity: "warning",
    message: `${source.path} is a template whose blocks are not evaluated; what only they decide is not judged.`,
    hint: "Check what the template makes: render it into a folder, and check that one too.",
    place: placeAt(source, Math.max(0, file.text.search(/\{%|\{\{/))),
  };
  return { root, problems: [problem] };
}

function configurationOf(root: Fields, path: string): DockerDaemonConfiguration {
  const flag = (key: string, otherwise: boolean) =>
    root.fact(key, asFlag, "true or false", (place) => defaulted(otherwise, "platform", place));
  return {
    software: "docker-daemon",
    rootless: isRootless(path),
    ...(root.hidden === undefined ? {} : { unseen: root.hidden }),
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
  return isLoopback(host) ? "loopback" : "network";
}

function isLoopback(host: string): boolean {
  return /^(?:|localhost|127(?:\.\d{1,3}){3}|\[(?:::1|0:0:0:0:0:0:0:1)\])$/i.test(host);
}

/** The loopback is spoken to without TLS whatever is stated. */
function weakRegistries(root: Fields): FactList<WeakRegistry> {
  const insecure = root.list<WeakRegistry>(
    "insecure-registries",
    textItem((text, place) => {
      const host = text.trim().replace(/^https?:\/\//i, "");
      const own =
        isLoopback(host.replace(/(?::\d{1,5}|\/\d{1,3})?\/?$/, "")) || /^(?:::1|127\.[\d.]+)(?:\/|$)/.test(host);
      return own ? "nothing" : { value: { host, weakness: "unverified", place } };
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
