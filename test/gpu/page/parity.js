// Each kernel by itself against its twin and against a reference of first principles, on shapes drawn by a seed.
import initTwins, * as twins from '/twins/twins.js';
import { findAdapter, makePlane, Pipelines, submit, TILE } from '/gpu/door.js';
import { channelChecks } from './channels.js';
import { pickChecks } from './picks.js';
import { random } from './random.js';

let plane;
/** Pipelines for an adapter that offers nothing beyond the least. */
let plain;
const PLAIN = ['score_sq8_plain', 'topk_tile'];

/** Gets the device, compiles everything and loads the twins. */
export async function start() {
  await initTwins({ module_or_path: '/twins/twins_bg.wasm' });
  const found = await findAdapter(navigator.gpu);
  plane = await makePlane(found, 1 << 30);
  plain = await Pipelines.compile(onlyPlain(plane.device), { packed: false, subgroups: false });
  return { adapter: found.name, warmupMs: plane.pipelines.warmupMs, pipelines: plane.pipelines.count };
}

/** The device, but that it compiles nothing that was compiled before. */
const onlyPlain = (device) => ({
  createBindGroupLayout: (descriptor) => device.createBindGroupLayout(descriptor),
  createPipelineLayout: (descriptor) => device.createPipelineLayout(descriptor),
  createShaderModule: (descriptor) => device.createShaderModule(descriptor),
  createComputePipeline: () => undefined,
  createComputePipelineAsync: async (descriptor) =>
    PLAIN.includes(descriptor.label.split(' ')[0]) ? device.createComputePipelineAsync(descriptor) : {},
});

/** Runs one kernel on arrays; `out` names the buffer that is read, `length` its words, or what is in it before. */
export async function run(kernel, constants, params, arrays, out, length, groups) {
  const { device } = plane;
  const pipelines = PLAIN.includes(kernel) ? plain : plane.pipelines;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  const before = typeof length === 'number' ? new Uint32Array(Math.max(1, length)) : length;
  const words = typeof length === 'number' ? length : length.length;
  const buffers = Object.fromEntries(
    Object.entries({ ...arrays, [out]: before }).map(([name, data]) => {
      const buffer = device.createBuffer({ size: Math.max(16, data.byteLength), usage });
      device.queue.writeBuffer(buffer, 0, data);
      return [name, buffer];
    }),
  );
  device.pushErrorScope('validation');
  const read = await submit(
    device,
    pipelines,
    [{ kernel, constants, params, buffers, groups }],
    buffers[out],
    before.byteLength,
  );
  const error = await device.popErrorScope();
  for (const buffer of Object.values(buffers)) buffer.destroy();
  if (error) throw new Error(`${kernel}: ${error.message}`);
  return new Uint32Array(read).subarray(0, words);
}

/** Rows of `dims` values with zeros behind them up to a multiple of four. */
export function padded(values, dims) {
  const width = 4 * Math.ceil(dims / 4);
  const out = new Float32Array((values.length / dims) * width);
  for (let row = 0; row * dims < values.length; row++)
    out.set(values.subarray(row * dims, (row + 1) * dims), row * width);
  return out;
}

const floats = (words) => new Float32Array(words.slice().buffer);
export const groupsOf = (count, size) => Math.max(1, Math.ceil(count / size));

/** Scores further apart than this share of the sum of the products' sizes are wrong. */
const TOLERANCE = 1e-5;

