// Build step: reads the shaders, refuses what does not parse or is in no table, and writes `src/gpu/kernels.gen.ts`.
//
// Of each kernel the table has its text with its includes, its bindings and the offsets of its parameters, read from the text: nobody types
// an offset by hand. What a permutation fixes are constants put before the text.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';

const folder = new URL('.', import.meta.url);
const out = new URL('../kernels.gen.ts', import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), 'utf8');
const ACCESS = { read: 'read-only-storage', read_write: 'storage' };

/** Constants as WGSL declares them. */
export const constantsOf = (constants) =>
  Object.entries(constants)
    .map(([name, value]) => `const ${name} = ${typeof value === 'number' ? `${value}u` : value};\n`)
    .join('');

/** Everything the runtime knows of the kernels. */
export function kernels() {
  const table = JSON.parse(read('permutations.json'));
  const files = readdirSync(folder).filter((name) => name.endsWith('.wgsl'));
  const named = files.map((name) => name.replace('.wgsl', ''));
  const odd = [...named, ...Object.keys(table.kernels)].find((name) => !named.includes(name) || !table.kernels[name]);
  if (odd) throw new Error(`Give the kernel "${odd}" both a file and a line in src/gpu/shaders/permutations.json.`);
  return { table, kernels: Object.fromEntries(named.map((name) => [name, kernel(name, table)])) };
}

function kernel(name, { shared, kernels }) {
  const text = read(`${name}.wgsl`).replace(/^\/\/#include (\w+)$/gm, (_, part) => read(`lib/${part}.wgsl`));
  const [first, ...others] = kernels[name].map((constants) => reflect(name, shared, constants, text));
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(first)))
    throw new Error(`${name}.wgsl: its permutations differ in their bindings`);
  return { text, ...first };
}

function reflect(name, shared, constants, text) {
  let found;
  try {
    found = new WgslReflect(constantsOf({ ...shared, ...constants }) + text);
  } catch (error) {
    throw new Error(`${name}.wgsl with ${JSON.stringify(constants)}: ${error?.message ?? error}`);
  }
  const { compute } = found.entry;
  if (compute.length !== 1 || compute[0].name !== 'main') throw new Error(`${name}.wgsl: one entry point, named main`);
  const [params, ...more] = found.uniforms;
  if (!params || more.length > 0 || params.binding !== 0) throw new Error(`${name}.wgsl: one uniform, at binding 0`);
  const bindings = found.storage.map(({ name, binding, access }) => ({ name, binding, type: ACCESS[access] }));
  if (bindings.some(({ type }) => !type)) throw new Error(`${name}.wgsl: storage is read or read_write`);
  const fields = params.members.map(({ name, offset, size, type }) => [name, offset, size, type.name]);
  const wide = fields.find(([, , size, type]) => size !== 4 || !['u32', 'f32'].includes(type));
  if (wide) throw new Error(`${name}.wgsl: parameter ${wide[0]} is neither u32 nor f32`);
  return { params: Object.fromEntries(fields.map(([field, offset, , type]) => [field, { offset, type }])), bindings };
}

/** Writes the table; an unchanged one is left alone. */
export function build() {
  const { table, kernels: all } = kernels();
  const code = `// Made by src/gpu/shaders/build.mjs from the shaders: what is compiled, with which constants, and how its buffers are bound.\n
export const TABLE = ${JSON.stringify(table, null, 2)} as const;\n
export const KERNELS = ${JSON.stringify(all, null, 2)} as const;\n`;
  let old = '';
  try {
    old = readFileSync(out, 'utf8');
  } catch {
    // The first time.
  }
  if (old !== code) writeFileSync(out, code);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) build();
