import { type LogsQueryResult, LogsQueryResultStatus, type LogsTable } from '@azure/monitor-query-logs'

/** The service cuts an answer off at so many rows, with or without a word. */
const ROWS_MAX = 500_000

/** A query whose answer lacks a column that it must give: the operator's KQL needs a change. */
export class ColumnMissing extends Error {
  override readonly name = 'ColumnMissing'
}

/** The table of an answer that is whole; `incomplete` says why what came isn't all that there is. */
export type WholeTable =
  | { readonly kind: 'whole'; readonly table: LogsTable }
  | { readonly kind: 'incomplete'; readonly why: string }

/** A partial result is no result: what is missing from it can't be told from what did not happen. */
export function wholeTable(result: LogsQueryResult): WholeTable {
  if (result.status === LogsQueryResultStatus.PartialFailure) {
    const { code, message } = result.partialError
    return { kind: 'incomplete', why: `the answer is partial: ${code}, ${message}` }
  }
  const [table, ...more] = result.tables
  if (!table || more.length > 0)
    return { kind: 'incomplete', why: `the answer has ${result.tables.length} tables, not one` }
  if (table.rows.length >= ROWS_MAX)
    return { kind: 'incomplete', why: `the answer was cut off at ${ROWS_MAX} rows` }
  return { kind: 'whole', table }
}

type Cell = LogsTable['rows'][number][number]

/** Finds a column's place by its name: rows are positional, and their order is the query's. Throws `ColumnMissing`. */
export function placesIn({ columnDescriptors }: LogsTable, query: string): (name: string) => number {
  const names = columnDescriptors.map(({ name }) => name)
  return (name) => {
    const place = names.indexOf(name)
    if (place >= 0) return place
    throw new ColumnMissing(`${query} gives the columns ${names.join(', ') || 'none'}; expected ${name} too`)
  }
}

/** Epoch ms of a datetime cell; NaN where it is none. */
export function instantOf(cell: Cell | null | undefined): number {
  return cell instanceof Date ? cell.getTime() : typeof cell === 'string' ? Date.parse(cell) : Number.NaN
}

/** A number from 0 up, which some tables send as text; NaN where it is none. */
export function amountOf(cell: Cell | null | undefined): number {
  const value = typeof cell === 'string' && cell.trim() !== '' ? Number(cell) : cell
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : Number.NaN
}

/** A KQL string literal; nothing in the text can end it. */
export function literal(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
}

export function datetime(atMs: number): string {
  return `datetime(${new Date(atMs).toISOString()})`
}
