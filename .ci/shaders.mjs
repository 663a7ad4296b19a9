// Has a browser's own compiler look at shaders: what it refuses breaks the build, not the user.
import { chromiumPath } from './browser.mjs';

const URL_OF_NOBODY = 'https://shaders.invalid/';

/** Errors of texts by name, each with its line; undefined when no Chromium is installed. */
export async function shaderErrors(texts) {
  const executablePath = chromiumPath();
  if (!executablePath) return undefined;
  // Loaded here, for the set-up reads this file before any package is installed.
  const { chromium } = await import('playwright-core');
  const args = ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    // WebGPU wants a page with a secure origin; this one is made up.
    await page.route(URL_OF_NOBODY, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>shaders</title>' }),
    );
    await page.goto(URL_OF_NOBODY);
    return await page.evaluate(compileAll, texts);
  } finally {
    await browser.close();
  }
}

async function compileAll(texts) {
  const adapter = await navigator.gpu.requestAdapter();
  const needed = new Set(
    Object.values(texts).flatMap((code) => [...code.matchAll(/^enable (\w+);/gm)].map(([, name]) => name)),
  );
  const requiredFeatures = [...needed].filter((name) => adapter.features.has(name));
  const device = await adapter.requestDevice({ requiredFeatures });
  const wrong = [];
  for (const [name, code] of Object.entries(texts)) {
    device.pushErrorScope('validation');
    const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
    await device.popErrorScope();
    for (const { type, message, lineNum } of messages)
      if (type === 'error') wrong.push(`${name}: ${message} (${code.split('\n')[lineNum - 1]?.trim()})`);
  }
  return wrong;
}
