// Build step: packs the embedding table into the one file that ships beside the script.
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packTable } from './pack-table.mjs';

const out = fileURLToPath(new URL('aether-static-256x2.bin', import.meta.url));
if (!existsSync(out)) writeFileSync(out, packTable(fileURLToPath(new URL('aether-static-256x2', import.meta.url))));
