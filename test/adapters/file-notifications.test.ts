import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { FileNotifications } from '../../src/adapters/local/file-notifications.ts'
import { LogNotifications } from '../../src/adapters/local/log-notifications.ts'
import { Message } from '../../src/domain/reminders.ts'
import { aMessage, notificationsContract } from '../ports/notifications.contract.ts'
import { KeptNotifications } from '../support/kept-notifications.ts'

const folder = mkdtempSync(join(tmpdir(), 'restamp-notifications-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const aPath = () => join(folder, `${++files}.jsonl`)
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Message.parse(JSON.parse(line)))

notificationsContract('FileNotifications', async () => {
  const path = aPath()
  return {
    notifications: new FileNotifications(path),
    arrived: async () => linesOf(path),
    // A folder stands in the file's place: that can't be written, by an administrator neither.
    setWorking: async (works) => (works ? rmdirSync(path) : mkdirSync(path)),
  }
})

notificationsContract('LogNotifications', async () => {
  const arrived: Message[] = []
  const log = { works: true }
  const notifications = new LogNotifications((_, about) => {
    if (!log.works) throw new Error('full')
    arrived.push(Message.parse(about))
  })
  return {
    notifications,
    arrived: async () => arrived,
    setWorking: async (works) => {
      log.works = works
    },
  }
})

notificationsContract('KeptNotifications', async () => {
  const notifications = new KeptNotifications()
  return {
    notifications,
    arrived: async () => notifications.messages,
    setWorking: async (works) => {
      notifications.failures = works ? 0 : 1
    },
  }
})

test('what an earlier process told is not told again; a line that broke off with it is', async () => {
  const path = aPath()
  await new FileNotifications(path).tell(aMessage('one'))
  appendFileSync(path, '{"key":"two"')
  const next = new FileNotifications(path)
  expect(await next.tell(aMessage('one'))).toBe('toldBefore')
  expect(await next.tell(aMessage('two'))).toBe('told')
  expect(readFileSync(path, 'utf8').trim().split('\n').at(-1)).toBe(JSON.stringify(aMessage('two')))
})
