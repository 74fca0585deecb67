import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { FileRefused } from './file-refused.ts'

const PROBLEMS_SHOWN_MAX = 10
/** A fleet of a hundred thousand replicas takes a sixth of this. */
const JSON_BYTES_MAX = 134_217_728

/** Reads a JSON file that must fit a schema; each violation is named with its JSON path. Throws `FileRefused`. */
export async function readJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(asJson(path, await textOf(path)))
  if (parsed.success) return parsed.data
  throw refusal(
    path,
    parsed.error.issues.map((issue) => `${jsonPath(issue.path)}: ${issue.message}`),
  )
}

export function refusal(path: string, problems: readonly string[]): FileRefused {
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX)
  const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more`] : []
  return new FileRefused(`${path}: ${[...shown, ...more].join('\n  ')}`)
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FileRefused(`${path} is not there; check the path`)
    if (code === 'EISDIR') throw new FileRefused(`${path} is a directory; expected a JSON file`)
    if (code === 'EACCES' || code === 'EPERM') {
      throw new FileRefused(`${path} may not be read; give this user read permission`)
    }
    throw error
  })
  if (bytes.length > JSON_BYTES_MAX) {
    throw new FileRefused(`${path} has ${bytes.length} bytes; expected at most ${JSON_BYTES_MAX}`)
  }
  return bytes.toString('utf8').replace(/^\ufeff/, '')
}

function asJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const at = /position (\d+)/.exec(words)?.[1]
    const line = at === undefined ? text.split('\n').length : text.slice(0, Number(at)).split('\n').length
    throw new FileRefused(`${path} line ${line} is no JSON: ${words}`)
  }
}

function jsonPath(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
  return text === '' ? 'the document' : text
}
