// `npm start`: sets up, builds what changed, serves the demo page and prints its address.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from '../.ci/build.mjs';
import { setup } from '../.ci/setup.mjs';
import { conduct, root } from '../.ci/shell.mjs';
import { serve } from '../test/kit/server.mjs';
import { packHistories } from './histories.mjs';

await conduct(async () => {
  const args = process.argv.slice(2);
  await setup({ browser: false });
  await build({ demo: true });
  const { url } = await serveFrom(portOf(args));
  console.log(`\nAetherV demo: ${url}\nCtrl+C ends it.`);
  if (!args.includes('--no-open')) openBrowser(url);
});

function portOf(args) {
  const port = Number(args[args.indexOf('--port') + 1]);
  return args.includes('--port') && Number.isInteger(port) && port > 0 && port < 65_536 ? port : 5173;
}

/** The wanted port, or the next one that is free. */
async function serveFrom(port, triesLeft = 50) {
  const roots = { '/': join(root, 'demo/dist'), '/aetherv/': join(root, 'dist'), '/histories/': packHistories() };
  try {
    return await serve({ roots, port });
  } catch (error) {
    if (error.code !== 'EADDRINUSE' || triesLeft === 0) throw error;
    return serveFrom(port + 1, triesLeft - 1);
  }
}

/** A convenience where there is a display; the printed address is enough everywhere else. */
function openBrowser(url) {
  const commands = { darwin: ['open'], win32: ['cmd', '/c', 'start'] };
  const display = process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY;
  const command = commands[process.platform] ?? (display && ['xdg-open']);
  if (!command || process.env.CI) return;
  spawn(command[0], [...command.slice(1), url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
