/**
 * List prices in US dollars as public price lists had them in 2025, for West Europe where regions differ. They change: look each of
 * them up before you trust a sum. `null` is a price that was not to be had here; its amounts are counted all the same.
 */
export const PRICES = {
  asOf: '2025, to be verified',
  schedulerPerMillionActions: null as number | null,
  cosmosPerMillionUnits: 0.25,
  flexAlwaysReadyPerGbSecond: 0.000004,
  flexOnDemandPerGbSecond: 0.000026,
  flexPerMillionExecutions: 0.4,
  metricsPerThousandCalls: 0.01,
  metricsFreeCallsPerMonth: 1_000_000,
  logsPerGbIngested: 2.76,
  metricAlertPerSeries: 0.1,
  logAlertEveryFiveMinutes: 1.5,
  privateEndpointPerHour: 0.01,
} as const
