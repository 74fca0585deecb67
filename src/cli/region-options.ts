import type { Command } from 'commander'
import { z } from 'zod'
import { instantOf } from '../adapters/files/field-values.ts'
import { CliError } from './cli-error.ts'
import { EXIT } from './io.ts'

const BIN_SECONDS_MAX = 3600

/** The options by which a command takes a region's files; more may be added to it. */
export const RegionOptions = z.object({
  fleet: z.string(),
  cpu: z.string(),
  load: z.string(),
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
  json: z.boolean().default(false),
})

export function withRegionOptions(command: Command): Command {
  return command
    .requiredOption('--fleet <file>', 'fleet.json')
    .requiredOption('--cpu <file>', 'CPU of the nodes: timestamp,region,stamp,pool,node,cpu_percent')
    .requiredOption(
      '--load <file>',
      'load of the replicas: timestamp,region,registry,pool,requests,bytes,...',
    )
    .option('--now <time>', 'end of the data that may be used (default: the end of the last CPU bin)')
    .option('--bin <seconds>', "length of a bin (default: the data's own interval)")
    .option('--region <name>', 'region, where the fleet has several')
    .option('--json', 'print one JSON document')
}

/** Options as a schema has them; throws `CliError` naming the first that is wrong. */
export function parsedOptions<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = String(issue?.path[0]).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new CliError(`--${name}: ${issue?.message ?? 'not understood'}`, EXIT.usage)
}
