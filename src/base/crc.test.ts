// The published check values, and those that the engine has too.

import { expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { crc32c } from './crc.ts';

it('equals the published check values', () => {
  expect(crc32c(utf8('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});
