import { z } from 'zod'

/** What a test of an action group sends comes from this subscription, always with the same ids. */
const TEST_SUBSCRIPTION = '/subscriptions/11111111-1111-1111-1111-111111111111/'
const WORDS_MAX = 500
const TARGETS_MAX = 1000

const Dimension = z.object({ name: z.string(), value: z.string().nullable() })
const Criterion = z.object({
  metricName: z.string().nullish(),
  searchQuery: z.string().nullish(),
  operator: z.string().nullish(),
  threshold: z.union([z.string(), z.number()]).nullish(),
  metricValue: z.number().nullish(),
  dimensions: z.array(Dimension).nullish(),
})
// `alertContext` differs by service, in spelling and types: what isn't of this shape is no reason to refuse an alert.
const Context = z.object({ condition: z.object({ allOf: z.array(Criterion) }) })

/** Azure Monitor's common alert schema, as far as it is common: every service fills `essentials`. */
export const CommonAlert = z.object({
  schemaId: z.literal('azureMonitorCommonAlertSchema', {
    error: 'expected azureMonitorCommonAlertSchema; turn the common alert schema on in the action group',
  }),
  data: z.object({
    essentials: z.object({
      alertId: z.string().min(1).max(WORDS_MAX),
      alertRule: z.string(),
      severity: z.string().nullish(),
      monitorCondition: z.enum(['Fired', 'Resolved']),
      monitoringService: z.string().nullish(),
      alertTargetIDs: z.array(z.string()).max(TARGETS_MAX).nullish(),
      configurationItems: z.array(z.string()).max(TARGETS_MAX).nullish(),
      firedDateTime: z.string(),
      resolvedDateTime: z.string().nullish(),
      description: z.string().nullish(),
    }),
    alertContext: z.unknown(),
  }),
})
export type CommonAlert = z.infer<typeof CommonAlert>

/** Whether an alert is only a test of the action group: its ids are made up, and the same each time. */
export function isTest({ data }: CommonAlert): boolean {
  return data.essentials.alertId.toLowerCase().startsWith(TEST_SUBSCRIPTION)
}

/** All names in an alert that a stamp may be called by. */
export function namesIn({ data }: CommonAlert): string[] {
  const { alertTargetIDs, configurationItems } = data.essentials
  const dimensions = criteriaOf(data.alertContext).flatMap(({ dimensions }) => dimensions ?? [])
  return [
    ...(alertTargetIDs ?? []).flatMap((id) => id.split('/')),
    ...(configurationItems ?? []),
    ...dimensions.flatMap(({ value }) => value ?? []),
  ].map((name) => name.toLowerCase())
}

/** An alert in a sentence: the rule, its condition, and what was measured. */
export function wordsOf({ data }: CommonAlert): string {
  const { alertRule, monitorCondition, severity, description } = data.essentials
  const measured = criteriaOf(data.alertContext).map(({ metricName, operator, threshold, metricValue }) =>
    [
      metricName ?? 'query',
      metricValue === null || metricValue === undefined ? '' : `was ${metricValue}`,
      operator && threshold !== null && threshold !== undefined ? `(${operator} ${threshold})` : '',
    ]
      .filter((part) => part !== '')
      .join(' '),
  )
  const words = [
    `alert ${alertRule} ${monitorCondition.toLowerCase()}`,
    severity ?? '',
    ...measured,
    description ?? '',
  ]
  return words
    .filter((part) => part !== '')
    .join('; ')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, WORDS_MAX)
}

function criteriaOf(context: unknown): z.infer<typeof Criterion>[] {
  return Context.safeParse(context).data?.condition.allOf ?? []
}
