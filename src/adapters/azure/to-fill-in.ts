const MARK = '? fill in'

/** Stands in a file where something could not be found out. No schema takes it, so that nothing runs on a guess. */
export function toFillIn(what: string): string {
  return `${MARK}: ${what}`
}

export function isToFillIn(text: string): boolean {
  return text.startsWith(MARK)
}
