import type { Command, Option } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { keepingIo } from './run-cli.ts'

const HEAD = `# Every command

Made of the commands themselves by \`npm test -- test/cli/reference --update\`; a test holds it against them. In a clone,
\`npm run -s restamp -- COMMAND\` stands for \`restamp COMMAND\`.

Exit codes: 0 done; 1 it ran and the answer is no; 2 wrong usage or bad input; 3 something that it depends on failed.
`

test('the reference in docs is what the commands say', async () => {
  const program = createProgram(keepingIo().io, '0.0.0')
  const sections = program.commands.map((each) => section(each, 'restamp'))
  await expect(`${HEAD}\n${sections.join('\n')}`).toMatchFileSnapshot('../../docs/cli.md')
})

function section(command: Command, before: string): string {
  const name = `${before} ${command.name()}`
  const help = command.createHelp()
  const facts = [
    ...help.visibleArguments(command).map((each) => fact(help.argumentTerm(each), each.description)),
    ...help
      .visibleOptions(command)
      .filter(({ long }) => long !== '--help')
      .map((each) => fact(each.flags, optionWords(each))),
  ]
  const own =
    command.commands.length > 0
      ? []
      : [['```', `${before} ${command.name()} ${command.usage()}`.trim(), '```', ''].join('\n')]
  return [
    `## ${name}\n`,
    `${sentence(command.description())}\n`,
    ...own,
    ...(facts.length > 0 ? [`${facts.join('\n')}\n`] : []),
    ...command.commands.map((each) => section(each, name).replace(/^## /, '### ')),
  ].join('\n')
}

function optionWords({ description, defaultValue, mandatory }: Option): string {
  const known = typeof defaultValue === 'string' || typeof defaultValue === 'number'
  return `${description}${mandatory ? ' (required)' : ''}${known ? ` (default: ${defaultValue})` : ''}`
}

function fact(term: string, words: string): string {
  return `- \`${term}\`: ${words}`
}

function sentence(words: string): string {
  const one = words.replaceAll(/\s+/g, ' ')
  return `${one.charAt(0).toUpperCase()}${one.slice(1).replace(/\.$/, '')}.`
}
