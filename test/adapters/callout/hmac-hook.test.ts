import { expect, test } from 'vitest'
import { HmacHook, ticketHookOf } from '../../../src/adapters/callout/hmac-hook.ts'
import { signatureOf } from '../../../src/adapters/callout/signature.ts'

const SECRET = 'a secret that both sides hold'
const NOW_MS = Date.UTC(2026, 10, 2)
const hook = new HmacHook({ secret: SECRET, clock: { nowMs: () => NOW_MS } })

function refusalOf(given: { secret?: string; atMs?: number; text?: string; sent?: string } = {}) {
  const { secret = SECRET, atMs = NOW_MS, text = '{}', sent = text } = given
  return hook.refusal({ signature: signatureOf({ secret, atMs, text }), text: sent })
}

test('what was signed just now with the secret of both is taken', () => {
  expect(refusalOf()).toBeUndefined()
  expect(refusalOf({ atMs: NOW_MS - 299_000 })).toBeUndefined()
  expect(refusalOf({ text: 'ümlaut', sent: 'ümlaut' })).toBeUndefined()
})

test('another body, another secret, an old signature and none are refused, and no word tells the secret', () => {
  const refused = [
    refusalOf({ sent: '{} ' }),
    refusalOf({ secret: 'another secret of theirs' }),
    refusalOf({ atMs: NOW_MS - 301_000 }),
    refusalOf({ atMs: NOW_MS + 301_000 }),
    hook.refusal({ signature: null, text: '{}' }),
    hook.refusal({ signature: `t=${NOW_MS / 1000},v1=${'0'.repeat(63)}`, text: '{}' }),
  ]
  expect(refused.map((words) => words?.split(' ').slice(0, 3).join(' '))).toEqual([
    ...['its signature is', 'its signature is', 'it was signed', 'it was signed'],
    ...['it has no', 'it has no'],
  ])
  expect(refused.join()).not.toContain(SECRET)
})

test('a secret that can be guessed is no setting, and none takes nothing in', () => {
  const clock = { nowMs: () => NOW_MS }
  expect(ticketHookOf({}, clock)).toBeUndefined()
  expect(() => ticketHookOf({ RESTAMP_TICKET_SECRET: 'short' }, clock)).toThrow('has 5 characters')
})
