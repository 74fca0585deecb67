import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { keepingIo } from './run-cli.ts'

const SECRET = 'a-secret-of-both-sides'
const example = (name: string) =>
  fileURLToPath(new URL(`../../examples/callout-server/${name}`, import.meta.url))

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

function started(args: readonly string[], secret: string) {
  const env = { ...process.env, RESTAMP_CALLOUT_SECRET: secret }
  const child = spawn(process.execPath, [example('server.mjs'), ...args], { env })
  stops.push(() => child.kill())
  return child
}

it('the example server as its README starts it passes a whole round', async () => {
  const child = started([example('fleet.json'), '--port', '0'], SECRET)
  const said = await new Promise<string>((resolve) =>
    child.stdout.once('data', (text) => resolve(String(text))),
  )
  const url = /at (http:\S+)/.exec(said)?.[1] ?? ''
  const kept = keepingIo()
  const io = { ...kept.io, env: { RESTAMP_CALLOUT_SECRET: SECRET } }
  const round = ['--effects', 'web@westeurope', '--to', 'weu-02']
  await createProgram(io, '0.0.0').parseAsync(['callout', 'verify', url, ...round], { from: 'user' })

  expect(kept.out()).toContain('30 of 30 checks hold, 0 fail.')
  expect(kept.code()).toBe(0)
})

it('it does not start with a secret that can be guessed', async () => {
  const child = started([example('fleet.json')], 'guess-me')
  const words: string[] = []
  child.stderr.on('data', (text) => words.push(String(text)))
  const code = await new Promise((resolve) => child.once('close', resolve))

  expect([code, words.join('')]).toEqual([2, expect.stringContaining('at least 16 characters')])
})
