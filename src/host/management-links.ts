import { formEncoded } from './url-text.ts'

export interface LinkOrigin {
  /** `http://host:port`, as the client sees it. */
  readonly origin: string
  readonly hubName: string
  readonly systemKey: string
}

export const managementPath = '/runtime/webhooks/durabletask'

/** The links of one instance, as the extension answers them. */
export function instanceLinks(origin: LinkOrigin, id: string): Record<string, string> {
  const { rewindPostUri: _, ...links } = allLinks(origin, formEncoded(id))
  return { id, ...links }
}

/** The value of a durable client binding. */
export function clientBinding(origin: LinkOrigin, rpcBaseUrl: string | null): string {
  const base = `${origin.origin}${managementPath}`
  const code = `code=${origin.systemKey}`
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]`
  return JSON.stringify({
    taskHubName: origin.hubName,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
    },
    managementUrls: { id: 'INSTANCEID', ...allLinks(origin, 'INSTANCEID') },
    baseUrl: base,
    requiredQueryStringParameters: code,
    rpcBaseUrl,
    httpBaseUrl: null,
    maxGrpcMessageSizeInBytes: null,
    grpcHttpClientTimeout: null,
  })
}

function allLinks({ origin, hubName, systemKey }: LinkOrigin, id: string) {
  const instance = `${origin}${managementPath}/instances/${id}`
  const query = `taskHub=${hubName}&connection=Storage&code=${systemKey}`
  return {
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  }
}
