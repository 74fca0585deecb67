/** Nodes report late and logs come in late, some of them later than others: a younger minute would show too little. */
export const LATE_MS = 5 * 60_000
