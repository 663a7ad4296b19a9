// Values of metadata as filters see them: where they are found, and which are equal.

import { AetherError } from '../../base/errors.ts';
import type { Meta, MetaValue } from '../../model/document.ts';

/** A filter or a value as one string: equal strings, equal meaning. JSON alone would take an infinity for null. */
export function keyOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_, item: unknown) => {
      if (typeof item === 'string') return `"${item}`;
      return typeof item === 'number' && !Number.isFinite(item) ? `#${item}` : item;
    });
  } catch (cause) {
    throw new AetherError('AV_FILTER', 'the filter holds a BigInt or contains itself; it must be plain data', {
      cause,
    });
  }
}

/** Own properties only: `__proto__` and `constructor` are names like any other. A whole dotted key wins over a path. */
export function valueAt(meta: Meta, key: string): MetaValue | undefined {
  if (Object.hasOwn(meta, key)) return meta[key];
  let value: MetaValue | undefined = meta;
  for (const part of key.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = (value as Meta)[part];
  }
  return value;
}

/** Is it an object as literals make it? */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value))
  );
}
