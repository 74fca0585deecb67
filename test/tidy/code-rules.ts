import { basename } from 'node:path'
import { codeOf, type SourceFile } from './source-file.ts'

const LINES_MAX = 300
const VAGUE_NAMES = /^(utils?|helpers?|common|types|index|misc|shared)\.(ts|tsx|mjs|js)$/
/** The one file that may race durable tasks; everybody else calls what it offers. */
const DURABLE_FACADE = 'src/orchestrations/durable.ts'
/** Entry files read the environment; the host hands an app folder the settings that the real one would. */
const READS_ENVIRONMENT = ['src/main.ts', 'src/local.ts', 'src/rehearsal.ts', 'src/cli/main.ts', 'src/host/']

export function sizeProblems(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - 1
    return lines > LINES_MAX
      ? [`${path} has ${lines} lines; at most ${LINES_MAX}, a file is about one thing`]
      : []
  })
}

export function nameProblems(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path }) => {
    const name = basename(path)
    if (VAGUE_NAMES.test(name)) return [`${path}: ${name} says nothing; name the file for its concept`]
    return /^[a-z0-9.-]+$/.test(name) ? [] : [`${path}: file names are kebab-case`]
  })
}

/** Orchestrations replay: what differs from one replay to the next breaks them. */
const NOT_REPLAYABLE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\s*\)/, 'reads the clock; take the time from the context'],
  [/\bMath\.random\b|\brandomUUID\b/, 'draws lots; a replay would draw others'],
  [/\bprocess\b/, 'reads the process'],
  [/\basync\b|\bawait\b/, 'is async; orchestrations yield'],
  [
    /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
    'starts a timer of its own; use a durable one',
  ],
  [/\bfetch\b/, 'fetches; call an activity'],
]

export function replayProblems(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('src/orchestrations/'))
    .flatMap((file) =>
      NOT_REPLAYABLE.filter(([pattern]) => pattern.test(codeOf(file))).map(
        ([, words]) => `${file.path} ${words}`,
      ),
    )
}

export function raceProblems(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => file.path !== DURABLE_FACADE && /\bTask\.(any|all)\b/.test(codeOf(file)))
    .map(
      ({ path }) => `${path} calls Task.any or Task.all; use inChunks or eventOrTimer of ${DURABLE_FACADE}`,
    )
}

export function castProblems(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const code = codeOf(file).replace(/^\s*(import|export)\b[^;]*?\bfrom ''/gm, '')
    return /[\w)\]}] as (?!const\b)/.test(code)
      ? [`${file.path} casts with "as"; parse or narrow instead`]
      : []
  })
}

export function environmentProblems(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => /\bprocess\.env\b/.test(codeOf(file)))
    .filter(({ path }) => !READS_ENVIRONMENT.some((allowed) => path.startsWith(allowed)))
    .map(({ path }) => `${path} reads the environment; take what it needs as a parameter`)
}
