/** Ports of Services and Ingresses, and of the devices of an instance, by what they lead to inside. */
import { describe, expect, test } from "vitest";
import { told } from "../../test/support/programs-with-files.ts";

// covers: A3 N6 | kubernetes
describe("In a cluster", () => {
  const pod = `apiVersion: v1
kind: ConfigMap
metadata: {name: mq, namespace: home}
data:
  mosquitto.conf: |
    per_listener_settings true
    listener 1883
    allow_anonymous true
    listener 9001
    protocol websockets
    allow_anonymous false
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: mq, namespace: home}
spec:
  selector: {matchLabels: {app: mq}}
  template:
    metadata: {labels: {app: mq}}
    spec:
      containers:
        - name: mq
          image: docker.io/library/eclipse-mosquitto:2.0.22
          ports: [{name: mqtt, containerPort: 1883}, {name: ws, containerPort: 9001}]
          volumeMounts: [{name: conf, mountPath: /mosquitto/config}]
      volumes: [{name: conf, configMap: {name: mq}}]
---
`;
  const service = (port: string, type = "LoadBalancer") =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: mq, namespace: home}\nspec: {type: ${type}, selector: {app: mq}, ports: [${port}]}\n`;
  const ingress = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: mq, namespace: home}
spec: {rules: [{host: mq.example.org, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: mq, port: {number: 80}}}}]}}]}
`;

  test.each([
    ["by its number", "{port: 8883, targetPort: 1883}"],
    ["by its name", "{port: 8883, targetPort: mqtt}"],
    ["by the same number", "{port: 1883}"],
  ])("a Service that leads to the port %s raises it.", (_, port) => {
    expect(told({ "mq.yaml": `${pod}${service(port)}` })).toMatch(/^critical: High by itself, raised because port \d+/);
  });

  test.each([
    ["by its number", "{port: 1883, targetPort: 9001}"],
    ["by its name", "{port: 1883, targetPort: ws}"],
  ])("a Service that leads to another port %s does not.", (_, port) => {
    expect(told({ "mq.yaml": `${pod}${service(port)}` })).not.toContain("raised");
  });

  test("a container beside it may lead to its port.", () => {
    const two = pod
      .replace("          volumeMounts", "          args: []\n          volumeMounts")
      .replace(
        "      volumes:",
        "        - {name: proxy, image: 'docker.io/library/nginx:1.29', ports: [{name: web, containerPort: 8080}]}\n      volumes:",
      );
    expect(told({ "mq.yaml": `${two}${service("{port: 80, targetPort: web}")}` })).toContain(
      "what else runs in it may",
    );
  });

  test("a Service whose port no container names leads to any.", () => {
    expect(told({ "mq.yaml": `${pod}${service("{port: 1883, targetPort: other}")}` })).toContain("raised");
  });

  test("an Ingress leads to the port behind its Service.", () => {
    const to = (target: string) => told({ "mq.yaml": `${pod}${service(target, "ClusterIP")}${ingress}` });
    expect(to("{port: 80, targetPort: mqtt}")).toContain("mq.example.org is routed to it");
    expect(to("{port: 80, targetPort: ws}")).not.toContain("mq.example.org");
  });
});

// covers: A3 N6 | kubernetes
describe("Argo CD that asks for no sign-in", () => {
  const argo = (port: number, argument = "--insecure") => ({
    "argo.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cmd-params-cm, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}
data: {server.disable.auth: "true"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: argocd-server, namespace: argocd}
spec:
  selector: {matchLabels: {app: argocd-server}}
  template:
    metadata: {labels: {app: argocd-server}}
    spec:
      containers: [{name: argocd-server, image: "quay.io/argoproj/argocd:v3.1.0", args: [/usr/local/bin/argocd-server, "${argument}"], ports: [{containerPort: 8080}, {containerPort: 8083}]}]
---
apiVersion: v1
kind: Service
metadata: {name: argocd-server, namespace: argocd}
spec: {type: LoadBalancer, selector: {app: argocd-server}, ports: [{port: 443, targetPort: ${port}}]}
`,
  });

  test("is raised by a Service that leads to its pages, and not by one that leads to its figures.", () => {
    expect(told(argo(8080))).toMatch(/^critical: High by itself, raised because port 443/);
    expect(told(argo(8083))).not.toContain("raised");
  });

  test("is raised by the port that it is told.", () => {
    expect(told(argo(9443, "--port=9443"))).toMatch(/^critical/);
    expect(told(argo(8080, "--port=9443"))).not.toContain("raised");
    expect(told(argo(8083, "--port=$(PORT)"))).toMatch(/^critical/);
  });
});

// covers: A3 N6 | incus
describe("In an instance of Incus", () => {
  const instance = (listen: string, connect: string) => ({
    "main.tf": `resource "incus_instance" "mq" {
  name  = "mq"
  image = "docker:library/eclipse-mosquitto:2.0.22"
  file {
    content     = "listener 1883\\nallow_anonymous true\\n"
    target_path = "/mosquitto/config/mosquitto.conf"
  }
  device {
    name       = "in"
    type       = "proxy"
    properties = { listen = "${listen}", connect = "${connect}" }
  }
}
`,
  });

  test.each([
    ["one port", "tcp:0.0.0.0:8883", "tcp:127.0.0.1:1883"],
    ["a stretch of ports that it lies in", "tcp:0.0.0.0:1800-1900", "tcp:127.0.0.1:1800-1900"],
    ["another stretch of the host's", "tcp:0.0.0.0:2800-2900", "tcp:127.0.0.1:1800-1900"],
  ])("a device that leads to it by %s raises it.", (_, listen, connect) => {
    expect(told(instance(listen, connect))).toMatch(/^critical/);
  });

  test.each([
    ["one port", "tcp:0.0.0.0:1883", "tcp:127.0.0.1:9001"],
    ["a stretch of ports that it is not in", "tcp:0.0.0.0:2000-2100", "tcp:127.0.0.1:2000-2100"],
    ["another stretch of the host's", "tcp:0.0.0.0:1800-1900", "tcp:127.0.0.1:2800-2900"],
  ])("a device that leads elsewhere by %s does not.", (_, listen, connect) => {
    expect(told(instance(listen, connect))).not.toContain("raised");
  });
});
