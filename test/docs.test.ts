import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createProgram } from '../src/cli/program.ts'
import { keepingIo } from './cli/run-cli.ts'
import { commandsIn, PAGES, ROOT, readPage as read, wordsOf } from './support/pages-of-docs.ts'

test('each threat of docs/security.md names a test that is there', () => {
  const rows = [...read('docs/security.md').matchAll(/\| `(test\/[^`]+)`: (.+) \|$/gm)]
  expect(rows.length).toBeGreaterThan(25)
  for (const [, file = '', title = ''] of rows) {
    const isThere = existsSync(join(ROOT, file)) && read(file).includes(title)
    expect([file, title, isThere]).toEqual([file, title, true])
  }
})

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')))
const program = createProgram(keepingIo().io, '0.0.0')

/** Why a `restamp` command is none; undefined where its words and options are known. */
function problemOf(command: string): string | undefined {
  const parts = wordsOf(command).slice(1)
  let at: Command = program
  const known = new Set(['--help', '--version'])
  for (const part of parts) {
    if (/^[|>;&]/.test(part)) break
    if (part.startsWith('-') && part !== '-') {
      const flag = part.split('=')[0] ?? ''
      const isKnown = known.has(flag) || at.options.some(({ short, long }) => flag === short || flag === long)
      if (!isKnown) return `${at.name()} has no option ${flag}`
      continue
    }
    const next = at.commands.find((each) => each.name() === part)
    if (next) at = next
    else if (at === program && /^[a-z]/.test(part)) return `there is no command ${part}`
  }
  return undefined
}

test('pages tell commands', () => {
  expect(PAGES.flatMap((page) => commandsIn(read(page))).length).toBeGreaterThan(80)
})

describe.each(PAGES)('%s', (page) => {
  test('each command that it tells is one, with options that there are', () => {
    for (const command of commandsIn(read(page))) {
      const own = command.replace(/^npm run (?:-s )?restamp --/, 'restamp')
      if (own.startsWith('restamp')) expect([command, problemOf(own)]).toEqual([command, undefined])
      const [, script] = /^npm run (?:-s )?(\S+)/.exec(command) ?? []
      if (script) expect([command, script in scripts]).toEqual([command, true])
      const [, file] = /^npm test -- (test\/\S+)/.exec(command) ?? []
      if (file) expect([command, matches(file)]).toEqual([command, true])
    }
  })

  test('each page that it links to is there', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(
      ([, link = '']) => link,
    )
    for (const link of links) {
      const target = join(ROOT, page, '..', link)
      expect([link, existsSync(target)]).toEqual([link, true])
    }
  })
})

/** vitest takes any part of a path. */
function matches(file: string): boolean {
  if (existsSync(join(ROOT, file))) return true
  const folder = join(ROOT, file, '..')
  const name = file.split('/').at(-1) ?? ''
  return existsSync(folder) && readdirSync(folder).some((each) => each.startsWith(name))
}
