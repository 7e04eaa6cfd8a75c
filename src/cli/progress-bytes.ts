/** A progress bar over the bytes of files, on stderr, only where that is a terminal. */
import { stat } from 'node:fs/promises';

export interface ByteProgress {
  readonly advance: (bytes: number) => void;
  readonly stop: () => void;
}

/** Files that cannot be read count as empty here: the reader says what is wrong with them. */
export async function progressOf(paths: readonly string[]): Promise<ByteProgress> {
  if (!process.stderr.isTTY) return { advance: () => {}, stop: () => {} };
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(path)
        .then((entry) => entry.size)
        .catch(() => 0),
    ),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    format: 'reading {bar} {percentage} %  {eta_formatted} left',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    etaBuffer: 100,
  });
  bar.start(total, 0);
  let running = true;
  return {
    advance: (bytes) => bar.increment(bytes),
    stop: () => {
      if (running) bar.stop();
      running = false;
    },
  };
}
