import { expect, test } from 'vitest'
import { createLocalUsers, LocalIdentity } from '../../../src/adapters/local/local-users.ts'

const users = createLocalUsers()
const [operator] = users
const identify = (headers: Readonly<Record<string, string>>) =>
  new LocalIdentity(users).identify({ header: (name) => headers[name] ?? null })
const authorization = `Bearer ${operator?.token}`

test('a page of another site that has its own name lead here is not answered, whatever token it has', () => {
  for (const host of [
    'evil.example',
    'evil.example:7071',
    '127.0.0.1.evil.example',
    'localhost.evil.example:80',
    '',
  ])
    expect([host, identify({ host, authorization }).kind]).toEqual([host, 'unknown'])
  for (const host of ['127.0.0.1:7071', 'localhost', '[::1]:7071'])
    expect([host, identify({ host, authorization }).kind]).toEqual([host, 'known'])
})

test('only a token of this start is known, and no answer tells another one', () => {
  const other = createLocalUsers()
  for (const given of [
    '',
    'Bearer ',
    `Bearer ${other[0]?.token}`,
    `Basic ${operator?.token}`,
    `Bearer ${operator?.token}x`,
  ]) {
    const answer = identify({ host: 'localhost', authorization: given })
    expect(answer.kind).toBe('unknown')
    for (const { token } of [...users, ...other]) expect(JSON.stringify(answer)).not.toContain(token)
  }
})

test('tokens are long and each start’s own', () => {
  const tokens = [...users, ...createLocalUsers()].map(({ token }) => token)
  expect(new Set(tokens).size).toBe(tokens.length)
  for (const token of tokens) expect(token.length).toBeGreaterThanOrEqual(32)
})