async function scoreF32({ BATCH, L2 }, draw) {
  const dims = draw.pick([1, 3, 4, 5, 16, 17, 64, 100, 384]);
  const [count, queries] = [draw.pick([1, 2, 63, 64, 65, 130]), draw.pick([1, 2, BATCH - 1, BATCH])];
  const [rows, asked] = [draw.values(count * dims), draw.values(queries * dims)];
  // Ties: a row twice, and the query itself.
  if (count > 2) rows.copyWithin(dims, 0, dims);
  if (draw.below(3) === 0) rows.set(asked.subarray(0, dims));
  const first = draw.below(3);
  const stride = count + draw.below(5);
  const shifted = new Float32Array((first + count) * dims);
  shifted.set(rows, first * dims);
  const params = { rows: count, first, queries, fours: Math.ceil(dims / 4), stride };
  const arrays = { rows: padded(shifted, dims), queries: padded(asked, dims) };
  const got = floats(
    await run('score_f32', { BATCH, L2 }, params, arrays, 'scores', queries * stride, [groupsOf(count, 64), 1]),
  );
  const twin = twins.score_f32(rows, asked, dims, L2);
  for (let q = 0; q < queries; q++)
    for (let r = 0; r < stride; r++) {
      const score = got[q * stride + r];
      if (r >= count) {
        if (score !== 0) return `wrote row ${r} of ${count}`;
        continue;
      }
      let [sum, size] = [0, 0];
      for (let d = 0; d < dims; d++) {
        const [a, b] = [rows[r * dims + d], asked[q * dims + d]];
        const term = L2 ? -((a - b) ** 2) : a * b;
        sum += term;
        size += Math.abs(term);
      }
      const most = TOLERANCE * size + 1e-30;
      const own = twin[q * count + r];
      if (!(Math.abs(score - own) <= most && Math.abs(score - sum) <= most))
        return `query ${q} row ${r} of ${count}, ${dims} dims: ${score}, twin ${own}, reference ${sum}`;
    }
  return undefined;
}

/** A half of 2^14 times the value that it stands for; those below the normal ones are 0. */
function valueOfHalf(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  return (bits >> 15 ? -1 : 1) * (exponent === 0 ? 0 : (1 + fraction / 1024) * 2 ** (exponent - 15 - 14));
}

async function scoreF16({ BATCH }, draw) {
  const dims = draw.pick([1, 3, 4, 5, 16, 17, 64, 100, 384]);
  const [count, queries] = [draw.pick([1, 2, 63, 64, 65, 130]), draw.pick([1, 2, BATCH - 1, BATCH])];
  const [first, asked] = [draw.below(3), draw.values(queries * dims)];
  const width = 4 * Math.ceil(dims / 4);
  // Of every size that there is, of the usual ones, and zeros of both signs; none between zero and the normal ones.
  const least = draw.pick([0x0400, 0x6000]);
  const half = () => (draw.below(20) === 0 ? 0 : least + draw.below(0x7c00 - least)) | (draw.below(2) << 15);
  const rows = new Uint16Array((first + count) * width);
  for (let row = 0; row < first + count; row++) for (let d = 0; d < dims; d++) rows[row * width + d] = half();
  const stride = count + draw.below(5);
  const params = { rows: count, first, queries, fours: width / 4, stride };
  const constants = { BATCH, L2: false };
  const groups = [groupsOf(count, 64), 1];
  const arrays = { rows, queries: padded(asked, dims) };
  const got = floats(await run('score_f16', constants, params, arrays, 'scores', queries * stride, groups));
  const own = new Uint16Array(count * dims);
  for (let row = 0; row < count; row++)
    own.set(rows.subarray((first + row) * width, (first + row) * width + dims), row * dims);
  const twin = twins.score_f16(own, asked, dims);
  for (let q = 0; q < queries; q++)
    for (let r = 0; r < count; r++) {
      let [sum, size] = [0, 0];
      for (let d = 0; d < dims; d++) {
        const term = valueOfHalf(own[r * dims + d]) * asked[q * dims + d];
        sum += term;
        size += Math.abs(term);
      }
      const most = TOLERANCE * size + 1e-30;
      const [score, other] = [got[q * stride + r], twin[q * count + r]];
      if (!(Math.abs(score - other) <= most && Math.abs(score - sum) <= most))
        return `query ${q} row ${r} of ${count}, ${dims} dims: ${score}, twin ${other}, reference ${sum}`;
    }
  return undefined;
}

