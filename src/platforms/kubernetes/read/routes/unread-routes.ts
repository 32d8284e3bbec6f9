/**
 * Ways in that objects of other programs ask for, and that are not read here: one note, so that what they lead to is not
 * taken for closed. Kinds: Kong's TCPIngress, Emissary's Mapping, APISIX's
 * route, NGINX's VirtualServer, OpenShift's Route, Gloo's VirtualService, Skipper's RouteGroup.
 */
import type { InputProblem } from "../../../../facts/system.ts";
import { oneNote } from "../../one-note.ts";
import type { ClusterContext } from "../context.ts";

const kinds = [
  ["configuration.konghq.com", "TCPIngress"],
  ["getambassador.io", "Mapping"],
  ["getambassador.io", "TCPMapping"],
  ["apisix.apache.org", "ApisixRoute"],
  ["k8s.nginx.org", "VirtualServer"],
  ["k8s.nginx.org", "TransportServer"],
  ["route.openshift.io", "Route"],
  ["gateway.solo.io", "VirtualService"],
  ["zalando.org", "RouteGroup"],
] as const;

export function unreadRoutes(context: ClusterContext): readonly InputProblem[] {
  const found = kinds.flatMap(([group, kind]) => context.ofKind(group, kind));
  const noted = found.map(({ kind, name, place }) => ({
    shown: `${kind} ${name}`,
    message: `Where the ${kind} ${name} leads is not read.`,
    place,
  }));
  return oneNote(noted, {
    one: "1 object is of a kind whose routes are not judged",
    many: "objects are of kinds whose routes are not judged",
    hint: "Look at who may come by them, and what asks for a sign-in: what they lead to counts as not reached from outside here.",
  });
}
