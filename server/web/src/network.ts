/** The network of the site, in place of the drawing that is there without scripts. */

import { dataOf } from "./page/dom";
import { drawNetwork, type Network, type NetworkWords } from "./views/graph";

const network = dataOf<Network>("network-data");
const words = dataOf<NetworkWords>("network-words");
const container = document.getElementById("network-view");
if (network && words && container) drawNetwork(container, network, words, false);