/** The kernel of this name, with products that the language has packed or not. */
const scoreSq8 =
  (kernel) =>
  async ({ BATCH }, draw) => {
    const width = 16 * draw.pick([1, 2, 4, 5, 24]);
    const [count, queries] = [draw.pick([1, 2, 63, 64, 65, 130]), draw.pick([1, 2, BATCH - 1, BATCH])];
    // The largest products there are, or any.
    const extreme = draw.below(4) === 0;
    const first = draw.below(3);
    const rows = Uint8Array.from({ length: (first + count) * width }, () => (extreme ? 127 : 1 + draw.below(127)));
    const asked = Int8Array.from({ length: queries * width }, () => (extreme ? -127 : draw.below(255) - 127));
    const scales = Float32Array.from(
      { length: first + count },
      () => draw.pick([0, 0.002, 1, 1e-20, 50]) * draw.next(),
    );
    const about = new Uint32Array(2 * queries);
    for (let q = 0; q < queries; q++) {
      new Float32Array(about.buffer)[2 * q] = draw.next() / 100;
      new Int32Array(about.buffer)[2 * q + 1] =
        64 * asked.subarray(q * width, (q + 1) * width).reduce((sum, code) => sum + code, 0);
    }
    const stride = count + draw.below(5);
    const params = { rows: count, first, queries, sixteens: width / 16, stride };
    const arrays = { rows, row_scales: scales, queries: asked, query_scales: about };
    const got = floats(
      await run(kernel, { BATCH }, params, arrays, 'scores', queries * stride, [groupsOf(count, 64), 1]),
    );
    const twin = twins.score_sq8(rows.subarray(first * width), scales.subarray(first), asked, about, width);
    for (let q = 0; q < queries; q++)
      for (let r = 0; r < count; r++) {
        let product = 0;
        for (let d = 0; d < width; d++) product += rows[(first + r) * width + d] * asked[q * width + d];
        const scale = scales[first + r] * new Float32Array(about.buffer)[2 * q];
        const want = (product - new Int32Array(about.buffer)[2 * q + 1]) * scale;
        const [score, own] = [got[q * stride + r], twin[q * count + r]];
        // The product is exact; two roundings are left, and numbers below the normal ones may be zero.
        const most = 3e-7 * Math.abs(want) + 1e-37;
        if (!(Math.abs(score - own) <= most && Math.abs(score - want) <= most))
          return `query ${q} row ${r} of ${count}, ${width} codes: ${score}, twin ${own}, reference ${want}`;
      }
    return undefined;
  };

/** Scores with ties and what is hard to compare. */
function hardScores(draw, count) {
  const steps = draw.pick([1, 3, 50, 1e6]);
  const odd = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, Number.NaN];
  const oddly = draw.below(3) === 0;
  return Float32Array.from({ length: count }, () =>
    oddly && draw.below(10) === 0 ? draw.pick(odd) : Math.round((draw.next() - 0.5) * steps) / steps,
  );
}

/** As the order of keys has it: what is no number, then falling, 0 above -0; ties by place. */
function ranked(entries) {
  const size = (x) => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : x);
  return entries.sort(
    (a, b) =>
      Number(Number.isNaN(b[0])) - Number(Number.isNaN(a[0])) ||
      (size(a[0]) === size(b[0])
        ? Number(Object.is(a[0], -0)) - Number(Object.is(b[0], -0))
        : size(b[0]) - size(a[0])) ||
      a[1] - b[1],
  );
}

const differs = (got, want) => got.length !== want.length || got.some((word, i) => word !== want[i]);

