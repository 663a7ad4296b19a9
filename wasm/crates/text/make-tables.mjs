// Writes src/fold_tables.rs: the tables of diacritic folding, from the Unicode data of the running Node.
// Run once per Unicode version: `node make-tables.mjs > src/fold_tables.rs && rustfmt --edition 2024 src/fold_tables.rs`.
// Every change of the tables is a change of the analyzer: raise ANALYZER_VERSION with it.

const isMark = (s) => /^\p{Mn}$/u.test(s);
const folded = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}]$/u;
const marks = []; // inclusive ranges
const pairs = []; // [char, base]
const direct = { LATIN: [0xe0, 0x233], LATIN_ADDITIONAL: [0x1e01, 0x1ef9] };
const letters = Object.fromEntries(Object.entries(direct).map(([k, [a, b]]) => [k, new Array(b - a + 1).fill('.')]));

for (let c = 0x80; c < 0x110000; c++) {
  if (c >= 0xd800 && c < 0xe000) continue;
  const s = String.fromCodePoint(c);
  if (isMark(s)) {
    const last = marks.at(-1);
    if (last && last[1] === c - 1) last[1] = c;
    else marks.push([c, c]);
    continue;
  }
  if (!/\p{L}/u.test(s) || s.toLowerCase() !== s || !folded.test(s)) continue;
  const parts = [...s.normalize('NFD')];
  const base = parts.filter((p) => !isMark(p));
  if (base.length !== 1 || base[0] === s) continue;
  const slot = Object.entries(direct).find(([, [a, b]]) => c >= a && c <= b);
  if (slot && /[a-z]/.test(base[0])) letters[slot[0]][c - slot[1][0]] = base[0];
  else pairs.push([c, base[0].codePointAt(0)]);
}

const hex = (n) => `0x${n.toString(16)}`;
const out = [
  '//! The tables of diacritic folding, generated: do not edit.',
  '//!',
  `//! Made by \`make-tables.mjs\` from Unicode ${process.versions.unicode} (Node ${process.versions.node}); checked char by char in \`tests/fold.rs\`.`,
  '',
];
for (const [name, [first, last]] of Object.entries(direct)) {
  out.push(
    `/// First char of [\`${name}\`].`,
    `pub(crate) const ${name}_FIRST: u32 = ${hex(first)};`,
    `/// The ASCII base letter of each lower-case char ${hex(first)}..=${hex(last)}; \`.\` where there is none.`,
    `pub(crate) static ${name}: &[u8; ${last - first + 1}] = b"${letters[name].join('')}";`,
    '',
  );
}
out.push(
  '/// Other lower-case or caseless letters and the base of their canonical decomposition, sorted.',
  `pub(crate) static PAIRS: [(u16, u16); ${pairs.length}] = [${pairs.map(([a, b]) => `(${hex(a)}, ${hex(b)})`).join(', ')}];`,
  '',
  '/// Ranges of nonspacing marks (category Mn), sorted: first char << 8 | (number of chars - 1).',
  `pub(crate) static MARKS: [u32; ${marks.length}] = [${marks.map(([a, b]) => hex(a * 256 + (b - a))).join(', ')}];`,
);
console.log(out.join('\n'));
