import type { OpenDoorway, ServiceConfiguration } from "../../facts/configuration/service.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  mapFact,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import { wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { asText, Fields } from "../fields.ts";
import { parseIni } from "../ini/parse.ts";
import { portsIn, unlessMoved } from "../own-ports.ts";
import { isFilledIn } from "../refused.ts";

/**
 * Gitea and Forgejo: whether strangers make accounts, and whether the first one who comes may set it up as its owner.
 *
 * Source: go-gitea/gitea, `modules/setting/service.go` (`DISABLE_REGISTRATION` is false unless it is set), docs.gitea.com,
 * "Configuration cheat sheet" (`INSTALL_LOCK` is false: the set-up page is open), `modules/setting/server.go` (`HTTP_PORT`
 * is 3000, and with a `PROTOCOL` of `http+unix` and the like there is no port), and `docker/root/etc/s6/gitea/setup`
 * (`environment-to-ini` lays variables `GITEA__SECTION__KEY` over the file). Forgejo's own names begin with `FORGEJO__`.
 */
export const giteaFormat: ConfigFormat = {
  name: "Gitea configuration",
  mayBe: (path) => /(?:^|\/)app\.ini$/i.test(path),
  recognises: (_path, text) =>
    /^[ \t]*\[repository(?:\.[\w-]+)?\]/m.test(text) && /^[ \t]*\[(?:server|service|security|database)\]/m.test(text),
  startsAt: /^\/(?:data|etc)\/(?:gitea|forgejo)\/(?:conf\/)?app\.ini$/,
  readsOthers: () => false,
  read(input: ConfigInput): ConfigFacts {
    return {
      subjects: [configurationFile(input, configurationOf(new Settings(input), input))],
      problems: [],
      sources: [],
    };
  },
};

function configurationOf(settings: Settings, input: ConfigInput): ServiceConfiguration {
  const ports = unlessMoved(portsOf(settings), input, /(?:^|\s)(?:-p|--port)\b/);
  return { software: "gitea", openDoors: doorsOf(settings), ports };
}

/** Git's own port for SSH is another, by which nobody makes an account. */
function portsOf(settings: Settings): Fact<readonly number[]> {
  const protocol = settings.text("server", "PROTOCOL");
  if (protocol.kind === "unknown") return protocol;
  if (!/^(?:https?|)$/.test((knownValue(protocol) ?? "").trim()))
    return unknown("it answers on a socket, or in a way that is not known", protocol.place);
  const port = settings.text("server", "HTTP_PORT");
  const isWritten = port.kind === "unknown" || (knownValue(port) ?? "").trim() !== "";
  return portsIn(isWritten ? mapFact(port, Number) : defaulted(3000, "program", port.place));
}

class Settings {
  readonly #root: Fields;
  readonly #input: ConfigInput;
  readonly place: Fields["place"];

  constructor(input: ConfigInput) {
    const { source, text } = input.file;
    this.#input = input;
    this.place = wholeFile(source);
    this.#root = Fields.of(parseIni(source, text), this.place, "the file");
  }

  /** `MustBool` of gopkg.in/ini.v1 takes what is neither for false; here that is not known. */
  flag(section: string, key: string): Fact<boolean> {
    const fact = this.text(section, key);
    if (fact.kind !== "stated" && fact.kind !== "defaulted") return fact;
    const text = fact.value.trim();
    if (text === "") return unstated(fact.place);
    if (/^(?:1|t|true|yes|y|on)$/i.test(text)) return stated(true, fact.place);
    if (/^(?:0|f|false|no|n|off)$/i.test(text)) return stated(false, fact.place);
    const why = isFilledIn(text) ? "another program fills it in" : `\`${key}\` is neither true nor false`;
    return unknown(why, fact.place);
  }

  /** A variable of the workload before the file. */
  text(section: string, key: string): Fact<string> {
    const names = ["GITEA", "FORGEJO"].flatMap((program) =>
      [section, section.toUpperCase()].map((each) => `${program}__${each}__${key}`),
    );
    for (const name of names) {
      const given = this.#input.environment?.(name);
      if (given?.kind === "unknown") return given;
      const value = given === undefined ? undefined : knownValue(given);
      if (given !== undefined && value !== undefined) return stated(value.reveal(), given.place);
    }
    return this.#root.fields(section).fact(key, asText, "a text", unstated);
  }
}

function doorsOf(settings: Settings): FactList<OpenDoorway> {
  const locked = settings.flag("security", "INSTALL_LOCK");
  const disabled = settings.flag("service", "DISABLE_REGISTRATION");
  const narrowed = ["ALLOW_ONLY_EXTERNAL_REGISTRATION", "REGISTER_MANUAL_CONFIRM"].map((key) =>
    settings.flag("service", key),
  );
  const items: OpenDoorway[] = [];
  if (knownValue(locked) === false) {
    const what = "whoever comes first sets it up, and is its administrator";
    items.push({ what, allows: "orders", name: "install", place: locked.place });
  }
  const isNarrowed = narrowed.some((fact) => knownValue(fact) === true);
  if (knownValue(disabled) === false && !isNarrowed) {
    const what = "whoever comes makes an account";
    items.push({ what, allows: "reading", name: "registration", place: disabled.place });
  }
  const open = [locked, ...(isNarrowed ? [] : [disabled, ...narrowed])].find(({ kind }) => kind === "unknown");
  if (open?.kind === "unknown") return incomplete(items, open.why, open.place);
  // Gitea writes it once it was set up: where it is left out, that is still to come, or a variable that is not seen says so.
  if (locked.kind === "unstated")
    return incomplete(items, "`INSTALL_LOCK` is left out, without which the set-up page is open", settings.place);
  // Left out it is open in Gitea; what Forgejo makes of it differs from one version to the next.
  return disabled.kind === "unstated" && !isNarrowed
    ? incomplete(items, "`DISABLE_REGISTRATION` is left out, and the version decides", settings.place)
    : complete(items, settings.place);
}
