import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { findChromium, HOW_TO_GET_ONE, openBrowser } from './browser.ts'

test('CHROMIUM_PATH goes before PATH', () => {
  expect(findChromium({ CHROMIUM_PATH: '/opt/mine', PATH: '' })).toBe('/opt/mine')
})

test('the first known name on PATH that can be run is taken', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'restamp-browser-'))
  await writeFile(join(folder, 'chromium'), '', { mode: 0o600 })
  await writeFile(join(folder, 'google-chrome'), '', { mode: 0o700 })

  expect(findChromium({ PATH: ['', folder].join(delimiter) })).toBe(join(folder, 'google-chrome'))
  expect(findChromium({ PATH: '' })).toBeUndefined()
  await rm(folder, { recursive: true })
})

test('without a browser a test fails in CI, saying how to get one, and is skipped elsewhere', async () => {
  const skipped: string[] = []
  const skip = (words?: unknown): never => {
    skipped.push(String(words))
    throw new Error('skipped')
  }

  await expect(openBrowser({ skip }, { PATH: '', CI: 'true' })).rejects.toThrow(HOW_TO_GET_ONE)
  await expect(openBrowser({ skip }, { PATH: '' })).rejects.toThrow('skipped')
  expect(skipped).toEqual([HOW_TO_GET_ONE])
})
