import { afterAll, beforeAll, expect, test } from 'vitest'
import { lateParts } from '../../src/ports/late-ports.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

test('over a simulated region there is nothing outside to look at', async () => {
  const { status, body } = await app.ask('operator', 'GET', 'doctor')
  expect(status).toBe(200)
  expect(body).toMatchObject({ holds: true, checks: [{ check: 'place', outcome: 'holds' }] })
})

test('whoever only reads is not told what the app may do', async () => {
  const { status } = await app.ask('reader', 'GET', 'doctor')
  expect(status).toBe(403)
})

test('where nothing behind the ports can be opened, that is the finding', async () => {
  const parts = lateParts(() => Promise.reject(new Error('the map names no stamps yet')), { lateMs: 0 })
  expect(await parts.checks.run()).toMatchObject([{ outcome: 'fix', found: 'the map names no stamps yet' }])
})
