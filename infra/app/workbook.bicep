@description('Azure region of the workbook.')
param location string

@description('Tags of all resources.')
param tags object

@description('Application Insights, whose tables the workbook asks.')
param componentId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'restamp')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Restamp'
    category: 'workbook'
    sourceId: componentId
    version: 'Notebook/1.0'
    serializedData: string(loadJsonContent('workbook.json'))
  }
}

output id string = workbook.id
