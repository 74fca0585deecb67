import { afterEach, expect, test } from 'vitest'
import { LocalSpeed } from '../../src/adapters/local/local-speed.ts'
import { Me, Problem } from '../../src/messages/api.ts'
import { ClockView } from '../../src/messages/clock-api.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
afterEach(() => app.stop())

const me = async () => Me.parse((await app.ask('reader', 'GET', 'me')).body)

test('a simulated region tells how fast time passes, and whoever acts may change it', async () => {
  const speed = new LocalSpeed({ rate: 3_600 }, () => {})
  app = await startTestApp({ speed })
  expect((await me()).speed).toEqual({ rate: 3_600 })
  const answer = await app.ask('approver', 'POST', 'clock', { speed: 'skip' })
  expect([answer.status, ClockView.parse(answer.body).speed]).toEqual([200, 'skip'])
  expect([speed.now(), (await me()).speed]).toEqual(['skip', 'skip'])
})

test('where time is the world’s nobody is told of a speed, and nobody may set one', async () => {
  app = await startTestApp()
  expect(await me()).not.toHaveProperty('speed')
  const answer = await app.ask('operator', 'POST', 'clock', { speed: 'skip' })
  expect([answer.status, Problem.parse(answer.body).type]).toEqual([409, '/problems/wrong-state'])
})

test.each([0, -1, 86_401, '60x', null, { rate: 0 }, { rate: 86_401 }, { rate: 60, more: 1 }])(
  '%j is no speed, and changes none',
  async (given) => {
    app = await startTestApp({ speed: new LocalSpeed('real', () => {}) })
    expect((await app.ask('operator', 'POST', 'clock', { speed: given })).status).toBe(400)
    expect((await me()).speed).toBe('real')
  },
)
