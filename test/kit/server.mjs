// A small static file server for tests, benches and the demo: several folders under one origin, right MIME types.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';

const mime = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.jsonl': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/**
 * Serves `roots`, a map from URL prefix (as '/' or '/aetherv/') to folder; the longest prefix that fits wins.
 * `port` 0 takes any free one. `headers` are added to every answer; `cors` lets other origins read it.
 * Resolves to `{ url, port, close }`; rejects with code EADDRINUSE when the port is taken.
 */
export function serve({ roots, port = 0, headers = {}, cors = false }) {
  const prefixes = Object.keys(roots).sort((a, b) => b.length - a.length);
  const always = { 'cache-control': 'no-cache', ...(cors && { 'access-control-allow-origin': '*' }), ...headers };
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, always);
    const file = locate(roots, prefixes, request.url ?? '/');
    const found = file && (await regularFile(file));
    if (!found) return answer(response, 404, always);
    const type = mime[extname(found.path).toLowerCase()] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-length': found.bytes, ...always });
    if (request.method === 'HEAD') return response.end();
    createReadStream(found.path)
      .on('error', () => response.destroy())
      .pipe(response);
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      const taken = server.address().port;
      done({ url: `http://127.0.0.1:${taken}/`, port: taken, close: () => shut(server) });
    });
  });
}

/** The file that a URL means, or undefined: nothing outside the folders can be named. */
function locate(roots, prefixes, url) {
  let path;
  try {
    path = decodeURIComponent(url.split(/[?#]/, 1)[0]);
  } catch {
    return undefined;
  }
  const prefix = prefixes.find((each) => path.startsWith(each));
  if (prefix === undefined || path.includes('\0')) return undefined;
  const folder = resolve(roots[prefix]);
  const file = join(folder, normalize(`/${path.slice(prefix.length)}`));
  return file === folder || file.startsWith(folder + sep) ? file : undefined;
}

async function regularFile(path) {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isDirectory()) return regularFile(join(path, 'index.html'));
  return facts?.isFile() ? { path, bytes: facts.size } : undefined;
}

function answer(response, status, headers) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(status === 404 ? 'not found\n' : 'only GET and HEAD\n');
}

function shut(server) {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
