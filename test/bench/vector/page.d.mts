/** The page of a result file. */
export function page(report: {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly load: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly commit: string | null;
  readonly command: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}): string;
