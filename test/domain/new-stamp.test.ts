import { expect, test } from 'vitest'
import { sealPlan } from '../../src/domain/canonical.ts'
import { StampId } from '../../src/domain/ids.ts'
import { resourcesOf } from '../../src/domain/leases.ts'
import { withNamedStamp } from '../../src/domain/new-stamp.ts'
import { withIdleBefore } from '../../src/domain/newborn.ts'
import { batchesOf, type PlanBody } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { orchestrationOf } from '../../src/messages/outline.ts'
import { aContext, aRegion, wave } from './a-region.ts'
import { asSamples, EIGHT, MINUTE_MS } from './cpu-samples.ts'

const stamp = StampId.parse('isolated-contoso')

/** A customer with two talkers and five idle registries on one shared stamp, and nowhere to go. */
function isolationOnto(stamps: Parameters<typeof aRegion>[0]['stamps']): PlanBody {
  const contoso = { customer: 'contoso', stamp: 'weu-a' }
  const registries = [
    { ...contoso, name: 'con1', cores: wave(6, 0.1, 0.3) },
    { ...contoso, name: 'con2', cores: wave(4, 0.2, 0.3) },
    ...[1, 2, 3, 4, 5].map((at) => ({ ...contoso, name: `idle${at}`, cores: 0, idle: true })),
    { name: 'fab', stamp: 'weu-a', cores: 1 },
  ]
  return makePlan(aRegion({ stamps, registries }), { customer: 'contoso' }, aContext())
}
const sized = () => isolationOnto([{ id: 'weu-a' }])

test('the stamp to be made has its name in every move and reverse, so that the digest holds it', () => {
  const body = withNamedStamp(sized(), stamp)
  expect(body.verdict).toBe('isolate')
  expect(body.moves.every(({ to, why }) => to === stamp && why.includes(`${stamp} is predicted`))).toBe(true)
  expect(body.reverses.every(({ from, to }) => from === stamp && to === 'weu-a')).toBe(true)
  expect(JSON.stringify(body)).not.toContain('"new"')
  expect(body.isolation).toMatchObject({ stamp, pools: [{ like: 'weu-a' }, { like: 'weu-a' }] })
  expect(resourcesOf(sealPlan(body))).toContain(`stamp/${stamp}/registry`)
  expect(orchestrationOf(body)).toBe('isolate')
})

test('making it is the first batch with a gate of its own, three canaries are the second', () => {
  const batches = batchesOf(withNamedStamp(sized(), stamp))
  expect(batches.map(({ gate, moves }) => [gate, moves.length])).toEqual([
    ['provision-1', 0],
    ['tail-1', 3],
    ['tail-2', 2],
    ['top-1', 1],
    ['top-2', 1],
  ])
})

test('a plan that makes no stamp stays as it is', () => {
  const body = isolationOnto([{ id: 'weu-a' }, { id: 'weu-i', kind: 'isolated' }])
  expect(body.moves.every(({ to }) => to === 'weu-i')).toBe(true)
  expect(withNamedStamp(body, stamp)).toBe(body)
  expect(orchestrationOf(body)).toBe('rebalance')
})

test('before its first sample a stamp that was made showed what it shows idle; one that was there is not filled', () => {
  const rows = [0, 1].flatMap((minute) =>
    ['n0', 'n1'].map((node) => ({ node, cpu: 2 + minute, atMs: EIGHT + minute * MINUTE_MS })),
  )
  const filled = withIdleBefore(asSamples(rows), EIGHT - 3 * MINUTE_MS, MINUTE_MS)
  expect([...filled.timesMs].slice(0, 6).map((atMs) => (atMs - EIGHT) / MINUTE_MS)).toEqual([
    -3, -3, -2, -2, -1, -1,
  ])
  expect([...filled.cpuPercent].slice(0, 6)).toEqual([2.5, 2.5, 2.5, 2.5, 2.5, 2.5])
  expect([...filled.cpuPercent].slice(6)).toEqual([2, 2, 3, 3])
  const known = asSamples(rows)
  expect(withIdleBefore(known, EIGHT, MINUTE_MS)).toBe(known)
  expect(withIdleBefore(asSamples([]), EIGHT, MINUTE_MS).timesMs).toHaveLength(0)
})
