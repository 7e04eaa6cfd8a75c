/** A whole number of nanoseconds since the run began; exact in a double for 104 days. */
export type TimeNs = number;
