import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from '../../src/cli/client.ts'
import { entraToken } from '../../src/cli/sign-in.ts'
import { startTestApp } from '../support/test-app.ts'
import { runCli } from './run-cli.ts'

const CLIENT_ID = '00000000-0000-0000-0000-000000000001'
let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restamp-profiles-'))
  file = join(folder, 'config', 'profiles.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]) => runCli(...args, '--profiles', file)
const add = (name: string, url: string, id = CLIENT_ID) =>
  run('profiles', 'add', name, '--url', url, '--client-id', id)

describe('profiles', () => {
  test('are added, listed, changed and removed; the file is its owner’s and holds no secret', async () => {
    expect((await run('profiles')).out).toContain('There is no profile yet')
    await add('prod', 'https://restamp.example.com/')
    await add('test', 'http://127.0.0.1:7071')
    await add('prod', 'https://restamp.example.org')
    const listed = JSON.parse((await run('profiles', '--json')).out)
    expect(listed).toEqual({
      prod: { url: 'https://restamp.example.org', clientId: CLIENT_ID },
      test: { url: 'http://127.0.0.1:7071', clientId: CLIENT_ID },
    })
    expect(statSync(file).mode & 0o077).toBe(0)
    await run('profiles', 'remove', 'test')
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual(['prod'])
  })

  test.each([
    ['a token would be sent in the open', 'http://restamp.example.com', CLIENT_ID, 'expected https://'],
    ['it is no address', 'restamp', CLIENT_ID, 'url'],
    ['it is no client id', 'https://restamp.example.com', 'restamp', 'clientId'],
  ])('are refused where %s', async (_, url, id, words) => {
    const { exitCode, err } = await add('prod', url, id)
    expect([exitCode, err]).toEqual([2, expect.stringContaining(words)])
  })

  test('that are not there, and local users on a deployment, are wrong usage', async () => {
    await add('prod', 'https://restamp.example.com')
    const unknown = await run('plans', '--on', 'nowhere')
    expect([unknown.exitCode, unknown.err]).toEqual([2, expect.stringContaining('there are prod')])
    const local = await run('plans', '--on', 'prod', '--as', 'operator')
    expect([local.exitCode, local.err]).toEqual([2, expect.stringContaining('--as names a local user')])
  })

  test('of a broken file are said to be none, and nothing is lost', async () => {
    await add('prod', 'https://restamp.example.com')
    writeFileSync(file, '{')
    const { exitCode, err } = await add('test', 'https://restamp.example.com')
    expect([exitCode, err]).toEqual([2, expect.stringContaining('is no file of profiles')])
    expect(readFileSync(file, 'utf8')).toBe('{')
  })
})

describe('on a deployment', () => {
  test('commands ask with a token for its registration, and anew with each request', async () => {
    const app = await startTestApp({ people: [{ name: 'ann', roles: ['Reader'], token: 'token-2' }] })
    try {
      const scopes: string[] = []
      const credential = {
        getToken: async (scope: string) => ({
          token: `token-${scopes.push(scope)}`,
        }),
      }
      const token = () => entraToken({ clientId: CLIENT_ID }, credential)
      const client = createClient({ baseUrl: app.host.baseUrl, token })
      await expect(client.plans()).rejects.toThrow('token is not of this start')
      expect(await client.plans()).toEqual({ plans: [], next: null })
      expect(scopes).toEqual([`api://${CLIENT_ID}/.default`, `api://${CLIENT_ID}/.default`])
    } finally {
      await app.stop()
    }
  })

  test('somebody who is not signed in is told how to', async () => {
    const nobody = { getToken: () => Promise.reject(new Error('Please run az login\nwith a long story')) }
    const failing = entraToken({ clientId: CLIENT_ID }, nobody)
    await expect(failing).rejects.toThrow(/^Nobody is signed in .*`az login`.*\(Please run az login\)$/)
    await expect(entraToken({ clientId: CLIENT_ID }, { getToken: async () => null })).rejects.toThrow(
      'Nobody',
    )
  })
})
