@description('The app that people and alerts sign in to.')
param appName string

@description('Application id of the registration, which scripts/azure/sign-in.mjs makes.')
param clientId string

@description('Applications that may call besides: each still needs a role of the registration.')
param callers string[]

@description('Paths that are let past, since the app itself asks for a signature there.')
param signedPaths string[]

// A federated credential of the run identity stands in for the secret that the registration would need.
var assertionSetting = 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName

  resource signIn 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true, runtimeVersion: '~1' }
      globalValidation: {
        requireAuthentication: true
        unauthenticatedClientAction: 'RedirectToLoginPage'
        redirectToProvider: 'azureactivedirectory'
        excludedPaths: signedPaths
      }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: clientId
            clientSecretSettingName: assertionSetting
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
          validation: {
            allowedAudiences: [clientId, 'api://${clientId}']
            defaultAuthorizationPolicy: { allowedApplications: union([clientId], callers) }
          }
        }
      }
      httpSettings: { requireHttps: true }
      login: { tokenStore: { enabled: false } }
    }
  }
}

output enabled bool = app::signIn.properties.platform.enabled
