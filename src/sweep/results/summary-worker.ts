/** The entry of a worker thread that summarises rows. */
import { SUMMARY } from './summary-file.js';

export default SUMMARY.here;
