// A table of calls that must fail with a typed error and change nothing.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Failure } from './site.ts';

// biome-ignore lint/suspicious/noExplicitAny: every call here is one that the types forbid.
export type Call = (db: any) => unknown;
export type Case = readonly [what: string, code: string, call: Call];

/** Makes tests of cases; the calls run in the page on its global `db`, which holds note 7, and go there as text. */
export function refusing(page: () => Page): (cases: readonly Case[]) => void {
  return (cases) =>
    it.each(cases)('%s: %s', async (_, code, call) => {
      const seen: Failure & { found: string; same: boolean } = await page().evaluate(`kit.attempt(db, ${call})`);
      expect(seen).toMatchObject({ code, name: 'AetherError', found: 'notes/0007.md', same: true });
      expect(seen.message).toMatch(new RegExp(`^${code}: .{10,}`));
    });
}
