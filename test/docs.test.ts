import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createProgram } from '../src/cli/program.ts'
import { keepingIo } from './cli/run-cli.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs')).map((file) => `docs/${file}`),
].filter((file) => file.endsWith('.md'))

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

/** Commands of a page: in its code blocks, at the begin of a line or behind variables, with lines that go on joined. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```(?:sh|bash|console)?\n([\s\S]*?)^ *```/gm)].map(
    ([, block = '']) => block,
  )
  const inline = [...text.matchAll(/`((?:restamp|npm) [^`]+)`/g)].map(([, command = '']) => command)
  const lines = blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'))
  const isCommand = /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx )?((?:restamp|npm (?:run|test|start)) ?.*)$/
  return [...lines, ...inline].flatMap((line) => isCommand.exec(line)?.[1] ?? [])
}

/** Why a `restamp` command is none; undefined where its words and options are known. */
function problemOf(command: string): string | undefined {
  // What stands apart explains it.
  const [words = ''] = command.split(/\s{2,}|\s#\s/)
  const parts = words.match(/"[^"]*"|'[^']*'|\S+/g)?.slice(1) ?? []
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
