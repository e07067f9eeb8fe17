/**
 * What is used of `node:http`. An import of it in an ES module would look at all of its exports, of which one is a client
 * (undici) that nobody needs here: 35 ms of the start, and 6 MB.
 */
export const { createServer, get, validateHeaderValue } = process.getBuiltinModule('node:http');
