import { z } from 'zod'

const NESTED_MAX = 20
const WORDS_MAX = 400

/** What ARM says went wrong: wrapped in itself over and over, and only the innermost says what it is. */
export interface ArmError {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly target?: string | undefined
  readonly details?: readonly ArmError[] | undefined
}

const ArmError: z.ZodType<ArmError> = z.lazy(() =>
  z.object({
    code: z.string().optional(),
    message: z.string().optional(),
    target: z.string().optional(),
    details: z.array(ArmError).optional(),
  }),
)

/** A resource provider's own answer, put whole into the message of whoever called it. */
const WrittenOut = z.union([z.object({ error: ArmError }).transform(({ error }) => error), ArmError])

const Thrown = z.object({ statusCode: z.number(), code: z.string().optional() })

/** The status and code of an answer that a client of Azure threw; undefined for a lost connection and all else. */
export function armFault(error: unknown): z.infer<typeof Thrown> | undefined {
  const parsed = Thrown.safeParse(error)
  return parsed.success ? parsed.data : undefined
}

/** The error in an answer's body, which clients of long-running operations do not hand on. */
export function errorIn(body: unknown): ArmError | undefined {
  const parsed = WrittenOut.safeParse(body)
  return parsed.success ? parsed.data : undefined
}

/** The cause in words: the leaf of nested details, with how many others stand beside it. */
export function causeOf(error: ArmError | undefined): string {
  const [first, ...others] = leaves(error ?? {}, 0)
  const { code = 'no code', message = 'no message', target } = first ?? {}
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  return `${code}: ${message.slice(0, WORDS_MAX)}${target ? ` (${target})` : ''}${more}`
}

function leaves(error: ArmError, depth: number): ArmError[] {
  if (depth > NESTED_MAX) return [error]
  const inner = error.details?.length
    ? error.details
    : [writtenOut(error.message)].flatMap((one) => one ?? [])
  return inner.length > 0 ? inner.flatMap((one) => leaves(one, depth + 1)) : [error]
}

function writtenOut(message: string | undefined): ArmError | undefined {
  if (!message?.trimStart().startsWith('{')) return undefined
  try {
    const inner = errorIn(JSON.parse(message))
    return inner?.code === undefined && inner?.message === undefined ? undefined : inner
  } catch {
    return undefined
  }
}
