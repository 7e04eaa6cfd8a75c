/** The progress bar of a sweep on stderr: replications, rate, time left. Shown on a terminal only. */

export interface SweepProgress {
  update(done: number, planned: number): void;
  stop(): void;
}

const REDRAW_MS = 200;

/** A bar, or nothing where stderr is not a terminal. */
export async function sweepProgress(): Promise<SweepProgress> {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const { SingleBar } = (await import('cli-progress')).default;
  const bar = new SingleBar({
    format: '{bar} {percentage}% {value}/{total} replications, {rate}/s, {left} left',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  });
  const startMs = performance.now();
  let drawnMs = 0;
  let first: number | undefined;
  bar.start(1, 0, { rate: '–', left: '–' });
  return {
    update: (done, planned) => {
      const nowMs = performance.now();
      // What was known from earlier sweeps is there at once and would flatter the rate.
      first ??= done;
      if (nowMs - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs;
      const perS = ((done - first) * 1000) / (nowMs - startMs);
      bar.setTotal(Math.max(1, planned));
      bar.update(done, {
        rate: perS >= 10 ? Math.round(perS) : perS.toFixed(1),
        left: timeLeft((planned - done) / perS),
      });
    },
    stop: () => bar.stop(),
  };
}

function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
