import { expect, test } from 'vitest'
import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { AuditedRecords } from '../../src/audit/audited-records.ts'
import { AuditTrail } from '../../src/audit/trail.ts'
import type { Anchors } from '../../src/ports/anchors.ts'
import type { Records } from '../../src/ports/records.ts'
import { aMove, PLAN_ID, someControls } from '../domain/a-run.ts'
import { aFact, CHAIN } from '../domain/an-audit.ts'

const HOUR_MS = 3_600_000

function opened(anchors: Anchors = new SqliteAnchors(':memory:')) {
  const records = new SqliteRecords(':memory:')
  const time = { nowMs: HOUR_MS }
  const clock = { nowMs: () => time.nowMs }
  /** Another process over the same records has a trail of its own. */
  const another = () => new AuditTrail({ records, anchors, clock })
  const trail = another()
  return { records, anchors, time, clock, another, trail, audited: new AuditedRecords(records, trail) }
}

const decision = (gate: string, by = 'amira') => ({
  id: `${PLAN_ID}/${gate}/001`,
  planId: PLAN_ID,
  digest: 'a'.repeat(64),
  gates: [gate],
  answer: 'approve' as const,
  by,
  reason: 'looked at it',
  atMs: 10,
  expiresAtMs: null,
})

test('writers in several processes at once make one chain, each fact in it exactly once', async () => {
  const { another, trail } = opened()
  const trails = [trail, another(), another()]
  const all = Array.from({ length: 20 }, (_, at) => aFact(`fact-${at}`))
  await Promise.all(
    trails.flatMap((each, at) => all.map((fact) => each.tell(CHAIN, at === 1 ? [fact, fact] : [fact]))),
  )
  const entries = await trail.entries(CHAIN, 0)
  expect(entries.map(({ number }) => number)).toEqual(all.map((_, at) => at + 1))
  expect(new Set(entries.map(({ key }) => key)).size).toBe(all.length)
})

test('a decision, an order that is lifted again and each step of a move are told, with who, why and what was read back', async () => {
  const { audited, trail, anchors } = opened()
  const step = { step: 'rebind', kind: 'done', atMs: 30, detail: 'weu-c, epoch 2' } as const
  await audited.create('decisions', decision('tail-1').id, decision('tail-1'))
  await audited.create('controls', PLAN_ID, someControls())
  const order = { by: 'kim', reason: 'a release', atMs: 20 }
  for (const controls of [
    someControls({ hold: order }),
    someControls({ resumed: { ...order, reason: 'it is out', atMs: 25 } }),
  ]) {
    const etag = (await audited.read('controls', PLAN_ID))?.etag ?? ''
    expect(await audited.replace('controls', PLAN_ID, controls, etag)).toBe('replaced')
  }
  const move = aMove('a', [step])
  await audited.create('moves', move.key, move)
  expect(await trail.entries(CHAIN, 0)).toMatchObject([
    { kind: 'decision', who: 'amira', what: expect.stringContaining('approve tail-1'), why: 'looked at it' },
    { kind: 'control', who: 'kim', what: 'ordered: hold', why: 'a release' },
    { kind: 'control', who: 'kim', what: 'ordered: resume', why: 'it is out' },
    { kind: 'effect', who: 'restamp', before: 'weu-a', after: 'weu-c', evidence: 'weu-c, epoch 2' },
  ])
  expect(await trail.verify(CHAIN)).toMatchObject({ kind: 'intact', entries: 4, onTheWay: 0 })
  expect((await anchors.list(CHAIN)).map(({ number }) => number)).toEqual([1, 2, 3])
})

test('a repeat of a write tells nothing twice', async () => {
  const { audited, trail } = opened()
  const value = decision('tail-1')
  await audited.create('decisions', value.id, value)
  expect(await audited.create('decisions', value.id, value)).toBe('exists')
  await trail.tell(CHAIN, [])
  expect(await trail.entries(CHAIN, 0)).toHaveLength(1)
})

