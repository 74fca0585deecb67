/** An alert in the common schema with made-up names, of the kind that a metric rule or a log rule (V2) sends. */
export function anAlert(
  options: {
    readonly id?: string
    readonly condition?: 'Fired' | 'Resolved'
    readonly targets?: readonly string[]
    readonly items?: readonly string[] | null
    readonly kind?: 'metric' | 'log'
    readonly dimension?: string
  } = {},
) {
  const { id = 'one', condition = 'Fired', targets = [], items = null, kind = 'metric', dimension } = options
  const dimensions = dimension === undefined ? [] : [{ name: 'Stamp', value: dimension }]
  const metric = {
    metricName: 'Percentage CPU',
    metricNamespace: 'Microsoft.Compute/virtualMachineScaleSets',
    metricValue: 81.3,
  }
  const log = {
    searchQuery: 'Errors',
    metricMeasureColumn: null,
    metricValue: 12,
    failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
  }
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: `/subscriptions/5f0c4ba1-0000-4000-8000-00000000beef/providers/Microsoft.AlertsManagement/alerts/${id}`,
        alertRule: `${kind}-rule`,
        severity: 'Sev2',
        signalType: kind === 'metric' ? 'Metric' : 'Log',
        monitorCondition: condition,
        monitoringService: kind === 'metric' ? 'Platform' : 'Log Alerts V2',
        alertTargetIDs: targets.map(
          (name) =>
            `/subscriptions/5f0c4ba1-0000-4000-8000-00000000beef/resourcegroups/rg-restamp/providers/microsoft.compute/virtualmachinescalesets/${name}`,
        ),
        ...(items === null ? {} : { configurationItems: items }),
        originAlertId: 'origin',
        firedDateTime: '2026-11-02T00:01:02.1234567Z',
        ...(condition === 'Resolved' && kind === 'metric'
          ? { resolvedDateTime: '2026-11-02T00:09:02.1234567Z' }
          : {}),
        description: '',
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
      },
      alertContext: {
        properties: null,
        conditionType: kind === 'metric' ? 'MultipleResourceMultipleMetricCriteria' : 'LogQueryCriteria',
        condition: {
          windowSize: 'PT5M',
          allOf: [
            {
              ...(kind === 'metric' ? metric : log),
              operator: 'GreaterThan',
              threshold: '75',
              timeAggregation: 'Average',
              dimensions,
            },
          ],
        },
      },
      customProperties: {},
    },
  }
}
