/** The network of a page, as one that can be moved. */

import { dataOf } from "./page/dom";
import { offerSwap } from "./page/swapping";
import { siteWords } from "./page/words";
import type { Network } from "./views/graph";

const network = dataOf<Network>("network-data");
const words = siteWords();
const figure = document.querySelector<HTMLElement>("[data-network]");
if (network && words && figure) {
  offerSwap(figure, { live: words.live_network, drawing: words.drawing }, async (host) => {
    const { drawNetwork } = await import("./views/graph");
    drawNetwork(host, network, words, false);
  });
}
