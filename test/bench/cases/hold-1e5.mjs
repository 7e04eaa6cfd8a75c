import { hold } from '../hold.mjs';

export const benchmark = hold('hold-1e5', 100_000);
