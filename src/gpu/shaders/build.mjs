// Build step: reads the shaders, refuses what is not of their common form or in no table, and writes `src/gpu/kernels.gen.ts`.
//
// Of each kernel the table has its text with its includes, its bindings and the offsets of its parameters, read from the text: nobody types
// an offset by hand. What a permutation fixes are constants put before the text.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const folder = new URL('.', import.meta.url);
const out = new URL('../kernels.gen.ts', import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), 'utf8');
const TYPES = { uniform: 'uniform', 'storage, read': 'read-only-storage', 'storage, read_write': 'storage' };

/** Constants as WGSL declares them. */
export const constantsOf = (constants) =>
  Object.entries(constants)
    .map(([name, value]) => `const ${name} = ${typeof value === 'number' ? `${value}u` : value};\n`)
    .join('');

/** A text as it is compiled: the features that it needs, what is fixed, then the kernel. */
const whole = ({ features, text }, constants) =>
  features.map((name) => `enable ${name};\n`).join('') + constantsOf(constants) + text;

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
  const file = read(`${name}.wgsl`).replace(/^\/\/#include (\w+)$/gm, (_, part) => read(`lib/${part}.wgsl`));
  // They have to stand before the constants.
  const features = [...file.matchAll(/^enable (\w+);$/gm)].map(([, feature]) => feature);
  const text = file.replace(/^enable \w+;\n/gm, '');
  const permutations = kernels[name].map((constants) => ({ ...shared, ...constants }));
  // Comments are for whoever reads the shader, not for every page.
  const short = text.replace(/\s*\/\/.*$/gm, '').replace(/\n\s*\n/g, '\n');
  return { text: short, features, ...readKernel(name, permutations, short) };
}

/** Parameters and bindings of a kernel, which all its permutations share. */
export function readKernel(name, permutations, text) {
  const [first, ...others] = permutations.map((constants) => reflect(name, constants, text));
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(first)))
    throw new Error(`${name}.wgsl: its permutations differ in their bindings`);
  return first;
}

function reflect(name, constants, text) {
  const refuse = (why) => {
    throw new Error(`${name}.wgsl with ${JSON.stringify(constants)}: ${why}`);
  };
  const plain = text.replace(/\/\/.*$/gm, '');
  const count = (sign) => plain.split(sign).length - 1;
  if (count('@compute') !== 1 || !/@compute @workgroup_size\([\d, ]+\)\s*fn main\(/.test(plain))
    refuse('it must have one entry point, main');
  const struct = /struct Params \{([^}]*)\}/.exec(plain)?.[1] ?? refuse('it must have a struct Params');
  const fields = [...struct.matchAll(/(\w+)\s*:\s*([^,]+),/g)].map(([, field, type], i) => [
    field,
    { offset: 4 * i, type },
  ]);
  const wide = fields.find(([, { type }]) => type !== 'u32' && type !== 'f32');
  if (wide || fields.length === 0)
    refuse(`its parameters must each be a u32 or an f32, ${wide?.[0] ?? 'and there are none'}`);
  const found = [...plain.matchAll(/@group\(0\) @binding\((\d+)\) var<([\w, ]+)> (\w+): [^;]+;/g)];
  const bindings = found.map(([, binding, type, name]) => ({ name, binding: Number(binding), type: TYPES[type] }));
  const [uniform, ...others] = bindings;
  const isOdd = ({ type, binding }, i) => !type || binding !== i || (type === 'uniform') !== (i === 0);
  if (found.length !== count('@binding') || uniform?.name !== 'params' || bindings.some(isOdd))
    refuse('its bindings must be a uniform "params" at 0, then storage, read or read_write, in order');
  return { params: Object.fromEntries(fields), bindings: others };
}

/** Every text that is compiled, by name. */
export function texts() {
  const { table, kernels: all } = kernels();
  const named = ([kernel, permutations]) =>
    permutations.map((constants) => [
      `${kernel}.wgsl with ${JSON.stringify(constants)}`,
      whole(all[kernel], { ...table.shared, ...constants }),
    ]);
  return Object.fromEntries(Object.entries(table.kernels).flatMap(named));
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
