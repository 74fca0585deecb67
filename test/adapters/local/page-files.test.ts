import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { PageFiles } from '../../../src/adapters/local/page-files.ts'

const around = mkdtempSync(join(tmpdir(), 'restamp-pages-'))
const folder = join(around, 'pages')
mkdirSync(folder)
mkdirSync(join(around, 'pages-beside'))
for (const file of ['pages/index.html', 'secret.json', 'pages-beside/secret.json', 'pages/.env'])
  writeFileSync(join(around, file), file)
afterAll(() => rmSync(around, { recursive: true, force: true }))

test('the page’s files are read, and nothing beside them', async () => {
  const pages = new PageFiles(folder)
  expect((await pages.read('index.html'))?.type).toBe('text/html; charset=utf-8')
  const outside = [
    '../secret.json',
    '../pages-beside/secret.json',
    'a/../../secret.json',
    `${around}/secret.json`,
    '.env',
    '',
  ]
  for (const path of outside) expect([path, await pages.read(path)]).toEqual([path, undefined])
})
