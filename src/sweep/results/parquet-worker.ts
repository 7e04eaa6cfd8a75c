/** The entry of a worker thread that writes Parquet. */
import { PARQUET } from './parquet-file.js';

export default PARQUET.here;
