// A checked filter as a predicate of one document's metadata.

import type { Meta, MetaValue } from '../../model/document.ts';
import { inBox, pointOf, within } from './geo.ts';
import type { Order, Point, Test, Tree } from './tree.ts';
import { keyOf, valueAt } from './value.ts';

type Fits = (found: MetaValue | undefined) => boolean;

/** Does a document's metadata fit? Comparisons are between numbers or between strings; a value of another type fits none. */
export function predicate(tree: Tree): (meta: Meta) => boolean {
  switch (tree.op) {
    case 'and': {
      const parts = tree.parts.map(predicate);
      return (meta) => parts.every((part) => part(meta));
    }
    case 'or': {
      const parts = tree.parts.map(predicate);
      return (meta) => parts.some((part) => part(meta));
    }
    case 'not': {
      const part = predicate(tree.part);
      return (meta) => !part(meta);
    }
    case 'test': {
      const fits = fitting(tree.test);
      return (meta) => fits(valueAt(meta, tree.key));
    }
  }
}

function fitting(test: Test): Fits {
  switch (test.op) {
    case 'in':
      return orElement(equalToAny(test.values));
    case 'exists':
      return (found) => found !== undefined;
    case 'prefix':
      return orElement((found) => typeof found === 'string' && found.startsWith(test.text));
    case 'size':
      return (found) => Array.isArray(found) && found.length === test.size;
    case 'near':
      return orElement(at(within(test.centre, test.radius)));
    case 'box':
      return orElement(at((point) => inBox(test.box, point)));
    case 'contains':
      return containing(test.value);
    default:
      return orElement(ordered(test.op, test.value));
  }
}

/** Fits a list if it or an element of it does. */
function orElement(fits: Fits): Fits {
  return (found) => fits(found) || (Array.isArray(found) && found.some(fits));
}

/** Lists and objects are equal by their JSON. */
function equalToAny(values: readonly MetaValue[]): Fits {
  const isPlain = (value: MetaValue): boolean => typeof value !== 'object' || value === null;
  const plain = new Set<MetaValue | undefined>(values.filter(isPlain));
  const texts = new Set(values.filter((value) => !isPlain(value)).map(keyOf));
  return (found) => plain.has(found) || (texts.size > 0 && typeof found === 'object' && texts.has(keyOf(found)));
}

function ordered(order: Order, value: string | number): Fits {
  const fits = (found: string | number): boolean => {
    if (order === 'lt') return found < value;
    if (order === 'lte') return found <= value;
    return order === 'gt' ? found > value : found >= value;
  };
  return (found) => typeof found === typeof value && fits(found as string | number);
}

function at(holds: (point: Point) => boolean): Fits {
  return (found) => {
    const point = pointOf(found);
    return point !== undefined && holds(point);
  };
}

function containing(value: MetaValue): Fits {
  const equal = equalToAny([value]);
  return (found) => {
    if (Array.isArray(found)) return found.some(equal);
    return typeof value === 'string' && typeof found === 'string' && found.includes(value);
  };
}
