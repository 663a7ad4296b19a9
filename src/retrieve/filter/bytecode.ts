// A checked filter as bytes for the guest. `wasm/FORMAT.md` has the layout.

import { ByteWriter } from '../../base/bytes.ts';
import type { MetaValue } from '../../model/document.ts';
import type { Test, Tree } from './tree.ts';

const VERSION = 1;
const ORDERS = { lt: 0x12, lte: 0x13, gt: 0x14, gte: 0x15 };

export function bytecode(tree: Tree): Uint8Array {
  const keys = new Map<string, number>();
  const body = new ByteWriter();
  node(body, tree, keys);
  const out = new ByteWriter().bytes(Uint8Array.of(VERSION)).varint(keys.size);
  for (const key of keys.keys()) out.string(key);
  return out.bytes(body.take()).take();
}

function node(out: ByteWriter, tree: Tree, keys: Map<string, number>): void {
  switch (tree.op) {
    case 'and':
    case 'or':
      if (tree.op === 'and' && tree.parts.length === 0) {
        out.varint(4);
        return;
      }
      out.varint(tree.op === 'and' ? 1 : 2).varint(tree.parts.length);
      for (const part of tree.parts) node(out, part, keys);
      return;
    case 'not':
      out.varint(3);
      node(out, tree.part, keys);
      return;
    case 'test': {
      const key = keys.get(tree.key) ?? keys.size;
      keys.set(tree.key, key);
      test(out, tree.test, key);
    }
  }
}

function test(out: ByteWriter, test: Test, key: number): void {
  switch (test.op) {
    case 'in': {
      const values = test.values.filter(canBeMeta);
      if (values.length === 1) out.varint(0x10).varint(key);
      else out.varint(0x11).varint(key).varint(values.length);
      for (const item of values) value(out, item);
      return;
    }
    case 'exists':
      out.varint(0x16).varint(key);
      return;
    case 'prefix':
      out.varint(0x17).varint(key).string(test.text);
      return;
    case 'size':
      out.varint(0x18).varint(key).varint(test.size);
      return;
    case 'near':
      out.varint(0x19).varint(key).f64(test.centre.lat).f64(test.centre.lon).f64(test.radius);
      return;
    case 'box': {
      const { south, west, north, east } = test.box;
      out.varint(0x1a).varint(key).f64(south).f64(west).f64(north).f64(east);
      return;
    }
    case 'contains':
      // What can be no element: in none of no values.
      if (!canBeMeta(test.value)) {
        out.varint(0x11).varint(key).varint(0);
        return;
      }
      out.varint(0x1b).varint(key);
      value(out, test.value);
      return;
    default:
      out.varint(ORDERS[test.op]).varint(key);
      value(out, test.value);
  }
}

/** JSON would take an infinity within a list or an object for null. */
function canBeMeta(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(canBeMeta);
}

function value(out: ByteWriter, item: MetaValue): void {
  if (item === null) out.varint(0);
  else if (typeof item === 'boolean') out.varint(item ? 2 : 1);
  else if (typeof item === 'number') out.varint(3).f64(item);
  else if (typeof item === 'string') out.varint(4).string(item);
  else out.varint(5).string(JSON.stringify(item));
}
