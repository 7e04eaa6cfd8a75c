import { hold } from '../hold.mjs';

export const benchmark = hold('hold-1e3', 1000);
