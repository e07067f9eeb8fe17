/**
 * `health.mjs http://127.0.0.1:10072/-/healthy` or `health.mjs unix:/run/…/socket`: ends with 0 where somebody answers
 * there, with 1 and a line that says why where not. Nothing is read from the host: this is no scrape.
 */
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { connect } from 'node:net';

const TIMEOUT_MS = 4000;
/** 401: --web.config.file asks for a password, which this program has not, and the exporter lives. */
const ALIVE = [200, 401];

const target = process.argv[2] ?? '';
setTimeout(() => end(`no answer within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
if (target.startsWith('unix:')) {
  connect(target.slice('unix:'.length))
    .on('connect', () => end())
    .on('error', ({ message }) => end(message));
} else {
  const ask = target.startsWith('https:') ? getSecurely : get;
  // The certificate has the host's name, not this address.
  ask(target, { agent: false, rejectUnauthorized: false }, ({ statusCode }) => {
    end(ALIVE.includes(statusCode) ? undefined : `status ${statusCode}`);
  }).on('error', ({ message }) => end(message));
}

/** @param {string} [why] what is wrong */
function end(why) {
  if (why !== undefined) console.error(`${target}: ${why}`);
  process.exit(why === undefined ? 0 : 1);
}
