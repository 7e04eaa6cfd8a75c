/** The program of the page, and of its worker: in a page it shows, in a worker it answers. */
import { answering } from './answering.js';
import { byId } from './dom.js';
import type { Asked, Results } from './protocol.js';
import { showResults } from './results.js';
import { show } from './show.js';

if (typeof document === 'undefined')
  self.addEventListener('message', ({ data }: MessageEvent<Asked>) => {
    void answering(data, (told) => self.postMessage(told));
  });
else start(document.currentScript?.textContent ?? '');

/** The results that `explore --results` put in, or the form. */
function start(script: string): void {
  const results = JSON.parse(byId('results').textContent ?? 'null') as Results | null;
  if (results === null) show(script);
  else showResults(results);
}