test('what a killed writer left untold is told later, and says that it was found', async () => {
  const { records, another, time, trail } = opened()
  const value = decision('tail-1')
  await records.create('decisions', value.id, value)
  await another().anchor(CHAIN)
  expect(await trail.entries(CHAIN, 0)).toMatchObject([{ key: 'decisions/tail-1/001', foundBy: 'sweep' }])
  expect(await trail.verify(CHAIN)).toMatchObject({ kind: 'intact', anchoredTo: 1 })

  await trail.tell(CHAIN, [])
  await records.create('decisions', decision('medium-1').id, decision('medium-1'))
  await trail.tell(CHAIN, [])
  expect(await trail.entries(CHAIN, 0)).toHaveLength(1)
  time.nowMs += 13 * HOUR_MS
  await trail.tell(CHAIN, [])
  expect(await trail.entries(CHAIN, 0)).toHaveLength(2)
})

test('a record is written and told even while the anchors cannot be reached', async () => {
  const kept = new SqliteAnchors(':memory:')
  const down = { keep: () => Promise.reject(new Error('no network')), list: async () => [] }
  const { records, trail } = opened(down)
  const failures: unknown[] = []
  const audited = new AuditedRecords(records, trail, (error) => failures.push(error))
  expect(await audited.create('decisions', decision('tail-1').id, decision('tail-1'))).toBe('created')
  expect(failures).toHaveLength(1)
  expect(await trail.entries(CHAIN, 0)).toHaveLength(1)
  expect(await kept.list(CHAIN)).toEqual([])
})

test('a hold whose writer was killed is told before the resume that takes it off the record', async () => {
  const { records, audited, trail, time } = opened()
  await records.create('controls', PLAN_ID, someControls())
  const etagOf = async () => (await records.read('controls', PLAN_ID))?.etag ?? ''
  const hold = { by: 'kim', reason: 'a release', atMs: time.nowMs }
  await records.replace('controls', PLAN_ID, someControls({ hold }), await etagOf())

  const resumed = { by: 'lee', reason: 'it is out', atMs: time.nowMs + 1 }
  await audited.replace('controls', PLAN_ID, someControls({ resumed }), await etagOf())
  expect((await trail.entries(CHAIN, 0)).map(({ who, after }) => [who, after])).toEqual([
    ['kim', 'hold'],
    ['lee', 'resume'],
  ])
})

test('what could not be told at first is told at the next chance, and once', async () => {
  const { records, anchors, time, clock } = opened()
  const store = { broken: true }
  const failing: Records = {
    read: (collection, id) => records.read(collection, id),
    list: (collection, query) => records.list(collection, query),
    create: async (collection, id, value) => {
      if (store.broken && collection === 'audit') throw new Error('the store is busy')
      return records.create(collection, id, value)
    },
    replace: (collection, id, value, etag) => records.replace(collection, id, value, etag),
  }
  const trail = new AuditTrail({ records: failing, anchors, clock })
  const audited = new AuditedRecords(failing, trail)
  await audited.create('decisions', decision('tail-1').id, decision('tail-1'))
  expect(await trail.entries(CHAIN, 0)).toEqual([])
  store.broken = false
  time.nowMs += 120_000
  await trail.anchor(CHAIN)
  await trail.anchor(CHAIN)
  expect(await trail.entries(CHAIN, 0)).toMatchObject([{ key: 'decisions/tail-1/001', foundBy: 'sweep' }])
})

test('a chain that was cut off and written anew by the app is refused by its anchors', async () => {
  const { trail, anchors } = opened()
  await trail.tell(CHAIN, [aFact('fact-1'), aFact('fact-2')])
  await trail.anchor(CHAIN)
  const { trail: forged } = opened(anchors)
  await forged.tell(CHAIN, [aFact('fact-1', { who: 'mallory' }), aFact('fact-2')])
  await expect(forged.anchor(CHAIN)).rejects.toThrow('entry 2 of plan-1a2b3c4d is anchored with another hash')
  expect(await forged.verify(CHAIN)).toMatchObject({ kind: 'broken', number: 1 })
})
