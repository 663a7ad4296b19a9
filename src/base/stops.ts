// Signs that end sentences, as UTF-16 code units: numbers, as a script that holds any of these letters itself is read at half the speed.

/** Before a space or the end: . ! ? … ؟ ۔ ։ ። */
export const ENDS_BEFORE_SPACE: ReadonlySet<number> = new Set([0x2e, 0x21, 0x3f, 0x2026, 0x61f, 0x6d4, 0x589, 0x1362]);
/** Wherever they stand: 。 ！ ？ ｡ ． । ॥ ။ ។ */
export const ENDS_ANYWHERE: ReadonlySet<number> = new Set([
  0x3002, 0xff01, 0xff1f, 0xff61, 0xff0e, 0x964, 0x965, 0x104b, 0x17d4,
]);
/** What closes with a sentence: " ' ” ’ » ) ] } * _ ` 」 』 ） 】 》 〉 */
export const CLOSERS: ReadonlySet<number> = new Set([
  0x22, 0x27, 0x201d, 0x2019, 0xbb, 0x29, 0x5d, 0x7d, 0x2a, 0x5f, 0x60, 0x300d, 0x300f, 0xff09, 0x3011, 0x300b, 0x3009,
]);
/** ． ends sentences and parts numbers. */
export const WIDE_STOP = 0xff0e;
/** … */
export const ELLIPSIS = 0x2026;
