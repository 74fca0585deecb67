import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { type RegionName, type ReplicaId, replicaId, StampId } from '../../../src/domain/ids.ts'
import type { Residue } from '../../../src/ports/traffic.ts'
import type { WireAnswer } from './azure-client.ts'

/** Stands in a mapping for the operator's own KQL. */
export const RESIDUE_QUERY = 'RestampResidue'

export interface ResidueAsked {
  readonly replica: ReplicaId
  readonly region: RegionName
  readonly stamp: StampId
}

/**
 * A workspace whose residue query answers from a function, as the query service does: one row by position, datetimes and whole
 * numbers as text, a `dynamic` as the text of its JSON. What comes later than `lateMs` ago is not in the logs yet.
 */
export function residueServer(given: {
  readonly residue: (asked: ResidueAsked) => Promise<Residue>
  readonly nowMs: () => number
  readonly lateMs?: number
}) {
  const queries: string[] = []
  return {
    queries,
    async answer(request: PipelineRequest): Promise<WireAnswer> {
      const { query } = JSON.parse(String(request.body))
      queries.push(query)
      if (!query.endsWith(RESIDUE_QUERY))
        return { status: 400, body: { error: { code: 'BadArgumentError', message: 'unknown table' } } }
      const name = (of: string) => JSON.parse(query.match(`let ${of} = (".*?");\n`)?.[1] ?? '""')
      const region = name('askedRegion')
      const replica = replicaId(name('askedRegistry'), region)
      const found = await given.residue({ replica, region, stamp: StampId.parse(name('askedStamp')) })
      const until = given.nowMs() - (given.lateMs ?? 0)
      return answerOf({ ...found, knownUntilMs: until })
    },
  }
}

function answerOf({
  lastRequestAtMs,
  inFlight,
  openUploads,
  stragglers,
  knownUntilMs = 0,
}: Residue): WireAnswer {
  const table = {
    name: 'PrimaryResult',
    columns: [
      { name: 'stragglers', type: 'dynamic' },
      { name: 'inFlight', type: 'long' },
      { name: 'openUploads', type: 'long' },
      { name: 'lastRequest', type: 'datetime' },
      { name: 'logsUntil', type: 'datetime' },
    ],
    rows: [
      [
        JSON.stringify(stragglers),
        String(inFlight),
        String(openUploads),
        lastRequestAtMs === null ? null : new Date(lastRequestAtMs).toISOString(),
        new Date(knownUntilMs).toISOString(),
      ],
    ],
  }
  return { status: 200, body: { tables: [table] } }
}
