// Counts instructions of a WebAssembly binary: decodes its code section whole, so that no data byte is taken for one.

/** How many instructions of each sort. */
export interface Opcodes {
  readonly all: number;
  /** Vector instructions, relaxed ones not among them. */
  readonly simd: number;
  readonly relaxed: number;
}

class Bytes {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  u8(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new Error('the binary ends early');
    return byte;
  }

  /** A LEB128 number; signed ones are only skipped by it. */
  leb(): number {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = this.u8();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  skip(count: number): void {
    this.at += count;
  }

  take(count: number): Bytes {
    this.at += count;
    return new Bytes(this.#bytes.subarray(this.at - count, this.at));
  }
}

const CODE_SECTION = 10;

/** Counts the instructions of a binary. Throws at one that it does not know. */
export function countOpcodes(binary: Uint8Array): Opcodes {
  const bytes = new Bytes(binary);
  bytes.skip(8);
  const count = { all: 0, simd: 0, relaxed: 0 };
  while (!bytes.done) {
    const [id, size] = [bytes.u8(), bytes.leb()];
    const section = bytes.take(size);
    if (id !== CODE_SECTION) continue;
    for (let functions = section.leb(); functions > 0; functions--) body(section.take(section.leb()), count);
  }
  return count;
}

function body(bytes: Bytes, count: { all: number; simd: number; relaxed: number }): void {
  for (let groups = bytes.leb(); groups > 0; groups--) {
    bytes.leb();
    bytes.u8();
  }
  while (!bytes.done) {
    count.all++;
    const opcode = bytes.u8();
    if (opcode === 0xfd) {
      const vector = bytes.leb();
      if (vector >= 0x100) count.relaxed++;
      else count.simd++;
      vectorOperands(bytes, vector);
    } else if (opcode === 0xfc) moreOperands(bytes, bytes.leb());
    else operands(bytes, opcode);
  }
}

function memarg(bytes: Bytes): void {
  if (bytes.leb() & 0x40) bytes.leb();
  bytes.leb();
}

function operands(bytes: Bytes, opcode: number): void {
  const among = (from: number, to: number): boolean => opcode >= from && opcode <= to;
  if (among(0x28, 0x3e)) memarg(bytes);
  else if (opcode === 0x43) bytes.skip(4);
  else if (opcode === 0x44) bytes.skip(8);
  else if (opcode === 0x0e) for (let labels = bytes.leb() + 1; labels > 0; labels--) bytes.leb();
  else if (opcode === 0x1c) bytes.skip(bytes.leb());
  else if (opcode === 0x11 || opcode === 0x13) {
    bytes.leb();
    bytes.leb();
  } else if (
    among(0x02, 0x04) ||
    among(0x0c, 0x0d) ||
    [0x10, 0x12, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2].includes(opcode) ||
    among(0x20, 0x26)
  )
    bytes.leb();
  else if (!(among(0x00, 0x01) || among(0x45, 0xc4) || [0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].includes(opcode)))
    throw new Error(`unknown instruction 0x${opcode.toString(16)}`);
}

/** 0xfc: saturating conversions, bulk memory and tables. */
function moreOperands(bytes: Bytes, opcode: number): void {
  if (opcode > 17) throw new Error(`unknown instruction 0xfc ${opcode}`);
  const numbers = opcode < 8 ? 0 : [8, 10, 12, 14].includes(opcode) ? 2 : 1;
  for (let i = 0; i < numbers; i++) bytes.leb();
}

/** 0xfd: vector instructions. */
function vectorOperands(bytes: Bytes, opcode: number): void {
  if (opcode > 0x113) throw new Error(`unknown instruction 0xfd ${opcode}`);
  if (opcode <= 11 || (opcode >= 84 && opcode <= 93)) memarg(bytes);
  if (opcode === 12 || opcode === 13) bytes.skip(16);
  if ((opcode >= 21 && opcode <= 34) || (opcode >= 84 && opcode <= 91)) bytes.skip(1);
}
