/**
 * A repository as a self-hoster with many sites keeps it: each site has a Compose project, a proxy's configuration, an
 * image of its own, manifests, an Incus instance, a pipeline and monitoring. Written for the benchmark; nothing of it is
 * anybody's.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface MixedRepository {
  readonly files: number;
  readonly lines: number;
  /** Compose files, and those of the formats that checkov reads, relative to the folder. */
  readonly compose: readonly string[];
}

/** Writes `sites` sites below a folder. The same number gives the same bytes. */
export function writeMixedRepository(folder: string, sites: number): MixedRepository {
  let files = 0;
  let lines = 0;
  const compose: string[] = [];
  for (let index = 0; index < sites; index++) {
    const site = `sites/s${String(index).padStart(4, "0")}`;
    for (const [path, text] of Object.entries(siteFiles(index))) {
      const file = join(folder, site, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: path === ".env" ? 0o600 : 0o644 });
      files += 1;
      lines += text.split("\n").length - 1;
      if (path === "compose.yaml") compose.push(`${site}/${path}`);
    }
  }
  return { files, lines, compose };
}

function siteFiles(index: number): Readonly<Record<string, string>> {
  const name = `site${index}`;
  return {
    "compose.yaml": composeFile(name, index),
    ".env": `TAG=1.${index % 9}.0\nDB_USER=${name}\n`,
    "caddy/Caddyfile": caddyfile(name),
    "app/Dockerfile": dockerfile(index),
    "nginx/nginx.conf": nginx(name),
    "prometheus/prometheus.yml": prometheus(name),
    "prometheus/rules.yml": rules(name),
    "kubernetes/base/kustomization.yaml":
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - app.yaml\n  - network.yaml\n",
    "kubernetes/base/app.yaml": manifests(name, index),
    "kubernetes/base/network.yaml": policies(name),
    "kubernetes/overlay/kustomization.yaml": overlay(name, index),
    "tofu/main.tf": tofu(name, index),
    ".github/workflows/build.yml": workflow(name),
    "README.md": `# ${name}\n\nHow this site is run.\n\n${"One more line of prose that says nothing.\n".repeat(20)}`,
  };
}

function composeFile(name: string, index: number): string {
  const services = ["web", "api", "worker", "db"].map(
    (service, at) => `  ${service}:
    image: registry.example.org/${name}/${service}:\${TAG:-1.0.${index % 7}}
    restart: unless-stopped
    user: "${1000 + at}:${1000 + at}"
    read_only: ${at % 2 === 0}
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    environment:
      SITE: ${name}
      LOG_LEVEL: info
      DATABASE_URL: postgres://\${DB_USER}@db:5432/${name}
    networks: [${service === "db" ? "data" : "front, data"}]
    volumes:
      - ${service}-data:/var/lib/${service}
    deploy:
      resources:
        limits: { cpus: "0.5", memory: 256M, pids: 100 }
    healthcheck:
      test: ["CMD", "/bin/${service}", "health"]
      interval: 30s
    logging:
      driver: json-file
      options: { max-size: 10m, max-file: "3" }
`,
  );
  return `name: ${name}
services:
  caddy:
    image: caddy:2.11.${index % 5}
    ports: ["${8000 + index}:443"]
    networks: [front]
    volumes:
      - ./caddy/Caddyfile:/etc/caddy/Caddyfile:ro
      - caddy-data:/data
${services.join("")}networks:
  front: {}
  data: { internal: true }
volumes:
  caddy-data: {}
  web-data: {}
  api-data: {}
  worker-data: {}
  db-data: {}
`;
}

function caddyfile(name: string): string {
  return `{
	admin off
	email admin@example.org
}

(headers) {
	header {
		Strict-Transport-Security "max-age=31536000; includeSubDomains"
		X-Content-Type-Options nosniff
		X-Frame-Options SAMEORIGIN
		-Server
	}
}

${name}.example.org {
	import headers
	encode zstd gzip
	@admin path /admin/*
	handle @admin {
		@outside not client_ip 10.0.0.0/8
		abort @outside
		reverse_proxy api:9000
	}
	reverse_proxy web:8080
}
`;
}

function dockerfile(index: number): string {
  return `# syntax=docker/dockerfile:1
FROM golang:1.26.${index % 8} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -o /out/app ./cmd/app

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/app /bin/app
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=30s CMD ["/bin/app", "health"]
ENTRYPOINT ["/bin/app"]
`;
}

