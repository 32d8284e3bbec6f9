import { html } from "./escape.ts";
import { counted, displayWidth, padOrCut } from "./layout.ts";
import { layOut, type MapLayout, type PlacedGroup, type PlacedLink } from "./map-layout.ts";
import type { MapLink, MapModel, MapNode } from "./map-model.ts";
import { overviewOf } from "./map-overview.ts";

/** From so many services on the map opens as an overview of its boxes. */
const overviewFrom = 60;

/** The network map of one system: a drawing with each service, one with the boxes alone, and the same as a list. */
export function mapSection(model: MapModel, index: number): string {
  const services = model.groups.reduce((sum, group) => sum + group.nodes.length, 0);
  const overview = services >= overviewFrom;
  const inCluster = model.noun === "workload";
  const several = model.groups.filter((group) => group.nodes.length > 0).length > 1;
  const switches = several
    ? `<fieldset class="switch" data-map-switch><legend class="hidden">Detail</legend>${mapSwitch(index, "services", inCluster ? "Workloads" : "Services", !overview)}${mapSwitch(index, "overview", inCluster ? "Namespaces" : "Groups", overview)}</fieldset>`
    : "";
  return `<div class="map" data-map>
<div class="bar map-bar">${switches}<label class="search"><span class="hidden">Find a ${model.noun}</span><input type="search" placeholder="Find a ${model.noun}" data-map-find></label>${legend(model)}</div>
<div class="map-scroll" data-map-view="services" tabindex="0" role="region" aria-label="Network map with ${model.noun}s"${overview && several ? " hidden" : ""}>${drawing(layOut(model, { overview: false }), model, false)}</div>
${several ? `<div class="map-scroll" data-map-view="overview" tabindex="0" role="region" aria-label="Network map of groups"${overview ? "" : " hidden"}>${drawing(layOut(overviewOf(model), { overview: true }), model, true)}</div>` : ""}
<details class="map-list"><summary>The same as a list</summary>${list(model)}</details>
</div>`;
}

function mapSwitch(index: number, value: string, label: string, checked: boolean): string {
  return `<label><input type="radio" name="map-${index}" value="${value}"${checked ? " checked" : ""}><span>${label}</span></label>`;
}

function legend(model: MapModel): string {
  const kinds = new Set(model.links.map((link) => link.kind));
  const entries = [
    kinds.has("in") ? '<span class="key key-in">from outside</span>' : "",
    kinds.has("route") ? '<span class="key key-route">routed</span>' : "",
    kinds.has("network") ? '<span class="key key-network">shared network</span>' : "",
    kinds.has("surplus") ? '<span class="key key-surplus">open, though nothing allows it</span>' : "",
    kinds.has("missing") ? '<span class="key key-missing">allowed, but found blocked</span>' : "",
  ];
  return `<div class="legend">${entries.join("")}</div>`;
}

function drawing(layout: MapLayout, model: MapModel, overview: boolean): string {
  const { width, height, outside } = layout;
  const title = `Who can reach whom in ${model.system}`;
  const order = ["network", "route", "in", "missing", "surplus"];
  const links = [...layout.links].sort((a, b) => order.indexOf(a.link.kind) - order.indexOf(b.link.kind));
  // Lines run beneath the boxes, so that no box is crossed out; what differs from what may be runs above all.
  const differs = ({ link }: PlacedLink) => link.kind === "surplus" || link.kind === "missing";
  const beneath = links.filter((each) => !differs(each) && !each.inside).map((each) => line(each.link, each.curve));
  const above = links
    .filter((each) => !differs(each))
    .map((each) => (each.inside ? line(each.link, each.curve) : each.stubs === "" ? "" : line(each.link, each.stubs)));
  const top = links.filter(differs).map((each) => line(each.link, each.curve + each.stubs));
  const boxes = layout.groups.map((group) => groupBox(group));
  const contents = layout.groups.map((group) =>
    overview ? overviewText(group, model.noun) : groupContents(group, model.noun),
  );
  const world =
    outside === undefined
      ? ""
      : `<g class="outside" data-node="outside"><rect x="${outside.x}" y="${outside.y}" width="${outside.width}" height="${outside.height}" rx="46"/><text x="${outside.x + outside.width / 2}" y="${outside.y + outside.height / 2 + 5}">outside</text></g>`;
  return `<svg class="map-drawing" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img"><title>${html(title)}</title><g class="links">${beneath.join("")}</g>${boxes.join("")}<g class="links">${above.join("")}</g>${world}${contents.join("")}<g class="links">${top.join("")}</g></svg>`;
}

