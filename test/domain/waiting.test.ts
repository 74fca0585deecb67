import { expect, test } from 'vitest'
import { hasEnded } from '../../src/domain/run.ts'
import { WaitingFor, WaitingKind, waitingFor } from '../../src/domain/waiting.ts'
import { waitingOf } from '../../src/domain/waiting-of.ts'
import { aMove, aRun, EVERY_STATUS, EVERY_WAIT, planRecords, someControls } from './a-run.ts'

const order = { by: 'kim', reason: 'a release goes out', atMs: 2_000 }
const done = (step: 'prepare' | 'rebind' | 'route' | 'drain', atMs: number) =>
  ({ step, kind: 'done', atMs, detail: '' }) as const

test.each(WaitingKind.options)(
  'a wait of the kind %s says everything that a person asks about it',
  (kind) => {
    const facts = EVERY_WAIT[kind]
    const waiting = WaitingFor.parse(waitingFor(facts))
    expect(waiting).toMatchObject({ kind, sinceMs: facts.sinceMs })
    for (const words of [waiting.what, waiting.who, waiting.atDeadline]) expect(words).not.toBe('')
    expect(waiting.next.length).toBeGreaterThan(0)
    for (const command of waiting.next)
      expect(command).toMatch(new RegExp(`^restamp (switch$|.* ${facts.planId})`))
    expect(waiting.untilMs).toBe('untilMs' in facts ? facts.untilMs : null)
  },
)

test.each(Object.values(EVERY_STATUS))(
  'a run that is $kind waits for something unless it has ended',
  (status) => {
    const waiting = waitingOf(planRecords({ run: aRun(status) }))
    if (hasEnded(status)) expect(waiting).toBeNull()
    else expect(WaitingFor.parse(waiting).next.length).toBeGreaterThan(0)
  },
)

test('a plan that was not started waits for its rehearsal, then for somebody to start it, and never after a failure', () => {
  const kinds = (['running', 'passed', 'failed'] as const).map(
    (status) => waitingOf(planRecords({ rehearsal: { status, atMs: 1 } }))?.kind,
  )
  expect(kinds).toEqual(['rehearsal', 'start', undefined])
})

test('moves that are under way wait for traffic to leave, with the last deadline, before anything else', () => {
  const moving = aRun(EVERY_STATUS.moving)
  const steps = [done('prepare', 10), done('rebind', 20), done('route', 30)]
  const draining = [aMove('a', steps), aMove('b', [...steps.slice(0, 2), done('route', 90)])]
  const preparing = aMove('c', [{ step: 'prepare', kind: 'intent', atMs: 5, detail: '' }])
  const over = aMove('d', [...steps, done('drain', 60)], { outcome: { kind: 'done', atMs: 70 } })
  const wait = (moves: Parameters<typeof planRecords>[0]) => waitingOf(planRecords({ run: moving, ...moves }))
  expect(wait({ moves: [...draining, preparing, over] })).toMatchObject({
    kind: 'drain',
    sinceMs: 30,
    untilMs: 90 + 3_600_000,
    what: expect.stringMatching(/ of a@weu, b@weu$/),
  })
  expect(wait({ moves: [preparing, over] })).toMatchObject({ kind: 'nodes', sinceMs: 5 })
  const cold = { ...preparing, waits: { atMs: 7, detail: 'the cache of weu-c is 40 % warm' } }
  expect(wait({ moves: [cold] })?.what).toMatch(/before c@weu move there; the cache of weu-c is 40 % warm$/)
  expect(wait({ moves: [over] })).toMatchObject({ kind: 'step' })
})

test('a stop that is on record and not yet carried out says what it waits for', () => {
  const moves = [aMove('a', [done('route', 30)])]
  for (const name of ['hold', 'rollback', 'abort'] as const) {
    const controls = someControls({ [name]: order })
    const waiting = waitingOf(planRecords({ run: aRun(EVERY_STATUS.moving), controls, moves }))
    expect(waiting?.what).toMatch(new RegExp(`^the ${name} of kim waits for this: .*last requests`))
  }
  const held = waitingOf(
    planRecords({ run: aRun(EVERY_STATUS.held), controls: someControls({ hold: order }) }),
  )
  expect(held?.what).toMatch(/^the run is held/)
})

test('moves that a freeze stops wait for whoever lifts it, and the way to lift each switch is named first', () => {
  const turn = { by: 'kim', reason: 'an incident', atMs: 7 }
  const switches = [
    { ...turn, scope: '*', setting: 'freeze' },
    { ...turn, scope: 'weu', setting: 'noNewMoves' },
  ] as const
  const moves = [aMove('a', [done('route', 30)])]
  for (const status of [EVERY_STATUS.moving, EVERY_STATUS.reversing]) {
    const waiting = waitingOf(planRecords({ run: aRun(status), switches, moves }))
    expect(waiting).toMatchObject({ kind: 'frozen', sinceMs: 7, person: true, untilMs: null })
    expect(waiting?.next.slice(0, 2)).toEqual([
      'restamp switch off --reason "..."',
      'restamp switch off --region weu --reason "..."',
    ])
  }
  const onlyNew = waitingOf(
    planRecords({ run: aRun(EVERY_STATUS.moving), switches: switches.slice(1), moves }),
  )
  expect(onlyNew?.kind).toBe('drain')
  const blocked = { ...EVERY_STATUS.blocked, rule: 'switch' }
  expect(waitingOf(planRecords({ run: aRun(blocked), switches }))?.next[0]).toMatch(/^restamp switch off/)
})

test('a gate that takes two says how many are there and who may not answer it', () => {
  const run = aRun(EVERY_STATUS.awaitingApproval)
  const waiting = waitingOf(planRecords({ run, approvedBy: ['amira'], approversNeeded: 2 }))
  expect(waiting?.what).toContain('1 of 2 approvals are there (amira)')
  expect(waiting?.who).toBe('an approver other than olga, amira')
})
