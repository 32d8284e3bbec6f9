import { edge, type Fault } from "./fault.ts";

const routes = [
  "route alertmanager/alerts.quickstart.localhost/",
  "route api/api.quickstart.localhost/",
  "route prometheus/prometheus.quickstart.localhost/",
  "route site/quickstart.localhost/",
];

const onEvery = (control: string) => routes.map((route) => `${control} ${route}`);

/** Cuts `text` out of the block that begins with `head`. */
function without(caddyfile: string, head: string, text: string | RegExp): string {
  const at = caddyfile.indexOf(head);
  return caddyfile.slice(0, at) + caddyfile.slice(at).replace(text, "");
}

export const edgeFaults: readonly Fault[] = [
  edge((text) => text.replace(/^\s*X-Frame-Options .*\n/m, ""), {
    title: "the edge sets no X-Frame-Options",
    breaks: ["edge.headers-set"],
    named: onEvery("edge.headers-set"),
  }),
  edge((text) => text.replace(/^\s*Strict-Transport-Security .*\n/m, ""), {
    title: "the edge sets no Strict-Transport-Security",
    breaks: ["edge.headers-set"],
    named: onEvery("edge.hsts-set"),
  }),
  edge((text) => text.replace("\t\t-Server\n", '\t\tServer "Caddy 2.11"\n'), {
    title: "the edge says what it is",
    breaks: ["edge.headers-set"],
    named: onEvery("edge.server-header-removed"),
  }),
  edge(
    (text) =>
      text
        .replace(/https:\/\/([a-z.-]+) \{\n\ttls internal\n/g, "http://$1:443 {\n")
        .replace(/^https:\/\/ \{/m, "http://:443 {")
        // Caddy refuses HTTP on the port that it knows for HTTPS.
        .replace("\tadmin off\n", "\tadmin off\n\thttps_port 9443\n"),
    {
      title: "the edge speaks no TLS",
      breaks: ["edge.tls-modern"],
      named: onEvery("edge.route-encrypted"),
    },
  ),
  edge((text) => text.replace("redir https://{host}{uri} 308", 'respond "welcome"'), {
    title: "the edge answers without TLS instead of redirecting",
    breaks: ["edge.redirects-to-tls"],
    named: onEvery("edge.http-redirected"),
  }),
  edge((text) => without(text, "https://prometheus.quickstart.localhost {", /^\s*abort @outsiders\n/m), {
    title: "an operators' route lets everybody in",
    breaks: ["edge.audience-kept"],
    named: ["edge.management-audience-limited route prometheus/prometheus.quickstart.localhost/"],
    follows: ["identity.route-access-stated route prometheus/prometheus.quickstart.localhost/"],
  }),
  edge((text) => text.replace("\tservers {\n", "\tservers {\n\t\ttrusted_proxies static 0.0.0.0/0\n"), {
    title: "the edge believes a header that anybody can send",
    breaks: ["edge.audience-kept"],
    named: [
      "edge.management-audience-limited route prometheus/prometheus.quickstart.localhost/",
      "edge.management-audience-limited route alertmanager/alerts.quickstart.localhost/",
    ],
    follows: [/^[a-z.-]+ route (prometheus|alertmanager)\//],
  }),
  edge((text) => without(text, "https://api.quickstart.localhost {", /\t\t\trate_limit \{\n[\s\S]*?\n\t\t\t\}\n/), {
    title: "one route has no rate limit",
    breaks: ["edge.rate-limited"],
    named: ["edge.rate-limited route api/api.quickstart.localhost/"],
  }),
];
