import { softwareOf } from "../../facts/knowledge/software.ts";
import { placeAt, wholeFile } from "../../lib/place.ts";
import type { ConfigFacts, ConfigFormat, ConfigInput } from "../config-format.ts";
import { configurationFile } from "../configuration-file.ts";
import { environmentOf } from "../proxy/environment.ts";
import { leadsOf, routeSubjects } from "../proxy/proxy-route.ts";
import { oldestTls } from "./encryption.ts";
import { readNginx } from "./include.ts";
import { Level } from "./level.ts";
import { nginxRoutes, streamRoutes } from "./routes.ts";
import { serversIn } from "./server.ts";
import { nginxSettings } from "./settings.ts";

/** `nginx.conf` with what it includes, or a file that another `nginx.conf` includes (`conf.d/*.conf`). */
export const nginxFormat: ConfigFormat = {
  name: "nginx",
  mayBe: (path) =>
    /(?:^|\/)(?:[^/]*nginx[^/]*\.conf|[^/]*\.nginx|vhosts?\.conf)(?:\.template)?$|(?:^|\/)(?:[^/]*nginx[^/]*|conf\.d|http\.d|sites-(?:enabled|available)|templates)\/(?:[^/]+\/)*[^/]+(?:\.conf|\.vhost|\.template|\/default)$|(?:^|\/)sites-(?:enabled|available)\/[^/]+$/i.test(
      path,
    ),
  recognises: (_path, text) =>
    /^[ \t]*(?:server|http|stream)[ \t\r\n]*\{/m.test(text) &&
    /\b(?:listen|server_name|location|proxy_pass|root|include)[ \t]/.test(text),
  startsAt: /^\/(?:etc\/nginx|usr\/local\/openresty\/nginx\/conf|config\/nginx)\/nginx\.conf$/,
  leadsOn: true,
  readBy: {
    software: [
      ...["nginx", "nginx-proxy", "nginx-proxy-manager", "swag"],
      ...["bunkerweb", "ingress-nginx", "nginx-ingress"],
    ],
    named: /nginx|openresty|angie|swag/i,
    places:
      /^\/(?:etc\/(?:nginx|openresty|angie)|config\/nginx|usr\/local\/(?:openresty\/)?nginx\/conf|opt\/bitnami\/(?:nginx|openresty)\/conf|opt\/docker\/etc\/nginx)\//,
  },
  readsOthers: (text) => /\binclude\b/.test(text),
  read,
};

/** Jinja, Go, Helm and ERB templates: what they become is not seen. */
const foreignTemplate = /\{\{|\{%|<%/;

function read(input: ConfigInput): ConfigFacts {
  const { file, path } = input;
  if (foreignTemplate.test(file.text)) {
    const message = "This is a template of another program; what it becomes is not seen here, and it is not read.";
    return {
      subjects: [],
      problems: [
        { severity: "warning", message, place: placeAt(file.source, foreignTemplate.exec(file.text)?.index ?? 0) },
      ],
      sources: [],
    };
  }
  const template = path.endsWith(".template") ? environmentOf(input.environment) : undefined;
  const { directives, problems, sources } = readNginx(input, template);
  const place = wholeFile(file.source);
  const main = new Level(directives);
  const isMain = main.directives.some(({ name }) => name === "http" || name === "stream" || name === "events");
  const [inner] = main.own("http");
  const http = isMain ? new Level(inner?.block ?? [], main) : new Level(directives, undefined, whatMainSays(input));
  const servers = serversIn(http);
  const streams = main.own("stream").flatMap(({ block }) => serversIn(new Level(block ?? [], main)));
  const oldest = oldestTls(input);
  const routes = [...nginxRoutes(servers, oldest), ...streamRoutes(streams, oldest)];
  return {
    subjects: [
      ...routeSubjects(routes, input),
      configurationFile(input, nginxSettings(http, servers, inner?.place ?? servers[0]?.place ?? place, input)),
    ],
    problems,
    sources,
    leads: () => leadsOf(routes, input),
  };
}

/**
 * Why more may be said around a file that another includes. The `nginx.conf` of nginx's own images is known, and says
 * nothing of interest; any other is not seen.
 */
function whatMainSays({ image }: ConfigInput): string | undefined {
  const software = image === undefined ? undefined : softwareOf(image)?.name;
  return software === "nginx" ? undefined : "the `nginx.conf` that includes this file is not in this folder";
}
