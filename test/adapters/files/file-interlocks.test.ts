import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { FileInterlocks } from '../../../src/adapters/files/file-interlocks.ts'
import { interlocksContract } from '../../ports/interlocks.contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'restamp-interlocks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fileOf(content: unknown): string {
  const path = join(folder, 'interlocks.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}
const ask = { region: 'north', fromMs: 0, toMs: 1 }

interlocksContract('FileInterlocks', async (known) => new FileInterlocks(fileOf(known)))

test('a file that is gone or does not fit is no file without interlocks', async () => {
  await expect(new FileInterlocks(join(folder, 'none.json')).between(ask)).rejects.toThrow('is not there')
  await expect(new FileInterlocks(fileOf([{ kind: 'storm' }])).between(ask)).rejects.toThrow('kind')
})
