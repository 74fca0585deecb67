import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  castProblems,
  environmentProblems,
  nameProblems,
  raceProblems,
  replayProblems,
  sizeProblems,
} from './tidy/code-rules.ts'
import { contractProblems } from './tidy/contract-rules.ts'
import { IMPORT_TABLE, importProblems, partOf } from './tidy/import-rules.ts'
import { importsOf, type SourceFile } from './tidy/source-file.ts'
import { decisionProblems, placeProblems, titleProblems } from './tidy/text-rules.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CODE = /\.(ts|tsx|mjs|js)$/

const src = filesBelow('src').filter(({ path }) => CODE.test(path))
const code = [
  ...src,
  ...['test', 'scripts', 'bin', 'examples'].flatMap(filesBelow).filter(({ path }) => CODE.test(path)),
]
const tracked = trackedFiles()
const documents = tracked.filter(({ path }) => path.endsWith('.md'))

describe('the repository keeps its rules', () => {
  test('every import is allowed by the table', () => {
    expect(importProblems(src)).toEqual([])
  })

  test('every part of src has a row in the table', () => {
    expect([...new Set(src.map(({ path }) => partOf(path)))].filter((part) => !IMPORT_TABLE[part])).toEqual(
      [],
    )
  })

  test('every class that implements a port with a contract is held to it', () => {
    expect(contractProblems(src, code)).toEqual([])
  })

  test('no file is longer than 300 lines', () => {
    expect(sizeProblems(code)).toEqual([])
  })

  test('files are named for their concept', () => {
    expect(nameProblems(code)).toEqual([])
  })

  test('orchestrations only do what replays the same', () => {
    expect(replayProblems(src)).toEqual([])
  })

  test('durable tasks are raced in one file', () => {
    expect(raceProblems(src)).toEqual([])
  })

  test('nothing is cast but as const', () => {
    expect(castProblems(src.filter(({ path }) => path.endsWith('.ts')))).toEqual([])
  })

  test('only entry files read the environment', () => {
    expect(environmentProblems(src)).toEqual([])
  })

  test('every document has one title', () => {
    expect(titleProblems(documents)).toEqual([])
  })

  test('every decision says context, choice and consequences', () => {
    expect(decisionProblems(documents)).toEqual([])
  })

  test('no tracked file names a machine path or a package registry', () => {
    expect(placeProblems(tracked)).toEqual([])
  })
})

describe('each rule finds what it forbids and says what to do', () => {
  const file = (path: string, text: string): SourceFile[] => [{ path, text }]

  test('an import that the table does not allow is named with what is allowed', () => {
    expect(importProblems(file('src/domain/a.ts', "import { b } from '../ports/b.ts'\n"))).toEqual([
      'src/domain/a.ts imports ../ports/b.ts; domain may import no other part',
    ])
    expect(importProblems(file('src/host/a.ts', "import { z } from 'zod'\n"))).toHaveLength(1)
    expect(importProblems(file('src/ports/a.ts', "import 'node:fs'\n"))).toHaveLength(1)
    expect(importProblems(file('src/elsewhere/a.ts', "import 'zod'\n"))[0]).toContain('no row')
    expect(
      importProblems(file('src/adapters/azure/a.ts', "import { b } from '../files/b.ts'\n")),
    ).toHaveLength(1)
    expect(
      importProblems(file('src/domain/a.ts', "import { z } from 'zod'\nimport { b } from './b.ts'\n")),
    ).toEqual([])
  })

  test('imports are found over several lines, for their effect, and when the code runs', () => {
    const text =
      "import {\n  a,\n} from './a.ts'\nimport './b.ts'\nconst c = await import('./c.ts')\n// import './d.ts'\n"
    expect(importsOf({ path: 'src/cli/x.ts', text })).toEqual(['./a.ts', './b.ts', './c.ts'])
  })

  test('a long file and a vague or odd name are refused', () => {
    expect(sizeProblems(file('src/a.ts', 'x\n'.repeat(301)))[0]).toContain('301 lines')
    expect(sizeProblems(file('src/a.ts', 'x\n'.repeat(300)))).toEqual([])
    expect(nameProblems(file('src/domain/utils.ts', ''))).toHaveLength(1)
    expect(nameProblems(file('src/domain/HotNode.ts', ''))[0]).toContain('kebab-case')
    expect(nameProblems(file('src/domain/hot-node.ts', ''))).toEqual([])
  })

  test.each([
    'Date.now()',
    'new Date()',
    'Math.random()',
    'process.env',
    'async () => 1',
    'setTimeout(go, 1)',
    'fetch(url)',
  ])('an orchestration with %s is refused', (text) => {
    expect(replayProblems(file('src/orchestrations/a.ts', text))).toHaveLength(1)
    expect(replayProblems(file('src/cli/a.ts', text))).toEqual([])
    expect(replayProblems(file('src/orchestrations/a.ts', `// ${text}`))).toEqual([])
  })

  test('a raw race, a cast and a look at the environment are refused', () => {
    expect(raceProblems(file('src/orchestrations/a.ts', 'yield df.Task.any([a, b])'))).toHaveLength(1)
    expect(raceProblems(file('src/orchestrations/durable.ts', 'yield df.Task.any([a, b])'))).toEqual([])
    expect(castProblems(file('src/a.ts', 'const a = b as Plan'))).toHaveLength(1)
    expect(
      castProblems(file('src/a.ts', "import * as df from 'durable-functions'\nconst a = ['x'] as const")),
    ).toEqual([])
    expect(environmentProblems(file('src/domain/a.ts', 'process.env.HOME'))).toHaveLength(1)
    expect(environmentProblems(file('src/cli/main.ts', 'process.env.HOME'))).toEqual([])
  })

  test('a document with two titles, or none, is refused; code blocks are not looked at', () => {
    expect(titleProblems(file('a.md', '# A\n\n# B\n'))[0]).toContain('2 titles')
    expect(titleProblems(file('a.md', 'words\n'))[0]).toContain('0 titles')
    expect(titleProblems(file('a.md', '# A\n\n```\n# b\n```\n'))).toEqual([])
  })

  test('a decision without its parts is refused', () => {
    expect(
      decisionProblems(file('docs/decisions/0001-a.md', '# A\n\n**Context.** It was so.\n'))[0],
    ).toContain('Choice, Consequences')
    expect(decisionProblems(file('docs/decisions/a.md', ''))[0]).toContain('NNNN-title.md')
  })

  test('a machine path, a registry host and a resolved address are refused with their line', () => {
    const path = ['', 'work', 'main'].join('/')
    expect(placeProblems(file('a.md', `see\n${path}\n`))).toEqual(['a.md:2 names a path of one machine'])
    expect(placeProblems(file('a.md', `https://${['registry', 'npmjs', 'org'].join('.')}/x`))).toHaveLength(1)
    expect(placeProblems(file('package-lock.json', ['"resolved"', '"x"'].join(':')))).toHaveLength(1)
  })
})

function filesBelow(folder: string): SourceFile[] {
  const top = join(ROOT, folder)
  if (!existsSync(top)) return []
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      path: path.slice(ROOT.length).replaceAll('\\', '/'),
      text: readFileSync(path, 'utf8'),
    }))
}

/** Files that are in git now; the whole folder where this is no checkout. */
function trackedFiles(): SourceFile[] {
  const list = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  return list
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(ROOT, path)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}