/** The kernel of this name, with subgroups or without. */
const topkTile =
  (kernel) =>
  async ({ KEEP, POOL }, draw) => {
    const [rows, queries] = [draw.pick([0, 1, 31, 255, 256, 257, 700, 3000, TILE, TILE + 1]), draw.pick([1, 2, 3])];
    const stride = rows + draw.below(4);
    const scores = hardScores(draw, Math.max(1, queries * stride));
    const [first, base] = [draw.below(70), draw.below(1000)];
    const masked = draw.below(2);
    const density = draw.pick([0, 0.01, 0.5, 1]);
    const mask = new Uint32Array(Math.ceil((first + rows + 1) / 32));
    for (let i = 0; i < 32 * mask.length; i++) if (draw.next() < density) mask[i >> 5] |= 1 << (i & 31);
    const tiles = groupsOf(rows, TILE);
    const params = { rows, first, base, masked, tile: 0, tiles, stride };
    const bits = new Uint32Array(scores.buffer);
    const got = await run(kernel, { KEEP, POOL }, params, { scores, mask }, 'found', 2 * KEEP * tiles * queries, [
      tiles,
      queries,
    ]);
    const words = masked ? mask : new Uint32Array(0);
    const twin = twins.topk_tile(bits.subarray(0, queries * stride), words, rows, first, base, stride, TILE, KEEP);
    if (rows > 0 && differs(got, twin)) return `differs from the twin: ${rows} rows, ${queries} queries`;
    for (let q = 0; q < queries; q++)
      for (let tile = 0; tile < tiles; tile++) {
        const entries = [];
        for (let row = tile * TILE; row < Math.min(rows, (tile + 1) * TILE); row++)
          if (!masked || (mask[(first + row) >> 5] >> ((first + row) & 31)) & 1)
            entries.push([scores[q * stride + row], base + row]);
        const want = ranked(entries).slice(0, KEEP);
        const own = got.subarray(2 * KEEP * (q * tiles + tile), 2 * KEEP * (q * tiles + tile + 1));
        const ids = Array.from({ length: KEEP }, (_, i) => own[2 * i + 1]).filter((id) => id !== 0xffffffff);
        if (
          differs(
            ids,
            want.map(([, id]) => id),
          )
        )
          return `differs from the reference: ${rows} rows, tile ${tile}, query ${q}`;
      }
    return undefined;
  };

async function topkMerge({ KEEP, POOL }, draw) {
  const [tiles, queries] = [draw.pick([1, 2, 7, 40]), draw.pick([1, 3])];
  const entries = new Uint32Array(2 * KEEP * tiles * queries);
  for (let tile = 0; tile < tiles * queries; tile++) {
    const count = draw.pick([0, 1, KEEP >> 1, KEEP]);
    const keys = Array.from({ length: count }, () => 1 + draw.below(draw.pick([3, 1e9]))).sort((a, b) => b - a);
    for (let i = 0; i < KEEP; i++)
      entries.set(i < count ? [keys[i], 1e6 * (tile % tiles) + i] : [0, 0xffffffff], 2 * (KEEP * tile + i));
  }
  const got = await run('topk_merge', { KEEP, POOL }, { tiles }, { found: entries }, 'best', 2 * KEEP * queries, [
    queries,
    1,
  ]);
  if (differs(got, twins.topk_merge(entries, tiles, KEEP))) return `differs from the twin: ${tiles} tiles`;
  for (let q = 0; q < queries; q++) {
    const own = [];
    for (let i = 0; i < KEEP * tiles; i++) {
      const at = 2 * (q * KEEP * tiles + i);
      if (entries[at] > 0) own.push([entries[at], entries[at + 1]]);
    }
    const want = own.sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, KEEP);
    const ids = Array.from({ length: KEEP }, (_, i) => got[2 * (q * KEEP + i) + 1]).filter((id) => id !== 0xffffffff);
    if (
      differs(
        ids,
        want.map(([, id]) => id),
      )
    )
      return `differs from the reference: ${tiles} tiles, query ${q}`;
  }
  return undefined;
}

const checks = {
  score_f32: scoreF32,
  score_f16: scoreF16,
  score_sq8: scoreSq8('score_sq8'),
  score_sq8_plain: scoreSq8('score_sq8_plain'),
  topk_tile: topkTile('topk_tile'),
  topk_tile_subgroups: topkTile('topk_tile_subgroups'),
  topk_merge: topkMerge,
  ...channelChecks(run, twins, TILE),
  ...pickChecks(run, twins),
};

/** The kernels there is a check for. */
export const checked = () => Object.keys(checks);

/** Runs `count` cases of a permutation; returns what went wrong. */
export async function cases(kernel, constants, count, seed) {
  const wrong = [];
  for (let i = 0; i < count; i++) {
    const error = await checks[kernel](constants, random(seed + 7919 * i));
    if (error) wrong.push(`${kernel} ${JSON.stringify(constants)}, seed ${seed + 7919 * i}: ${error}`);
  }
  return wrong;
}
