export type Severity = 'info' | 'warning' | 'error'
export type Fields = Readonly<Record<string, string | number | boolean>>

/** What operators read afterwards: fixed words, and what differs in fields. It never throws and never waits. */
export type Log = (severity: Severity, words: string, fields: Fields) => void