function nginx(name: string): string {
  return `events { worker_connections 1024; }
http {
  server_tokens off;
  limit_req_zone $binary_remote_addr zone=all:10m rate=10r/s;
  upstream ${name}_api { server api:9000; }
  server {
    listen 80;
    server_name ${name}.example.org;
    return 301 https://$host$request_uri;
  }
  server {
    listen 443 ssl;
    server_name ${name}.example.org;
    ssl_certificate /etc/tls/${name}.crt;
    ssl_certificate_key /etc/tls/${name}.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    add_header Strict-Transport-Security "max-age=31536000" always;
    location / {
      limit_req zone=all burst=20;
      proxy_pass http://${name}_api;
      proxy_set_header Host $host;
    }
    location /metrics { deny all; }
  }
}
`;
}

function prometheus(name: string): string {
  const jobs = ["web", "api", "worker", "caddy"].map(
    (job) => `  - job_name: ${job}
    metrics_path: /metrics
    static_configs:
      - targets: ["${job}:9090"]
        labels: { site: ${name} }
`,
  );
  return `global:
  scrape_interval: 30s
  evaluation_interval: 30s
rule_files: [rules.yml]
scrape_configs:
${jobs.join("")}`;
}

function rules(name: string): string {
  const alerts = ["ServiceDown", "CriticalMemoryUsage", "DiskSpaceCritical", "CertificateExpiry"].map(
    (alert) => `      - alert: ${alert}
        expr: up{site="${name}"} == 0
        for: 2m
        labels: { severity: critical }
        annotations:
          summary: "${alert} at ${name}"
`,
  );
  return `groups:
  - name: ${name}
    rules:
${alerts.join("")}`;
}

function manifests(name: string, index: number): string {
  return ["web", "api"]
    .map(
      (app, at) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${app}
  labels: { app: ${app}, site: ${name} }
spec:
  replicas: ${1 + (index % 3)}
  selector:
    matchLabels: { app: ${app} }
  template:
    metadata:
      labels: { app: ${app} }
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: ${10000 + at}
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: ${app}
          image: registry.example.org/${name}/${app}:1.${index % 9}.0
          ports:
            - containerPort: 8080
          resources:
            limits: { cpu: 500m, memory: 256Mi }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          livenessProbe:
            httpGet: { path: /health, port: 8080 }
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: tmp
          emptyDir: {}
---
apiVersion: v1
kind: Service
metadata:
  name: ${app}
spec:
  selector: { app: ${app} }
  ports:
    - port: 80
      targetPort: 8080
`,
    )
    .join("---\n");
}

function policies(name: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web-to-api
spec:
  podSelector:
    matchLabels: { app: api }
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels: { app: web }
      ports:
        - { protocol: TCP, port: 8080 }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  tls:
    - hosts: [${name}.example.org]
      secretName: ${name}-tls
  rules:
    - host: ${name}.example.org
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service: { name: web, port: { number: 80 } }
`;
}

function overlay(name: string, index: number): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${name}
resources:
  - ../base
images:
  - name: registry.example.org/${name}/web
    newTag: 2.${index % 4}.1
patches:
  - target: { kind: Deployment, name: api }
    patch: |-
      - op: replace
        path: /spec/replicas
        value: 2
`;
}

function tofu(name: string, index: number): string {
  return `terraform {
  required_providers {
    incus = {
      source  = "lxc/incus"
      version = "1.0.0"
    }
  }
}

variable "domain" {
  type    = string
  default = "example.org"
}

locals {
  services = {
    web = { memory = "512MB", port = 8080 }
    api = { memory = "256MB", port = 9000 }
  }
}

resource "incus_network" "zone" {
  name = "z${index}"
  config = {
    "ipv4.address" = "10.${index % 250}.0.1/24"
    "ipv4.nat"     = "true"
    "ipv6.address" = "none"
  }
}

resource "incus_profile" "base" {
  name = "${name}-base"
  config = {
    "limits.cpu"        = "2"
    "security.nesting"  = "false"
    "boot.autostart"    = "true"
    "limits.processes"  = "200"
  }
  device {
    name = "prod"
    type = "nic"
    properties = {
      network = incus_network.zone.name
    }
  }
}

resource "incus_instance" "service" {
  for_each = local.services
  name     = "${name}-\${each.key}"
  image    = "images:debian/12"
  profiles = ["default", incus_profile.base.name]
  config = {
    "limits.memory"    = each.value.memory
    "environment.HOST" = "\${each.key}.\${var.domain}"
  }
}
`;
}

function workflow(name: string): string {
  return `name: build ${name}
on:
  push:
    branches: [main]
  schedule:
    - cron: "0 4 * * 1"
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
        with:
          persist-credentials: false
      - name: Build
        run: docker build -t ${name} app
      - name: Scan
        run: trivy image ${name}
`;
}
