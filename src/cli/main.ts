#!/usr/bin/env node
/** The program `stopgap`: the command line, and the end of the process. */
import { hideBin } from 'yargs/helpers';
import { collectGarbage } from './collect-garbage.js';
import { commandLine } from './command-line.js';
import { EXIT } from './exit.js';
import { complain } from './stderr.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  complain(`stdout: ${error.message}`);
  process.exit(EXIT.badInput);
});

void commandLine(hideBin(process.argv)).then(collectGarbage);
