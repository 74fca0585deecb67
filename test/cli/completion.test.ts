import { afterEach, expect, test, vi } from 'vitest'
import { runCli } from './run-cli.ts'

afterEach(() => void vi.restoreAllMocks())

/** The library prints past the command line's own output. */
async function printed(...args: string[]): Promise<{ lines: string[]; exitCode: number }> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  log.mockClear()
  const { exitCode } = await runCli('complete', ...args)
  return { lines: log.mock.calls.map(([line]) => String(line)), exitCode }
}
const offered = async (...words: string[]) =>
  (await printed('--', ...words)).lines.slice(0, -1).map((line) => line.split('\t')[0])

test.each(['zsh', 'bash', 'fish', 'powershell'])('%s gets a script of its own', async (shell) => {
  const { lines, exitCode } = await printed(shell)
  expect(exitCode).toBe(0)
  expect(lines.join('\n')).toMatch(/restamp/)
})

test('another shell is refused with those that there are', async () => {
  const { exitCode, err } = await runCli('complete', 'tcsh')
  expect([exitCode, err]).toEqual([2, expect.stringContaining('zsh, bash, fish, powershell')])
})

test('commands, those below them, and their options are offered', async () => {
  expect(await offered('ap')).toEqual(['approve'])
  expect(await offered('tickets', '')).toEqual(['list', 'open', 'end', 'help'])
  expect(await offered('hold', '--d')).toEqual(['--dry-run'])
})
