/**
 * What the program that serves an Ingress or a route of the Gateway API puts before all of them by its own configuration.
 *
 * Sources: ingress-nginx 1.13 "ConfigMap" (`global-auth-url`, the snippets) and "Annotations" (`enable-global-auth`);
 * Cilium 1.18 "Ingress Support" (no annotation, and no option of the agent, asks for a sign-in); Envoy Gateway 1.9 and
 * Istio 1.27 (what asks for one is an object of the cluster: SecurityPolicy, RequestAuthentication, AuthorizationPolicy).
 */
import { unstated } from "../../../../facts/fact.ts";
import type { AnySubject, Ref } from "../../../../facts/subjects.ts";
import { askedAddress, delegated } from "../../../../formats/proxy/delegation.ts";
import { booleanOfFlag } from "../../../../lib/boolean-of-flag.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, fieldsOf, textIn } from "../context.ts";
import { type Labels, whyOpen } from "../labels.ts";
import type { ControllerName } from "./controllers.ts";
import type { ServingClass } from "./ingress-class.ts";
import { type NginxController, nginxControllers } from "./nginx-controllers.ts";
import type { RouteSettings } from "./route.ts";

type Added = Pick<RouteSettings, "authentication" | "delegation" | "addition">;

/** What the controllers of one cluster add, as far as its files show it. */
export class Additions {
  readonly #context: ClusterContext;
  readonly #controllers: readonly NginxController[];

  /** `subjects`: the cluster's containers with their images. */
  constructor(context: ClusterContext, subjects: readonly AnySubject[]) {
    this.#context = context;
    this.#controllers = nginxControllers(subjects);
  }

  /** Whether a workload may be the one that serves the Ingresses of a class, as far as it is told by what it is started with. */
  mayServe({ name }: Ref<"workload">, asked: ServingClass): boolean {
    const own = this.#controllers.filter(({ workload }) => workload.name === name);
    return own.length === 0 || own.some((each) => each.serves(asked) !== "no");
  }

  /** For an Ingress whose own annotations state no sign-in. */
  ofIngress(asked: ServingClass, annotations: Labels): Added {
    const { program } = asked;
    if (program === "cilium") return { addition: "none" };
    if (program === undefined) return unseen("which program serves the Ingress, and what that adds to it,");
    if (program !== "ingress-nginx") return unseen(`what ${program} is told for all Ingresses`);
    if (whyOpen(annotations, globalAuth) !== undefined)
      return { addition: { unseen: `whether \`${globalAuth}\` is off is not resolved` } };
    return booleanOfFlag(annotations.values.get(globalAuth) ?? "") === false
      ? { addition: "none" }
      : this.#ofIngressNginx(asked);
  }

  /** For a route of Gateways that are known but for a reason, where no policy that is read states a sign-in. */
  ofGateway(controllers: readonly (ControllerName | undefined)[], whyIncomplete: string | undefined): Added {
    if (whyIncomplete !== undefined) return { addition: { unseen: whyIncomplete } };
    const asObjects =
      controllers.length > 0 && controllers.every((each) => each !== undefined && askByObjects.has(each));
    return asObjects ? { addition: "none" } : unseen("what the Gateway's own program is told for all routes");
  }

  /** Of those that serve the class, all must be seen, and several must add the same. */
  #ofIngressNginx(asked: ServingClass): Added {
    const answers = this.#controllers.map((each) => ({ each, serves: each.serves(asked) }));
    const serving = answers.filter(({ serves }) => serves !== "no");
    const [first, ...others] = serving;
    if (first === undefined || serving.some(({ serves }) => serves !== "yes")) return unseen(whatever);
    const added = this.#ofController(first.each);
    if (others.length === 0) return added;
    const isNone = [first, ...others].every(({ each }) => this.#ofController(each).addition === "none");
    return isNone
      ? added
      : { addition: { unseen: "several ingress-nginx serve its class, and may add different things" } };
  }

  #ofController({ configMap }: NginxController): Added {
    if (configMap === "none") return { addition: "none" };
    if ("why" in configMap) return unseen(whatever);
    const object = this.#context.object("", "ConfigMap", configMap.name, configMap.namespace);
    return object === undefined || object.encrypted ? unseen(whatever) : setForAll(object);
  }
}

/** Programs of which nothing but objects of the cluster asks for a sign-in. */
const askByObjects: ReadonlySet<ControllerName> = new Set(["cilium", "envoy-gateway", "istio"]);

const globalAuth = "nginx.ingress.kubernetes.io/enable-global-auth";
const whatever = "what ingress-nginx is told for all Ingresses of this class";

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
