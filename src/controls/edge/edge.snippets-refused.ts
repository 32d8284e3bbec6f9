/**
 * Who may write a piece of the proxy's configuration has what the proxy has.
 *
 * Reads:  repository-file.configuration (ConfigMap of ingress-nginx)
 * Passes: annotations of Ingresses bring no configuration of nginx along.
 *
 * Source: ingress-nginx 1.13, "ConfigMap" (`allow-snippet-annotations`, false since 1.9); CVE-2021-25742.
 */
import { mapFact } from "../../facts/fact.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import { defineControl } from "../define.ts";
import { valueAt } from "../fix.ts";
import { cannotTell, demand, notApplicable } from "../judge.ts";

const key = "allow-snippet-annotations";

export const snippetsRefused = defineControl({
  id: "edge.snippets-refused",
  on: "repository-file",
  software: ["kubernetes"],
  platforms: ["kubernetes"],
  severity: "medium",
  title: "Ingresses bring no configuration of nginx along",
  claim: "No annotation of an Ingress puts lines of its own into ingress-nginx's configuration.",
  threat:
    "Who may change one Ingress, a program of one namespace too, writes lines by which ingress-nginx hands out its own token, and that reads every Secret of the cluster.",
  remedy:
    'Set `allow-snippet-annotations: "false"` in the ConfigMap (`controller.allowSnippetAnnotations: false` in the chart), and say by other annotations, or in the ConfigMap, what the snippets were for.',
  judged:
    "Fails for a ConfigMap of ingress-nginx, or values of its chart, by which `allow-snippet-annotations` is on. Not applicable where they do not say: that is off since version 1.9.",
  frameworks: { owaspKubernetes: ["K03"], nistCsf: ["PR.AA-05"], zeroTrust: ["3"], coverage: ["A3"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "ingress-nginx refuses Ingresses with snippets, and serves those that it has without them.",
    onlyNamed: true,
    edits: (_file, _system, { place }) => valueAt(place, /["']?(true)\b/i, "false"),
  },

  check({ configuration }) {
    if (configuration?.software !== "kubernetes" || configuration.kind !== "ConfigMap")
      return notApplicable("it is no ConfigMap");
    const held = configuration.values.items.find((each) => each.key === key);
    const { values, name } = configuration;
    if (held === undefined && !values.complete && /ingress-nginx-controller$/.test(name))
      return cannotTell("whether ingress-nginx takes snippets", values.why, { severity: "info" });
    if (held === undefined) return notApplicable("it says nothing of snippets");
    const allowed = mapFact(held.value, (value) => booleanOfFlag(value.reveal().trim()) === true);
    return demand(allowed, (on) => !on, { what: `\`${key}\``, show: (on) => (on ? "on" : "off") });
  },
});
