import { z } from 'zod'
import { instantOf } from '../adapters/files/field-values.ts'
import { CliError } from './cli-error.ts'
import { EXIT } from './io.ts'

const BIN_SECONDS_MAX = 3600

const Options = z.object({
  fleet: z.string(),
  cpu: z.string(),
  load: z.string(),
  policy: z.string().optional(),
  now: z
    .string()
    .transform(instantOf)
    .pipe(z.number('expected a time such as 2019-01-15T08:00:00Z').refine(Number.isFinite))
    .optional(),
  bin: z
    .string()
    .regex(/^\d+$/, 'expected whole seconds')
    .transform(Number)
    .pipe(z.int().min(1).max(BIN_SECONDS_MAX))
    .refine((seconds) => BIN_SECONDS_MAX % seconds === 0, 'expected a bin that an hour is a multiple of')
    .optional(),
  region: z.string().optional(),
  customer: z.string().optional(),
  stamp: z.string().optional(),
  json: z.boolean().default(false),
})
export type PlanOptions = z.infer<typeof Options>

/** The options of `restamp plan`. Throws `CliError`. */
export function planOptions(given: unknown): PlanOptions {
  const parsed = Options.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new CliError(`--${String(issue?.path[0])}: ${issue?.message ?? 'not understood'}`, EXIT.usage)
  }
  if (parsed.data.customer !== undefined && parsed.data.stamp !== undefined) {
    throw new CliError('--customer and --stamp were both given; name one of them, or none', EXIT.usage)
  }
  return parsed.data
}
