/** A map without tiles: outlines of countries that the server has, and what is put on them. */

import leaflet from "leaflet";
import styles from "leaflet/dist/leaflet.css";

import { adoptStyles, colour, home, onThemeChange } from "../page/dom";

export interface Marker {
  at: [number, number];
  title: string;
  /** What is told of it; made when it is asked for. */
  told: () => HTMLElement;
  size?: number;
}

const OWN = `
div.leaflet-container.leaflet-container { background: var(--tint); font: inherit; color: var(--text); }
.leaflet-bar a, .leaflet-popup-content-wrapper, .leaflet-popup-tip { background: var(--ground); color: var(--text); }
.leaflet-bar a.leaflet-disabled { background: var(--raised); color: var(--soft); }
.leaflet-container a { color: var(--accent); }
.leaflet-container .leaflet-control-attribution { background: var(--ground); color: var(--soft); }
.leaflet-container a.leaflet-popup-close-button { color: var(--soft); }
.leaflet-popup-content { max-height: 14rem; overflow: auto; margin: 0.7rem 1rem; }
.leaflet-popup-content p { margin: 0.2rem 0; }
.map-point { border-radius: 50%; background: var(--accent); border: 2px solid var(--ground); opacity: 0.9; }
.map-point:focus-visible, .map-point:hover { outline: 3px solid var(--focus); opacity: 1; }
`;
let areStylesThere = false;
let outlines: Promise<unknown> | undefined;

/** A map that takes markers, lines and areas. */
export class Ground {
  readonly map: leaflet.Map;
  private readonly drawn = leaflet.featureGroup();

  constructor(host: HTMLElement, words: { zoom_in: string; zoom_out: string }) {
    if (!areStylesThere) adoptStyles(`${styles.replace(/url\([^)]*\)/g, "none")}\n${OWN}`);
    areStylesThere = true;
    this.map = leaflet.map(host, { zoomControl: false, minZoom: 1, maxZoom: 12, worldCopyJump: true, zoomSnap: 0.5 });
    this.map.attributionControl.setPrefix(false).addAttribution("Natural Earth");
    leaflet.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(this.map);
    this.map.setView([49, 9], 4);
    this.drawn.addTo(this.map);
    void this.drawOutlines();
  }

  /** Put *markers* on the map; each can be reached and opened by keyboard. */
  mark(markers: Marker[]): void {
    for (const each of markers) {
      const size = each.size ?? 14;
      const icon = leaflet.divIcon({ className: "map-point", iconSize: [size, size] });
      const marker = leaflet.marker(each.at, { icon, title: each.title, alt: each.title, keyboard: true });
      marker.bindPopup(each.told).addTo(this.drawn);
    }
  }

  /** Draw lines, such as those between partners. */
  connect(lines: [number, number][][], weight = 1.5): void {
    const path = leaflet.polyline(lines, { color: colour("accent"), weight, opacity: 0.55, interactive: false });
    path.addTo(this.drawn);
    onThemeChange(() => path.setStyle({ color: colour("accent") }));
  }

  /** Draw areas, which tell something. */
  fill(areas: [number, number][][], told: () => HTMLElement): void {
    const style = () => ({ color: colour("accent"), fillColor: colour("accent"), weight: 1.5, fillOpacity: 0.2 });
    const shape = leaflet.polygon(areas, style()).bindPopup(told);
    shape.addTo(this.drawn);
    onThemeChange(() => shape.setStyle(style()));
  }

  /** Show all that is drawn. */
  fit(): void {
    const bounds = this.drawn.getBounds();
    if (bounds.isValid()) this.map.fitBounds(bounds.pad(0.1), { maxZoom: 7, animate: false });
  }

  private async drawOutlines(): Promise<void> {
    outlines ??= fetch(`${home}map/base.json`).then((answer) => (answer.ok ? answer.json() : undefined));
    const read = await outlines.catch(() => undefined);
    if (!read) return;
    const style = () => ({ color: colour("edge"), weight: 0.7, fillColor: colour("ground"), fillOpacity: 1 });
    const layer = leaflet.geoJSON(read as Parameters<typeof leaflet.geoJSON>[0], { style, interactive: false });
    layer.addTo(this.map).bringToBack();
    onThemeChange(() => layer.setStyle(style));
  }
}
