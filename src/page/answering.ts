/** The worker's side: a situation is resolved and answered by the code of the command line, and told piece by piece. */
import { InputError } from '../base/errors.js';
import { type Resolved, resolveTree } from '../input/resolve.js';
import { breakEvenText, floorText, questionText, sizesText, strategyTable } from '../output/answer-text.js';
import { guestText, verdictText } from '../output/verdict-text.js';
import { type Answer, answered, type Judgement, judge, studied } from '../study/answer/answer.js';
import { NO_BREAK_EVEN } from '../study/answer/break-even.js';
import { isDeterministic, strategyTitle } from '../study/run.js';
import { doubtful } from './doubtful.js';
import { type Asked, captured, type Shown, type SizePoint, type Told } from './protocol.js';
import { type Situation, toSettings } from './situation.js';

type Tell = (told: Told) => void;
type Stage = Extract<Told, { readonly shown: Shown }>['kind'];

/** So many replications are shown at once, before the others are made. */
const FIRST_REPLICATIONS = 3;
/** Of the curve over sizes each point has so many. */
const CURVE_REPLICATIONS = 5;
/** Sizes of the curve as multiples of the disk. */
const TIMES = [1 / 64, 1 / 16, 1 / 4, 1 / 2, 1, 2, 4, 16];
const SIZE_MIN = 2 ** 20;
const SIZE_MAX = 2 ** 55;

const resolved = (situation: Situation): Promise<Resolved> =>
  resolveTree({}, toSettings(situation), { given: 'settings' });

const few = (whole: Resolved, replications: number): Resolved => ({
  ...whole,
  replications: Math.min(replications, whole.replications),
  replicationsAsked: true,
});

/** As an answer, of which nothing was searched for. */
const unsearched = (judgement: Judgement): Answer => ({
  ...judgement,
  limit_that_fits_ms: null,
  break_even: NO_BREAK_EVEN,
});

function shownOf(kind: Stage, told: Answer, notes: readonly string[]): Shown {
  const table = captured((draw) => strategyTable(told, draw));
  const texts = [
    verdictText(told, sizesText(told.question).sizes),
    guestText(told),
    kind === 'answer' ? breakEvenText(told) : '',
    floorText(told),
  ];
  const sentences = texts.filter((text) => text !== '');
  return { answer: told, question: questionText(told), sentences, notes, table };
}

function sizePoint(diskBytes: number, whole: Resolved): SizePoint {
  const { strategies } = judge(few(whole, CURVE_REPLICATIONS));
  return {
    diskBytes,
    strategies: strategies.map((each) => ({
      strategy: each.strategy,
      variant: each.variant,
      name: strategyTitle(each),
      downtimeMs: each.state === 'completed' ? each.downtime_ms.mean : null,
    })),
  };
}

/** Sizes that qcow2 cannot have with these bitmaps are left out. */
async function curve(id: number, situation: Situation, diskBytes: number, tell: Tell): Promise<void> {
  for (const times of TIMES) {
    const size = Math.round(diskBytes * times);
    if (size < SIZE_MIN || size > SIZE_MAX) continue;
    const whole = await resolved({ ...situation, 'disk.size': String(size) }).catch(() => undefined);
    if (whole !== undefined) tell({ id, kind: 'size', point: sizePoint(size, whole) });
  }
}

async function told({ id, situation }: Asked, tell: Tell): Promise<void> {
  const began = performance.now();
  const whole = await resolved(situation);
  const show = (kind: Stage, found: Answer): void =>
    tell({ id, kind, shown: shownOf(kind, found, whole.notes), elapsedMs: performance.now() - began });
  if (!isDeterministic(whole.scenario) && !whole.replicationsAsked)
    show('soon', unsearched(judge(few(whole, FIRST_REPLICATIONS))));
  let replications = 0;
  const found = studied(whole, () => tell({ id, kind: 'progress', replications: ++replications }));
  show('judged', unsearched(found.judgement));
  show('answer', answered(found));
  // Disks that differ have no one size.
  if (situation.disks === undefined) await curve(id, situation, Number(whole.question.disk_bytes), tell);
  tell({ id, kind: 'done' });
}

/** How sure the answer is, which takes seconds. */
async function doubted({ id, situation }: Asked, tell: Tell): Promise<void> {
  const whole = await resolved(situation);
  const stated = unsearched(studied(whole).judgement);
  const doubt = await doubtful(whole, stated, (settings) =>
    resolveTree({}, { ...toSettings(situation), ...settings }, { given: 'settings' }),
  );
  tell({ id, kind: 'doubt', doubt });
}

/** Answers; what is wrong with the situation is told in one line. */
export async function answering(asked: Asked, tell: Tell): Promise<void> {
  try {
    await (asked.doubt ? doubted(asked, tell) : told(asked, tell));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    tell({ id: asked.id, kind: 'error', text: error.message });
  }
}
