// Brings docs/validation.md and its figures in line with the rows in results/validation/.
import { fileURLToPath } from 'node:url';
import { refreshValidation } from '../dist/output/validation/refresh.js';

await refreshValidation(fileURLToPath(new URL('../', import.meta.url)));
