/** The network of a page, as one that can be moved, beside the drawing that is there without scripts. */

import { dataOf, onceSeen } from "./page/dom";
import type { Network, NetworkWords } from "./views/graph";

const network = dataOf<Network>("network-data");
const words = dataOf<NetworkWords>("network-words");
const container = document.getElementById("network-view");
if (network && words && container) {
  onceSeen(container, async (host) => {
    const { drawNetwork } = await import("./views/graph");
    drawNetwork(host, network, words, false);
  });
}
