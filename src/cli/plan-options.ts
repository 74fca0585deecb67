import { z } from 'zod'
import { CliError } from './cli-error.ts'
import { EXIT } from './io.ts'
import { parsedOptions, RegionOptions } from './region-options.ts'

const Options = RegionOptions.extend({
  policy: z.string().optional(),
  interlocks: z.string().optional(),
  moves: z.string().optional(),
  customer: z.string().optional(),
  stamp: z.string().optional(),
})
export type PlanOptions = z.infer<typeof Options>

/** The options of `restamp plan`. Throws `CliError`. */
export function planOptions(given: unknown): PlanOptions {
  const options = parsedOptions(Options, given)
  if (options.customer !== undefined && options.stamp !== undefined) {
    throw new CliError('--customer and --stamp were both given; name one of them, or none', EXIT.usage)
  }
  return options
}
