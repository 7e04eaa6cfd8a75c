/** A progress bar on stderr, only on a terminal and only for work that lasts long enough to be noticed. */
const NOTICEABLE_MS = 400;

type Tick = (done: number, of: number) => void;

/** Runs the work; its ticks move the bar. The bar's library is loaded only if a bar is shown. */
export async function withProgress<T>(what: string, work: (tick: Tick) => T | Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work(() => {});
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  const startedMs = Date.now();
  let bar: InstanceType<typeof SingleBar> | undefined;
  try {
    return await work((done, of) => {
      if (!bar && Date.now() - startedMs < NOTICEABLE_MS) return;
      if (!bar) {
        bar = new SingleBar(
          {
            format: `${what} {bar} {value}/{total} {eta_formatted}`,
            stream: process.stderr,
            clearOnComplete: true,
            // Nothing of the terminal is changed, so nothing need be restored where a signal ends the run.
            linewrap: true,
          },
          Presets.shades_classic,
        );
        bar.start(of, done);
      } else bar.update(done);
    });
  } finally {
    bar?.stop();
  }
}
