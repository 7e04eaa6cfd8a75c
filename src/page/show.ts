/** The page: what the form says is asked, what is told is drawn, and the link in the address bar leads back to it. */
import { time } from '../output/answer-text.js';
import { isNothing } from '../output/table.js';
import { isJudged, isReference } from '../sim/strategies/lookup.js';
import { strategyTitle } from '../study/run.js';
import { Asking } from './asking.js';
import { byId, html, saveFile } from './dom.js';
import { makeForm } from './form.js';
import { drawPhases } from './phases.js';
import type { Shown, ShownTable, SizePoint, Told } from './protocol.js';
import { fromHash, type Situation, toCommand, toHash, toYaml } from './situation.js';
import { drawSizes } from './sizes.js';
import { drawTimeline } from './timeline.js';

/** What is on the page now; `whole`: all replications are in it. */
interface State {
  /** The situation that was asked about, as in a link. */
  asked: string;
  shown?: Shown;
  whole: boolean;
  points: SizePoint[];
  timed?: string;
}

/** A table which a narrow page shows as blocks; the roles are said, since that display takes them away. */
function tableOf({ columns, rows }: ShownTable): HTMLElement {
  const side = (i: number): string => columns[i]?.align ?? 'left';
  const cell = (text: string, i: number): HTMLElement => {
    const nothing = isNothing(text) ? ' nothing' : '';
    return html('td', { role: 'cell', class: side(i) + nothing, 'data-title': columns[i]?.title }, text);
  };
  const head = columns.map(({ title }, i) =>
    html('th', { scope: 'col', role: 'columnheader', class: side(i) }, title),
  );
  const body = rows.map((cells) =>
    html(
      'tr',
      { role: 'row' },
      ...cells.map((text, i) =>
        i === 0 ? html('th', { scope: 'row', role: 'rowheader' }, text) : cell(text, i),
      ),
    ),
  );
  return html(
    'table',
    { role: 'table', class: 'blocks' },
    html('thead', {}, html('tr', { role: 'row' }, ...head)),
    html('tbody', {}, ...body),
  );
}

/** `Yes, 32 MiB is too much here:` stands out from what follows it. */
function headline(text: string, verdict: string | null): HTMLElement {
  const [, head = text, rest = ''] = /^([^:]*:)(.*)$/.exec(text) ?? [];
  return html('p', {}, html('strong', { class: `head ${verdict ?? ''}` }, head), rest);
}

/** Only a strategy whose guest stops has a timeline. */
function drawTimed(state: State): void {
  const { answer } = state.shown!;
  const timeable = answer.strategies.filter((s) => s.state === 'completed' && !isReference(s.strategy));
  const picker = byId('timed') as HTMLSelectElement;
  const chosen =
    timeable.find((s) => strategyTitle(s) === state.timed) ??
    timeable.find(({ strategy }) => isJudged(strategy)) ??
    timeable[0];
  picker.replaceChildren(
    ...timeable.map((s) => html('option', { selected: s === chosen }, strategyTitle(s))),
  );
  const models = answer.question.models as { readonly qemu?: { readonly storeFirst?: boolean } } | undefined;
  if (chosen) drawTimeline(byId('timeline'), chosen, answer.budget_ms, models?.qemu?.storeFirst === true);
  else byId('timeline').replaceChildren('The guest stops under none of them.');
}

function draw(state: State): void {
  if (!state.shown) return;
  const { answer, question, sentences, notes, table } = state.shown;
  byId('question').textContent = `${question}.`;
  byId('verdict').replaceChildren(
    ...sentences.map((text, i) => (i === 0 ? headline(text, answer.verdict) : html('p', {}, text))),
    ...notes.map((text) => html('p', {}, `Note: ${text}.`)),
  );
  byId('strategies').replaceChildren(tableOf(table));
  drawPhases(byId('phases'), answer);
  drawSizes(byId('sizes'), state.points, answer.budget_ms);
  drawTimed(state);
}

/** What a test and the console of a browser may ask for: the answer as `ask --json` gives it. */
declare global {
  var stopgap: { readonly answer: Shown['answer'] | null };
}

/** How far it is, by what has just been told. */
const STATUS = {
  soon: () => 'From the first replications; more are being made …',
  judged: (elapsed: string) => `Answered in ${elapsed}; what would fit is being searched for …`,
  answer: (elapsed: string) => `Answered in ${elapsed}.`,
} as const;

