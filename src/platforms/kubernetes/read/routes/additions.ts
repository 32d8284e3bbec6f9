/**
 * What the program that serves an Ingress or a route of the Gateway API puts before all of them by its own configuration.
 *
 * Sources: ingress-nginx 1.13 "ConfigMap" (`global-auth-url`, the snippets) and "Annotations" (`enable-global-auth`);
 * Cilium 1.18 "Ingress Support" (no annotation, and no option of the agent, asks for a sign-in); Envoy Gateway 1.9 and
 * Istio 1.27 (what asks for one is an object of the cluster: SecurityPolicy, RequestAuthentication, AuthorizationPolicy).
 */
import { seenStart } from "../../../../facts/command-words.ts";
import { unstated } from "../../../../facts/fact.ts";
import { softwareOfImage } from "../../../../facts/knowledge/roles.ts";
import type { AnySubject, Container } from "../../../../facts/subjects.ts";
import { askedAddress, delegated } from "../../../../formats/proxy/delegation.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, fieldsOf, textIn } from "../context.ts";
import type { Labels } from "../labels.ts";
import type { ControllerName } from "./controllers.ts";
import type { RouteSettings } from "./route.ts";

type Added = Pick<RouteSettings, "authentication" | "delegation" | "addition">;

/** What the controllers of one cluster add, as far as its files show it. */
export class Additions {
  readonly #context: ClusterContext;
  readonly #controllers: readonly Container[];

  /** `subjects`: the cluster's containers with their images. */
  constructor(context: ClusterContext, subjects: readonly AnySubject[]) {
    this.#context = context;
    const names = new Set(
      subjects.flatMap((each) =>
        each.kind === "image" && softwareOfImage(each)?.name === "ingress-nginx" ? [each.usedBy.name] : [],
      ),
    );
    this.#controllers = subjects.filter(
      (each): each is Container => each.kind === "container" && names.has(each.ref.name),
    );
  }

  /** For an Ingress whose own annotations state no sign-in. */
  ofIngress(controller: ControllerName | undefined, annotations: Labels): Added {
    if (controller === "cilium") return { addition: "none" };
    if (controller === undefined) return unseen("which program serves the Ingress, and what that adds to it,");
    if (controller !== "ingress-nginx") return unseen(`what ${controller} is told for all Ingresses`);
    const isOff = annotations.values.get("nginx.ingress.kubernetes.io/enable-global-auth") === "false";
    return isOff ? { addition: "none" } : this.#ofIngressNginx();
  }

  /** For a route of a Gateway that is among the files, where no policy that is read states a sign-in. */
  ofGateway(controller: ControllerName | undefined, whole: boolean): Added {
    if (!whole) return unseen("the Gateway that it asks for, with what stands before that,");
    const asObjects = controller === "cilium" || controller === "envoy-gateway" || controller === "istio";
    return asObjects ? { addition: "none" } : unseen("what the Gateway's own program is told for all routes");
  }

  /** Without the option `--configmap` the controller reads none. */
  #ofIngressNginx(): Added {
    const whatever = "what ingress-nginx is told for all Ingresses";
    if (this.#controllers.length === 0) return unseen(whatever);
    const added = this.#controllers.map((container) => this.#ofController(container, whatever));
    return added.find(({ addition }) => addition !== "none") ?? { addition: "none" };
  }

  #ofController(container: Container, whatever: string): Added {
    const { words, hidden } = seenStart(container);
    if (hidden !== undefined) return unseen(whatever);
    const named = words
      .find((word) => /^--configmap=/.test(word))
      ?.split("/")
      .at(-1);
    if (named === undefined) return words.includes("--configmap") ? unseen(whatever) : { addition: "none" };
    const [namespace = ""] = container.workload.name.split("/");
    const object = this.#context.object("", "ConfigMap", named, namespace);
    return object === undefined || object.encrypted ? unseen(whatever) : setForAll(object);
  }
}

function setForAll(object: KubernetesObject): Added {
  const data = fieldsOf(object).fields("data");
  const url = textIn(data, "global-auth-url");
  if (url !== undefined && url !== "") {
    const asked = { by: "global-auth-url", address: askedAddress(url, data.place), place: data.place };
    return delegated([asked], unstated(data.place));
  }
  const open = ["global-auth-url", "global-auth-snippet", "location-snippet", "server-snippet", "http-snippet"];
  const other = open.find((key) => data.node(key) !== undefined);
  if (other === undefined) return data.hidden === undefined ? { addition: "none" } : unseen("its ConfigMap");
  return { addition: { unseen: `\`${other}\` of the ConfigMap ${object.name} is not followed` } };
}

function unseen(what: string): Added {
  return { addition: { unseen: `${what} is not among the files` } };
}
