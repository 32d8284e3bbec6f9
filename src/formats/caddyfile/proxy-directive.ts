import type { CaddyHandler, CaddyText, HeaderOperation, SignInHandler } from "../caddy-json/model.ts";
import { inCaddysOrder, operation } from "./header-directive.ts";
import { textOf } from "./matchers.ts";
import type { Token } from "./tokens.ts";
import type { Line } from "./tree.ts";

/** `reverse_proxy`, and the part of `php_fastcgi` that is the same. */
export function proxyHandler({ args, block, place }: Line): CaddyHandler {
  const lines = block ?? [];
  const of = (key: string) => lines.filter((line) => line.name.text === key);
  if (asksFirst(lines)) return signInHandler({ args, lines, by: "forward_auth", place });
  const written = [...args, ...of("to").flatMap((line) => line.args)];
  const transport = of("transport").flatMap((line) => line.block ?? []);
  const skips = transport.find((line) => line.name.text === "tls_insecure_skip_verify");
  const encrypts = transport.some((line) => /^tls(?:_|$)/.test(line.name.text) && line.name.text !== "tls_timeout");
  const headers = of("header_down").flatMap((line): HeaderOperation[] => {
    const made = operation(line.args);
    return made === undefined ? [] : [made.operation];
  });
  return {
    kind: "proxy",
    upstreams: written.flatMap(upstreams),
    ...(of("dynamic").length > 0 ? { dynamic: "a module finds its upstreams" } : {}),
    tls: encrypts || written.some(({ text }) => text.startsWith("https://")),
    ...(skips === undefined ? {} : { skipsVerification: skips.place }),
    headers: inCaddysOrder(headers),
    place,
  };
}

/** `forward_auth authelia:9091 { uri /api/authz/forward-auth }`, short or written out (`rewrite`). */
export function forwardAuth({ name, args, block, place }: Line): SignInHandler {
  return signInHandler({ args, lines: block ?? [], by: name.text, place });
}

function signInHandler({
  args,
  lines,
  by,
  place,
}: {
  readonly args: readonly Token[];
  readonly lines: readonly Line[];
  readonly by: string;
  readonly place: Line["place"];
}): SignInHandler {
  const of = (...keys: readonly string[]) => lines.filter((line) => keys.includes(line.name.text));
  const written = [...args, ...of("to").flatMap((line) => line.args)];
  const uri = of("uri", "rewrite").at(-1)?.args[0];
  const asks = of("dynamic").length > 0 ? {} : { asks: written.flatMap(upstreams) };
  return { kind: "sign-in", how: "other", by, ...asks, ...(uri && { uri: textOf(uri) }), place };
}

/** A proxy that asks another service first and goes on where that answers 2xx: `forward_auth`, written out. */
function asksFirst(lines: readonly Line[]): boolean {
  const get = lines.some(({ name, args }) => name.text === "method" && args[0]?.text === "GET");
  const good = new Set(
    lines
      .filter(({ name, args, block }) => name.text.startsWith("@") && namesSuccess(args, block))
      .map(({ name }) => name.text),
  );
  return get && lines.some(({ name, args }) => name.text === "handle_response" && good.has(args[0]?.text ?? ""));
}

function namesSuccess(args: readonly Token[], block: readonly Line[] | undefined): boolean {
  const words = [args, ...(block ?? []).map((line) => [line.name, ...line.args])];
  return words.some(([first, ...codes]) => first?.text === "status" && codes.some(({ text }) => text === "2xx"));
}

/** Ports of one range. */
const mostPorts = 100;

/** `app:80`, `https://app`, `:8001-8003`, `unix//run/app.sock` as addresses to dial. Source: `addresses.go` of reverse_proxy. */
function upstreams(token: Token): readonly CaddyText[] {
  const { unresolved, ...known } = textOf(token);
  const hidden = unresolved === undefined ? {} : { unresolved };
  const { text } = known;
  const url = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)\/?$/i.exec(text);
  const scheme = url?.[1]?.toLowerCase();
  const address = url?.[2] ?? text;
  if (/^(?:unix|fd)/.test(address)) return [{ ...known, ...hidden }];
  const range = /^(.*):(\d{1,5})-(\d{1,5})$/.exec(address);
  if (range !== null) {
    const first = Number(range[2]);
    const count = Math.min(Number(range[3]) - first + 1, mostPorts);
    return Array.from({ length: Math.max(count, 0) }, (_, index) => ({
      ...known,
      text: `${range[1]}:${first + index}`,
      ...hidden,
    }));
  }
  const hasPort = /:\d+$/.test(address) || /:\{[^{}]*\}$/.test(address);
  if (hasPort || address.includes("{")) return [{ ...known, text: address, ...hidden }];
  return [{ ...known, text: `${address}:${scheme === "https" ? 443 : 80}`, ...hidden }];
}
