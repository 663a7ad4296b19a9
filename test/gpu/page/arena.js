// Whole jobs on planes of unusual size: rows split over many buffers, parts that grow, and memory that holds only some of them.
import { Arena, findAdapter, makePlane, nearest } from '/gpu/door.js';
import { random } from './random.js';

const DIMS = 12;
const ROWS_BYTES = 4 * DIMS;
let plane;

/** The device, pretending that buffers can be no larger than `most`; and what was written to it. */
async function planeOf(most, bytesMax) {
  plane ??= await makePlane(await findAdapter(navigator.gpu), 1 << 30);
  const { device, pipelines } = plane;
  const written = [];
  const queue = {
    writeBuffer(buffer, at, data) {
      if (buffer.label.startsWith('rows')) written.push({ label: buffer.label, bytes: data.byteLength });
      device.queue.writeBuffer(buffer, at, data);
    },
  };
  const limits = { maxStorageBufferBindingSize: most, maxBufferSize: most };
  const pretended = { limits, queue, createBuffer: (descriptor) => device.createBuffer(descriptor) };
  const arena = new Arena(pretended, bytesMax);
  return { plane: { device, pipelines, arena }, arena, written };
}

/** A part with rows that say which they are. */
function partOf(key, rows, first, draw, mask) {
  const values = draw.values(rows * DIMS);
  const bytes = new Uint8Array(values.buffer);
  const cnos = Uint32Array.from({ length: rows }, (_, i) => first + i);
  return {
    part: { key, rows, mask, cnos, values: (from, to) => bytes.subarray(ROWS_BYTES * from, ROWS_BYTES * to) },
    values,
  };
}

/** The part with fewer rows, as it was before it grew. */
const shorter = ({ part, values }, rows) => ({
  part: { ...part, rows, cnos: part.cnos.slice(0, rows) },
  values: values.subarray(0, rows * DIMS),
});

/** What is wrong with a job's answer: the best of a plain sort must be there, in an order that their scores allow. */
async function wrongWith(own, parts, queries, k) {
  const found = await nearest(own, {
    dims: DIMS,
    metric: 'dot',
    k,
    queries,
    gather: () => parts.map(({ part }) => part),
  });
  for (let q = 0; q < queries.length / DIMS; q++) {
    const all = parts.flatMap(({ part, values }) =>
      [...part.cnos].flatMap((cno, row) => {
        if (part.mask && !((part.mask[row >> 5] >> (row & 31)) & 1)) return [];
        let sum = 0;
        for (let d = 0; d < DIMS; d++) sum += values[row * DIMS + d] * queries[q * DIMS + d];
        return [[sum, cno]];
      }),
    );
    const scores = new Map(all.map(([score, cno]) => [cno, score]));
    const want = all.map(([score]) => score).sort((a, b) => b - a);
    const cnos = [...found.cnos.subarray(q * found.each, (q + 1) * found.each)].filter((cno) => cno !== 0xffffffff);
    if (cnos.length !== Math.min(found.each, all.length) || new Set(cnos).size !== cnos.length)
      return `${cnos.length} rows of ${all.length}`;
    for (const [i, cno] of cnos.entries()) {
      const [said, own] = [found.scores[q * found.each + i], scores.get(cno)];
      if (!(Math.abs(said - own) < 1e-5 && Math.abs(own - want[i]) < 1e-5))
        return `place ${i}: ${cno} ${said}, is ${own}, best ${want[i]}`;
    }
  }
  return undefined;
}

/** Rows over many buffers, in several parts, some masked. */
export async function split(seed) {
  const draw = random(seed);
  const { plane: own, written } = await planeOf(1024 * ROWS_BYTES, 1 << 30);
  const mask = Uint32Array.from({ length: 100 }, () => draw.next() * 2 ** 32);
  const parts = [
    partOf('1/a', 2500, 0, draw),
    partOf('1/b', 3190, 5000, draw, mask),
    partOf('1/c', 10, 9000, draw),
    partOf('1/d', 9000, 20_000, draw),
  ];
  const queries = draw.values(3 * DIMS);
  const wrong = [await wrongWith(own, parts, queries, 10), await wrongWith(own, parts.slice(1, 3), queries, 100)];
  const buffers = written.length;
  return { wrong, buffers, again: written.length - buffers };
}

/** A memtable that grows, is flushed, and begins anew under its old name: bytes uploaded for each job. */
export async function growing(seed) {
  const draw = random(seed);
  const { plane: own, arena, written } = await planeOf(1 << 28, 1 << 30);
  const queries = draw.values(2 * DIMS);
  const whole = partOf('1/mem', 3000, 0, draw);
  const next = partOf('1/mem', 50, 3000, draw);
  const steps = [[shorter(whole, 100)], [shorter(whole, 101)], [whole], [whole], [next]];
  const wrong = [];
  const uploaded = [];
  for (const parts of steps) {
    written.length = 0;
    wrong.push(await wrongWith(own, parts, queries, 5));
    uploaded.push(written.reduce((sum, { bytes }) => sum + bytes, 0) / ROWS_BYTES);
  }
  return { wrong, uploaded, rows: arena.rows };
}

/** Room for two parts of three: which are there after each job. */
export async function evicting(seed) {
  const draw = random(seed);
  const { plane: own, arena, written } = await planeOf(1 << 28, 2 * 1024 * ROWS_BYTES);
  const queries = draw.values(2 * DIMS);
  const [a, b, c] = ['1/a', '1/b', '1/c'].map((key, i) => partOf(key, 1000, 1000 * i, draw));
  const wrong = [];
  const uploads = [];
  for (const parts of [[a], [b], [a], [c], [a], [b], [a, b], [b, c]]) {
    written.length = 0;
    wrong.push(await wrongWith(own, parts, queries, 5));
    uploads.push(written.map(({ label }) => label.replace('rows 1/', '')).join(''));
  }
  return { wrong, uploads, bytes: arena.bytes };
}
