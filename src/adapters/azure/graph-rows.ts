import { ResourceGraphClient } from '@azure/arm-resourcegraph'
import { z } from 'zod'
import { type ClientOptions, onceMoreOptions } from './client-options.ts'

const ROWS_A_PAGE = 1000
const PAGES_MAX = 100

/** Resource Graph did not answer with all that was asked for: what is missing can't be told from what is not there. */
export class GraphAnswerPartial extends Error {
  override readonly name = 'GraphAnswerPartial'
}

/** Rows that are not as they are known: what they say can't be told. */
export class GraphRowsUnread extends Error {
  override readonly name = 'GraphRowsUnread'
}

/** Asks Resource Graph for every row of a query over some subscriptions. Throws where that is not all of them. */
export type AskGraph = (subscriptions: readonly string[], query: string) => Promise<readonly unknown[]>

/** A query has to project `id`, without which Resource Graph hands out no further pages. */
export function createGraph(options: ClientOptions): AskGraph {
  const client = new ResourceGraphClient(options.credential, onceMoreOptions(options))
  return async (subscriptions, query) => {
    const rows: unknown[] = []
    let skipToken: string | undefined
    for (let page = 1; page <= PAGES_MAX; page += 1) {
      const answer = await client.resources({
        subscriptions: [...subscriptions],
        query,
        options: { resultFormat: 'objectArray', top: ROWS_A_PAGE, ...(skipToken ? { skipToken } : {}) },
      })
      if (!Array.isArray(answer.data)) throw new GraphAnswerPartial('Resource Graph answered without rows')
      rows.push(...answer.data)
      skipToken = answer.skipToken
      if (skipToken) continue
      if (answer.resultTruncated === 'true' || rows.length !== answer.totalRecords)
        throw new GraphAnswerPartial(
          `Resource Graph answered with ${rows.length} rows of ${answer.totalRecords}; asked: ${query}`,
        )
      return rows
    }
    throw new GraphAnswerPartial(
      `Resource Graph has more than ${PAGES_MAX * ROWS_A_PAGE} rows; asked: ${query}`,
    )
  }
}

/** Reads the rows of a table; one that is not as it is known makes all of them unread. */
export function readRows<T>(table: string, row: z.ZodType<T>, rows: readonly unknown[]): T[] {
  const parsed = z.array(row).safeParse(rows)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') ?? ''
  throw new GraphRowsUnread(
    `${table} of Resource Graph has a row that is not known, at ${where}: ${issue?.message}`,
  )
}
