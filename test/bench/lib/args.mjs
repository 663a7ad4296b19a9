// The command line of a bench or eval run: SUITE [--rows a,b] [--short] [--out FILE] [--report FILE] and the data sets to use.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Stop } from '../../../.ci/shell.mjs';

const lists = { '--collection': 'collections', '--history': 'histories', '--queries': 'queries' };

/** Reads `argv`; `suites` are the names that exist. Paths come back absolute. */
export function readArgs(argv, suites) {
  const args = {
    suite: '',
    rows: [],
    short: false,
    out: undefined,
    report: undefined,
    collections: [],
    histories: [],
    queries: [],
  };
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at];
    const value = () => argv[++at] ?? stop(`Give a value after ${word}.`);
    if (word === '--short') args.short = true;
    else if (word === '--out') args.out = resolve(value());
    else if (word === '--report') args.report = resolve(value());
    else if (word === '--rows') args.rows.push(...value().split(','));
    else if (word in lists) args[lists[word]].push(existing(word, resolve(value())));
    else if (word.startsWith('-') || args.suite) stop(`Leave out "${word}": it is no option of this command.`);
    else args.suite = word;
  }
  if (!suites.includes(args.suite)) stop(`Name one of these suites: ${suites.join(', ')}.`);
  if (args.histories.length !== args.queries.length) stop('Give one --queries FILE for each --history FILE.');
  return args;
}

function existing(option, path) {
  return existsSync(path) ? path : stop(`Give ${option} a path that exists: ${path} does not.`);
}

function stop(sentence) {
  throw new Stop(sentence);
}
