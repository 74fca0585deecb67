import { LogsQueryClient } from '@azure/monitor-query-logs'
import { describe, expect, it, test } from 'vitest'
import { createLogsResidue, RESIDUE_COLUMNS } from '../../../src/adapters/azure/logs-residue.ts'
import { replicaId, StampId } from '../../../src/domain/ids.ts'
import type { Residue } from '../../../src/ports/traffic.ts'
import { anyCredential, type WireAnswer, wire } from './azure-client.ts'
import { anAzureMap } from './azure-region.ts'
import { residueServer } from './residue-server.ts'

const nowMs = Date.UTC(2026, 10, 1)
const MINUTE_MS = 60_000
const replica = replicaId('contoso', 'weu')
const stamp = StampId.parse('weu-a')
const busy: Residue = {
  ...{ lastRequestAtMs: nowMs - 7 * MINUTE_MS, inFlight: 2, openUploads: 1 },
  stragglers: [
    { kind: 'upload', id: 'upload-7' },
    { kind: 'client', id: '10.0.0.1' },
  ],
}

const over = (answer: Parameters<typeof wire>[0], map = anAzureMap('weu', ['weu-a'])) =>
  createLogsResidue({
    map,
    client: new LogsQueryClient(anyCredential, { httpClient: wire(answer), retryOptions: { maxRetries: 0 } }),
    clock: { nowMs: () => nowMs },
  })
const served = (residue: Residue, lateMs = 4 * MINUTE_MS) =>
  residueServer({ residue: async () => residue, nowMs: () => nowMs, lateMs })

/** One row of the columns, each with a value, but for what a test changes. */
function answered(change: Partial<Record<(typeof RESIDUE_COLUMNS)[number], unknown>>, rows = 1): WireAnswer {
  const cells = {
    ...{
      logsUntil: '2026-10-31T23:56:00Z',
      lastRequest: null,
      inFlight: 0,
      openUploads: '0',
      stragglers: '[]',
    },
    ...change,
  }
  const columns = Object.keys(cells).map((name) => ({
    name,
    type:
      name === 'stragglers'
        ? 'dynamic'
        : name === 'logsUntil' || name === 'lastRequest'
          ? 'datetime'
          : 'long',
  }))
  return {
    status: 200,
    body: { tables: [{ name: 'PrimaryResult', columns, rows: Array(rows).fill(Object.values(cells)) }] },
  }
}

describe('the residue', () => {
  test('is what the row says, known up to where the logs are complete', async () => {
    const server = served(busy)
    expect(await over(server.answer)(replica, stamp)).toEqual({
      ...busy,
      knownUntilMs: nowMs - 4 * MINUTE_MS,
    })
  })

  test('is asked for by names that no column hides, each a literal', async () => {
    const server = served(busy)
    await over(server.answer)(replica, stamp)
    expect(server.queries[0]?.split('\n')).toEqual([
      'let fromTime = datetime(2026-10-31T00:00:00.000Z);',
      'let toTime = datetime(2026-11-01T00:00:00.000Z);',
      'let askedRegistry = "contoso";',
      'let askedRegion = "weu";',
      'let askedStamp = "weu-a";',
      'RestampResidue',
    ])
  })

  test('of a stamp without a request is none since as long as is looked, and logs from the future are known to now', async () => {
    const answer = () => answered({ logsUntil: '2026-11-01T00:05:00Z', stragglers: null })
    expect(await over(answer)(replica, stamp)).toEqual({
      ...{ lastRequestAtMs: null, inFlight: 0, openUploads: 0, stragglers: [], knownUntilMs: nowMs },
    })
  })

  test('names each straggler once, and of many some', async () => {
    const many = [...Array(30).keys(), 0].map((id) => ({ kind: 'client', id: `c${id}` }))
    const { stragglers } = await over(() => answered({ stragglers: JSON.stringify(many) }))(replica, stamp)
    expect(stragglers).toHaveLength(20)
    expect(new Set(stragglers.map(({ id }) => id)).size).toBe(20)
  })
})

describe('an answer that does not tell is an error, never "nothing left"', () => {
  it.each(RESIDUE_COLUMNS)('a missing column %s is named', async (column) => {
    const { body } = answered({})
    const text = JSON.stringify(body).replace(`"name":"${column}"`, '"name":"other"')
    await expect(over(() => ({ status: 200, text }))(replica, stamp)).rejects.toMatchObject({
      name: 'ColumnMissing',
      message: expect.stringContaining(`expected ${column} too`),
    })
  })

  it.each(['logsUntil', 'inFlight', 'openUploads'] as const)('an absent %s is no zero', async (column) => {
    await expect(over(() => answered({ [column]: null }))(replica, stamp)).rejects.toMatchObject({
      name: 'ResidueUnknown',
      message: expect.stringContaining(`gives no ${column}`),
    })
  })

  it.each([
    ['a last request that is no time', { lastRequest: 'yesterday' }],
    ['a count below zero', { inFlight: -1 }],
    ['a count that is no number', { openUploads: 'some' }],
    ['stragglers that are no list', { stragglers: '{"id":"x"}' }],
    ['stragglers without a name', { stragglers: '[{"kind":"client","id":""}]' }],
  ])('%s', async (_name, change) => {
    await expect(over(() => answered(change))(replica, stamp)).rejects.toMatchObject({
      name: 'ResidueUnknown',
    })
  })

  it.each([0, 2])('%i rows', async (rows) => {
    await expect(over(() => answered({}, rows))(replica, stamp)).rejects.toThrow(
      `gives ${rows} rows; expected one`,
    )
  })

  test('a partial result, though its row looks quiet', async () => {
    const error = { code: 'PartialError', message: 'some errors' }
    const answer = () => ({ status: 200, body: { ...Object(answered({}).body), error } })
    await expect(over(answer)(replica, stamp)).rejects.toMatchObject({
      name: 'ResidueUnknown',
      message: expect.stringContaining('the answer is partial: PartialError'),
    })
  })

  test('a workspace that is throttled, gone for a while, closed to us, or asked in words that it does not know', async () => {
    const fails = (status: number, headers = {}) =>
      over(() => ({ status, headers, body: { error: { code: 'X', message: 'no' } } }))(replica, stamp)
    await expect(fails(429, { 'retry-after': '30' })).rejects.toMatchObject({
      name: 'AzureThrottled',
      message: expect.stringContaining('after 30 s'),
    })
    await expect(fails(504)).rejects.toMatchObject({ name: 'AzureUnavailable' })
    await expect(fails(403)).rejects.toThrow('Log Analytics Data Reader')
    await expect(fails(400)).rejects.toMatchObject({ name: 'AzureRefused' })
  })

  test('an answer that breaks off', async () => {
    const text = JSON.stringify(answered({}).body).slice(0, -20)
    await expect(over(() => ({ status: 200, text }))(replica, stamp)).rejects.toMatchObject({
      name: 'AzureUnavailable',
    })
  })

  test('a region that has no logs in the mapping', async () => {
    const elsewhere = replicaId('contoso', 'neu')
    await expect(over(() => answered({}))(elsewhere, stamp)).rejects.toThrow('neu has no logs in the mapping')
  })
})
