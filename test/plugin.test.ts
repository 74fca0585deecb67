import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createProgram } from '../src/cli/program.ts'
import { TOOLS } from '../src/mcp/tools.ts'
import { keepingIo } from './cli/run-cli.ts'

const PLUGIN = fileURLToPath(new URL('../plugin/', import.meta.url))
const read = (file: string) => readFileSync(`${PLUGIN}${file}`, 'utf8')
const skills = readdirSync(`${PLUGIN}skills`)
const Manifest = z.strictObject({
  ...{ name: z.literal('restamp'), description: z.string(), version: z.string(), license: z.string() },
  ...{ mcpServers: z.string(), skills: z.string() },
})
const Servers = z.strictObject({
  mcpServers: z.record(z.string(), z.strictObject({ command: z.string(), args: z.array(z.string()) })),
})

test('the manifest names files that are there', () => {
  const { mcpServers } = Manifest.parse(JSON.parse(read('plugin.json')))
  const [server] = Object.values(Servers.parse(JSON.parse(read(mcpServers))).mcpServers)
  expect(server?.command).toBe('restamp')
  const [name, ...options] = server?.args ?? []
  const command = createProgram(keepingIo().io, '0.0.0').commands.find((each) => each.name() === name)
  for (const option of options.filter((word) => word.startsWith('--')))
    expect(command?.options.map(({ long }) => long)).toContain(option)
  expect(skills.toSorted()).toEqual(['known-issues', 'policy-rules', 'triage'])
})

describe.each(skills)('the skill %s', (skill) => {
  const text = read(`skills/${skill}/SKILL.md`)

  test('says by its head what it is and when it is of use', () => {
    const [, name, description] = /^---\nname: (\S+)\ndescription: (.+)\n---\n/.exec(text) ?? []
    expect([name, description]).toEqual([skill, expect.stringMatching(/Use when/)])
  })

  test('names no tool that is none', () => {
    const tools = TOOLS.map(({ name }) => name)
    const asked = [...text.matchAll(/(?:^|[^|] )`([a-z_]+)`(?! \|)/gm)].map(([, word = '']) => word)
    const words = new Set([...tools, ...RULES])
    expect(asked.filter((word) => !words.has(word))).toEqual([])
    if (skill === 'triage') expect(asked.length).toBeGreaterThan(8)
  })
})

/** Words in the same type that are no tools: rules and verdicts. */
const RULES = ['window', 'freeze', 'budget', 'lease', 'interlock', 'switch']
