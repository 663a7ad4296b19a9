// The builds of AetherV: ES modules (default), one file for a script tag (`global`), the demo page (`demo`); and unit tests.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin, UserConfig } from 'vite';
import { defineConfig } from 'vitest/config';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
// Optional: an application that wants it installs it, and its own bundler or URL resolves it.
const external = ['@huggingface/transformers'];
const target = 'es2022';

/** Node 20 runs the relaxed WASM build only when told so; later ones do by themselves. */
export const execArgv = Number.parseInt(process.versions.node, 10) < 21 ? ['--experimental-wasm-relaxed-simd'] : [];

/** Stable names, so that a page can copy, preload or cache each file by its name. */
function assetName(asset: { originalFileNames: string[]; names: string[] }): string {
  const from = (asset.originalFileNames[0] ?? asset.names[0] ?? '').replaceAll('\\', '/');
  const build = /wasm\/pkg\/(\w+)\/[^/]*\.wasm$/.exec(from)?.[1];
  if (build) return `wasm/aetherv.${build}.wasm`;
  const vectors = /wasm\/pkg\/vectors\/(\w+)\/[^/]*\.wasm$/.exec(from)?.[1];
  if (vectors) return `wasm/vectors.${vectors}.wasm`;
  return from.includes('src/embed/') ? 'embed/[name][extname]' : 'assets/[name][extname]';
}

/** ES modules as an application is built, not as a library: library mode inlines the WASM into the worker as base64. */
function modules(): UserConfig {
  return {
    plugins: [literalUrls()],
    build: {
      target,
      outDir: 'dist',
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: false,
      sourcemap: true,
      rolldownOptions: {
        input: { index: path('src/index.ts'), transformers: path('src/transformers.ts') },
        preserveEntrySignatures: 'strict',
        external,
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js', assetFileNames: assetName },
      },
    },
    worker: {
      format: 'es',
      rolldownOptions: {
        external,
        // Self-contained: a development server never has to look into a worker for imports.
        output: {
          entryFileNames: (chunk) => `workers/${chunk.name.replace(/\.worker$/, '')}.worker.js`,
          codeSplitting: false,
          assetFileNames: assetName,
        },
      },
    },
  };
}

/**
 * Vite writes `new URL(new URL('x', import.meta.url).href, ...)`; only the plain literal form is understood by the bundler
 * of the application that installs this package. Padded to the same length, so that source maps stay right.
 */
function literalUrls(): Plugin {
  const nested =
    /new URL\(new URL\([`'"]([^`'"]+)[`'"],\s*import\.meta\.url\)\.href,\s*(?:[`'"]{2}\s*\+\s*)?import\.meta\.url\)/g;
  const literal = (text: string) =>
    text.replace(nested, (all, file: string) => {
      const start = `new URL("${file.startsWith('.') ? file : `./${file}`}",import.meta.url`;
      return `${start.padEnd(all.length - 1)})`;
    });
  return {
    name: 'aetherv-literal-urls',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') file.code = literal(file.code);
        else if (file.fileName.endsWith('.js')) file.source = literal(file.source.toString());
      }
    },
  };
}

/** One IIFE with the worker and the simd128 binary inside: a script from another origin may not start a worker from a file. */
function global(): UserConfig {
  return {
    plugins: [globalTwins()],
    build: {
      target,
      outDir: 'dist',
      emptyOutDir: false,
      sourcemap: false,
      lib: { entry: path('src/global.ts'), name: 'AetherV', formats: ['iife'], fileName: () => 'aetherv.global.js' },
      rolldownOptions: { external, output: { exports: 'default' } },
    },
    worker: {
      format: 'iife',
      plugins: () => [globalTwins()],
      rolldownOptions: { external, output: { codeSplitting: false } },
    },
  };
}

/** In the one-file build `x.global.ts` takes the place of `x.ts` wherever there is one. */
function globalTwins(): Plugin {
  return {
    name: 'aetherv-global-twins',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      const twin = found?.id.replace(/(?<!\.global)\.ts$/, '.global.ts');
      const isTwin = importer === twin || !found || twin === found.id || !found.id.startsWith(path('src/'));
      return !isTwin && twin && existsSync(twin) ? { ...found, id: twin } : found;
    },
  };
}

/** The demo uses the built product as any page would: the server maps /aetherv/ to dist/. */
function demo(): UserConfig {
  return {
    root: path('demo'),
    build: {
      target,
      outDir: path('demo/dist'),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: {
        external: ['aetherv', 'aetherv/transformers'],
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: '[name].js',
          paths: { aetherv: './aetherv/index.js', 'aetherv/transformers': './aetherv/transformers.js' },
        },
      },
    },
  };
}

export default defineConfig(({ mode }) => ({
  base: './',
  publicDir: false,
  ...(mode === 'global' ? global() : mode === 'demo' ? demo() : modules()),
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    execArgv,
  },
}));
