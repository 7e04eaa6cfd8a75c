/** The program of the page, and of its worker: in a page it shows, in a worker it answers. */
import { answering } from './answering.js';
import type { Asked } from './protocol.js';
import { show } from './show.js';

if (typeof document === 'undefined')
  self.addEventListener('message', ({ data }: MessageEvent<Asked>) => {
    void answering(data, (told) => self.postMessage(told));
  });
else show(document.currentScript?.textContent ?? '');
