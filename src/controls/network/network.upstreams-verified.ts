/**
 * Encryption to whoever answers is encryption for the one in between; a file can say so as well as a variable can.
 *
 * Reads:  repository-file.configuration (unverified upstreams of proxies, Grafana, Prometheus, Alertmanager, Authelia, Mosquitto, frpc, OAuth2 Proxy)
 * Passes: the file speaks to nobody over TLS without a look at the certificate.
 */
import { defineControl } from "../define.ts";
import { fail, forbidAny, notApplicable } from "../judge.ts";

export const upstreamsVerified = defineControl({
  id: "network.upstreams-verified",
  on: "repository-file",
  severity: "medium",
  title: "Configuration files verify the certificates of others",
  claim: "No configuration file accepts certificates without verifying them.",
  threat:
    "Whoever stands between, or answers in the other's place, reads and changes what is sent, and gets the password for the asking.",
  remedy:
    "Remove the switch (`tls_insecure_skip_verify`, `insecureSkipVerify`, `proxy_ssl_verify off`, `tlsSkipVerify`, `noTLSVerify`, `skip_verify`, `bridge_insecure`, `ssl_insecure_skip_verify`) and give the program the CA that signed the other's certificate.",
  judged:
    "Fails for each server that a proxy, cloudflared, Grafana, Prometheus, Alertmanager, Authelia, OAuth2 Proxy or a bridge of Mosquitto is told to speak to without verification; low where nobody turned it off, since nginx verifies nothing unless `proxy_ssl_verify` is on. Fails for frpc with `transport.tls.enable = false` to a server that is not at home. Unknown when such a switch cannot be resolved.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.DS-02"], zeroTrust: ["2"], coverage: ["T5"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration === undefined || !("unverifiedUpstreams" in configuration)) {
      return notApplicable("it speaks to nobody over TLS");
    }
    const { unverifiedUpstreams } = configuration;
    if (unverifiedUpstreams === undefined) return notApplicable("it speaks to nobody over TLS");
    return forbidAny(
      unverifiedUpstreams,
      (upstream) => {
        const { name, place } = upstream;
        const extras = { place, detail: name };
        if ("plain" in upstream && upstream.plain === true)
          return fail(`what goes to and from ${name} is not encrypted: TLS is switched off`, {
            ...extras,
            remedy:
              "Remove `transport.tls.enable = false`: TLS is on by itself since frp 0.50. With `transport.tls.trustedCaFile` the server is known for the right one as well.",
          });
        return "byDefault" in upstream && upstream.byDefault
          ? fail(`nothing has the certificate of ${name} verified`, { ...extras, severity: "low" })
          : fail(`the certificate of ${name} is not verified`, extras);
      },
      { what: "the list of servers it speaks to", none: "every certificate is verified" },
    );
  },
});
