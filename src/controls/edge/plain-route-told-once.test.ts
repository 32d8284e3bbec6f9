import { expect, test } from "vitest";
import { systemsOf } from "../../platforms/testing/systems-of.ts";
import { httpRedirected } from "./edge.http-redirected.ts";
import { routeEncrypted } from "./edge.route-encrypted.ts";

const traefik = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: traefik, namespace: traefik}
spec:
  selector: {matchLabels: {app: traefik}}
  template:
    metadata: {labels: {app: traefik}}
    spec:
      containers:
        - name: traefik
          image: traefik:v3.5
          args: [--entrypoints.web.address=:8000, --entrypoints.websecure.address=:8443, --providers.kubernetescrd]
          ports: [{containerPort: 8000, name: web}, {containerPort: 8443, name: websecure}]
---
apiVersion: v1
kind: Service
metadata: {name: traefik, namespace: traefik}
spec: {type: LoadBalancer, selector: {app: traefik}, ports: [{port: 80, targetPort: web}, {port: 443, targetPort: websecure}]}
---
apiVersion: v1
kind: Service
metadata: {name: wiki, namespace: wiki}
spec: {selector: {app: wiki}, ports: [{port: 3000}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: wiki, namespace: wiki}
spec:
  selector: {matchLabels: {app: wiki}}
  template:
    metadata: {labels: {app: wiki}}
    spec: {containers: [{name: wiki, image: requarks/wiki:2.5}]}
`;

const route = (spec: string) => `---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: wiki, namespace: wiki}
spec:
  ${spec}
  routes:
    - {match: Host(\`wiki.example.org\`), kind: Rule, services: [{name: wiki, port: 3000}]}
`;

function verdicts(spec: string): readonly (readonly string[])[] {
  return systemsOf({ "k.yaml": traefik + route(spec) }).flatMap((system) =>
    system
      .all("route")
      .map((one) =>
        [routeEncrypted, httpRedirected].map((control) => [control.check(one, system)].flat()[0]?.verdict ?? "none"),
      ),
  );
}

// covers: T4 | kubernetes
test("A route on a plain entry point is told once, by the control that asks for TLS.", () => {
  expect(verdicts("entryPoints: [web]")).toEqual([["fail", "not-applicable"]]);
  expect(verdicts("entryPoints: [web, websecure]")).toEqual([["fail", "not-applicable"]]);
  expect(verdicts("entryPoints: [websecure]\n  tls: {}")[0]?.[0]).toBe("pass");
});
