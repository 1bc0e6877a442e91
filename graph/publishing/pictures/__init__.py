"""Pictures of the data as SVG and PNG: the map, the network, and what stands in them."""