function heard(told: Told, state: State, mark: (message: string | null) => void): void {
  const status = byId('status');
  if (told.kind === 'progress') status.textContent = `${told.replications} replications …`;
  if (told.kind === 'error') {
    byId('error').textContent = told.text;
    byId('error').hidden = false;
    status.textContent = '';
    mark(told.text);
  }
  if ('shown' in told) {
    byId('error').hidden = true;
    mark(null);
    state.shown = told.shown;
    state.whole = told.kind === 'answer';
    byId('told').classList.remove('stale');
    status.textContent = STATUS[told.kind](time(told.elapsedMs));
    if (told.kind === 'judged') status.dataset.elapsedMs = String(told.elapsedMs);
    globalThis.stopgap = { answer: state.whole ? told.shown.answer : null };
    if (state.whole) byId('answer').dataset.answered = state.asked;
    draw(state);
  }
  if (told.kind === 'size' && state.shown) {
    state.points.push(told.point);
    drawSizes(byId('sizes'), state.points, state.shown.answer.budget_ms);
  }
  if (told.kind === 'doubt') {
    byId('doubt').replaceChildren(
      ...told.doubt.sentences.map((text) => html('p', {}, text)),
      html('div', { class: 'wide' }, tableOf(told.doubt.table)),
    );
    status.textContent = '';
  }
  if (told.kind === 'done') {
    byId('answer').setAttribute('data-done', '');
    byId('sizes-figure').hidden = state.points.length === 0;
    doubtButton().disabled = false;
  }
}

const doubtButton = (): HTMLButtonElement => byId('doubt-ask') as HTMLButtonElement;

/** Copies, and says so on the button for a moment. */
function copies(id: string, text: () => string): void {
  const button = byId(id);
  const name = button.textContent ?? '';
  button.addEventListener('click', async () => {
    const done = await navigator.clipboard.writeText(text()).then(
      () => true,
      () => false,
    );
    button.textContent = done ? 'Copied' : 'Cannot copy here; mark the text below';
    setTimeout(() => (button.textContent = name), 1500);
  });
}

/** Starts it; `script` is the text of the program. */
export function show(script: string): void {
  const state: State = { asked: '', whole: false, points: [] };
  globalThis.stopgap = { answer: null };
  const form = makeForm(byId('situation'), () => changed());
  const asking = new Asking(script, (told) => heard(told, state, form.mark));
  const ask = (situation: Situation): void => {
    (byId('command') as HTMLTextAreaElement).value = toCommand(situation);
    (byId('yaml') as HTMLTextAreaElement).value = toYaml(situation);
    byId('told').classList.toggle('stale', true);
    state.asked = toHash(situation);
    for (const name of ['data-done', 'data-answered']) byId('answer').removeAttribute(name);
    globalThis.stopgap = { answer: null };
    state.points = [];
    byId('doubt').replaceChildren();
    doubtButton().disabled = true;
    asking.ask(situation);
  };
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const changed = (): void => {
    history.replaceState(null, '', `#${toHash(form.read())}`);
    clearTimeout(waiting);
    waiting = setTimeout(() => ask(form.read()), 20);
  };
  const open = (): void => {
    form.write(fromHash(location.hash));
    ask(form.read());
  };
  // The hash is the situation's.
  byId('skip').addEventListener('click', (event) => {
    event.preventDefault();
    byId('answer').focus();
  });
  doubtButton().addEventListener('click', () => {
    doubtButton().disabled = true;
    byId('status').textContent = 'Drawing what may be off in the figures …';
    asking.ask(form.read(), true);
  });
  addEventListener('hashchange', open);
  addEventListener('resize', () => draw(state));
  byId('timed').addEventListener('change', (event) => {
    state.timed = (event.target as HTMLSelectElement).value;
    drawTimed(state);
  });
  copies('copy-link', () => location.href);
  copies('copy-command', () => toCommand(form.read()));
  copies('copy-yaml', () => toYaml(form.read()));
  byId('save-json').addEventListener('click', () => {
    if (state.shown && state.whole)
      saveFile('answer.json', JSON.stringify(state.shown.answer, null, 2), 'application/json');
  });
  byId('reset').addEventListener('click', () => {
    form.write({});
    changed();
  });
  open();
}
