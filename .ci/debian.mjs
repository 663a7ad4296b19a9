// Installs Debian packages where that is possible: the last resort for Rust's wasm32 library and for a browser.
import { ask, run, Stop, say, which } from './shell.mjs';

/** Makes sure that `names` are installed; `why` completes the sentence "... for". */
export async function debianPackages(names, why) {
  const missing = [];
  for (const name of names) {
    const state = await ask('dpkg-query', ['--status', name]);
    if (!state?.includes('ok installed')) missing.push(name);
  }
  if (missing.length === 0) return;
  const list = missing.join(' ');
  if (!which('apt-get')) throw new Stop(`Install ${why} by hand: this system has no apt-get to install ${list} with.`);
  if (process.getuid?.() !== 0) throw new Stop(`Run "sudo apt-get install ${list}" for ${why}, then run this again.`);
  say('debian', `installing ${list} for ${why}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'APT::Sandbox::User=root'];
  await run('apt-get', [...wait, 'update'], { env, log: 'apt-update', limitS: 300 });
  const args = [...wait, 'install', '-y', '--no-install-recommends', ...missing];
  const { code, seconds } = await run('apt-get', args, { env, log: 'apt-install', limitS: 600 });
  if (code !== 0)
    throw new Stop(
      `Install the Debian packages ${list} for ${why}: apt-get could not (see .tools/log/apt-install.log).`,
    );
  say('debian', `done in ${seconds.toFixed(0)} s`);
}
