// Print the SHA-256 of the canonical N-Quads of a file of N-Quads.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { canonize } from "rdf-canonize";

const media = "application/n-quads";
const said = await canonize(readFileSync(process.argv[2], "utf8"), {
  algorithm: "RDFC-1.0",
  inputFormat: media,
  format: media,
});
console.log(createHash("sha256").update(said).digest("hex"));
