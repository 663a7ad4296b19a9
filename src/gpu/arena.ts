// What lies in the GPU's memory: rows of parts, uploaded once and added to as they grow, the longest unused given up when there is no room; and
// the buffers that every job writes anew.

import type { Precision, ScorePart } from '../ports/scorer.ts';
import { type Counts, noCounts } from './counts.ts';

/** Room for rows is made in steps of so many, and doubled when a part outgrows it. */
const ROWS_STEP = 1024;
/** Uploaded at a time: what is written waits in memory until the GPU takes it. */
const UPLOAD_BYTES = 16 << 20;

/** How rows lie there, and bytes of one as the guest has it and padded. Codes have scales beside them. */
export interface Layout {
  readonly bytes: number;
  readonly width: number;
  readonly precision: Precision;
}

/** Consecutive rows in one buffer. */
export interface Slab {
  readonly buffer: GPUBuffer;
  /** Of codes. */
  readonly scales: GPUBuffer | undefined;
  /** The first of them in their part. */
  readonly first: number;
  readonly capacity: number;
}

/** A part in the GPU's memory. */
interface Resident {
  readonly slabs: readonly Slab[];
  readonly capacity: number;
  readonly bytes: number;
  rows: number;
  /** Content numbers of the first and the last row: they say whether it is still the same part. */
  firstCno: number;
  lastCno: number;
}

export class Arena {
  readonly #device: GPUDevice;
  readonly #bytesMax: number;
  readonly #counts: Counts;
  readonly #resident = new Map<string, Resident>();
  readonly #scratch = new Map<string, GPUBuffer>();

  constructor(device: GPUDevice, bytesMax: number, counts: Counts = noCounts()) {
    this.#device = device;
    this.#bytesMax = bytesMax;
    this.#counts = counts;
  }

  /** Bytes of rows. */
  get bytes(): number {
    let bytes = 0;
    for (const part of this.#resident.values()) bytes += part.bytes;
    return bytes;
  }

  /** Rows of parts. */
  get rows(): number {
    let rows = 0;
    for (const part of this.#resident.values()) rows += part.rows;
    return rows;
  }

  /**
   * Brings the rows of all parts of a job in; those of others go when there is no room, but none of what it needs `beside`. Returns their
   * slabs, part by part.
   */
  bring(parts: readonly ScorePart[], layout: Layout, beside: readonly ScorePart[] = []): (readonly Slab[])[] {
    // Used last: at the back of the queue.
    for (const { key } of parts) {
      const known = this.#resident.get(key);
      if (!known) continue;
      this.#resident.delete(key);
      this.#resident.set(key, known);
    }
    const needed = new Set([...parts, ...beside].map(({ key }) => key));
    return parts.map((part) => this.#bringOne(part, layout, needed).slabs);
  }

  #bringOne(part: ScorePart, layout: Layout, needed: ReadonlySet<string>): Resident {
    const { key, rows, cnos } = part;
    let known = this.#resident.get(key);
    const isSame = known && cnos[0] === known.firstCno && cnos[known.rows - 1] === known.lastCno;
    if (known && (!isSame || known.capacity < rows)) {
      this.#drop(key, known);
      known = undefined;
    }
    known ??= this.#make(key, rows, layout, needed);
    this.#upload(part, known, layout);
    return known;
  }

  #make(key: string, rows: number, { width, precision }: Layout, needed: ReadonlySet<string>): Resident {
    const coded = precision === 'codes';
    // One that grows is given room to.
    const wanted = key.endsWith('/mem') ? 2 ** Math.ceil(Math.log2(Math.max(rows, ROWS_STEP))) : rows;
    const capacity = ROWS_STEP * Math.ceil(wanted / ROWS_STEP);
    const { maxStorageBufferBindingSize, maxBufferSize } = this.#device.limits;
    const most = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    const each = Math.max(1, Math.floor(most / width / ROWS_STEP)) * ROWS_STEP;
    const bytes = capacity * (width + (coded ? 4 : 0));
    this.#makeRoom(bytes, needed);
    const slabs = Array.from({ length: Math.ceil(capacity / each) }, (_, i) => {
      const own = Math.min(each, capacity - i * each);
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
      const label = `rows ${key}`;
      const buffer = this.#device.createBuffer({ label, size: own * width, usage });
      const scales = coded ? this.#device.createBuffer({ label, size: own * 4, usage }) : undefined;
      return { buffer, scales, first: i * each, capacity: own };
    });
    const made = { slabs, capacity, bytes, rows: 0, firstCno: -1, lastCno: -1 };
    this.#resident.set(key, made);
    return made;
  }

  /** Gives up what was unused the longest, but nothing that the job needs. */
  #makeRoom(bytes: number, needed: ReadonlySet<string>): void {
    for (const [key, part] of this.#resident) {
      if (this.bytes + bytes <= this.#bytesMax) return;
      if (needed.has(key)) continue;
      this.#drop(key, part);
      this.#counts.evictions++;
    }
  }

  #upload(part: ScorePart, known: Resident, { bytes, width, precision }: Layout): void {
    const { rows, cnos, scales } = part;
    const { queue } = this.#device;
    const read = { whole: part.values, half: part.halves, codes: part.codes }[precision];
    const step = Math.max(1, Math.floor(UPLOAD_BYTES / width));
    for (const slab of known.slabs)
      for (
        let from = Math.max(slab.first, known.rows);
        from < Math.min(slab.first + slab.capacity, rows);
        from += step
      ) {
        const to = Math.min(from + step, slab.first + slab.capacity, rows);
        // Straight from the guest's memory, unless rows have to be padded.
        const own = read(from, to);
        const data = bytes === width ? own : padded(own, bytes, width);
        queue.writeBuffer(slab.buffer, (from - slab.first) * width, data as Uint8Array<ArrayBuffer>);
        if (slab.scales)
          queue.writeBuffer(slab.scales, (from - slab.first) * 4, scales(from, to) as Uint8Array<ArrayBuffer>);
        this.#counts.uploads++;
        this.#counts.uploadedBytes += (to - from) * (width + (slab.scales ? 4 : 0));
      }
    known.rows = rows;
    known.firstCno = cnos[0] ?? -1;
    known.lastCno = cnos[rows - 1] ?? -1;
  }

  #drop(key: string, { slabs }: Resident): void {
    for (const { buffer, scales } of slabs) {
      buffer.destroy();
      scales?.destroy();
    }
    this.#resident.delete(key);
  }

  /** A buffer of this name with room for so many bytes; what was in it before may be gone. */
  scratch(name: string, bytes: number): GPUBuffer {
    const known = this.#scratch.get(name);
    if (known && known.size >= bytes) return known;
    known?.destroy();
    const size = roomFor(bytes);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const made = this.#device.createBuffer({ label: name, size, usage });
    this.#scratch.set(name, made);
    return made;
  }
}

/** Bytes of a buffer that is made for so many: those that come next have room too. */
export const roomFor = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(bytes, 256)));

/** Rows of so many bytes with zeros behind them up to a width. */
export function padded(bytes: Uint8Array, own: number, width: number): Uint8Array<ArrayBuffer> {
  const rows = bytes.length / own;
  const out = new Uint8Array(width * rows);
  for (let row = 0; row < rows; row++) out.set(bytes.subarray(own * row, own * (row + 1)), width * row);
  return out;
}
