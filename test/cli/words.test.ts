import { expect, test } from 'vitest'
import { CliError } from '../../src/cli/cli-error.ts'
import { failureOf } from '../../src/cli/failure.ts'
import { change, duration, moment, percent } from '../../src/cli/figures.ts'
import { countMoves } from '../../src/cli/show-report.ts'
import { table } from '../../src/cli/table.ts'
import { MoveRecord } from '../../src/domain/run.ts'

test('durations are said in their two largest units', () => {
  const minute = 60_000
  expect([450, 59_000, minute, 90 * minute, 26 * 60 * minute, 14 * 24 * 60 * minute].map(duration)).toEqual([
    '0.5 s',
    '59 s',
    '1 min',
    '1 h 30 min',
    '1 d 2 h',
    '14 d',
  ])
})

test('a missing figure is never shown as zero, and a change that rounds to nothing is flat', () => {
  expect([percent(null), percent(0), percent(43.04)]).toEqual(['no data', '0.0 %', '43.0 %'])
  expect([change(null, '%'), change(-0.04, '%'), change(-33.7, '%'), change(2, 'points')]).toEqual([
    'no data',
    'flat',
    '-33.7 %',
    '+2.0 points',
  ])
  expect(moment(Date.UTC(2026, 2, 1, 8, 5))).toBe('2026-03-01 08:05Z')
})

test('a table sets figures right and has no blanks at the ends of lines', () => {
  expect(
    table(
      ['stamp', '>P95'],
      [
        ['weu-a', '43.0 %'],
        ['b', '5 %'],
      ],
    ),
  ).toBe('  stamp     P95\n  -----  ------\n  weu-a  43.0 %\n  b         5 %\n')
})

const aMove = (replica: string, rebinds: number, kind: 'done' | 'failed' = 'done') =>
  MoveRecord.parse({
    planId: 'plan-1',
    replica,
    gate: 'tail-1',
    from: 'a',
    to: 'b',
    direction: 'forward',
    key: replica,
    steps: Array.from({ length: rebinds }, () => ({ step: 'rebind', kind: 'done', atMs: 1, detail: '' })),
    outcome: kind === 'done' ? { kind, atMs: 2 } : { kind, atMs: 2, reason: 'no' },
  })

test('moves are counted by what really happened, and a repeat is named', () => {
  const moves = [
    aMove('r1@x', 1),
    aMove('r2@x', 2),
    aMove('r3@x', 1, 'failed'),
    aMove('r4@x', 1),
    aMove('r4@x', 1),
  ]
  expect(countMoves({ moves })).toEqual({ moved: 3, once: 1, repeated: ['r2@x', 'r4@x'] })
})

test('every kind of failure has its sentence and its exit code', () => {
  const named = (name: string) => Object.assign(new Error('fleet.json: regions[0] is odd'), { name })
  expect(failureOf(new CliError('no', 1))).toEqual({ words: 'no', exitCode: 1 })
  expect(failureOf(named('FileRefused'))).toEqual({ words: 'fleet.json: regions[0] is odd', exitCode: 2 })
  expect(failureOf(named('HubRefused')).exitCode).toBe(3)
  expect(failureOf(Object.assign(new Error('listen'), { code: 'EADDRINUSE', port: 7280 }))).toEqual({
    words: 'port 7280: the port is in use by another process; choose another with --port, or 0 for any',
    exitCode: 3,
  })
  expect(failureOf(new Error('what?'))).toEqual({
    words: 'what? (unexpected; RESTAMP_DEBUG=1 shows where)',
    exitCode: 3,
  })
})