function line(link: MapLink, curve: string): string {
  return `<path class="link link-${link.kind}" d="${curve}" data-from="${html(link.from)}" data-to="${html(link.to)}"><title>${html(link.why)}</title></path>`;
}

function groupBox({ group, x, y, width, height }: PlacedGroup): string {
  const shape = group.nodes.length === 0 ? height / 2 : 10;
  return `<rect class="group group-${group.kind}" data-group="${html(group.id)}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${shape}"/>`;
}

function groupContents({ group, x, y, width, height, nodes }: PlacedGroup, noun: string): string {
  if (group.nodes.length === 0) {
    return `<text class="group-name pill" x="${x + width / 2}" y="${y + height / 2 + 4}">${html(cut(group.name, 24))}<title>${html(group.name)}</title></text>`;
  }
  const room = Math.floor((width - 24) / 7);
  const head = `<text class="group-name" x="${x + 12}" y="${y + 18}">${html(cut(group.name, room))}<title>${html(group.name)}</title></text>`;
  const note = `<text class="group-note" x="${x + 12}" y="${y + 32}">${html(cut(group.note === "" ? counted(group.nodes.length, noun) : group.note, room + 3))}</text>`;
  return head + note + nodes.map((placed) => nodeBox(placed.node, placed)).join("");
}

function nodeBox(
  node: MapNode,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): string {
  const findings = node.findings === 0 ? "no findings" : counted(node.findings, "finding");
  const tip = `${node.name}: ${findings}; ${node.exposureWhy}`;
  const second = node.published.length > 0 ? `on ${node.published.join(", ")}` : exposureWords[node.exposure];
  const count =
    node.worst === undefined
      ? ""
      : `<text class="node-count count-${node.worst}" x="${x + width - 10}" y="${y + 17}">${node.findings}</text>`;
  return `<a class="node exposure-${node.exposure}" href="#findings" data-node="${html(node.id)}" data-service="${html(node.name)}"><title>${html(tip)}</title><rect class="node-box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/><rect class="node-mark mark-${node.worst ?? "none"}" x="${x}" y="${y + 6}" width="4" height="${height - 12}" rx="2"/><text class="node-name" x="${x + 12}" y="${y + 17}">${html(cut(node.label, 17))}</text>${count}<text class="node-note" x="${x + 12}" y="${y + 31}">${html(cut(second, 22))}</text></a>`;
}

const exposureWords: Record<MapNode["exposure"], string> = {
  published: "open to outside",
  proxied: "behind a proxy",
  local: "on the host's loopback",
  neighbour: "one step from outside",
  internal: "inside",
  none: "no network",
};

function overviewText({ group, x, y, width }: PlacedGroup, noun: string): string {
  const found = group.nodes.filter((node) => node.findings > 0).length;
  const text = group.nodes.length === 0 ? "network" : counted(group.nodes.length, noun);
  const more = found === 0 ? "" : found === group.nodes.length ? ", all with findings" : `, ${found} with findings`;
  const worst = ["critical", "high", "medium", "low", "info"].find((severity) =>
    group.nodes.some((node) => node.worst === severity),
  );
  return `<g data-node="${html(group.id)}"><rect class="node-mark mark-${worst ?? "none"}" x="${x + 6}" y="${y + 14}" width="4" height="34" rx="2"/><text class="group-name" x="${x + 20}" y="${y + 27}">${html(cut(group.name, Math.floor((width - 36) / 7)))}<title>${html(group.name)}</title></text><text class="group-note" x="${x + 20}" y="${y + 45}">${html(text + more)}</text></g>`;
}

function cut(text: string, most: number): string {
  return displayWidth(text) <= most ? text : padOrCut(text, most).trimEnd();
}

function list(model: MapModel): string {
  const inCluster = model.noun === "workload";
  const rows = model.groups.flatMap((group) =>
    group.nodes.map(
      (node) =>
        `<tr><td>${html(node.name)}</td><td>${html(group.name)}</td><td>${html(node.published.join(", "))}</td><td>${html(exposureWords[node.exposure])}<span class="soft"> · ${html(node.exposureWhy)}</span></td><td class="number">${node.findings}</td></tr>`,
    ),
  );
  return `<div class="table-scroll"><table><thead><tr><th>${inCluster ? "Workload" : "Service"}</th><th>${inCluster ? "Namespace" : "Group"}</th><th>Published</th><th>Exposure</th><th class="number">Findings</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}
