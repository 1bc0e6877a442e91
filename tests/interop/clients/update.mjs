// Send an update as a form, with the fetch of Node: update.mjs ENDPOINT FILE TOKEN
import { readFile } from "node:fs/promises";

const [endpoint, file, token] = process.argv.slice(2);
const response = await fetch(endpoint, {
  method: "POST",
  headers: { Authorization: `Bearer ${token}` },
  body: new URLSearchParams({ update: await readFile(file, "utf-8") }),
});
if (!response.ok) {
  console.error(response.status, await response.text());
  process.exitCode = 1;
}
