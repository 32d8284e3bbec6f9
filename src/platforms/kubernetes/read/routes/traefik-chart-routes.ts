/**
 * The IngressRoutes that Traefik's chart makes of `ingressRoute`: to the dashboard and to the answer to probes.
 *
 * Source: traefik-helm-chart 37, `templates/ingressroute.yaml` and `values.yaml` (off unless `enabled`; on the entry point
 * `traefik` alone). Before chart 30 the one to the dashboard was on by itself, on that entry point too.
 */
import { isTrue, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import { entriesOf, isNothing, mapping, scalar, sequence, valueAt } from "../../load/nodes.ts";
import type { KubernetesObject } from "../../objects.ts";
import type { TraefikChart } from "./traefik-chart-config.ts";

const usual: ReadonlyMap<string, { readonly match: string; readonly service: string }> = new Map([
  ["dashboard", { match: "PathPrefix(`/dashboard`) || PathPrefix(`/api`)", service: "api@internal" }],
  ["healthcheck", { match: "PathPrefix(`/ping`)", service: "ping@internal" }],
]);

export function traefikChartRoutes(charts: readonly TraefikChart[]): readonly KubernetesObject[] {
  return charts.flatMap((chart) =>
    entriesOf(valueAt(chart.values, "ingressRoute")).flatMap(({ key, keyPlace, value }) => {
      const standard = usual.get(key);
      const isOn = isTrue(valueAt(value, "enabled"));
      return isOn && standard !== undefined ? [objectOf(`traefik-${key}`, chart, value, standard, keyPlace)] : [];
    }),
  );
}

function objectOf(
  name: string,
  { namespace }: TraefikChart,
  value: TreeNode,
  { match, service }: { readonly match: string; readonly service: string },
  place: Place,
): KubernetesObject {
  const word = (text: string) => scalar(text, place);
  const own = mapping([["name", word(service)] as const, ["kind", word("TraefikService")] as const], place);
  const route = mapping(
    present([
      ["match", valueAt(value, "matchRule") ?? word(match)],
      ["kind", word("Rule")],
      ["services", valueAt(value, "services") ?? sequence([own], place)],
      ["middlewares", valueAt(value, "middlewares")],
    ]),
    place,
  );
  const tls = valueAt(value, "tls");
  const spec = mapping(
    present([
      ["entryPoints", valueAt(value, "entryPoints") ?? sequence([word("traefik")], place)],
      ["routes", sequence([route], place)],
      ["tls", entriesOf(tls).length === 0 ? undefined : tls],
    ]),
    place,
  );
  const metadata = mapping([["name", word(name)] as const, ["namespace", word(namespace)] as const], place);
  const node: MappingNode = mapping(
    [
      ["apiVersion", word("traefik.io/v1alpha1")] as const,
      ["kind", word("IngressRoute")] as const,
      ["metadata", metadata] as const,
      ["spec", spec] as const,
    ],
    place,
  );
  return {
    apiVersion: "traefik.io/v1alpha1",
    group: "traefik.io",
    version: "v1alpha1",
    kind: "IngressRoute",
    name,
    namespace,
    node,
    place,
    encrypted: false,
  };
}

function present(
  members: readonly (readonly [key: string, value: TreeNode | undefined])[],
): readonly (readonly [string, TreeNode])[] {
  return members.flatMap(([key, value]) => (value === undefined || isNothing(value) ? [] : [[key, value] as const]));
}
