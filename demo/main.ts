// Starts the demo page: state, panels, keys, then the database that the address names.
import { branchOf, keepAddress, shownByAddress } from './address.ts';
import { branchBar } from './branches.ts';
import { corpusChooser, offerHistory } from './chooser.ts';
import { comparePanel } from './compare.ts';
import { listHistories, own, sample } from './corpora.ts';
import { documentPanel } from './document.ts';
import { documentsPanel } from './documents.ts';
import { byId } from './dom.ts';
import { factsPanel } from './facts.ts';
import { fileIntake } from './files.ts';
import { globalKeys, panelTabs, themeSwitch } from './frame.ts';
import { progressStrip } from './progress.ts';
import { searchPanel } from './search.ts';
import { Session } from './session.ts';
import { timeSlider } from './slider.ts';
import { Store } from './store.ts';
import { timelinePanel } from './timeline.ts';
import { toasts } from './toasts.ts';

async function start(): Promise<void> {
  const corpora = [sample, ...(await listHistories()), own];
  const shown = shownByAddress();
  const store = new Store({
    corpora,
    corpus: corpora.find(({ name }) => name === shown.corpus) ?? sample,
    phase: 'opening',
    commits: [],
    documents: [],
    info: undefined,
    capabilities: undefined,
    query: shown.query,
    mode: shown.mode,
    collapse: shown.collapse,
    folder: shown.folder,
    asOf: shown.asOf,
    opened: shown.opened,
    refs: [],
    compared: undefined,
    job: undefined,
  });
  const notify = toasts(byId('toasts', HTMLElement));
  const session = new Session(store, notify);
  themeSwitch();
  panelTabs(store);
  globalKeys(store);
  corpusChooser(session);
  searchPanel(session);
  documentsPanel(session);
  documentPanel(session);
  timelinePanel(session);
  branchBar(session);
  timeSlider(session);
  comparePanel(session);
  factsPanel(session);
  progressStrip(store);
  fileIntake(session, notify);
  keepAddress(store);
  followAddress(session);
  await session.open(store.state.corpus, shown.branch);
  await offerHistory(session);
}

/** Back and forward. */
function followAddress(session: Session): void {
  const { store } = session;
  const follow = async () => {
    const { corpus: name, branch, ...shown } = shownByAddress();
    const same = store.state.opened?.id === shown.opened?.id;
    store.set({ ...shown, opened: same ? store.state.opened : shown.opened });
    const corpus = store.state.corpora.find((each) => each.name === name) ?? sample;
    if (corpus !== store.state.corpus) return session.open(corpus, branch);
    if (branch !== branchOf(store.state)) await session.read((db) => db.checkout(branch));
    await session.refresh();
  };
  window.addEventListener('popstate', () => void follow());
}

void start();
