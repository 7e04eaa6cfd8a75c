/** How often the figures in doubt are drawn: enough for an interval of 95 %, since one draw in 32 lies beyond it. */
export const DRAWS = 32;
