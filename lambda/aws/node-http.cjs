/*
 * The build puts this in the place of `node:http` (`bundle.ts`). An ES module that imports `node:http` has Node look at
 * every export of it, and one of them (WebSocket) is made on first sight, from all of undici: 20 ms. `require` does
 * not look.
 */
// biome-ignore lint/style/useNodejsImportProtocol: under that name the build would put this file in its own place
module.exports = require('http');
