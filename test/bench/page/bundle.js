// Which scripts of the library the page loads when it imports it, and nothing else happens.

export async function loadedByImport() {
  await import('/aetherv/index.js');
  const prefix = new URL('/aetherv/', location.href).href;
  const urls = performance.getEntriesByType('resource').map((entry) => entry.name);
  return urls
    .filter((url) => url.startsWith(prefix))
    .map((url) => url.slice(prefix.length))
    .sort();
}
