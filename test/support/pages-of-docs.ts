import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export function readPage(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

export const PAGES = ['README.md', 'CONTRIBUTING.md', ...pagesIn('docs'), ...pagesIn('plugin')]

/** All pages of a folder and those below it, but for what is history. */
function pagesIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.md') && !file.startsWith('decisions'))
    .map((file) => `${folder}/${file}`)
    .toSorted()
}

/** Commands of a page: in its code blocks, at the begin of a line or behind variables, with lines that go on joined. */
export function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```(?:sh|bash|console)?\n([\s\S]*?)^ *```/gm)].map(
    ([, block = '']) => block,
  )
  const inline = [...text.matchAll(/`((?:restamp|npm) [^`]+)`/g)].map(([, command = '']) => command)
  const lines = blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'))
  const isCommand = /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx )?((?:restamp|npm (?:run|test|start)) ?.*)$/
  return [...lines, ...inline].flatMap((line) => isCommand.exec(line)?.[1] ?? [])
}

/** The words of a command, without what stands apart to explain it. */
export function wordsOf(command: string): string[] {
  const [words = ''] = command.split(/\s{2,}|\s#\s/)
  return words.match(/"[^"]*"|'[^']*'|\$\([^)]*\)|\S+/g) ?? []
}
